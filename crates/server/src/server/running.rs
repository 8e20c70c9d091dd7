//! A server that has started.

use core::time::Duration;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::sync::{Semaphore, mpsc, watch};

use super::accept::{Acceptor, Distribution, Listener, distribute};
use super::pulse::{Pulse, beat};
use super::work::Work;
use super::{Bind, Server};
use crate::race::race;
use crate::stats::Counters;
use crate::{Monitor, Reply, Request, Stats, socket};

/// Where a server is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Serve,
    /// Accepts no more, and ends what it has.
    Drain,
    /// Ends at once.
    Abort,
}

/// A handle to a server that has started. Dropped, it breaks off what is being served.
///
/// To end gracefully and wait no longer than some time for it:
///
/// ```
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
/// # runtime.block_on(async {
/// # let server = shockwave_server::Server::bind("127.0.0.1:0").workers(1);
/// let running = server.start(async |_request| "hello")?;
/// running.shutdown();
/// let grace = std::time::Duration::from_secs(10);
/// match tokio::time::timeout(grace, running.ended()).await {
///     Ok(ended) => ended?,
///     Err(_) => println!("broken off"), // dropped with the future that was waiting for it
/// }
/// # Ok::<_, std::io::Error>(()) })?;
/// # Ok::<_, std::io::Error>(())
/// ```
#[derive(Debug)]
#[must_use = "dropped, it ends the server: `join` or `ended` waits for its end"]
pub struct Running {
    phase: watch::Sender<Phase>,
    threads: Vec<JoinHandle<io::Result<()>>>,
    addresses: Vec<SocketAddr>,
    monitor: Monitor,
}

impl Running {
    /// The TCP addresses that the server listens on.
    #[must_use]
    pub fn local_addrs(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// The counters, over all threads.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.monitor.stats()
    }

    /// The counters of each worker.
    pub fn worker_stats(&self) -> impl Iterator<Item = Stats> + '_ {
        self.monitor.worker_stats()
    }

    /// Begins to shut down gracefully: see [`Server::shutdown`]. Answers at once.
    pub fn shutdown(&self) {
        self.enter(Phase::Drain);
    }

    /// Ends the server at once: connections break off.
    pub fn abort(&self) {
        self.enter(Phase::Abort);
    }

    /// Waits until the server has ended. Does not end it: see [`shutdown`](Self::shutdown).
    ///
    /// # Errors
    ///
    /// A thread could not serve.
    pub async fn ended(mut self) -> io::Result<()> {
        self.phase.closed().await;
        self.join_threads()
    }

    /// As [`ended`](Self::ended), for who has no runtime. Blocks.
    ///
    /// # Errors
    ///
    /// A thread could not serve.
    pub fn join(mut self) -> io::Result<()> {
        self.join_threads()
    }

    /// Waits `grace` for connections to end, and then breaks them off.
    pub(super) async fn finish(&self, grace: Duration) {
        if tokio::time::timeout(grace, self.phase.closed()).await.is_err() {
            self.abort();
        }
    }

    /// Waits for the signal, or until the server has ended by itself.
    pub(super) async fn until(&self, signal: impl Future<Output = ()>) {
        race(signal, self.phase.closed()).await;
    }

    fn enter(&self, phase: Phase) {
        self.phase.send_if_modified(|now| {
            let goes_on = (*now, phase) == (Phase::Serve, Phase::Drain)
                || (*now != Phase::Abort && phase == Phase::Abort);
            if goes_on {
                *now = phase;
            }
            goes_on
        });
    }

    fn spawn(
        &mut self,
        name: &str,
        run: impl FnOnce() -> io::Result<()> + Send + 'static,
    ) -> io::Result<()> {
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(run)?;
        self.threads.push(thread);
        Ok(())
    }

    fn join_threads(&mut self) -> io::Result<()> {
        let mut result = Ok(());
        for thread in self.threads.drain(..) {
            let ended =
                thread.join().unwrap_or_else(|_| Err(io::Error::other("a thread panicked")));
            result = result.and(ended);
        }
        result
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.abort();
    }
}

/// Listens, and starts the threads.
pub(super) fn start<H, R>(server: Server, handler: H) -> io::Result<Running>
where
    H: AsyncFn(Request<'_>) -> R + Send + Sync + 'static,
    R: Reply + 'static,
{
    let workers = match server.workers {
        Some(workers) => workers.get(),
        None => std::thread::available_parallelism().map_or(1, core::num::NonZero::get),
    };
    let mut listening = listen(server.binds, server.distribution, &server.tcp, workers)?;
    let (phase, receiver) = watch::channel(Phase::Serve);
    let permits = Arc::new(Semaphore::new(server.max_connections.min(Semaphore::MAX_PERMITS)));
    let (handler, config) = (Arc::new(handler), Arc::new(server.config));
    let mut running = Running {
        phase,
        threads: Vec::new(),
        addresses: listening.addresses,
        monitor: server.monitor,
    };
    let acceptor = |counters| Acceptor {
        permits: permits.clone(),
        phase: receiver.clone(),
        tcp: server.tcp,
        counters,
    };
    let tick = config.tick();
    let (alive, workers_alive) = std::sync::mpsc::channel();
    let pulses: Vec<_> = std::iter::repeat_with(Arc::<Pulse>::default).take(workers).collect();
    let (mut senders, mut all_counters) = (Vec::new(), Vec::new());
    for (number, pulse) in pulses.iter().enumerate() {
        let counters = Arc::<Counters>::default();
        all_counters.push(counters.clone());
        let (sender, handed) = mpsc::unbounded_channel();
        senders.push((sender, counters.clone()));
        let work = Work {
            handler: handler.clone(),
            config: config.clone(),
            access: server.access.clone(),
            proxy: server.proxy,
            acceptor: acceptor(counters),
            listeners: listening.own.get_mut(number).map(core::mem::take).unwrap_or_default(),
            handed: (!listening.shared.is_empty()).then_some(handed),
            pulse: pulse.clone(),
            alive: alive.clone(),
        };
        running.spawn(&format!("shockwave-{number}"), move || work.run())?;
    }
    drop(alive);
    running.spawn("shockwave-clock", move || {
        beat(&pulses, tick, &workers_alive);
        Ok(())
    })?;
    let accepting = Arc::<Counters>::default();
    all_counters.push(accepting.clone());
    running.monitor.watch(all_counters);
    if !listening.shared.is_empty() {
        let acceptor = acceptor(accepting);
        let accept = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(distribute(acceptor, listening.shared, senders));
            Ok(())
        };
        running.spawn("shockwave-accept", accept)?;
    }
    Ok(running)
}

/// The listeners, by who accepts on them.
struct Listening {
    /// One list a worker.
    own: Vec<Vec<Listener>>,
    /// Those of the accepting thread.
    shared: Vec<Listener>,
    addresses: Vec<SocketAddr>,
}

fn listen(
    binds: Vec<Bind>,
    distribution: Distribution,
    tcp: &socket::TcpOptions,
    workers: usize,
) -> io::Result<Listening> {
    let own = std::iter::repeat_with(Vec::new).take(workers).collect();
    let mut listening = Listening { own, shared: Vec::new(), addresses: Vec::new() };
    let reuse_port = match distribution {
        Distribution::Automatic => socket::BALANCES_PORTS,
        Distribution::ReusePort => true,
        Distribution::LeastConnections => false,
    };
    for bind in binds {
        match bind {
            Bind::Addresses(addresses) => {
                for address in addresses? {
                    listening.add(address, reuse_port, tcp)?;
                }
            }
            Bind::Listener(listener) => {
                socket::prepare(&listener, tcp)?;
                listening.addresses.push(listener.local_addr()?);
                listening.share(Listener::Tcp(listener));
            }
            #[cfg(unix)]
            Bind::Path(path) => {
                let listener = socket::unix::listen_unix(&path, tcp.backlog, None)?;
                listening.share(Listener::Unix(listener));
            }
        }
    }
    Ok(listening)
}

impl Listening {
    /// Listens on an address.
    fn add(
        &mut self,
        mut address: SocketAddr,
        reuse_port: bool,
        tcp: &socket::TcpOptions,
    ) -> io::Result<()> {
        let reuse_port = reuse_port && self.own.len() > 1;
        let listener = socket::listen(address, tcp, reuse_port)?;
        // The port, where the system has chosen it.
        address = listener.local_addr()?;
        self.addresses.push(address);
        if !reuse_port {
            self.share(Listener::Tcp(listener));
            return Ok(());
        }
        let mut first = Some(listener);
        for own in &mut self.own {
            let listener = match first.take() {
                Some(listener) => listener,
                None => socket::listen(address, tcp, true)?,
            };
            own.push(Listener::Tcp(listener));
        }
        Ok(())
    }

    /// One listener for all workers; where there is but one worker, it is its own.
    fn share(&mut self, listener: Listener) {
        match &mut self.own[..] {
            [only] => only.push(listener),
            _ => self.shared.push(listener),
        }
    }
}
