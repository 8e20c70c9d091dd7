//! Errors: who is to blame, where, and what the peer is to be told.

use core::fmt;

use shockwave_wire::Bound;

use crate::CloseCode;

/// Why a call failed. `Copy`, 16 octets, no allocation.
///
/// A connection that has answered [`Error::Protocol`] or [`Error::Limit`] stays failed: every later
/// [`receive`](crate::Connection::receive) answers the same error, and
/// [`transmit`](crate::Connection::transmit) tells the peer. [`Error::Misuse`] changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The peer broke a rule.
    Protocol {
        /// Which one.
        violation: Violation,
        /// Octets between the start of the connection's input and the frame at fault.
        offset: u64,
    },
    /// The peer kept the rules but crossed a limit of ours.
    Limit {
        /// What is bounded; [`Bound::name`] is the configuration field to raise.
        bound: Bound,
        /// Where it was crossed, counted as above; for timeouts, how much had been received.
        offset: u64,
    },
    /// The caller asked for something that the state of the connection, or WebSocket, does not
    /// allow.
    Misuse(Misuse),
}

const _: () = assert!(size_of::<Error>() <= 16);

impl Error {
    /// The code that the peer is told (RFC 6455 section 7.4.1); `None` for [`Misuse`], and where
    /// nobody is left to be told.
    #[must_use]
    pub const fn code(self) -> Option<CloseCode> {
        match self {
            Self::Protocol { violation, .. } => violation.code(),
            Self::Limit { bound, .. } => match bound {
                Bound::FrameBytes | Bound::MessageBytes => Some(CloseCode::MESSAGE_TOO_BIG),
                // A peer that takes nothing, or whose Close did not come, is not told.
                Bound::WriteTime | Bound::CloseTime | Bound::HandshakeTime => None,
                _ => Some(CloseCode::POLICY_VIOLATION),
            },
            Self::Misuse(_) => None,
        }
    }

    /// The offset of the frame at fault, where there is one.
    #[must_use]
    pub const fn offset(self) -> Option<u64> {
        match self {
            Self::Protocol { offset, .. } | Self::Limit { offset, .. } => Some(offset),
            Self::Misuse(_) => None,
        }
    }
}

macro_rules! violations {
    ($($(#[$doc:meta])* $name:ident $code:ident $text:literal,)*) => {
        /// A rule of RFC 6455 or RFC 7692 that the peer broke.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Violation {
            $($(#[$doc])* $name,)*
            /// RFC 6455 section 7.1.5: the transport ended without a Close frame: "1006".
            Incomplete,
        }

        impl Violation {
            /// Every violation, in the order of RFC 6455's sections.
            pub const ALL: &'static [Self] = &[$(Self::$name,)* Self::Incomplete];

            const fn code(self) -> Option<CloseCode> {
                match self {
                    $(Self::$name => Some(CloseCode::$code),)*
                    Self::Incomplete => None,
                }
            }

            /// A sentence for a log.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                    Self::Incomplete => "the connection ended without a Close frame",
                }
            }
        }
    };
}

violations! {
    /// RFC 6455 section 5.1: a client's frame that is not masked.
    Unmasked PROTOCOL_ERROR "a client's frame is not masked",
    /// RFC 6455 section 5.1: a server's frame that is masked.
    Masked PROTOCOL_ERROR "a server's frame is masked",
    /// RFC 6455 section 5.2, RFC 7692 section 6: a reserved bit without an extension that gives it
    /// a meaning there.
    ReservedBits PROTOCOL_ERROR "a reserved bit is set",
    /// RFC 6455 section 5.2: an opcode that is not defined.
    ReservedOpcode PROTOCOL_ERROR "an opcode that is reserved",
    /// RFC 6455 section 5.2: a length in more octets than it needs.
    LengthNotMinimal PROTOCOL_ERROR "a payload length is not encoded minimally",
    /// RFC 6455 section 5.2: a length of 2^63 or more.
    LengthTooLarge PROTOCOL_ERROR "a payload length has its most significant bit set",
    /// RFC 6455 section 5.4: a further frame of a message that has not begun.
    UnexpectedContinuation PROTOCOL_ERROR "a continuation of no message",
    /// RFC 6455 section 5.4: a message begins inside another one.
    ExpectedContinuation PROTOCOL_ERROR "a message begins inside another one",
    /// RFC 6455 section 5.5: a control frame without FIN.
    FragmentedControl PROTOCOL_ERROR "a control frame is fragmented",
    /// RFC 6455 section 5.5: a control frame with more than 125 octets.
    ControlTooLong PROTOCOL_ERROR "a control frame has more than 125 octets",
    /// RFC 6455 section 5.5.1: a Close with a body of one octet.
    InvalidCloseBody PROTOCOL_ERROR "a Close has a body of one octet",
    /// RFC 6455 section 7.4: a code that must not be sent.
    InvalidCloseCode PROTOCOL_ERROR "a Close has a code that must not be sent",
    /// RFC 6455 section 8.1: text, or a Close's reason, that is not UTF-8.
    InvalidUtf8 INVALID_PAYLOAD "text is not UTF-8",
    /// RFC 7692 section 7.2.2: compressed data that cannot be decompressed.
    InvalidDeflate INVALID_PAYLOAD "compressed data cannot be decompressed",
}

/// What the caller did wrong. Nothing was changed and nothing appended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Misuse {
    /// The handshake is not over: [`open`](crate::Connection::open) was not called, or twice.
    NotConnecting,
    /// Nothing may be sent or received before the handshake is over.
    NotOpen,
    /// RFC 6455 section 5.5.1: no data after a Close frame; and no second one.
    Closed,
    /// A message was begun in fragments and not ended; or the fragment is of another kind.
    OutOfOrder,
    /// The payload of a control frame has more than 125 octets, or the reason of a Close more than
    /// 123.
    ControlTooLong,
    /// The code, or the absence of one, does not go with a reason.
    InvalidClose,
    /// The fragments of a text are no UTF-8.
    InvalidUtf8,
}

impl From<Misuse> for Error {
    #[inline]
    fn from(misuse: Misuse) -> Self {
        Self::Misuse(misuse)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Protocol { violation, offset } => {
                write!(f, "{} (in the frame at octet {offset})", violation.text())
            }
            Self::Limit { bound, offset } => {
                write!(f, "{} was crossed (in the frame at octet {offset})", bound.name())
            }
            Self::Misuse(misuse) => write!(f, "misuse of the connection: {misuse:?}"),
        }
    }
}

impl core::error::Error for Error {}
