//! What a request's parts ask of the connection that it came by.
//!
//! [`Request`](crate::Request), [`Body`](crate::Body), [`Responder`](crate::Responder) and
//! [`ResponseStream`](crate::ResponseStream) are the same types for every protocol, so that a
//! handler is compiled once. What they do goes through this trait, of which each protocol's
//! connection is an implementation.

use core::ops::Range;
use core::task::{Context, Poll};

use shockwave_wire::{Fields, RequestHead, Status};

use crate::content::Payload;
use crate::lines::Lines;
use crate::templates::Kind;
use crate::worker::Worker;
use crate::{ConnectionInfo, Error};

/// A request's exchange with its client. Calls borrow the connection's state for their own time
/// only, so parts of one request may call in any order.
pub(crate) trait Exchange {
    fn worker(&self) -> &Worker;

    fn info(&self) -> &ConnectionInfo;

    /// The next piece of content, none at its end. `tail` is what came with the head.
    fn poll_data(
        &self,
        cx: &mut Context<'_>,
        tail: &[u8],
        limit: u64,
    ) -> Poll<Option<Result<Piece, Error>>>;

    /// The buffer that [`Piece::Buffer`] lies in, on loan.
    fn lend_buffer(&self) -> Vec<u8>;

    /// Brings it back.
    fn return_buffer(&self, buffer: Vec<u8>);

    /// Nobody will read what is left of the content.
    fn leave_content(&self);

    /// The trailers that came, once: a copy.
    fn take_trailers(&self) -> Option<Box<Lines>>;

    /// Whether the client waits for 100 (Continue) before it sends its content.
    fn expects_continue(&self) -> bool;

    /// Sends an interim response.
    fn interim(&self, status: Status, fields: Fields<'_>) -> Result<(), Error>;

    /// Sends a whole response.
    fn respond(&self, head: Head<'_>, content: Payload<'_>) -> Result<(), Error>;

    /// Sends a response's head, to be followed by [`Self::poll_write`]. `Ok(false)`: no content is
    /// to follow, as for HEAD.
    fn begin(&self, head: Head<'_>, length: Option<u64>) -> Result<bool, Error>;

    /// Sends a piece of content.
    fn poll_write(&self, cx: &mut Context<'_>, write: &mut Write<'_>) -> Poll<Result<(), Error>>;

    /// Ends the content.
    fn finish(&self, trailers: Fields<'_>) -> Result<(), Error>;

    /// Waits until all that was sent has been written to the transport.
    fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>>;

    /// Whether a response was begun.
    fn is_answered(&self) -> bool;

    /// Gives the octets of the connection, or of the stream, to another protocol: sends the head
    /// that says so. `tail` is what came with the request's head; all that came behind it is
    /// answered, in a buffer of the worker's.
    #[cfg(feature = "websocket")]
    fn upgrade(&self, status: Status, fields: Fields<'_>, tail: &[u8]) -> Result<Vec<u8>, Error>;

    /// The way of those octets, after [`Self::upgrade`].
    #[cfg(feature = "websocket")]
    fn tunnel(&self) -> &dyn crate::websocket::Tunnel;
}

/// What the parts of one request share. It lies beside the handler's future, so that a part is
/// little more than a reference to it: they are moved into that future.
pub(crate) struct Shared<'a> {
    pub(crate) exchange: &'a dyn Exchange,
    pub(crate) head: &'a RequestHead<'a>,
    /// What came with the head.
    pub(crate) tail: &'a [u8],
    /// Octets of content, where they were announced.
    pub(crate) length: Option<u64>,
    /// Taken from the worker's pool when it is first asked for.
    #[cfg(feature = "arena")]
    pub(crate) arena: core::cell::OnceCell<shockwave_memory::Arena>,
}

/// Where a piece of content lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// In what came with the head.
    Tail(Range<usize>),
    /// In the exchange's own buffer.
    Buffer(Range<usize>),
}

/// A response's head.
#[derive(Debug)]
pub(crate) struct Head<'r> {
    pub(crate) status: Status,
    pub(crate) kind: Kind,
    /// Fields of the handler's. They count as more than `kind`.
    pub(crate) lines: Option<&'r mut Lines>,
}

/// A piece of content on its way.
#[derive(Debug)]
pub(crate) struct Write<'w> {
    pub(crate) data: &'w [u8],
    /// How many octets of it are written, where it is not copied: none before its header is sent.
    pub(crate) written: Option<usize>,
    /// What goes after it.
    pub(crate) suffix: &'static [u8],
}

impl<'w> Write<'w> {
    pub(crate) const fn new(data: &'w [u8]) -> Self {
        Self { data, written: None, suffix: b"" }
    }
}
