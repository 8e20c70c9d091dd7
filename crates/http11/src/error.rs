//! Errors: who is to blame, where, and what the peer is to be told.

use core::fmt;

use shockwave_wire::{Bound, Status};

/// Why a call failed. `Copy`, 16 octets, no allocation.
///
/// A connection that has answered [`Error::Protocol`] or [`Error::Limit`] stays failed: every later
/// [`receive`](crate::Connection::receive) answers the same error, until a server has told its
/// client. [`Error::Misuse`] changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The peer broke a rule.
    Protocol {
        /// Which one.
        violation: Violation,
        /// Octets between the start of what was parsed and the first offending one: of the
        /// connection's input for [`Connection`](crate::Connection), of the slice for the stateless
        /// parsers.
        offset: u64,
    },
    /// The peer kept the rules but crossed a limit of ours.
    Limit {
        /// What is bounded; [`Bound::name`] is the configuration field to raise.
        bound: Bound,
        /// Where it was crossed, counted as above; for timeouts, how much had been received.
        offset: u64,
    },
    /// The caller asked for something that the state of the connection, or HTTP, does not allow.
    Misuse(Misuse),
}

const _: () = assert!(size_of::<Error>() <= 16);

impl Error {
    /// The status that a server tells its client before it closes; `None` for [`Misuse`], and where
    /// nobody is left to be told.
    ///
    /// A client that gets an error from a response has nobody to tell: it closes.
    #[must_use]
    pub const fn code(self) -> Option<Status> {
        match self {
            Self::Protocol { violation, .. } => violation.code(),
            Self::Limit { bound, .. } => limit_code(bound),
            Self::Misuse(_) => None,
        }
    }

    /// The offset of the offending octet, where there is one.
    #[must_use]
    pub const fn offset(self) -> Option<u64> {
        match self {
            Self::Protocol { offset, .. } | Self::Limit { offset, .. } => Some(offset),
            Self::Misuse(_) => None,
        }
    }

    /// The same error, `by` octets further into the connection.
    pub(crate) const fn shifted(self, by: u64) -> Self {
        match self {
            Self::Protocol { violation, offset } => {
                Self::Protocol { violation, offset: offset.saturating_add(by) }
            }
            Self::Limit { bound, offset } => {
                Self::Limit { bound, offset: offset.saturating_add(by) }
            }
            Self::Misuse(_) => self,
        }
    }
}

const fn limit_code(bound: Bound) -> Option<Status> {
    match bound {
        Bound::StartLineBytes => Some(Status::URI_TOO_LONG),
        Bound::HeadBytes
        | Bound::FieldCount
        | Bound::FieldNameBytes
        | Bound::FieldValueBytes
        | Bound::TrailerBytes
        | Bound::TrailerCount => Some(Status::REQUEST_HEADER_FIELDS_TOO_LARGE),
        Bound::ContentBytes => Some(Status::CONTENT_TOO_LARGE),
        Bound::HeadTime | Bound::ContentTime | Bound::MessageTime => Some(Status::REQUEST_TIMEOUT),
        // An idle connection is closed without a word: a 408 would race with the next request.
        Bound::IdleTime | Bound::WriteTime | Bound::LingerTime | Bound::LingerBytes => None,
        _ => Some(Status::BAD_REQUEST),
    }
}

macro_rules! violations {
    ($($(#[$doc:meta])* $name:ident $status:ident $text:literal,)*) => {
        /// A rule of RFC 9112 or RFC 9110 that the peer broke.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Violation {
            $($(#[$doc])* $name,)*
        }

        impl Violation {
            /// Every violation, in the order of RFC 9112's sections.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            const fn code(self) -> Option<Status> {
                Some(match self {
                    $(Self::$name => Status::$status,)*
                })
            }

            /// A sentence for a log.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

violations! {
    /// RFC 9112 section 2.2: an LF that no CR precedes.
    BareLf BAD_REQUEST "a line ends in LF without CR",
    /// RFC 9112 section 2.2: a CR that no LF follows.
    BareCr BAD_REQUEST "a CR is not followed by LF",
    /// RFC 9112 section 2.2: whitespace between the start line and the first field line.
    WhitespaceBeforeFields BAD_REQUEST "whitespace between the start line and the first field",
    /// RFC 9112 section 2.3: not `HTTP/` DIGIT `.` DIGIT, or none (HTTP/0.9).
    InvalidVersion BAD_REQUEST "not an HTTP version",
    /// RFC 9110 section 15.6.6: a major version that is not 1, or a minor one that is refused.
    UnsupportedVersion HTTP_VERSION_NOT_SUPPORTED "an HTTP version that is not supported",
    /// RFC 9112 section 3.1: the method is empty or not a token.
    InvalidMethod BAD_REQUEST "the method is not a token",
    /// RFC 9112 section 3.2: an octet that no request target may have, or an empty target.
    InvalidTarget BAD_REQUEST "the request target has a forbidden octet or is empty",
    /// RFC 9112 section 3.2: none of the four forms, or not the one that the method asks for.
    InvalidTargetForm BAD_REQUEST "the request target's form does not fit the method",
    /// RFC 9112 section 3.2: an HTTP/1.1 request without Host.
    MissingHost BAD_REQUEST "an HTTP/1.1 request without Host",
    /// RFC 9112 section 3.2: more than one Host.
    RepeatedHost BAD_REQUEST "more than one Host",
    /// RFC 9112 section 3.2: a Host that is not `uri-host [ ":" port ]`, or empty where the target
    /// has an authority.
    InvalidHost BAD_REQUEST "Host is not a host and an optional port",
    /// RFC 9110 section 4.2.4: an authority with userinfo.
    Userinfo BAD_REQUEST "the authority has userinfo",
    /// RFC 9112 section 4: not three digits after the version, or below 100.
    InvalidStatus BAD_GATEWAY "the status code is not three digits",
    /// RFC 9112 section 4: a control character in the reason phrase.
    InvalidReason BAD_GATEWAY "a control character in the reason phrase",
    /// RFC 9112 section 5: a field name that is empty or has an octet that no token has.
    InvalidFieldName BAD_REQUEST "a field name is not a token",
    /// RFC 9112 section 5: a field line without a colon.
    MissingColon BAD_REQUEST "a field line without a colon",
    /// RFC 9112 section 5.1: whitespace between field name and colon.
    WhitespaceBeforeColon BAD_REQUEST "whitespace between a field name and its colon",
    /// RFC 9112 section 5.2: a folded field line.
    ObsFold BAD_REQUEST "a folded field line",
    /// RFC 9110 section 5.5: NUL or another control character in a field value.
    InvalidFieldValue BAD_REQUEST "a control character in a field value",
    /// RFC 9112 section 6.1: a transfer coding other than chunked.
    UnsupportedTransferCoding NOT_IMPLEMENTED "a transfer coding other than chunked",
    /// RFC 9112 sections 6.1 and 7: Transfer-Encoding is malformed, chunked is not last, stands
    /// twice or has parameters.
    InvalidTransferEncoding BAD_REQUEST "Transfer-Encoding is malformed",
    /// RFC 9112 section 6.1: Transfer-Encoding in an HTTP/1.0 message.
    TransferEncodingInHttp10 BAD_REQUEST "Transfer-Encoding in an HTTP/1.0 message",
    /// RFC 9112 section 6.3: Transfer-Encoding and Content-Length in one message.
    TransferEncodingAndContentLength BAD_REQUEST "both Transfer-Encoding and Content-Length",
    /// RFC 9112 section 6.3: Content-Length is not one decimal number below 2^64.
    InvalidContentLength BAD_REQUEST "Content-Length is not a number",
    /// RFC 9112 section 6.3: Content-Length more than once, in lines or in a list.
    RepeatedContentLength BAD_REQUEST "Content-Length more than once",
    /// RFC 9112 section 7.1: a chunk size that is empty, not hexadecimal, or too large.
    InvalidChunkSize BAD_REQUEST "a chunk size is not a hexadecimal number",
    /// RFC 9112 section 7.1.1: a malformed chunk extension.
    InvalidChunkExtension BAD_REQUEST "a chunk extension is malformed",
    /// RFC 9112 section 7.1: chunk data is not followed by CRLF.
    InvalidChunkEnd BAD_REQUEST "chunk data is not followed by CRLF",
    /// RFC 9110 section 6.5.1: a field that must not stand in a trailer section.
    ForbiddenTrailer BAD_REQUEST "a field that must not be a trailer",
    /// RFC 9112 section 8: the connection closed before the message was complete.
    Incomplete BAD_REQUEST "the connection closed inside a message",
    /// RFC 9112 section 9.2: octets of a response when no request is outstanding.
    UnexpectedResponse BAD_GATEWAY "a response that no request asked for",
    /// RFC 9110 section 15.2.2: 101 to a request that did not offer an upgrade.
    UnexpectedUpgrade BAD_GATEWAY "101 to a request that offered no upgrade",
    /// RFC 9110 section 9.3.6: content in a CONNECT request.
    ContentInConnect BAD_REQUEST "content in a CONNECT request",
    /// RFC 9110 section 10.1.1: an expectation other than 100-continue.
    UnknownExpectation EXPECTATION_FAILED "an expectation other than 100-continue",
}

/// What the caller did wrong. Nothing was changed and nothing appended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Misuse {
    /// A server was asked to send a request, or a client a response.
    WrongSide,
    /// There is no request to answer, or the message in progress has not been ended, or a request
    /// that offers another protocol has not been answered.
    OutOfOrder,
    /// The connection is closing or closed: no further message may be sent.
    Closed,
    /// The connection was handed over by Upgrade or CONNECT.
    Upgraded,
    /// 101 without an offer of Upgrade in the request.
    NotOffered,
    /// More requests in flight than `max_pipelined_requests`.
    TooManyInFlight,
    /// The method is not a token.
    InvalidMethod,
    /// The request target has an octet that no target has, or the wrong form for the method.
    InvalidTarget,
    /// A field name is not a token.
    InvalidFieldName,
    /// A field value has CR, LF, NUL or another control character (RFC 9112 section 11.1: response
    /// splitting).
    InvalidFieldValue,
    /// The reason phrase has a control character.
    InvalidReason,
    /// Content-Length, Transfer-Encoding or Connection among the fields, which the core writes; or
    /// TE that names chunked (RFC 9112 section 7.4). Or
    /// Upgrade in a template, which has no Connection line to go with it.
    FramingField,
    /// A field that must not stand in a trailer section (RFC 9110 section 6.5.1).
    ForbiddenTrailer,
    /// A status outside what the call sends: an interim one where a final one is due, or the
    /// reverse.
    InvalidStatus,
    /// Content where the message has none: a response to HEAD, 204, 304.
    UnexpectedContent,
    /// More octets than the Content-Length that was sent, or an end before all of them.
    ContentLengthMismatch,
    /// Trailers without chunks to follow, or to a client that did not ask for them.
    TrailersNotPossible,
    /// A head larger than the core can locate fields in (4 GiB).
    InputTooLarge,
    /// 101 without an Upgrade field (RFC 9110 section 15.2.2).
    MissingUpgrade,
    /// A request without Host, with several, or with one that contradicts its authority (RFC 9112
    /// section 3.2).
    InvalidHost,
    /// An expectation other than 100-continue, or one without content to follow (RFC 9110 section
    /// 10.1.1).
    InvalidExpectation,
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
                write!(f, "{} (at octet {offset})", violation.text())
            }
            Self::Limit { bound, offset } => {
                write!(f, "{} was crossed (at octet {offset})", bound.name())
            }
            Self::Misuse(misuse) => write!(f, "misuse of the connection: {misuse:?}"),
        }
    }
}

impl core::error::Error for Error {}
