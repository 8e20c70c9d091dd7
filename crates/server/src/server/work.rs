//! What a thread does.

use core::cell::Cell;
use std::future::Future;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use tokio::runtime::{Builder, LocalOptions};
use tokio::sync::{Notify, mpsc};
use tokio::task::spawn_local;

use super::accept::{Accepted, Acceptor, Handed, Listener, Socket};
use super::pulse::Pulse;
use super::running::Phase;
use crate::http1::{Link, Post, Slots, answer};
use crate::proxy::ProxyProtocol;
use crate::race::race;
use crate::transport;
use crate::worker::AccessHook;
use crate::{Config, ConnectionInfo, Reply, Request, Worker};

/// What a thread is given.
pub(super) struct Work<H> {
    pub(super) handler: Arc<H>,
    pub(super) config: Arc<Config>,
    pub(super) access: Option<AccessHook>,
    pub(super) proxy: ProxyProtocol,
    pub(super) acceptor: Acceptor,
    pub(super) listeners: Vec<Listener>,
    pub(super) handed: Option<mpsc::UnboundedReceiver<Handed>>,
    pub(super) pulse: Arc<Pulse>,
    /// Held as long as the thread runs.
    pub(super) alive: std::sync::mpsc::Sender<()>,
}

/// A thread's state, shared by its tasks.
struct Desk<F, M> {
    worker: Rc<Worker>,
    slots: Slots<transport::Socket, F, M>,
    proxy: ProxyProtocol,
    pulse: Arc<Pulse>,
    /// A connection went.
    left: Notify,
}

impl<H> Work<H> {
    /// Serves until the server ends.
    pub(super) fn run<R>(self) -> io::Result<()>
    where
        H: AsyncFn(Request<'_>) -> R + 'static,
        R: Reply + 'static,
    {
        let runtime =
            Builder::new_current_thread().enable_all().build_local(LocalOptions::default())?;
        runtime.block_on(self.serve())
    }

    async fn serve<R>(self) -> io::Result<()>
    where
        H: AsyncFn(Request<'_>) -> R + 'static,
        R: Reply + 'static,
    {
        let (handler, counters) = (self.handler, self.acceptor.counters.clone());
        let desk = Rc::new(Desk {
            worker: Rc::new(Worker::with_counters(self.config, counters, self.access)),
            slots: Slots::new(move |post| {
                let handler = handler.clone();
                async move { answer(post, &*handler).await }
            }),
            proxy: self.proxy,
            pulse: self.pulse,
            left: Notify::new(),
        });
        let mut phase = self.acceptor.phase.clone();
        spawn_local(keep_time(desk.clone()));
        let mut accepting = Vec::new();
        for listener in self.listeners {
            let desk = desk.clone();
            let acceptor = self.acceptor.clone();
            let take = move |accepted| desk.take(accepted);
            accepting.push(spawn_local(acceptor.accept(listener, take)));
        }
        if let Some(mut handed) = self.handed {
            let desk = desk.clone();
            accepting.push(spawn_local(async move {
                while let Some(connection) = handed.recv().await {
                    if let Ok(accepted) = connection.accept() {
                        desk.take(accepted);
                    }
                }
                Ok(())
            }));
        }
        drop(self.acceptor);
        let _alive = self.alive;
        let _ = phase.wait_for(|phase| *phase != Phase::Serve).await;
        desk.worker.drain();
        let aborted = async {
            let _ = phase.wait_for(|phase| *phase == Phase::Abort).await;
        };
        race(aborted, desk.finished(accepting)).await;
        Ok(())
    }
}

async fn keep_time<F, M>(desk: Rc<Desk<F, M>>) {
    let worker = &desk.worker;
    loop {
        desk.pulse.ticked().await;
        let now = Instant::now();
        let since = now.saturating_duration_since(worker.clock.now());
        let lag = since.saturating_sub(worker.config.tick()).as_millis();
        worker.counters.tick_lag_ms.set(u64::try_from(lag).unwrap_or(u64::MAX));
        worker.tick(now);
    }
}

impl<F, M> Desk<F, M>
where
    F: Future<Output = ()> + 'static,
    M: Fn(Rc<Cell<Post<transport::Socket>>>) -> F + 'static,
{
    /// Serves a connection.
    fn take(self: &Rc<Self>, accepted: Accepted) {
        if self.worker.connections() == 0 {
            self.pulse.want(true);
        }
        // The clock may have stood still, for want of connections or because a handler blocked.
        self.worker.clock.tick(Instant::now());
        let (socket, info) = match accepted.socket {
            Socket::Tcp(stream, peer) => {
                let local = stream.local_addr().ok();
                (transport::Socket::Tcp(stream), ConnectionInfo { peer: Some(peer), local })
            }
            #[cfg(unix)]
            Socket::Unix(stream) => (transport::Socket::Unix(stream), ConnectionInfo::new()),
        };
        // The connection counts from here on, and not from when its task first runs: until then it
        // would be forgotten by who waits for the last one to end, or stops the clock with it.
        let link = Link::new(socket, info, self.worker.clone());
        let seat = Seat { _permit: accepted.permit, leaving: Leaving(self.clone()) };
        spawn_local(async move {
            // Borrowed from where the future has captured it: to move it would be to hold it twice.
            let Seat { leaving: Leaving(desk), .. } = &seat;
            let turn = async |link: &Rc<_>| desk.slots.turn(link).await;
            // The connection ends with this future, and so before its seat.
            Link::serve(link, desk.proxy, turn).await;
        });
    }
}

impl<F, M> Desk<F, M> {
    /// Waits until nothing is accepted any more and all connections have ended.
    async fn finished(&self, accepting: Vec<tokio::task::JoinHandle<io::Result<()>>>) {
        for task in accepting {
            let _ = task.await;
        }
        while self.worker.connections() != 0 {
            self.left.notified().await;
        }
    }
}

/// A connection's place at the desk. Dropped in this order, also where the user's code unwinds.
struct Seat<F, M> {
    _permit: tokio::sync::OwnedSemaphorePermit,
    leaving: Leaving<F, M>,
}

/// Notices that a connection is over.
struct Leaving<F, M>(Rc<Desk<F, M>>);

impl<F, M> Drop for Leaving<F, M> {
    fn drop(&mut self) {
        let Self(desk) = self;
        if desk.worker.connections() == 0 {
            desk.pulse.want(false);
            desk.left.notify_one();
        }
    }
}
