//! What a session asks of its transport.

use core::ops::Deref;
use core::task::{Context, Poll};
use std::time::Instant;

use crate::Error;
use crate::worker::Worker;

/// Octets both ways: a connection of HTTP/1.1 after its upgrade, a stream of a later version (RFC
/// 8441, RFC 9220), or a client's own connection.
pub(crate) trait Tunnel {
    /// The worker that serves it. A client has none.
    fn worker(&self) -> Option<&Worker>;

    /// The time, as old as a tick at most.
    fn now(&self) -> Instant;

    /// The buffer of what is to be written, with room for so many octets and a few headers, on
    /// loan. What is in it leaves by [`Self::poll_write`], or when the task waits.
    fn lend_out(&self, octets: usize) -> Vec<u8>;

    /// Brings it back.
    fn return_out(&self, out: Vec<u8>);

    /// Octets that are to be written.
    fn unwritten(&self) -> usize;

    /// Writes all of them.
    fn poll_write(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>>;

    /// Appends what has come to a buffer of the worker's, which is taken where there is none. 0 is
    /// the end.
    fn poll_read(&self, cx: &mut Context<'_>, buffer: &mut Vec<u8>) -> Poll<Result<usize, Error>>;

    /// Gives back what a session that waits does not need.
    fn rest(&self);

    /// Notes when the task is to be woken, should nothing happen before.
    fn park(&self, due: Option<Instant>, cx: &mut Context<'_>);

    /// Counts a failure.
    fn failed(&self, error: &Error);
}

/// A tunnel that a session uses.
pub(crate) enum Held<'a> {
    /// A request's.
    Lent(&'a dyn Tunnel),
}

impl<'a> Deref for Held<'a> {
    type Target = dyn Tunnel + 'a;

    #[inline]
    fn deref(&self) -> &Self::Target {
        match self {
            Self::Lent(tunnel) => *tunnel,
        }
    }
}
