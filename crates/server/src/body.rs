//! A request's content.

use core::fmt;
use core::future::poll_fn;
use core::ops::Range;

use bytes::Bytes;
use shockwave_wire::Fields;

use crate::Error;
use crate::exchange::{Piece, Shared};
use crate::lines::Lines;

/// A request's content, read as it comes.
///
/// None of it is held: [`chunk`](Self::chunk) lends what has come, and the client is slowed down to
/// the pace of the handler. What a handler leaves is thrown away after its response, up to
/// [`Limits::max_drain_bytes`](crate::Limits::max_drain_bytes).
///
/// A client that waits for 100 (Continue) gets it when the content is first asked for.
pub struct Body<'a> {
    shared: &'a Shared<'a>,
    limit: u64,
    /// On loan from the exchange while a piece of it is lent.
    buffer: Vec<u8>,
    state: State,
    trailers: Option<Box<Lines>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Empty,
    Open,
    Done,
    Failed,
}

impl<'a> Body<'a> {
    pub(crate) fn new(shared: &'a Shared<'a>) -> Self {
        let limit = shared.exchange.worker().config.limits.max_body_bytes;
        let state = if shared.length == Some(0) { State::Empty } else { State::Open };
        Self { shared, limit, buffer: Vec::new(), state, trailers: None }
    }

    /// Whether the request has no content, or all of it was read.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        matches!(self.state, State::Empty | State::Done)
    }

    /// The octets of content in all, where the client has announced them.
    #[must_use]
    pub const fn length(&self) -> Option<u64> {
        self.shared.length
    }

    /// Whether the client waits for 100 (Continue) before it sends the content. To answer without
    /// reading it spares both the octets.
    #[must_use]
    pub fn expects_continue(&self) -> bool {
        self.shared.exchange.expects_continue()
    }

    /// Sets how many octets of content may be read in all, in place of
    /// [`Limits::max_body_bytes`](crate::Limits::max_body_bytes).
    pub const fn set_limit(&mut self, bytes: u64) {
        self.limit = bytes;
    }

    /// The next piece of content, as large as it came; none at the end. Allocates nothing.
    ///
    /// Cancelling the future loses nothing.
    ///
    /// # Errors
    ///
    /// [`Error::BodyTooLarge`], and what the client did wrong, or too slowly. It comes once; after
    /// it there is no more content.
    pub async fn chunk(&mut self) -> Option<Result<&[u8], Error>> {
        self.give_back();
        if self.state != State::Open {
            return None;
        }
        let Self { shared: &Shared { exchange, tail, .. }, limit, .. } = *self;
        match poll_fn(|cx| exchange.poll_data(cx, tail, limit)).await {
            Some(Ok(Piece::Tail(range))) => Some(Ok(piece(tail, range))),
            Some(Ok(Piece::Buffer(range))) => {
                self.buffer = exchange.lend_buffer();
                Some(Ok(piece(&self.buffer, range)))
            }
            Some(Err(error)) => {
                self.state = State::Failed;
                Some(Err(error))
            }
            None => {
                self.state = State::Done;
                self.trailers = exchange.take_trailers();
                None
            }
        }
    }

    /// All of the content, up to `limit` octets. Allocates as much as comes; content of an
    /// announced length, once.
    ///
    /// # Errors
    ///
    /// As [`chunk`](Self::chunk); [`Error::BodyTooLarge`] where it is more than `limit`.
    pub async fn collect(&mut self, limit: usize) -> Result<Vec<u8>, Error> {
        let mut content = Vec::new();
        self.collect_into(&mut content, limit).await?;
        Ok(content)
    }

    /// As [`collect`](Self::collect), appended to a buffer of the caller's.
    ///
    /// # Errors
    ///
    /// As [`collect`](Self::collect).
    pub async fn collect_into(&mut self, content: &mut Vec<u8>, limit: usize) -> Result<(), Error> {
        self.limit = limit as u64;
        // Not on the client's word alone: what it only announces it has not paid for.
        let expected = self.shared.length.unwrap_or(0).min(self.limit).min(64 << 10);
        content.reserve(usize::try_from(expected).unwrap_or(0));
        while let Some(chunk) = self.chunk().await {
            content.extend_from_slice(chunk?);
        }
        Ok(())
    }

    /// As [`collect`](Self::collect), as [`Bytes`].
    ///
    /// # Errors
    ///
    /// As [`collect`](Self::collect).
    pub async fn bytes(&mut self, limit: usize) -> Result<Bytes, Error> {
        Ok(self.collect(limit).await?.into())
    }

    /// The content as JSON, of `limit` octets at most. The octets are collected in a buffer of the
    /// worker's, or not at all where they came in one piece; what `T` allocates is its own affair.
    ///
    /// # Errors
    ///
    /// As [`collect`](Self::collect); [`Error::Json`].
    #[cfg(feature = "json")]
    #[cfg_attr(docsrs, doc(cfg(feature = "json")))]
    pub async fn json<T: serde::de::DeserializeOwned>(&mut self, limit: usize) -> Result<T, Error> {
        self.limit = limit as u64;
        let (worker, length) = (self.shared.exchange.worker(), self.shared.length);
        let mut content = Vec::new();
        while let Some(chunk) = self.chunk().await {
            let chunk = chunk?;
            if length == Some(chunk.len() as u64) {
                return serde_json::from_slice(chunk).map_err(Error::Json);
            }
            if content.capacity() == 0 {
                content = worker.take(chunk.len());
            }
            content.extend_from_slice(chunk);
        }
        let parsed = serde_json::from_slice(&content).map_err(Error::Json);
        worker.give(content);
        parsed
    }

    /// The trailers that came behind the content, when all of it was read (RFC 9110 section 6.5).
    /// None are merged into the head's fields.
    #[must_use]
    pub fn trailers(&self) -> Fields<'_> {
        self.trailers.as_ref().map_or(Fields::EMPTY, |lines| lines.fields())
    }

    fn give_back(&mut self) {
        if self.buffer.capacity() != 0 {
            self.shared.exchange.return_buffer(core::mem::take(&mut self.buffer));
        }
    }
}

impl Drop for Body<'_> {
    #[inline]
    fn drop(&mut self) {
        self.give_back();
        if self.state == State::Open {
            self.shared.exchange.leave_content();
        }
        if let Some(lines) = self.trailers.take() {
            self.shared.exchange.worker().give_lines(lines);
        }
    }
}

impl fmt::Debug for Body<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body")
            .field("length", &self.shared.length)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

fn piece(octets: &[u8], range: Range<usize>) -> &[u8] {
    octets.get(range).unwrap_or_default()
}
