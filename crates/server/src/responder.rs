//! The response to a request.

use core::fmt;
use core::marker::PhantomData;

use shockwave_wire::{Fields, Status};

use crate::content::Payload;
use crate::exchange::{Exchange, Head};
use crate::lines::Lines;
use crate::templates::Kind;
use crate::{Error, ResponseBody, ResponseStream};

/// Shows that a request was answered. Only answering makes one, so a handler that returns it
/// cannot have forgotten to.
#[derive(Debug)]
#[must_use = "return it from the handler"]
pub struct Sent {
    /// It stays with its handler: no other thread's.
    not_send: PhantomData<*const ()>,
}

impl Sent {
    pub(crate) const fn new() -> Self {
        Self { not_send: PhantomData }
    }
}

/// A response that is to be sent: status and fields first, then the content, which sends it.
///
/// ```
/// # use shockwave_server::{Request, Sent};
/// async fn handler(request: Request<'_>) -> Sent {
///     let path = request.path();
///     request.respond().status(404).header("x-looked-for", path).text("not here\n")
/// }
/// ```
///
/// Content-Length, Transfer-Encoding, Connection and Date are the server's to send. A field or a
/// status that cannot be sent makes the response a 500, and is counted in
/// [`Stats::misused_responses`](crate::Stats::misused_responses): no value of a field can end its
/// line and start another (RFC 9112 section 11.1).
#[must_use = "it is sent by its content: `text`, `bytes`, `empty`, `stream`, ..."]
pub struct Responder<'a> {
    exchange: &'a dyn Exchange,
    status: Status,
    is_invalid: bool,
    lines: Option<Box<Lines>>,
}

impl<'a> Responder<'a> {
    pub(crate) const fn new(exchange: &'a dyn Exchange) -> Self {
        Self { exchange, status: Status::OK, is_invalid: false, lines: None }
    }

    /// The status; 200 where none is set. From 200 to 999.
    #[inline]
    pub fn status(mut self, status: impl IntoStatus) -> Self {
        match status.into_status() {
            Some(status) if !status.is_interim() => self.status = status,
            _ => self.is_invalid = true,
        }
        self
    }

    /// Adds a field line. Allocates nothing once the worker has seen as many.
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        let exchange = self.exchange;
        let lines = self.lines.get_or_insert_with(|| exchange.worker().take_lines());
        lines.push(name.as_bytes(), value.as_ref());
        self
    }

    /// Sends the response without content.
    pub fn empty(self) -> Sent {
        self.send(Kind::None, Payload::Static(b""))
    }

    /// Sends the response with text, as `text/plain` unless a field says otherwise. The text is
    /// copied, unless it is owned or static and large.
    #[inline]
    pub fn text<'p>(self, text: impl Into<ResponseBody<'p>>) -> Sent {
        self.send(Kind::Text, text.into().0)
    }

    /// Sends the response with HTML, by the rules of [`text`](Self::text).
    #[inline]
    pub fn html<'p>(self, html: impl Into<ResponseBody<'p>>) -> Sent {
        self.send(Kind::Html, html.into().0)
    }

    /// Sends the response with octets, as `application/octet-stream` unless a field says otherwise,
    /// by the rules of [`text`](Self::text).
    #[inline]
    pub fn bytes<'p>(self, octets: impl Into<ResponseBody<'p>>) -> Sent {
        self.send(Kind::Octets, octets.into().0)
    }

    /// Sends the response with content of the type that a field of the handler's says, or none.
    #[inline]
    pub fn body<'p>(self, octets: impl Into<ResponseBody<'p>>) -> Sent {
        self.send(Kind::None, octets.into().0)
    }

    /// Sends the response with `value` as JSON. Serialised into a buffer of the worker's. Where
    /// that fails, the response is a 500.
    #[cfg(feature = "json")]
    #[cfg_attr(docsrs, doc(cfg(feature = "json")))]
    pub fn json<T: serde::Serialize + ?Sized>(self, value: &T) -> Sent {
        let worker = self.exchange.worker();
        let mut octets = worker.take(4 << 10);
        match serde_json::to_writer(&mut octets, value) {
            Ok(()) => self.send(Kind::Json, Payload::Pooled(octets)),
            Err(error) => {
                worker.give(octets);
                crate::Reply::reply(Error::Serialize(error), self)
            }
        }
    }

    /// Sends the head, of content whose length nobody knows yet, to be written piece by piece.
    ///
    /// # Errors
    ///
    /// What makes a whole response a 500; that was sent then.
    pub fn stream(self) -> Result<ResponseStream<'a>, Error> {
        self.begin(Kind::None, None)
    }

    /// As [`stream`](Self::stream), of content of `length` octets.
    ///
    /// # Errors
    ///
    /// As [`stream`](Self::stream).
    pub fn stream_of_length(self, length: u64) -> Result<ResponseStream<'a>, Error> {
        self.begin(Kind::None, Some(length))
    }

    fn begin(mut self, kind: Kind, length: Option<u64>) -> Result<ResponseStream<'a>, Error> {
        let mut lines = self.lines.take();
        let head = Head { status: self.status, kind, lines: lines.as_deref_mut() };
        let begun = if self.is_invalid {
            Err(shockwave_http11::Misuse::InvalidStatus.into())
        } else {
            self.exchange.begin(head, length)
        };
        self.recycle(lines);
        match begun {
            Ok(has_content) => Ok(ResponseStream::new(self.exchange, has_content)),
            Err(error) => {
                self.spoil(&error);
                Err(error)
            }
        }
    }

    /// Sends a range of an open file's octets, of the type that a field of the handler's says. On
    /// Linux a socket gets them from the kernel (sendfile); elsewhere they are read in pieces. Both
    /// block the thread where the file is not in memory. A file that turns out to be shorter breaks
    /// the connection off.
    pub fn file(self, file: std::fs::File, range: core::ops::Range<u64>) -> Sent {
        self.send(Kind::None, Payload::File(file, range))
    }

    #[inline]
    fn send(mut self, kind: Kind, content: Payload<'_>) -> Sent {
        let mut lines = self.lines.take();
        let head = Head { status: self.status, kind, lines: lines.as_deref_mut() };
        let sent = if self.is_invalid {
            Err(shockwave_http11::Misuse::InvalidStatus.into())
        } else {
            self.exchange.respond(head, content)
        };
        self.recycle(lines);
        if let Err(error) = sent {
            self.spoil(&error);
        }
        Sent::new()
    }

    fn recycle(&self, lines: Option<Box<Lines>>) {
        if let Some(lines) = lines {
            self.exchange.worker().give_lines(lines);
        }
    }

    /// Sends a 500 in place of a response that cannot be sent, if none was begun.
    #[cold]
    fn spoil(&self, error: &Error) {
        if !matches!(error, Error::Http1(shockwave_http11::Error::Misuse(_))) {
            return; // nobody is there, or has been told
        }
        self.exchange.worker().counters.misused_responses.add(1);
        crate::trace::misuse(error);
        if !self.exchange.is_answered() {
            let head =
                Head { status: Status::INTERNAL_SERVER_ERROR, kind: Kind::None, lines: None };
            let _ = self.exchange.respond(head, Payload::Static(b""));
        }
    }
}

impl Drop for Responder<'_> {
    #[inline]
    fn drop(&mut self) {
        if let Some(lines) = self.lines.take() {
            self.exchange.worker().give_lines(lines);
        }
    }
}

impl fmt::Debug for Responder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields = self.lines.as_ref().map_or(Fields::EMPTY, |lines| lines.fields());
        f.debug_struct("Responder")
            .field("status", &self.status)
            .field("fields", &fields)
            .finish_non_exhaustive()
    }
}

/// What names a status: [`Status`], or its code.
pub trait IntoStatus {
    /// The status; `None` outside 100 to 999.
    fn into_status(self) -> Option<Status>;
}

impl IntoStatus for Status {
    #[inline]
    fn into_status(self) -> Option<Status> {
        Some(self)
    }
}

impl IntoStatus for u16 {
    #[inline]
    fn into_status(self) -> Option<Status> {
        Status::new(self)
    }
}
