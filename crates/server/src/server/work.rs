//! What a thread does.

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
use crate::http1::Link;
use crate::proxy::ProxyProtocol;
use crate::race::race;
use crate::transport::Transport;
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
struct Desk<H> {
    worker: Rc<Worker>,
    handler: Arc<H>,
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
        let counters = self.acceptor.counters.clone();
        let desk = Rc::new(Desk {
            worker: Rc::new(Worker::with_counters(self.config, counters, self.access)),
            handler: self.handler,
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

async fn keep_time<H>(desk: Rc<Desk<H>>) {
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

impl<H> Desk<H> {
    /// Serves a connection.
    fn take<R>(self: &Rc<Self>, accepted: Accepted)
    where
        H: AsyncFn(Request<'_>) -> R + 'static,
        R: Reply + 'static,
    {
        if self.worker.connections() == 0 {
            self.pulse.want(true);
        }
        // The clock may have stood still, for want of connections or because a handler blocked.
        self.worker.clock.tick(Instant::now());
        let permit = accepted.permit;
        match accepted.socket {
            Socket::Tcp(stream, peer) => {
                let local = stream.local_addr().ok();
                let info = ConnectionInfo { peer: Some(peer), local };
                spawn_local(self.clone().connection(stream, info, permit));
            }
            #[cfg(unix)]
            Socket::Unix(stream) => {
                spawn_local(self.clone().connection(stream, ConnectionInfo::new(), permit));
            }
        }
    }

    /// The connection counts from here on, and not from when its task first runs: until then it
    /// would be forgotten by who waits for the last one to end, or stops the clock with it.
    fn connection<T, R>(
        self: Rc<Self>,
        io: T,
        info: ConnectionInfo,
        permit: tokio::sync::OwnedSemaphorePermit,
    ) -> impl Future<Output = ()>
    where
        T: Transport,
        H: AsyncFn(Request<'_>) -> R,
        R: Reply,
    {
        let link = Link::new(io, info, self.worker.clone());
        let mut seat = Seat { link, _permit: permit, leaving: Leaving(self) };
        async move {
            // Borrowed from where the future has captured it: to move it would be to hold it twice.
            let Seat { link, leaving: Leaving(desk), .. } = &mut seat;
            link.serve(desk.proxy, &*desk.handler).await;
        }
    }

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
struct Seat<T: Transport, H> {
    link: Link<T>,
    _permit: tokio::sync::OwnedSemaphorePermit,
    leaving: Leaving<H>,
}

/// Notices that a connection is over.
struct Leaving<H>(Rc<Desk<H>>);

impl<H> Drop for Leaving<H> {
    fn drop(&mut self) {
        let Self(desk) = self;
        if desk.worker.connections() == 0 {
            desk.pulse.want(false);
            desk.left.notify_one();
        }
    }
}
