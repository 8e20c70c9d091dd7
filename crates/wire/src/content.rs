//! How much content a message that is being sent carries.

/// What the sender of a message knows about its content (RFC 9110 section 6.4) when it sends the
/// head. Each core turns it into its own framing: Content-Length, chunks, END_STREAM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_enums, reason = "there is no fourth state of knowledge")]
pub enum Content {
    /// There is none: the message ends with its head.
    None,
    /// Exactly so many octets follow. With `HEAD` and 304, where no content follows, the length
    /// that a `GET` would have had.
    Length(u64),
    /// Some, of a length that is not known yet.
    Unknown,
}
