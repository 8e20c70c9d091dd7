//! The PROXY protocol.
use std::net::SocketAddr;

/// Which versions are expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ProxyProtocol {
    /// None.
    #[default]
    Off,
}
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ProxyHeader {
    pub(crate) source: Option<SocketAddr>,
    pub(crate) destination: Option<SocketAddr>,
}
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ProxyError;
pub(crate) fn parse(
    _input: &[u8],
    _accepted: ProxyProtocol,
) -> Result<Option<(usize, ProxyHeader)>, ProxyError> {
    Ok(None)
}
