//! Content as it is received: by length, in chunks with their trailers, until the close, or of no
//! use to anybody any more.

use shockwave_wire::{Bound, Received, Scratch};

use super::{Connection, NOTHING};
use crate::chunked::{ChunkedDecoder, Piece};
use crate::head::{Progress, locate_trailers};
use crate::state::{Receive, Step};
use crate::{Error, Event};

/// Content, for both sides.
impl Connection {
    #[inline]
    pub(super) fn receive_length<'b>(&mut self, left: u64, input: &'b [u8]) -> Received<Event<'b>> {
        if input.is_empty() {
            self.clock.resume(&self.config.timeouts);
            return NOTHING;
        }
        let data = input.get(..usize::try_from(left).unwrap_or(usize::MAX)).unwrap_or(input);
        let left = left.saturating_sub(data.len() as u64);
        self.receive = Receive::Length(left);
        self.data_received(data.len());
        if left == 0 {
            self.message_received();
        }
        self.taken(data.len(), Some(Event::Data { data, end: left == 0 }))
    }

    pub(super) fn receive_chunked<'b>(
        &mut self,
        mut decoder: ChunkedDecoder,
        input: &'b [u8],
        scratch: &'b mut Scratch,
    ) -> Result<Received<Event<'b>>, Error> {
        let decoded = match decoder.decode(input, &self.config.limits) {
            Ok(decoded) => decoded,
            Err(error) => return Err(self.fail(error)),
        };
        self.receive = Receive::Chunked(decoder);
        match decoded.piece {
            Piece::NeedsMore => {
                self.clock.resume(&self.config.timeouts);
                Ok(self.taken(decoded.consumed, None))
            }
            Piece::Data(data) => {
                self.data_received(data.len());
                Ok(self.taken(decoded.consumed, Some(Event::Data { data, end: false })))
            }
            Piece::LastChunk => {
                self.receive = self.receive.after(Step::LastChunk);
                let Received { consumed, .. } = self.taken(decoded.consumed, None);
                let rest = input.get(consumed..).unwrap_or_default();
                let received = self.receive_trailers(rest, scratch)?;
                let consumed = consumed.saturating_add(received.consumed);
                Ok(Received { consumed, ..received })
            }
        }
    }

    pub(super) fn receive_trailers<'b>(
        &mut self,
        input: &'b [u8],
        scratch: &'b mut Scratch,
    ) -> Result<Received<Event<'b>>, Error> {
        if !self.progress.is_worth_asking(input) {
            self.progress.note_partial(input, None);
            self.clock.resume(&self.config.timeouts);
            return Ok(NOTHING);
        }
        match locate_trailers(input, scratch, &self.config, self.side) {
            Err(error) => Err(self.fail(error)),
            Ok(None) => {
                if !input.is_empty() {
                    self.progress.note_partial(input, Some(self.config.limits.max_trailer_bytes));
                }
                self.clock.resume(&self.config.timeouts);
                Ok(NOTHING)
            }
            Ok(Some(trailers)) => {
                self.progress = Progress::START;
                self.message_received();
                let fields = trailers.borrow(input, scratch);
                let event = match fields.is_empty() {
                    true => Event::Data { data: b"", end: true },
                    false => Event::Trailers(fields),
                };
                Ok(self.taken(trailers.consumed, Some(event)))
            }
        }
    }

    pub(super) fn receive_until_close<'b>(
        &mut self,
        length: u64,
        input: &'b [u8],
    ) -> Result<Received<Event<'b>>, Error> {
        if input.is_empty() {
            self.clock.resume(&self.config.timeouts);
            return Ok(NOTHING);
        }
        // What is within the limit is handed over before it is crossed, however the input is cut.
        let left = self.config.limits.max_content_bytes.saturating_sub(length);
        let data = input.get(..usize::try_from(left).unwrap_or(usize::MAX)).unwrap_or(input);
        if data.is_empty() {
            return Err(self.fail(Error::Limit { bound: Bound::ContentBytes, offset: 0 }));
        }
        self.receive = Receive::UntilClose(length.saturating_add(data.len() as u64));
        self.data_received(data.len());
        Ok(self.taken(data.len(), Some(Event::Data { data, end: false })))
    }

    /// RFC 9112 section 9.6: a server continues to read, and MUST NOT process any further requests.
    #[cold]
    pub(super) fn discard<'b>(
        &mut self,
        discarded: u32,
        input: &'b [u8],
    ) -> Result<Received<Event<'b>>, Error> {
        let left = self.config.limits.max_linger_bytes.saturating_sub(discarded) as usize;
        if input.len() > left {
            let offset = left as u64;
            return Err(self.fail(Error::Limit { bound: Bound::LingerBytes, offset }));
        }
        let octets = u32::try_from(input.len()).unwrap_or(u32::MAX);
        self.receive = Receive::Closing(discarded.saturating_add(octets));
        Ok(self.taken(input.len(), None))
    }
}
