//! A response whose content is written piece by piece.

use core::fmt;
use core::future::poll_fn;

use shockwave_wire::Fields;

use crate::exchange::{Exchange, Write};
use crate::{Error, Sent};

/// A response that is being streamed. Made by [`Responder::stream`](crate::Responder::stream).
///
/// Small pieces are collected, and written when the handler waits for something, be it a timer or
/// the next piece of the request; large ones are written from where they lie. A client that does
/// not read slows the handler down, and is given up after
/// [`Timeouts::write`](crate::Timeouts::write).
///
/// Dropped without [`finish`](Self::finish), the response is incomplete, and the connection is
/// closed so that the client can tell.
#[must_use = "a response ends with `finish`"]
pub struct ResponseStream<'a> {
    exchange: &'a dyn Exchange,
    /// Whether there is content to send: not for HEAD.
    has_content: bool,
    /// Octets that were thrown away, because there is none; a piece counts as one at least.
    thrown_away: usize,
}

impl<'a> ResponseStream<'a> {
    pub(crate) const fn new(exchange: &'a dyn Exchange, has_content: bool) -> Self {
        Self { exchange, has_content, thrown_away: 0 }
    }

    /// Whether the response has content: not for HEAD, nor where the status forbids it. Where it
    /// has none, pieces are thrown away, and no client slows the handler down: who has much to
    /// write, or waits between the pieces, looks here first.
    #[must_use]
    pub const fn has_content(&self) -> bool {
        self.has_content
    }

    /// Writes a piece. Waits while more than
    /// [`Limits::max_batch_bytes`](crate::Limits::max_batch_bytes) wait for the client, and, for a
    /// large piece, until it is written. A future that is dropped half-way breaks the response off.
    ///
    /// # Errors
    ///
    /// The client is gone or too slow; more than the length that was announced.
    /// [`Error::AlreadyResponded`] where the response has no content, and more than
    /// [`Limits::max_batch_bytes`](crate::Limits::max_batch_bytes) were thrown away: the response
    /// is complete, and a handler that writes without end would not leave its thread.
    pub async fn write(&mut self, data: impl AsRef<[u8]>) -> Result<(), Error> {
        let data = data.as_ref();
        if !self.has_content {
            self.thrown_away = self.thrown_away.saturating_add(data.len().max(1));
            return match self.thrown_away > self.exchange.worker().config.limits.max_batch_bytes {
                true => Err(Error::AlreadyResponded),
                false => Ok(()),
            };
        }
        let mut write = Write::new(data);
        poll_fn(|cx| self.exchange.poll_write(cx, &mut write)).await
    }

    /// Waits until the transport has taken all that was written.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    pub async fn flush(&mut self) -> Result<(), Error> {
        poll_fn(|cx| self.exchange.poll_flush(cx)).await
    }

    /// Ends the response.
    ///
    /// # Errors
    ///
    /// Less was written than the length that was announced. The connection is closed then.
    pub fn finish(self) -> Result<Sent, Error> {
        self.finish_with(Fields::EMPTY)
    }

    /// Ends the response with trailers (RFC 9110 section 6.5). A client that does not say
    /// `TE: trailers` gets none.
    ///
    /// # Errors
    ///
    /// As [`finish`](Self::finish); a field that must not be a trailer.
    pub fn finish_with(self, trailers: Fields<'_>) -> Result<Sent, Error> {
        if self.has_content {
            self.exchange.finish(trailers)?;
        }
        Ok(Sent::new())
    }
}

impl fmt::Debug for ResponseStream<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseStream")
            .field("has_content", &self.has_content)
            .finish_non_exhaustive()
    }
}
