//! Content and trailers, from both sides.

use shockwave_wire::{Fields, Side};

use super::Connection;
use super::exchange::Exchange;
use crate::chunked::{
    CHUNK_END, ChunkHeader, encode_chunk, encode_last_chunk, encode_last_chunk_with_trailers,
};
use crate::state::Send;
use crate::{Error, Misuse};

/// What follows the data of the last chunk that has any.
const LAST_CHUNK_END: &[u8] = b"\r\n0\r\n\r\n";

impl Connection {
    /// Sends content, in its transfer coding (RFC 9112 sections 6 and 7.1). `end` ends the message,
    /// and must be said once, with the last data or with none: also where the Content-Length that
    /// was sent is used up. Data of no octets appends nothing but that end. Answers how many octets
    /// of `data` were taken: all of them, for HTTP/1.1 has no flow control of its own. Allocates
    /// only where `out` has to grow.
    ///
    /// # Errors
    ///
    /// [`Misuse`]: no content is due; more octets than the Content-Length that was sent, or the end
    /// before all of them.
    pub fn send_data(&mut self, data: &[u8], end: bool, out: &mut Vec<u8>) -> Result<usize, Error> {
        self.send = self.send.after_data(data.len() as u64, end)?;
        if self.send == Send::Chunked {
            encode_chunk(data, out);
            if end {
                encode_last_chunk(out);
            }
        } else {
            out.extend_from_slice(data);
        }
        if end {
            self.message_sent();
        }
        Ok(data.len())
    }

    /// As [`send_data`](Self::send_data) for `length` octets that are not copied: appends what goes
    /// before them, and answers what is to go after them. The caller writes `out`, the data and
    /// that, in this order (vectored), and must not fall short of `length`: the peer would take for
    /// content what follows. For large data; a chunk costs at most 18 octets here.
    ///
    /// # Errors
    ///
    /// As [`send_data`](Self::send_data).
    pub fn send_data_header(
        &mut self,
        length: u64,
        end: bool,
        out: &mut Vec<u8>,
    ) -> Result<&'static [u8], Error> {
        self.send = self.send.after_data(length, end)?;
        let mut suffix: &[u8] = b"";
        if self.send == Send::Chunked {
            match ChunkHeader::new(length) {
                Some(header) => {
                    out.extend_from_slice(header.as_bytes());
                    suffix = if end { LAST_CHUNK_END } else { CHUNK_END };
                }
                None if end => encode_last_chunk(out),
                None => {}
            }
        }
        if end {
            self.message_sent();
        }
        Ok(suffix)
    }

    /// Ends a message that is sent in chunks with a trailer section (RFC 9112 section 7.1.2), in
    /// place of the `end` of [`send_data`](Self::send_data). Without fields this is the
    /// plain end of the message.
    ///
    /// # Errors
    ///
    /// [`Misuse::TrailersNotPossible`]: the message is not in chunks, or its client did not say
    /// `TE: trailers` (RFC 9110 section 6.5.1). [`Misuse::ForbiddenTrailer`] and the other reasons
    /// of [`encode_trailers`](crate::encode_trailers). [`Misuse::OutOfOrder`]: no content is due.
    pub fn send_trailers(&mut self, fields: Fields<'_>, out: &mut Vec<u8>) -> Result<(), Error> {
        self.send.after_data(0, false)?;
        // RFC 9110 section 6.5.1: unless the request's TE says that trailers are acceptable, a
        // server SHOULD NOT generate trailer fields that are necessary for the user agent.
        let takes = self.side == Side::Client
            || fields.is_empty()
            || self.exchanges.first().is_some_and(|first| first.has(Exchange::TRAILERS));
        if self.send != Send::Chunked || !takes {
            return Err(Misuse::TrailersNotPossible.into());
        }
        encode_last_chunk_with_trailers(fields, out)?;
        self.message_sent();
        Ok(())
    }

    /// A message that had content was sent to its end.
    fn message_sent(&mut self) {
        match self.side {
            Side::Server => self.response_sent(),
            Side::Client => {
                self.send = match self.receive.is_switched() {
                    true => Send::Switched,
                    false => Send::Ready,
                };
                self.close_if_done();
                self.enter_phase();
            }
        }
    }

    #[inline]
    pub(super) fn check_side(&self, side: Side) -> Result<(), Misuse> {
        if self.side == side { Ok(()) } else { Err(Misuse::WrongSide) }
    }
}
