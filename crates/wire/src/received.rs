//! What a `receive` call answers, and which side of a connection is speaking.

/// Which end of the connection this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_enums, reason = "a connection has two ends")]
pub enum Side {
    /// Sends requests, receives responses.
    Client,
    /// Receives requests, sends responses.
    Server,
}

/// The answer of a core's `receive`: how many octets of the input it is done with, and at most one
/// event. `event: None` means that it needs more input than it was given (or, where `consumed` is
/// not zero, that the rest of the input is worth another call).
#[must_use = "`consumed` octets of the input must not be given to the connection again"]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "built and taken apart on the hot path")]
pub struct Received<E> {
    /// Octets at the start of the input that are dealt with. Drop them before the next call, once
    /// the event, which may borrow them, is no longer used.
    pub consumed: usize,
    /// What was received.
    pub event: Option<E>,
}
