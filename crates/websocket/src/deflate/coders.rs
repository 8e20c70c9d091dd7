//! The coders: zlib-rs, through flate2, in raw streams.
//!
//! # What is made of it
//!
//! 1. A message ends with a sync flush, whose last four octets are left out and put back (RFC 7692
//!    sections 7.2.1 and 7.2.2). Output goes straight into the caller's buffer.
//! 2. A decompressor always has a window of 32 KiB, whatever smaller one was agreed on: flate2
//!    makes a new one at each reset where the window is smaller, and the larger one reads
//!    everything.
//! 3. zlib has no compressor with a window of 256 octets. A server never agrees to be one; a client
//!    that is told to may send everything as it is, and does.
//! 4. Peers may end a block with BFINAL (RFC 7692 section 7.2.3.4). What follows it is read as a
//!    new stream, and cannot refer to what was before: no zlib sends such a thing.
//!
//! # What was tried
//!
//! - Windows as agreed: an allocation of 32 KiB for each message without context takeover.

use core::fmt;

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use shockwave_wire::Side;

use super::Deflate;
use crate::Agreement;

/// RFC 7692 section 7.2.1: what a compressed message ends with, and is sent without.
pub(crate) const TAIL: [u8; 4] = [0x00, 0x00, 0xFF, 0xFF];

/// RFC 7692 section 7.2.3.6: an empty message, compressed.
const EMPTY: u8 = 0x00;

/// Octets that decompression makes room for at a time, to begin with.
const ROOM: usize = 8 << 10;

/// The coders of a connection: made when they are first needed, about 40 KiB to decompress and up
/// to 270 KiB to compress.
///
/// Where the agreement says `no_context_takeover`, none is bound to its connection between
/// messages: [`Connection::release_coders`](crate::Connection::release_coders) hands out what is
/// not, for the next connection of the same thread to be given by
/// [`Connection::lend_coders`](crate::Connection::lend_coders).
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Coders {
    /// For what is received.
    pub inflater: Option<Box<Inflater>>,
    /// For what is sent.
    pub deflater: Option<Box<Deflater>>,
    agreed: Option<Agreed>,
}

/// What was agreed on, from where this endpoint stands.
#[derive(Debug, Clone, Copy)]
struct Agreed {
    receive_takeover: bool,
    send_takeover: bool,
    send_window_bits: u8,
    /// The decompressor is in a message, or has a window that the peer refers to.
    inflater_is_bound: bool,
    /// The same of the compressor.
    deflater_is_bound: bool,
}

/// A decompressor. About 40 KiB.
pub struct Inflater {
    raw: Decompress,
    /// A block with BFINAL has ended the stream.
    ended: bool,
    /// Anything of this message has come.
    begun: bool,
}

/// A compressor, of a window and a level.
pub struct Deflater {
    raw: Compress,
    window_bits: u8,
    level: u8,
}

/// What a step of decompression did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Inflated {
    /// Octets of the input that were used.
    pub(crate) consumed: usize,
    /// Octets that were appended.
    pub(crate) produced: usize,
    /// Nothing more comes of this input.
    pub(crate) is_done: bool,
    /// Behind what was appended, the input is not what DEFLATE makes.
    pub(crate) is_broken: bool,
}

impl Coders {
    pub(crate) const fn new() -> Self {
        Self { inflater: None, deflater: None, agreed: None }
    }

    pub(crate) fn open(&mut self, side: Side, agreement: &Agreement) {
        let agree = |deflate: Deflate| {
            let (server, client) = (
                (!deflate.server_no_context_takeover, deflate.server_max_window_bits),
                (!deflate.client_no_context_takeover, deflate.client_max_window_bits),
            );
            let (receive, send) = match side {
                Side::Server => (client, server),
                Side::Client => (server, client),
            };
            Agreed {
                receive_takeover: receive.0,
                send_takeover: send.0,
                send_window_bits: send.1,
                inflater_is_bound: false,
                deflater_is_bound: false,
            }
        };
        self.agreed = agreement.deflate.map(agree);
    }

    #[inline]
    pub(crate) const fn is_agreed(&self) -> bool {
        self.agreed.is_some()
    }

    /// Those that are not bound to the connection now.
    pub(crate) fn release(&mut self) -> Self {
        let (receives, sends) = match self.agreed {
            Some(agreed) => (agreed.inflater_is_bound, agreed.deflater_is_bound),
            None => (false, false),
        };
        Self {
            inflater: if receives { None } else { self.inflater.take() },
            deflater: if sends { None } else { self.deflater.take() },
            agreed: None,
        }
    }

    /// Takes what is missing, if it has a use for it; the rest stays.
    pub(crate) fn lend(&mut self, coders: &mut Self) {
        if !self.is_agreed() {
            return;
        }
        if self.inflater.is_none() {
            self.inflater = coders.inflater.take();
        }
        if self.deflater.is_none() {
            self.deflater = coders.deflater.take();
        }
    }
}

/// Receiving.
impl Coders {
    /// A compressed message begins.
    pub(crate) fn begin_message(&mut self) {
        let Some(agreed) = &mut self.agreed else { return };
        let inflater = self.inflater.get_or_insert_with(|| Box::new(Inflater::new()));
        // RFC 7692 section 7.2.2: without context takeover, each message with an empty window.
        if !agreed.inflater_is_bound {
            inflater.reset();
        }
        inflater.begun = false;
        agreed.inflater_is_bound = true;
    }

    /// A message ended.
    pub(crate) const fn end_message(&mut self) {
        if let Some(agreed) = &mut self.agreed {
            agreed.inflater_is_bound &= agreed.receive_takeover;
        }
    }

    /// Whether the four octets that were left out are to be put back. Not behind BFINAL without the
    /// octet that the RFC has there, nor where there is nothing at all, which is taken for nothing.
    pub(crate) fn wants_tail(&self) -> bool {
        self.inflater.as_ref().is_some_and(|inflater| inflater.begun && !inflater.ended)
    }

    /// Decompresses into the room that `out` has, of which some is made if there is none.
    pub(crate) fn inflate(&mut self, input: &[u8], out: &mut Vec<u8>) -> Inflated {
        let inflater = self.inflater.get_or_insert_with(|| Box::new(Inflater::new()));
        inflater.inflate(input, out)
    }
}

/// Sending.
impl Coders {
    /// Whether messages can be compressed: it was agreed on, with a window that zlib has.
    #[inline]
    pub(crate) fn can_compress(&self) -> bool {
        self.agreed.is_some_and(|agreed| agreed.send_window_bits > 8)
    }

    pub(crate) fn window_bits(&self) -> u8 {
        self.agreed.map_or(0, |agreed| agreed.send_window_bits)
    }

    /// Whether the peer keeps what is sent in its window.
    pub(crate) fn takes_over(&self) -> bool {
        self.agreed.is_some_and(|agreed| agreed.send_takeover)
    }

    /// Makes the next message begin with an empty window, which the peer's larger one never minds.
    pub(crate) fn forget_sent(&mut self) {
        if let Some(agreed) = &mut self.agreed {
            agreed.deflater_is_bound = false;
        }
    }

    /// Appends `data`, compressed, as a fragment of a message.
    pub(crate) fn compress(
        &mut self,
        data: &[u8],
        is_first: bool,
        is_last: bool,
        level: u8,
        out: &mut Vec<u8>,
    ) {
        let Some(agreed) = &mut self.agreed else { return };
        if is_first && is_last && data.is_empty() {
            out.push(EMPTY);
            return;
        }
        let bits = agreed.send_window_bits;
        let fits = |deflater: &Deflater| deflater.window_bits == bits && deflater.level == level;
        let deflater = match self.deflater.take().filter(|deflater| fits(deflater)) {
            Some(mut deflater) => {
                // RFC 7692 section 7.2.1: without context takeover, each message with an empty
                // window.
                if is_first && !agreed.deflater_is_bound {
                    deflater.raw.reset();
                }
                deflater
            }
            None => Box::new(Deflater::new(level, bits)),
        };
        let deflater = self.deflater.insert(deflater);
        deflater.deflate(data, out);
        if is_last {
            // RFC 7692 section 7.2.1: Remove 4 octets (that are 0x00 0x00 0xff 0xff) from the tail.
            // Not of a fragment that is not the last: section 7.2.3.
            if out.ends_with(&TAIL) {
                out.truncate(out.len() - TAIL.len());
            }
        }
        agreed.deflater_is_bound = !is_last || agreed.send_takeover;
    }
}

impl Inflater {
    fn new() -> Self {
        Self { raw: Decompress::new(false), ended: false, begun: false }
    }

    fn reset(&mut self) {
        self.raw.reset(false);
        self.ended = false;
    }

    fn inflate(&mut self, input: &[u8], out: &mut Vec<u8>) -> Inflated {
        if self.ended && !input.is_empty() {
            self.reset();
        }
        self.begun |= !input.is_empty();
        if out.len() == out.capacity() {
            out.reserve(out.len().max(ROOM));
        }
        let (before_in, before_out) = (self.raw.total_in(), out.len());
        let status = self.raw.decompress_vec(input, out, FlushDecompress::Sync);
        let consumed = usize::try_from(self.raw.total_in() - before_in).unwrap_or(input.len());
        self.ended |= matches!(status, Ok(Status::StreamEnd));
        let is_broken = status.is_err();
        let is_exhausted = consumed == input.len() && (self.ended || out.len() < out.capacity());
        Inflated {
            consumed,
            produced: out.len() - before_out,
            is_done: is_broken || is_exhausted,
            is_broken,
        }
    }
}

impl Deflater {
    fn new(level: u8, window_bits: u8) -> Self {
        let raw = Compress::new_with_window_bits(
            Compression::new(u32::from(level.min(9))),
            false,
            window_bits.clamp(9, 15),
        );
        Self { raw, window_bits, level }
    }

    /// Appends all of `data`, flushed to an octet's boundary.
    fn deflate(&mut self, mut data: &[u8], out: &mut Vec<u8>) {
        loop {
            // zlib wants more than six octets of room, or it flushes twice.
            out.reserve(data.len() / 2 + 64);
            let before = self.raw.total_in();
            let status = self.raw.compress_vec(data, out, FlushCompress::Sync);
            debug_assert!(status.is_ok(), "only a compressor that has finished fails");
            let used = usize::try_from(self.raw.total_in() - before).unwrap_or(data.len());
            data = data.get(used..).unwrap_or_default();
            if (data.is_empty() && out.len() < out.capacity()) || status.is_err() {
                return;
            }
        }
    }
}

/// `payload`, compressed by itself, without the tail. Allocates a compressor.
pub(crate) fn compress_once(payload: &[u8], level: u8, window_bits: u8) -> Vec<u8> {
    if payload.is_empty() {
        return vec![EMPTY];
    }
    let mut out = Vec::new();
    Deflater::new(level, window_bits).deflate(payload, &mut out);
    out.truncate(out.len().saturating_sub(TAIL.len()));
    out
}

impl fmt::Debug for Inflater {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inflater").field("ended", &self.ended).finish_non_exhaustive()
    }
}

impl fmt::Debug for Deflater {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { window_bits, level, .. } = self;
        f.debug_struct("Deflater")
            .field("window_bits", window_bits)
            .field("level", level)
            .finish_non_exhaustive()
    }
}
