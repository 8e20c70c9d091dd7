//! Events for the `tracing` crate, where the feature is on. None is on the path of a request that
//! goes well.

use crate::Error;

#[cfg(feature = "tracing")]
pub(crate) fn misuse(error: &Error) {
    tracing::error!(%error, "a response could not be sent");
}

#[cfg(feature = "tracing")]
pub(crate) fn replied(error: &Error) {
    tracing::error!(%error, "a handler failed");
}

#[cfg(feature = "tracing")]
pub(crate) fn failed(info: &crate::ConnectionInfo, error: &Error) {
    tracing::debug!(peer = ?info.peer, %error, "a connection failed");
}

#[cfg(feature = "tracing")]
pub(crate) fn panicked(info: &crate::ConnectionInfo) {
    tracing::error!(peer = ?info.peer, "a handler panicked");
}

#[cfg(feature = "tracing")]
pub(crate) fn accept_failed(error: &std::io::Error) {
    tracing::warn!(%error, "cannot accept connections");
}

#[cfg(not(feature = "tracing"))]
pub(crate) const fn misuse(_error: &Error) {}

#[cfg(not(feature = "tracing"))]
pub(crate) const fn replied(_error: &Error) {}

#[cfg(not(feature = "tracing"))]
pub(crate) const fn failed(_info: &crate::ConnectionInfo, _error: &Error) {}

#[cfg(not(feature = "tracing"))]
pub(crate) const fn panicked(_info: &crate::ConnectionInfo) {}

#[cfg(not(feature = "tracing"))]
pub(crate) const fn accept_failed(_error: &std::io::Error) {}
