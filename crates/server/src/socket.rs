//! Sockets.
use std::io;
use std::net::SocketAddr;
use std::path::Path;

/// Options of TCP sockets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TcpOptions {
    /// No delay.
    pub nodelay: bool,
}
impl TcpOptions {
    /// The defaults.
    pub const DEFAULT: Self = Self { nodelay: true };
}
pub(crate) const fn balances_reuse_port() -> bool {
    cfg!(target_os = "linux")
}
pub(crate) fn listen(
    addr: SocketAddr,
    _options: &TcpOptions,
    reuse_port: bool,
) -> io::Result<std::net::TcpListener> {
    let socket =
        socket2::Socket::new(socket2::Domain::for_address(addr), socket2::Type::STREAM, None)?;
    socket.set_reuse_address(true)?;
    if reuse_port {
        socket.set_reuse_port(true)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&addr.into())?;
    socket.listen(1024)?;
    Ok(socket.into())
}
pub(crate) fn accepted(stream: &tokio::net::TcpStream, options: &TcpOptions) {
    let _ = stream.set_nodelay(options.nodelay);
}
pub(crate) fn listen_unix(path: &Path) -> io::Result<std::os::unix::net::UnixListener> {
    let listener = std::os::unix::net::UnixListener::bind(path)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}
