//! The two halves of a connection as states: what is being received, what is being sent.
//!
//! ```text
//! receive                                  .--------- End(Message) ---------.
//!                                          v                                |
//!   start ------------------------------> Head --Head--> Length, Chunked, UntilClose
//!                                          |             Chunked --LastChunk--> Trailers
//!                                          |                |
//!            (no content)                  '------End------>+--Message--> Head
//!                                                           +--Answer---> Paused
//!                                                           +--Protocol-> Switching
//!                                                           '--Nothing--> Closing
//!   Paused    --End----------------------> what may follow, as above
//!   Switching --Switched-----------------> Switched
//!   any but Switched and Failed --Fail---> Failed
//!   any but Switched            --Close--> Closing
//!
//! send
//!   start --> Ready --Head--> Length, Chunked, UntilClose --End--> Ready, Closed, Switched
//!               '----------------- End (no content) -----------------^
//! ```
//!
//! A step that is not in the table changes nothing.

use crate::chunked::ChunkedDecoder;
use crate::content::Framing;
use crate::{Error, Misuse};

/// What is being received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Receive {
    /// A head, or nothing yet.
    Head,
    /// Content of which so many octets are to come.
    Length(u64),
    /// Chunks.
    Chunked(ChunkedDecoder),
    /// The trailer section behind the last chunk.
    Trailers,
    /// Content up to the end of the connection, of which so many octets have come.
    UntilClose(u64),
    /// Nothing, until a request that would give the connection to another protocol is answered.
    Paused,
    /// The connection belongs to another protocol, which the caller is to be told.
    Switching,
    /// The caller was told.
    Switched,
    /// No further message. So many octets were discarded.
    Closing(u32),
    /// No further message, because of this.
    Failed(Error),
}

/// What happens to [`Receive`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// A head came that is followed by content.
    Head(Framing),
    /// The last chunk came.
    LastChunk,
    /// A message ended, or the request for whose answer receiving was paused is answered.
    End(Next),
    /// The caller has been told that the connection is another protocol's.
    Switched,
    /// No further message is wanted.
    Close,
    /// The peer broke a rule or crossed a limit.
    Fail(Error),
}

/// What may follow a message that was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// Another message.
    Message,
    /// That depends on the answer to this one.
    Answer,
    /// Another protocol.
    Protocol,
    /// Nothing: the connection closes.
    Nothing,
}

impl Receive {
    /// The transition table.
    #[inline]
    pub(crate) const fn after(self, step: Step) -> Self {
        match (self, step) {
            (Self::Head, Step::Head(Framing::Length(length))) => Self::Length(length),
            (Self::Head, Step::Head(Framing::Chunked)) => Self::Chunked(ChunkedDecoder::new()),
            (Self::Head, Step::Head(Framing::UntilClose)) => Self::UntilClose(0),
            (Self::Chunked(_), Step::LastChunk) => Self::Trailers,
            (
                Self::Head
                | Self::Length(_)
                | Self::Chunked(_)
                | Self::Trailers
                | Self::UntilClose(_)
                | Self::Paused,
                Step::End(next),
            ) => match next {
                Next::Message => Self::Head,
                Next::Answer => Self::Paused,
                Next::Protocol => Self::Switching,
                Next::Nothing => Self::Closing(0),
            },
            (Self::Switching, Step::Switched) => Self::Switched,
            (Self::Switched | Self::Failed(_), Step::Fail(_)) => self,
            (Self::Switched | Self::Closing(_), Step::Close) => self,
            (_, Step::Fail(error)) => Self::Failed(error),
            (_, Step::Close) => Self::Closing(0),
            _ => self,
        }
    }

    /// Whether the connection is, or is about to be, another protocol's.
    pub(crate) const fn is_switched(self) -> bool {
        matches!(self, Self::Switching | Self::Switched)
    }
}

/// What is being sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Send {
    /// Nothing: a head may be sent.
    Ready,
    /// Content of which so many octets are to be sent.
    Length(u64),
    /// Chunks.
    Chunked,
    /// Content up to the end of the connection.
    UntilClose,
    /// Nothing any more.
    Closed,
    /// What another protocol sends.
    Switched,
}

impl Send {
    /// The state after `length` octets of content and, if `end`, the end of the message, which is
    /// yet to be acted upon.
    #[inline]
    pub(crate) const fn after_data(self, length: u64, end: bool) -> Result<Self, Misuse> {
        match self {
            Self::Length(left) => match left.checked_sub(length) {
                Some(left) if left == 0 || !end => Ok(Self::Length(left)),
                _ => Err(Misuse::ContentLengthMismatch),
            },
            Self::Chunked | Self::UntilClose => Ok(self),
            Self::Ready => Err(Misuse::OutOfOrder),
            Self::Closed => Err(Misuse::Closed),
            Self::Switched => Err(Misuse::Upgraded),
        }
    }

    /// Whether a head may be sent.
    #[inline]
    pub(crate) const fn ready(self) -> Result<(), Misuse> {
        match self {
            Self::Ready => Ok(()),
            Self::Length(_) | Self::Chunked | Self::UntilClose => Err(Misuse::OutOfOrder),
            Self::Closed => Err(Misuse::Closed),
            Self::Switched => Err(Misuse::Upgraded),
        }
    }
}

#[cfg(test)]
mod tests;
