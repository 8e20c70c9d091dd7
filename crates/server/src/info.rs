//! Facts about a connection.

use std::net::SocketAddr;

/// Who is at the ends of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ConnectionInfo {
    /// The address of the client: what the PROXY protocol says, where that is on, or else that of
    /// the socket. `None` for Unix sockets and for transports that have none.
    pub peer: Option<SocketAddr>,
    /// The address that the client connected to, by the same rule.
    pub local: Option<SocketAddr>,
}

impl ConnectionInfo {
    /// Of a transport without addresses.
    #[must_use]
    pub const fn new() -> Self {
        Self { peer: None, local: None }
    }

    /// With a peer's address.
    #[must_use]
    pub const fn with_peer(mut self, peer: SocketAddr) -> Self {
        self.peer = Some(peer);
        self
    }

    /// With a local address.
    #[must_use]
    pub const fn with_local(mut self, local: SocketAddr) -> Self {
        self.local = Some(local);
        self
    }
}
