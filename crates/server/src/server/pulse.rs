//! The workers' time, from a thread that does nothing else.
//!
//! A runtime with a timer asks the system for the time before and after each of its waits, which is
//! as often as a request comes. So no worker has one of its own: this thread wakes each that has
//! connections, once a tick. (A handler that uses tokio's timers brings the cost back, while they
//! run.)

use core::sync::atomic::AtomicBool;
use core::sync::atomic::Ordering::Relaxed;
use core::time::Duration;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Instant;

use tokio::sync::Notify;

/// What wakes one worker.
#[derive(Debug, Default)]
pub(super) struct Pulse {
    /// The worker has connections, for which something can be late.
    is_wanted: AtomicBool,
    tick: Notify,
}

impl Pulse {
    /// Whether ticks are wanted: the worker says so when its connections come and go.
    pub(super) fn want(&self, wanted: bool) {
        self.is_wanted.store(wanted, Relaxed);
    }

    /// Waits for a tick.
    pub(super) async fn ticked(&self) {
        self.tick.notified().await;
    }
}

/// Ticks until no worker holds the other end of `workers`.
pub(super) fn beat(pulses: &[Arc<Pulse>], tick: Duration, workers: &Receiver<()>) {
    let mut due = Instant::now();
    loop {
        due = (due + tick).max(Instant::now());
        match workers.recv_timeout(due.saturating_duration_since(Instant::now())) {
            Err(RecvTimeoutError::Disconnected) => return,
            Ok(()) | Err(RecvTimeoutError::Timeout) => {}
        }
        for pulse in pulses.iter().filter(|pulse| pulse.is_wanted.load(Relaxed)) {
            pulse.tick.notify_one();
        }
    }
}
