//! What a handler may return.

use std::borrow::Cow;
use std::convert::Infallible;

use bytes::Bytes;
use shockwave_wire::Status;

use crate::responder::IntoStatus;
use crate::{Error, Responder, ResponseBody, Sent, trace};

/// A value that answers a request.
///
/// | type | status | content |
/// |---|---|---|
/// | [`Sent`] | | the handler has answered itself |
/// | `&'static str`, `String`, `Cow<'static, str>` | 200 | `text/plain; charset=utf-8` |
/// | `&'static [u8]`, `Vec<u8>`, [`Bytes`] | 200 | `application/octet-stream` |
/// | [`Json<T>`](crate::Json) | 200 | `application/json` |
/// | `()` | 204 | none |
/// | [`Status`] | it | none |
/// | `(u16, T)`, `(Status, T)` | it | that of `T` |
/// | `Option<T>` | that of `T`, or 404 | that of `T`, or none |
/// | `Result<T, E>` | that of `T` or `E` | that of `T` or `E` |
/// | [`Error`] | [`Error::status`] | none |
///
/// Implement it for types of your own: build the response that they stand for.
///
/// ```
/// use shockwave_server::{Reply, Responder, Sent};
///
/// struct Teapot;
///
/// impl Reply for Teapot {
///     fn reply(self, responder: Responder<'_>) -> Sent {
///         responder.status(418).text("short and stout\n")
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no reply",
    label = "the handler returns a `{Self}`",
    note = "a handler returns what `request.respond()` leads to, or a type that is a `Reply`",
    note = "implement `Reply` for types of your own, errors among them"
)]
pub trait Reply {
    /// Sends what the value stands for.
    fn reply(self, responder: Responder<'_>) -> Sent;
}

impl Reply for Sent {
    #[inline]
    fn reply(self, _responder: Responder<'_>) -> Sent {
        self
    }
}

macro_rules! replies {
    ($($reply:ty: |$it:ident, $responder:ident| $sent:expr,)*) => {
        $(impl Reply for $reply {
            #[inline]
            fn reply(self, $responder: Responder<'_>) -> Sent {
                let $it = self;
                $sent
            }
        })*
    };
}

replies! {
    &'static str: |it, responder| responder.text(ResponseBody::from_static(it.as_bytes())),
    String: |it, responder| responder.text(it),
    Cow<'static, str>: |it, responder| match it {
        Cow::Borrowed(it) => it.reply(responder),
        Cow::Owned(it) => it.reply(responder),
    },
    &'static [u8]: |it, responder| responder.bytes(ResponseBody::from_static(it)),
    Vec<u8>: |it, responder| responder.bytes(it),
    Bytes: |it, responder| responder.bytes(it),
    Status: |it, responder| responder.status(it).empty(),
    (): |_it, responder| responder.status(Status::NO_CONTENT).empty(),
    Infallible: |it, _responder| match it {},
    Error: |it, responder| {
        let status = it.status();
        if status.code() >= 500 {
            trace::replied(&it);
        }
        #[cfg(feature = "websocket")]
        let responder = match &it {
            Error::Handshake(refusal) => crate::websocket::refuse(*refusal, responder),
            _ => responder,
        };
        responder.status(status).empty()
    },
}

impl<S: IntoStatus, T: Reply> Reply for (S, T) {
    #[inline]
    fn reply(self, responder: Responder<'_>) -> Sent {
        self.1.reply(responder.status(self.0))
    }
}

impl<T: Reply> Reply for Option<T> {
    #[inline]
    fn reply(self, responder: Responder<'_>) -> Sent {
        match self {
            Some(reply) => reply.reply(responder),
            None => Status::NOT_FOUND.reply(responder),
        }
    }
}

impl<T: Reply, E: Reply> Reply for Result<T, E> {
    #[inline]
    fn reply(self, responder: Responder<'_>) -> Sent {
        match self {
            Ok(reply) => reply.reply(responder),
            Err(error) => error.reply(responder),
        }
    }
}

/// A value that is sent as JSON (feature `json`).
#[cfg(feature = "json")]
#[cfg_attr(docsrs, doc(cfg(feature = "json")))]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a wrapper, and made by its name")]
pub struct Json<T>(pub T);

#[cfg(feature = "json")]
impl<T: serde::Serialize> Reply for Json<T> {
    fn reply(self, responder: Responder<'_>) -> Sent {
        responder.json(&self.0)
    }
}
