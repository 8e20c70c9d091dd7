//! What can go wrong with a request, as its handler sees it.

use std::fmt;
use std::io;

use shockwave_http11 as http11;
use shockwave_wire::{Bound, Status};

/// Why a request's content could not be read, or a response not be sent.
///
/// It is a [`Reply`](crate::Reply), so that a handler can pass it on with `?`: the client gets the
/// status that is due, if there still is a client. Holds no text of the peer's.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The content is larger than the limit, in octets, that was set for it. 413.
    BodyTooLarge {
        /// The limit.
        limit: u64,
    },
    /// The client broke the protocol, or crossed a limit or a deadline of it. The connection ends.
    Http1(http11::Error),
    /// The transport failed or ended: nobody is left to answer.
    Disconnected(io::ErrorKind),
    /// Something that the handler has done failed: what `?` makes of an [`io::Error`]. 500.
    Io(io::Error),
    /// The response was begun before, or was given up.
    AlreadyResponded,
    /// The request is no WebSocket handshake, or one that is refused. 400, 403, 405 or 426.
    #[cfg(feature = "websocket")]
    #[cfg_attr(docsrs, doc(cfg(feature = "websocket")))]
    Handshake(shockwave_websocket::Refusal),
    /// The peer of a WebSocket broke the protocol, or crossed a limit or a deadline, and was told
    /// by a Close; or a message was sent after one.
    #[cfg(feature = "websocket")]
    #[cfg_attr(docsrs, doc(cfg(feature = "websocket")))]
    WebSocket(shockwave_websocket::Error),
    /// The content is no JSON, or not of the type that it should be. 400.
    #[cfg(feature = "json")]
    #[cfg_attr(docsrs, doc(cfg(feature = "json")))]
    Json(serde_json::Error),
    /// A value of ours could not be serialised. 500.
    #[cfg(feature = "json")]
    #[cfg_attr(docsrs, doc(cfg(feature = "json")))]
    Serialize(serde_json::Error),
}

impl Error {
    /// What the client is told.
    #[must_use]
    pub fn status(&self) -> Status {
        match self {
            Self::BodyTooLarge { .. } => Status::CONTENT_TOO_LARGE,
            Self::Http1(error) => error.code().unwrap_or(Status::INTERNAL_SERVER_ERROR),
            #[cfg(feature = "websocket")]
            Self::Handshake(refusal) => refusal.status(),
            #[cfg(feature = "websocket")]
            Self::WebSocket(shockwave_websocket::Error::Protocol { .. }) => Status::BAD_REQUEST,
            #[cfg(feature = "json")]
            Self::Json(_) => Status::BAD_REQUEST,
            _ => Status::INTERNAL_SERVER_ERROR,
        }
    }

    /// Whether the peer was too slow.
    #[must_use]
    pub const fn is_timeout(&self) -> bool {
        #[cfg(feature = "websocket")]
        if let Self::WebSocket(shockwave_websocket::Error::Limit { bound, .. }) = self {
            return matches!(
                bound,
                Bound::PongTime | Bound::MessageTime | Bound::WriteTime | Bound::CloseTime
            );
        }
        matches!(
            self,
            Self::Http1(http11::Error::Limit {
                bound: Bound::HeadTime
                    | Bound::ContentTime
                    | Bound::MessageTime
                    | Bound::WriteTime
                    | Bound::IdleTime
                    | Bound::LingerTime,
                ..
            })
        )
    }

    /// Whether there is nobody left to answer.
    #[must_use]
    pub const fn is_disconnect(&self) -> bool {
        matches!(self, Self::Disconnected(_))
    }
}

impl From<http11::Error> for Error {
    fn from(error: http11::Error) -> Self {
        Self::Http1(error)
    }
}

impl From<http11::Misuse> for Error {
    fn from(misuse: http11::Misuse) -> Self {
        Self::Http1(misuse.into())
    }
}

#[cfg(feature = "websocket")]
impl From<shockwave_websocket::Error> for Error {
    fn from(error: shockwave_websocket::Error) -> Self {
        Self::WebSocket(error)
    }
}

#[cfg(feature = "websocket")]
impl From<shockwave_websocket::Misuse> for Error {
    fn from(misuse: shockwave_websocket::Misuse) -> Self {
        Self::WebSocket(misuse.into())
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BodyTooLarge { limit } => {
                write!(f, "the request's content is larger than {limit} octets")
            }
            Self::Http1(error) => error.fmt(f),
            Self::Disconnected(kind) => write!(f, "the connection failed: {kind}"),
            Self::Io(error) => error.fmt(f),
            Self::AlreadyResponded => f.write_str("the response was begun before"),
            #[cfg(feature = "websocket")]
            Self::Handshake(refusal) => refusal.fmt(f),
            #[cfg(feature = "websocket")]
            Self::WebSocket(error) => error.fmt(f),
            #[cfg(feature = "json")]
            Self::Json(error) => {
                write!(f, "the request's content is not the JSON it should be: {error}")
            }
            #[cfg(feature = "json")]
            Self::Serialize(error) => write!(f, "the response could not be serialised: {error}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Http1(error) => Some(error),
            Self::Io(error) => Some(error),
            #[cfg(feature = "websocket")]
            Self::Handshake(refusal) => Some(refusal),
            #[cfg(feature = "websocket")]
            Self::WebSocket(error) => Some(error),
            #[cfg(feature = "json")]
            Self::Json(error) | Self::Serialize(error) => Some(error),
            Self::BodyTooLarge { .. } | Self::Disconnected(_) | Self::AlreadyResponded => None,
        }
    }
}
