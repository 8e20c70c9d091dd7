//! The server: what it is told before it starts.

mod accept;
mod pulse;
mod running;
mod work;

use core::future::poll_fn;
use core::num::NonZeroUsize;
use core::pin::Pin;
use core::task::Poll;
use core::time::Duration;
use std::future::Future;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
#[cfg(unix)]
use std::path::PathBuf;
use std::sync::Arc;

pub use accept::Distribution;
pub use running::Running;

use crate::proxy::ProxyProtocol;
use crate::socket::TcpOptions;
use crate::worker::AccessHook;
use crate::{Access, Config, Monitor, Reply, Request, Timeouts};

/// A server: one handler, on a thread a core.
///
/// ```no_run
/// fn main() -> std::io::Result<()> {
///     shockwave_server::Server::bind("0.0.0.0:8080").run(async |_request| "Hello, world!")
/// }
/// ```
///
/// Each thread has a runtime of its own, a listener of its own and the connections that it
/// accepted, so that requests take no lock. A handler runs on its connection's thread: it need not
/// be `Send` across its waits, and one that blocks stalls that thread's other connections.
///
/// All limits and deadlines of [`Config`] are on by default.
#[must_use = "a server starts with `run`, `serve` or `start`"]
pub struct Server {
    binds: Vec<Bind>,
    workers: Option<NonZeroUsize>,
    distribution: Distribution,
    max_connections: usize,
    config: Config,
    tcp: TcpOptions,
    proxy: ProxyProtocol,
    access: Option<AccessHook>,
    listening: Option<ListeningHook>,
    monitor: Monitor,
    shutdown: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    grace: Duration,
}

/// What is called when the server listens.
type ListeningHook = Box<dyn FnOnce(&[SocketAddr]) + Send>;

/// Where to listen.
enum Bind {
    Addresses(io::Result<Vec<SocketAddr>>),
    Listener(std::net::TcpListener),
    #[cfg(unix)]
    Path(PathBuf),
}

impl Server {
    /// A server on a TCP address, or on each of those that a name stands for. Port 0 lets the
    /// system choose one: see [`on_listening`](Self::on_listening) and [`Running::local_addrs`].
    /// What is wrong with the address is told when the server starts.
    pub fn bind(address: impl ToSocketAddrs) -> Self {
        Self::new().and_bind(address)
    }

    /// A server on a Unix socket. The file is made, and a dead one of an earlier server replaced.
    #[cfg(unix)]
    pub fn bind_unix(path: impl Into<PathBuf>) -> Self {
        Self::new().and_bind_unix(path)
    }

    /// A server on a listener that was made elsewhere: by systemd, say, or with options of its own.
    pub fn from_listener(listener: std::net::TcpListener) -> Self {
        let mut server = Self::new();
        server.binds.push(Bind::Listener(listener));
        server
    }

    fn new() -> Self {
        Self {
            binds: Vec::new(),
            workers: None,
            distribution: Distribution::Automatic,
            max_connections: 65_536,
            config: Config::new(),
            tcp: TcpOptions::DEFAULT,
            proxy: ProxyProtocol::Off,
            access: None,
            listening: None,
            monitor: Monitor::default(),
            shutdown: None,
            grace: Duration::from_secs(30),
        }
    }

    /// Listens on this address, too.
    pub fn and_bind(mut self, address: impl ToSocketAddrs) -> Self {
        let addresses = address.to_socket_addrs().map(Iterator::collect);
        self.binds.push(Bind::Addresses(addresses));
        self
    }

    /// Listens on this Unix socket, too.
    #[cfg(unix)]
    pub fn and_bind_unix(mut self, path: impl Into<PathBuf>) -> Self {
        self.binds.push(Bind::Path(path.into()));
        self
    }

    /// How many threads serve. Default: as many as the process may use cores. 0 counts as 1.
    pub fn workers(mut self, workers: usize) -> Self {
        self.workers = Some(NonZeroUsize::new(workers).unwrap_or(NonZeroUsize::MIN));
        self
    }

    /// How connections get to the threads.
    pub const fn distribution(mut self, distribution: Distribution) -> Self {
        self.distribution = distribution;
        self
    }

    /// How many connections are open at once, over all threads. More wait in the system's queue
    /// until one ends. Default 65,536.
    pub const fn max_connections(mut self, connections: usize) -> Self {
        self.max_connections = connections;
        self
    }

    /// Limits, deadlines, strictness.
    pub fn config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// The deadlines, of [`Config`].
    pub const fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.config.http1.timeouts = timeouts;
        self
    }

    /// Options of TCP sockets.
    pub const fn tcp(mut self, options: TcpOptions) -> Self {
        self.tcp = options;
        self
    }

    /// Whether connections begin with a header of the PROXY protocol, which says who the client
    /// behind a load balancer is. Off by default. It is believed, so nobody but the load balancer
    /// may be able to connect.
    pub const fn proxy_protocol(mut self, proxy: ProxyProtocol) -> Self {
        self.proxy = proxy;
        self
    }

    /// Calls `hook` after each response: an access log. It runs on the connection's thread, and
    /// costs two looks at the clock for each request.
    ///
    /// ```
    /// # let server = shockwave_server::Server::bind("127.0.0.1:0");
    /// let server = server.on_response(|access| {
    ///     let status = access.status.map_or(0, |status| status.code());
    ///     println!("{} {status} {:?}", access.request.method, access.duration);
    /// });
    /// # drop(server);
    /// ```
    pub fn on_response(mut self, hook: impl Fn(&Access<'_>) + Send + Sync + 'static) -> Self {
        self.access = Some(Arc::new(hook));
        self
    }

    /// What reads the counters of the server, once it runs: for its own handler to take with it.
    #[must_use]
    pub fn monitor(&self) -> Monitor {
        self.monitor.clone()
    }

    /// Calls `hook` once, when the server listens, with its TCP addresses: the only way to learn
    /// the port that the system has chosen where [`run`](Self::run) does not return.
    ///
    /// ```no_run
    /// # fn main() -> std::io::Result<()> {
    /// shockwave_server::Server::bind("127.0.0.1:0")
    ///     .on_listening(|addresses| println!("listening on {}", addresses[0]))
    ///     .run(async |_request| "Hello, world!")
    /// # }
    /// ```
    pub fn on_listening(mut self, hook: impl FnOnce(&[SocketAddr]) + Send + 'static) -> Self {
        self.listening = Some(Box::new(hook));
        self
    }

    /// Shuts down gracefully when `signal` is there: no more connections are accepted, idle ones
    /// close, requests that have come are answered, with `Connection: close`. What is not done
    /// after `grace` is broken off. See [`signal::ctrl_c_or_term`](crate::signal::ctrl_c_or_term).
    pub fn shutdown(
        mut self,
        signal: impl Future<Output = ()> + Send + 'static,
        grace: Duration,
    ) -> Self {
        self.shutdown = Some(Box::pin(signal));
        self.grace = grace;
        self
    }

    /// Serves until shut down: without [`shutdown`](Self::shutdown), for ever. Blocks the thread.
    ///
    /// # Errors
    ///
    /// The address is none, or cannot be listened on; a thread cannot be started.
    pub fn run<H, R>(self, handler: H) -> io::Result<()>
    where
        H: AsyncFn(Request<'_>) -> R + Send + Sync + 'static,
        R: Reply + 'static,
    {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(self.serve(handler))
    }

    /// As [`run`](Self::run), awaited: in a runtime of tokio's, beside other work. The threads are
    /// the server's own. Dropping the future breaks off what is being served.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    pub async fn serve<H, R>(mut self, handler: H) -> io::Result<()>
    where
        H: AsyncFn(Request<'_>) -> R + Send + Sync + 'static,
        R: Reply + 'static,
    {
        let (mut signal, grace) = (self.shutdown.take(), self.grace);
        // Asked once before anybody can know that the server runs: a signal that comes then must
        // find its handler installed, or it ends the process.
        let has_come = match &mut signal {
            Some(signal) => poll_fn(|cx| Poll::Ready(signal.as_mut().poll(cx).is_ready())).await,
            None => false,
        };
        let running = self.start(handler)?;
        if let Some(signal) = signal {
            if !has_come {
                running.until(signal).await;
            }
            running.shutdown();
            running.finish(grace).await;
        }
        running.ended().await
    }

    /// Starts the threads and answers a handle to them, for who wants to know the port, read
    /// counters, or stop the server himself. [`shutdown`](Self::shutdown) is not looked at.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    pub fn start<H, R>(mut self, handler: H) -> io::Result<Running>
    where
        H: AsyncFn(Request<'_>) -> R + Send + Sync + 'static,
        R: Reply + 'static,
    {
        let hook = self.listening.take();
        let running = running::start(self, handler)?;
        if let Some(hook) = hook {
            hook(running.local_addrs());
        }
        Ok(running)
    }
}

impl core::fmt::Debug for Server {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Server")
            .field("workers", &self.workers)
            .field("distribution", &self.distribution)
            .field("max_connections", &self.max_connections)
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}
