//! Sockets: how they listen, and what is set on those that are accepted.
//!
//! `TCP_FASTOPEN` and `TCP_DEFER_ACCEPT` are not here. No crate that we depend on has a safe call
//! for them, and this one has no `unsafe`. Linux turns the first on for all listeners of a system
//! by the bits 0x402 of `net.ipv4.tcp_fastopen`.

use core::time::Duration;
use std::io;
use std::net::{SocketAddr, TcpListener};

use socket2::{Domain, Protocol, SockRef, Socket, TcpKeepalive, Type};

#[cfg(unix)]
pub(crate) mod unix;

/// What is set on TCP sockets. Start from [`TcpOptions::DEFAULT`] and change its fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TcpOptions {
    /// `TCP_NODELAY`: what is written leaves at once, and does not wait for the client to
    /// acknowledge what left before. Default `true`: responses are written whole, so that there is
    /// nothing to wait for.
    pub nodelay: bool,
    /// How many connections may wait to be accepted, for each listener. Default 1,024: what comes
    /// while a worker is busy for some milliseconds, where `std`'s 128 would make clients wait a
    /// second for their next try. The kernel's own bound holds as well: `net.core.somaxconn` on
    /// Linux, 4,096 since version 5.4. Each that waits costs the kernel's memory for a connection.
    pub backlog: u32,
    /// `TCP_QUICKACK` on each accepted socket: the request's head is acknowledged at once, instead
    /// of with the response. The kernel returns to its own judgement soon after. Only on Linux and
    /// Android; no effect elsewhere. Default `false`: a fast response carries the acknowledgement,
    /// and a packet is saved.
    pub quickack: bool,
    /// Probes for clients that are gone without a word. Default `None`: the deadlines close such
    /// connections sooner. For those that may be silent for long, as WebSockets are.
    pub keepalive: Option<Keepalive>,
    /// Octets of `SO_SNDBUF`. Default `None`: the kernel adapts it to the connection, and no more
    /// where this is set. Linux takes twice the number, for its bookkeeping.
    pub send_buffer_bytes: Option<usize>,
    /// Octets of `SO_RCVBUF`, with the same default for the same reason.
    pub receive_buffer_bytes: Option<usize>,
}

impl TcpOptions {
    /// The defaults.
    pub const DEFAULT: Self = Self {
        nodelay: true,
        backlog: 1_024,
        quickack: false,
        keepalive: None,
        send_buffer_bytes: None,
        receive_buffer_bytes: None,
    };
}

impl Default for TcpOptions {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// `SO_KEEPALIVE` and its times: a client that answers none of the probes is gone after
/// `idle + interval * probes`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Keepalive {
    /// How long a connection is silent before it is probed. Default 60 seconds. Whole seconds.
    pub idle: Duration,
    /// The time between two probes. Default 15 seconds. Whole seconds.
    pub interval: Duration,
    /// How many probes stay unanswered. Default 4. Not settable on Windows before 10.
    pub probes: u32,
}

impl Keepalive {
    /// The defaults: gone after two minutes.
    pub const DEFAULT: Self =
        Self { idle: Duration::from_secs(60), interval: Duration::from_secs(15), probes: 4 };
}

impl Default for Keepalive {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Whether several listeners can share a port such that the kernel spreads the connections over
/// them: `SO_REUSEPORT` on Linux, Android and DragonFly, `SO_REUSEPORT_LB` on FreeBSD. macOS and
/// the other BSDs let them share it as well, and give all connections to one of them.
pub(crate) const BALANCES_PORTS: bool = cfg!(any(
    target_os = "linux",
    target_os = "android",
    target_os = "freebsd",
    target_os = "dragonfly",
));

/// Whether an accepted socket has the options of its listener, so that none needs to be set again:
/// a system call is saved for each connection. Linux copies the listener's socket.
const ACCEPTED_INHERIT: bool = cfg!(any(target_os = "linux", target_os = "android"));

/// A listener that does not block, for a runtime to take.
///
/// - An address of `[::]` serves IPv4 too, whatever the system's default: `IPV6_V6ONLY` is off. The
///   peers of IPv4 have addresses like `::ffff:192.0.2.1` then.
/// - On Unix, `SO_REUSEADDR` lets a server start again while connections of its last run linger in
///   `TIME_WAIT`. On Windows it would let others take the port, and is left off.
/// - With `share_port`, further listeners of the same user can be bound to the same address.
///
/// # Errors
///
/// The address is taken or not ours; `share_port` where there is no [`BALANCES_PORTS`].
pub(crate) fn listen(
    address: SocketAddr,
    options: &TcpOptions,
    share_port: bool,
) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // OpenBSD has no socket for both families.
    if address.is_ipv6() && address.ip().is_unspecified() && cfg!(not(target_os = "openbsd")) {
        socket.set_only_v6(false)?;
    }
    if cfg!(unix) {
        socket.set_reuse_address(true)?;
    }
    if share_port {
        share(&socket)?;
    }
    prepare(&socket, options)?;
    socket.bind(&address.into())?;
    socket.listen(backlog(options.backlog))?;
    Ok(socket.into())
}

/// Sets on a listener what its accepted sockets are to inherit, and that it does not block. For
/// [`listen`], and for listeners that somebody else has made, before [`accepted`] is used for what
/// they accept.
pub(crate) fn prepare<'s, S>(listener: &'s S, options: &TcpOptions) -> io::Result<()>
where
    SockRef<'s>: From<&'s S>,
{
    let socket = SockRef::from(listener);
    socket.set_nonblocking(true)?;
    // Both must be set before the connection is there: its window is agreed upon in the handshake.
    if let Some(bytes) = options.send_buffer_bytes {
        socket.set_send_buffer_size(bytes)?;
    }
    if let Some(bytes) = options.receive_buffer_bytes {
        socket.set_recv_buffer_size(bytes)?;
    }
    if ACCEPTED_INHERIT {
        set_for_connection(&socket, options)?;
    }
    Ok(())
}

/// Sets the options of an accepted socket that it has not inherited from a listener that was
/// [`prepare`]d. With the defaults, on Linux, that is none, and no system call.
///
/// # Errors
///
/// They are of this connection alone: the client can be gone by now.
pub(crate) fn accepted<'s, S>(stream: &'s S, options: &TcpOptions) -> io::Result<()>
where
    SockRef<'s>: From<&'s S>,
{
    let socket = SockRef::from(stream);
    if !ACCEPTED_INHERIT {
        set_for_connection(&socket, options)?;
    }
    #[cfg(any(target_os = "linux", target_os = "android"))]
    if options.quickack {
        socket.set_tcp_quickack(true)?;
    }
    Ok(())
}

fn set_for_connection(socket: &Socket, options: &TcpOptions) -> io::Result<()> {
    if options.nodelay {
        socket.set_tcp_nodelay(true)?;
    }
    if let Some(Keepalive { idle, interval, probes }) = options.keepalive {
        let keepalive = TcpKeepalive::new().with_time(idle);
        #[cfg(not(any(target_os = "openbsd", target_os = "solaris")))]
        let keepalive = keepalive.with_interval(interval).with_retries(probes);
        #[cfg(any(target_os = "openbsd", target_os = "solaris"))]
        let _ = (interval, probes);
        socket.set_tcp_keepalive(&keepalive)?;
    }
    Ok(())
}

#[cfg(any(target_os = "linux", target_os = "android", target_os = "dragonfly"))]
fn share(socket: &Socket) -> io::Result<()> {
    socket.set_reuse_port(true)
}

#[cfg(target_os = "freebsd")]
fn share(socket: &Socket) -> io::Result<()> {
    socket.set_reuse_port_lb(true)
}

#[cfg(not(any(
    target_os = "linux",
    target_os = "android",
    target_os = "dragonfly",
    target_os = "freebsd",
)))]
fn share(_socket: &Socket) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

fn backlog(connections: u32) -> i32 {
    i32::try_from(connections).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;

    use super::*;

    const ANY_PORT: &str = "127.0.0.1:0";

    fn listener(options: &TcpOptions) -> TcpListener {
        listen(ANY_PORT.parse().unwrap(), options, false).unwrap()
    }

    /// A connection, as both sides have it. The listener does not block: what has connected is
    /// there to be accepted soon.
    fn connected(listener: &TcpListener) -> (TcpStream, TcpStream) {
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        loop {
            match listener.accept() {
                Ok((server, _)) => return (client, server),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    std::thread::yield_now();
                }
                Err(error) => panic!("{error}"),
            }
        }
    }

    #[test]
    fn a_listener_does_not_block() {
        let listener = listener(&TcpOptions::DEFAULT);
        assert_eq!(listener.accept().unwrap_err().kind(), io::ErrorKind::WouldBlock);
    }

    #[test]
    fn accepted_sockets_have_the_options() {
        let mut options = TcpOptions::DEFAULT;
        options.keepalive = Some(Keepalive::DEFAULT);
        options.quickack = true;
        options.send_buffer_bytes = Some(64 << 10);
        options.receive_buffer_bytes = Some(32 << 10);
        let listener = listener(&options);
        let (_client, server) = connected(&listener);
        accepted(&server, &options).unwrap();
        let socket = SockRef::from(&server);
        assert!(socket.tcp_nodelay().unwrap());
        assert!(socket.keepalive().unwrap());
        assert!(socket.send_buffer_size().unwrap() >= 64 << 10);
        assert!(socket.recv_buffer_size().unwrap() >= 32 << 10);
        #[cfg(target_os = "linux")]
        {
            assert_eq!(socket.tcp_keepalive_time().unwrap(), Keepalive::DEFAULT.idle);
            assert_eq!(socket.tcp_keepalive_interval().unwrap(), Keepalive::DEFAULT.interval);
            assert_eq!(socket.tcp_keepalive_retries().unwrap(), Keepalive::DEFAULT.probes);
            assert_eq!(socket.send_buffer_size().unwrap(), 2 * (64 << 10));
        }
    }

    /// What [`ACCEPTED_INHERIT`] says, shown by the system that runs this.
    #[test]
    fn options_are_inherited_where_we_say_so() {
        let mut options = TcpOptions::DEFAULT;
        options.keepalive = Some(Keepalive::DEFAULT);
        let (_client, server) = connected(&listener(&options));
        let socket = SockRef::from(&server);
        let inherited = socket.tcp_nodelay().unwrap() && socket.keepalive().unwrap();
        assert!(inherited || !ACCEPTED_INHERIT);
    }

    #[test]
    fn options_that_are_off_are_not_set() {
        let mut options = TcpOptions::DEFAULT;
        options.nodelay = false;
        let listener = listener(&options);
        let (_client, server) = connected(&listener);
        accepted(&server, &options).unwrap();
        let socket = SockRef::from(&server);
        assert!(!socket.tcp_nodelay().unwrap() && !socket.keepalive().unwrap());
    }

    #[test]
    fn listeners_of_others_are_prepared() {
        let listener = TcpListener::bind(ANY_PORT).unwrap();
        prepare(&listener, &TcpOptions::DEFAULT).unwrap();
        let (_client, server) = connected(&listener);
        accepted(&server, &TcpOptions::DEFAULT).unwrap();
        assert!(SockRef::from(&server).tcp_nodelay().unwrap());
    }

    #[test]
    fn a_port_is_shared_only_where_asked_for() {
        let options = TcpOptions::DEFAULT;
        let first = listen(ANY_PORT.parse().unwrap(), &options, BALANCES_PORTS).unwrap();
        let address = first.local_addr().unwrap();
        let alone = listen(address, &options, false).unwrap_err();
        assert_eq!(alone.kind(), io::ErrorKind::AddrInUse);
        let second = listen(address, &options, true).and_then(|second| second.local_addr());
        let expected = if BALANCES_PORTS { Ok(address) } else { Err(io::ErrorKind::Unsupported) };
        assert_eq!(second.map_err(|error| error.kind()), expected);
    }

    #[test]
    fn the_unspecified_address_serves_both_families() {
        let Ok(listener) = listen("[::]:0".parse().unwrap(), &TcpOptions::DEFAULT, false) else {
            assert!(TcpListener::bind("[::]:0").is_err(), "a machine with IPv6");
            return;
        };
        let port = listener.local_addr().unwrap().port();
        assert!(TcpStream::connect(("127.0.0.1", port)).is_ok());
        assert!(TcpStream::connect(("::1", port)).is_ok());
    }
}
