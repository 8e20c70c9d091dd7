//! From listeners to workers.

use core::future::poll_fn;
use core::task::{Context, Poll};
use core::time::Duration;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};
#[cfg(unix)]
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};

use super::running::Phase;
use crate::race::race;
use crate::socket::{self, TcpOptions};
use crate::stats::Counters;
use crate::trace;

/// How connections get to the threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Distribution {
    /// [`ReusePort`](Self::ReusePort) where the system balances so, else
    /// [`LeastConnections`](Self::LeastConnections).
    #[default]
    Automatic,
    /// Each thread has a listener of its own on the same port, and the system spreads connections
    /// by a hash of their addresses (SO_REUSEPORT). Nothing is handed from thread to thread. Few
    /// connections can be spread unevenly.
    ReusePort,
    /// One thread accepts, and gives each connection to the thread that has the fewest. Even, also
    /// for few and long-lived connections. Unix sockets are always served so.
    LeastConnections,
}

/// How long to wait when the system has no file descriptor left, or the like.
const PAUSE: Duration = Duration::from_millis(50);

/// A listener, before it is some runtime's.
pub(super) enum Listener {
    Tcp(std::net::TcpListener),
    #[cfg(unix)]
    Unix(std::os::unix::net::UnixListener),
}

impl Listener {
    /// Accepts a connection that is waiting.
    fn accept(&self) -> io::Result<Socket> {
        Ok(match self {
            Self::Tcp(listener) => {
                let (stream, peer) = listener.accept()?;
                stream.set_nonblocking(true)?;
                Socket::Tcp(TcpStream::from_std(stream)?, peer)
            }
            #[cfg(unix)]
            Self::Unix(listener) => {
                let (stream, _) = listener.accept()?;
                stream.set_nonblocking(true)?;
                Socket::Unix(UnixStream::from_std(stream)?)
            }
        })
    }
}

/// A connection that was accepted, and the permit for it to be open.
pub(super) struct Accepted {
    pub(super) socket: Socket,
    pub(super) permit: OwnedSemaphorePermit,
}

pub(super) enum Socket {
    Tcp(TcpStream, SocketAddr),
    #[cfg(unix)]
    Unix(UnixStream),
}

/// What accepting needs.
#[derive(Clone)]
pub(super) struct Acceptor {
    pub(super) permits: Arc<Semaphore>,
    pub(super) phase: watch::Receiver<Phase>,
    pub(super) tcp: TcpOptions,
    pub(super) counters: Arc<Counters>,
}

enum Registered {
    Tcp(TcpListener),
    #[cfg(unix)]
    Unix(UnixListener),
}

impl Registered {
    fn new(listener: Listener) -> io::Result<Self> {
        Ok(match listener {
            Listener::Tcp(listener) => Self::Tcp(TcpListener::from_std(listener)?),
            #[cfg(unix)]
            Listener::Unix(listener) => Self::Unix(UnixListener::from_std(listener)?),
        })
    }

    fn into_std(self) -> io::Result<Listener> {
        Ok(match self {
            Self::Tcp(listener) => Listener::Tcp(listener.into_std()?),
            #[cfg(unix)]
            Self::Unix(listener) => Listener::Unix(listener.into_std()?),
        })
    }

    fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<Socket>> {
        match self {
            Self::Tcp(listener) => {
                listener.poll_accept(cx).map_ok(|(stream, peer)| Socket::Tcp(stream, peer))
            }
            #[cfg(unix)]
            Self::Unix(listener) => {
                listener.poll_accept(cx).map_ok(|(stream, _)| Socket::Unix(stream))
            }
        }
    }

    /// Accepts a connection, or waits until there may be one, and answers `None`. Who waits gives
    /// its permit back: the next connection may be another listener's.
    async fn accept(
        &self,
        permit: OwnedSemaphorePermit,
    ) -> Option<(io::Result<Socket>, OwnedSemaphorePermit)> {
        let mut permit = Some(permit);
        poll_fn(|cx| {
            let Some(permit) = permit.take() else { return Poll::Ready(None) };
            self.poll_accept(cx).map(|accepted| Some((accepted, permit)))
        })
        .await
    }
}

impl Acceptor {
    /// Accepts connections until the server drains, and then those that are complete already: the
    /// system has told their clients that they are connected.
    pub(super) async fn accept(
        mut self,
        listener: Listener,
        mut take: impl FnMut(Accepted),
    ) -> io::Result<()> {
        let listener = Registered::new(listener)?;
        loop {
            let permits = self.permits.clone();
            let permit = race(over(&mut self.phase), async { permits.acquire_owned().await.ok() });
            let Some(permit) = permit.await else { break };
            let accepted = async { Some(listener.accept(permit).await) };
            let Some(accepted) = race(over(&mut self.phase), accepted).await else { break };
            if let Some((accepted, permit)) = accepted {
                self.take(accepted, permit, &mut take).await;
            }
        }
        // Asked of the system itself: the runtime may not have heard of them yet.
        let listener = listener.into_std()?;
        while let Ok(permit) = self.permits.clone().try_acquire_owned()
            && let Ok(socket) = listener.accept()
        {
            self.take(Ok(socket), permit, &mut take).await;
        }
        Ok(())
    }

    async fn take(
        &self,
        accepted: io::Result<Socket>,
        permit: OwnedSemaphorePermit,
        take: &mut impl FnMut(Accepted),
    ) {
        match accepted {
            Ok(socket) => {
                if let Socket::Tcp(stream, _) = &socket {
                    // Only fails where the client is gone: the first read will tell.
                    let _ = socket::accepted(stream, &self.tcp);
                }
                take(Accepted { socket, permit });
            }
            // The peer's: it is gone again.
            Err(error) if is_of_the_connection(&error) => {}
            Err(error) => {
                self.counters.accept_errors.add(1);
                trace::accept_failed(&error);
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Nothing, when no more connections are to be accepted.
async fn over<T>(phase: &mut watch::Receiver<Phase>) -> Option<T> {
    let _ = phase.wait_for(|phase| *phase != Phase::Serve).await;
    None
}

fn is_of_the_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::Interrupted
    )
}

/// A connection on its way to another thread's runtime.
pub(super) struct Handed {
    socket: HandedSocket,
    permit: OwnedSemaphorePermit,
}

enum HandedSocket {
    Tcp(std::net::TcpStream, SocketAddr),
    #[cfg(unix)]
    Unix(std::os::unix::net::UnixStream),
}

impl Handed {
    pub(super) fn new(accepted: Accepted) -> io::Result<Self> {
        let socket = match accepted.socket {
            Socket::Tcp(stream, peer) => HandedSocket::Tcp(stream.into_std()?, peer),
            #[cfg(unix)]
            Socket::Unix(stream) => HandedSocket::Unix(stream.into_std()?),
        };
        Ok(Self { socket, permit: accepted.permit })
    }

    /// Makes it this thread's.
    pub(super) fn accept(self) -> io::Result<Accepted> {
        let socket = match self.socket {
            HandedSocket::Tcp(stream, peer) => Socket::Tcp(TcpStream::from_std(stream)?, peer),
            #[cfg(unix)]
            HandedSocket::Unix(stream) => Socket::Unix(UnixStream::from_std(stream)?),
        };
        Ok(Accepted { socket, permit: self.permit })
    }
}

/// Accepts for all workers, and gives each connection to the one that has the fewest.
pub(super) async fn distribute(
    acceptor: Acceptor,
    listeners: Vec<Listener>,
    workers: Vec<(mpsc::UnboundedSender<Handed>, Arc<Counters>)>,
) {
    // Sent and not yet counted by their worker, so as not to send it all of a burst.
    let sent: Vec<_> = workers.iter().map(|_| std::cell::Cell::new(0_u64)).collect();
    let hand = |accepted| {
        let load = |(counters, sent): (&Counters, &std::cell::Cell<u64>)| {
            sent.get().saturating_sub(counters.read().closed_connections)
        };
        let all = workers.iter().map(|(_, counters)| &**counters).zip(&sent);
        let fewest = all.enumerate().min_by_key(|(_, worker)| load(*worker));
        let Some((at, (_, count))) = fewest else { return };
        count.set(count.get().wrapping_add(1));
        if let (Ok(handed), Some((sender, _))) = (Handed::new(accepted), workers.get(at)) {
            // A worker that is gone has no use for it.
            let _ = sender.send(handed);
        }
    };
    let local = tokio::task::LocalSet::new();
    local
        .run_until(async {
            let accepting = listeners.into_iter().map(|listener| {
                let acceptor = acceptor.clone();
                async { acceptor.accept(listener, &hand).await }
            });
            all(accepting).await;
        })
        .await;
}

/// Runs futures to their ends, side by side in one task.
async fn all<F: Future<Output = io::Result<()>>>(futures: impl Iterator<Item = F>) {
    let mut futures: Vec<_> = futures.map(|future| Some(Box::pin(future))).collect();
    poll_fn(|cx| {
        for slot in &mut futures {
            if let Some(future) = slot
                && future.as_mut().poll(cx).is_ready()
            {
                *slot = None;
            }
        }
        match futures.iter().all(Option::is_none) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    })
    .await;
}
