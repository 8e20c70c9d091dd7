//! The structural scan of a head: bitmaps first, then a walk over set bits.
//!
//! # Why two look-ups a line are a strict parse
//!
//! A byte-wise parser asks of every octet "may this stand here?". Turn the question round: *where
//! is the first octet that may not?* If that octet is the one that the grammar wants there,
//! everything before it was valid.
//!
//! ```text
//! GET /index.html HTTP/1.1 CR LF        nontoken from 0  -> the SP after the method
//!                                       nontarget after  -> the SP after the target
//! Host: example.com CR LF               nontoken from the line's start -> must be ':'
//!                                       control after    -> must be CR, with LF next
//! ```
//!
//! 1. The first octet of a field line that is no token octet must be the colon. If it is, the name
//!    was a token; if it stands at the line's start, the name is empty; if it is a space, a line
//!    end or anything else, it *is* the offending octet, with its offset.
//! 2. The first control after the colon must be the CR of the line's end. NUL, DEL, bare LF and the
//!    rest need no test of their own: they are that first control and are not CR.
//! 3. The bitmaps cost the same whatever the octets are: no branch is mispredicted inside a token,
//!    and one look-up crosses 64 octets.
//!
//! The maps are made a kilobyte at a time on demand. A call that makes them stops early after the
//! block in which three controls stand in a row, which in a valid message is the empty line after
//! the head: so a small request at the front of a full buffer costs its own blocks only. That stop
//! is a hint about cost, never about meaning: a walk that goes on asks for more.
//!
//! # What was tried
//!
//! - A colon map and a line-feed map, as the classic structural parsers make: one look-up more a
//!   line, and names and values still had to be validated.
//! - All lines of a block at once, by carries: add the bits of the line starts to the map of token
//!   octets, and what is left are the ends of the names, to be compared with the colons; list the
//!   offsets (by `vpcompressb`, or one by one) and go through the list. Fewer branches and, in a
//!   browser's head, fewer instructions, but slower in all: what is found waits for mask
//!   moves, additions and the list's way through memory, where the walk guesses ahead.
//! - One block at a time: the constants are loaded again and the call is paid for every 64 octets.
//! - The look-ups through memory only: each waited for a load, twenty times in a browser's head.
//! - Going from block to block by counting, so that no load waits for a position: no gain.
//! - Maps on the stack: zeroing them cost as much as parsing a small head. They live in the
//!   caller's scratch now, and a counter says how many are valid.

use crate::Isa;
use crate::all::{self, Block};

/// Blocks of 64 octets that are classified by one call at the most.
pub(crate) const BLOCKS: usize = 16;

/// The memory of a [`HeadScan`]: 400 octets, kept by the caller so that it is not zeroed anew for
/// each head. What it holds between scans means nothing.
#[derive(Debug, Default, Clone)]
pub struct HeadMaps {
    pub(crate) nontoken: [u64; BLOCKS],
    pub(crate) nontarget: [u64; BLOCKS],
    pub(crate) control: [u64; BLOCKS],
    /// Offset of the first block in the maps, a multiple of 64.
    base: usize,
    /// Blocks in the maps that are valid.
    filled: usize,
}

impl HeadMaps {
    /// Starts a scan of `input` with the best instruction set of this machine.
    #[inline(always)]
    #[must_use]
    pub fn scan<'a>(&'a mut self, input: &'a [u8]) -> HeadScan<'a> {
        self.scan_with(Isa::detect(), input)
    }

    /// Starts a scan of `input`, to be gone on with by [`resume`](Self::resume).
    #[inline(always)]
    pub fn start(&mut self, input: &[u8]) {
        self.start_with(Isa::detect(), input);
    }

    #[inline(always)]
    fn start_with(&mut self, isa: Isa, input: &[u8]) {
        self.base = 0;
        self.filled = fill(isa, input, self);
    }

    /// Starts a scan of `input` with a given instruction set. What lies beyond the first kilobyte
    /// is scanned with the best one all the same.
    #[inline(always)]
    #[must_use]
    pub fn scan_with<'a>(&'a mut self, isa: Isa, input: &'a [u8]) -> HeadScan<'a> {
        self.start_with(isa, input);
        self.resume(input, 0)
    }

    /// Goes on with the scan of `input` that was last started, from position `from` or after. For a
    /// walk in parts, each of which then keeps its scan in registers of its own.
    #[inline(always)]
    #[must_use]
    pub fn resume<'a>(&'a mut self, input: &'a [u8], from: usize) -> HeadScan<'a> {
        let block = from.wrapping_sub(self.base) / 64;
        if block < self.filled {
            let (nontoken, control) = self.words(block);
            return HeadScan { maps: self, input, start: from & !63, nontoken, control };
        }
        // No position is in this block; the first look-up finds its own.
        HeadScan { maps: self, input, start: usize::MAX & !63, nontoken: 0, control: 0 }
    }

    #[inline(always)]
    fn words(&self, block: usize) -> (u64, u64) {
        let word = |map: &[u64; BLOCKS]| map.get(block % BLOCKS).copied().unwrap_or_default();
        (word(&self.nontoken), word(&self.control))
    }

    /// The number, in the maps, of the block at `start`, made if it is not there; `None` if the
    /// input ends before it.
    #[inline(always)]
    fn block(&mut self, input: &[u8], start: usize) -> Option<usize> {
        let block = start.wrapping_sub(self.base) / 64;
        if block < self.filled { Some(block) } else { self.refill(input, start) }
    }

    #[cold]
    #[inline(never)]
    fn refill(&mut self, input: &[u8], start: usize) -> Option<usize> {
        let rest = input.get(start..).filter(|rest| !rest.is_empty())?;
        self.base = start;
        self.filled = fill(Isa::detect(), rest, self);
        Some(0)
    }

    /// Writes one block; answers whether three controls stand in a row in it. An end of a head that
    /// two blocks share evenly is not seen: one in 64, which costs the classification of what
    /// follows and is cheaper than the double shifts that would see it.
    #[inline(always)]
    pub(crate) fn put(&mut self, at: usize, block: Block) -> bool {
        let at = at % BLOCKS;
        if let Some(word) = self.nontoken.get_mut(at) {
            *word = block.nontoken;
        }
        if let Some(word) = self.nontarget.get_mut(at) {
            *word = block.nontarget;
        }
        if let Some(word) = self.control.get_mut(at) {
            *word = block.control;
        }
        block.control & (block.control << 1) & (block.control << 2) != 0
    }
}

/// A scan over one head. Positions are offsets into the input, and asked for in ascending order: an
/// answer for one before the last answer may be `None`, or too late.
///
/// Two maps of the 64 octets that the walk is in are held by value, so that a look-up which stays
/// in them is a shift and a count of zeros, with no load to wait for. All else stays in the maps:
/// the fewer values a scan has, the more of the walk around it stays in registers.
#[derive(Debug)]
pub struct HeadScan<'a> {
    maps: &'a mut HeadMaps,
    input: &'a [u8],
    /// Offset of the block that the walk is in, a multiple of 64, and two of its maps.
    start: usize,
    nontoken: u64,
    control: u64,
}

impl HeadScan<'_> {
    /// The first octet at or after `from` that is not a token octet; `None` if the input has none.
    #[inline(always)]
    pub fn nontoken(&mut self, from: usize) -> Option<usize> {
        self.find(from, |scan| scan.nontoken)
    }

    /// The first control other than HTAB at or after `from`; `None` if the input has none.
    #[inline(always)]
    pub fn control(&mut self, from: usize) -> Option<usize> {
        self.find(from, |scan| scan.control)
    }

    /// The first octet at or after `from` that is not a target octet; `None` if the input has none.
    /// Only up to the first control, which is where a start line ends at the latest: where one came
    /// before, but for those at the front of the input, the answer may be any.
    #[inline(always)]
    pub fn nontarget(&mut self, from: usize) -> Option<usize> {
        let mut from = from;
        loop {
            let block = self.maps.block(self.input, from & !63)?;
            let word = self.maps.nontarget.get(block % BLOCKS).copied().unwrap_or_default();
            let bits = word >> (from % 64);
            if bits != 0 {
                return Some(from.wrapping_add(bits.trailing_zeros() as usize));
            }
            from = (from | 63).wrapping_add(1);
        }
    }

    #[inline(always)]
    fn find(&mut self, mut from: usize, map: impl Fn(&Self) -> u64) -> Option<usize> {
        loop {
            let offset = from.wrapping_sub(self.start);
            if offset < 64 {
                let bits = map(self) >> offset;
                if bits != 0 {
                    return Some(from.wrapping_add(bits.trailing_zeros() as usize));
                }
                from = self.start.wrapping_add(64);
            }
            let start = from & !63;
            let block = self.maps.block(self.input, start)?;
            (self.nontoken, self.control) = self.maps.words(block);
            self.start = start;
        }
    }
}

/// Makes the maps of `octets`; answers the number of blocks, 0 only for no octets.
#[inline(always)]
fn fill(isa: Isa, octets: &[u8], maps: &mut HeadMaps) -> usize {
    #[cfg(target_arch = "x86_64")]
    return crate::x86_64::fill(isa, octets, maps);
    #[cfg(not(target_arch = "x86_64"))]
    match isa.0 {
        #[cfg(target_arch = "aarch64")]
        crate::isa::Kind::Neon => crate::aarch64::neon::fill(octets, maps),
        _ => fill_portable(octets, maps),
    }
}

/// The loop of every implementation: classify a block, store it, stop after the end of a head. A
/// macro and not a function, for a function that is generic over `$whole` could not be inlined into
/// callers with other target features. `$whole` classifies a block as part of a start line,
/// `$later` one that no target can be in any more. `$rest` does the last one, which is not full; by
/// default from a copy padded with zeros, with the bits behind the input cleared.
macro_rules! fill_blocks {
    ($octets:expr, $maps:expr, $whole:expr, $later:expr) => {
        crate::maps::fill_blocks!($octets, $maps, $whole, $later, |rest: &[u8]| {
            let mut padded = [0; 64];
            if let Some(start) = padded.get_mut(..rest.len()) {
                start.copy_from_slice(rest);
            }
            $whole(&padded).truncated(rest.len())
        })
    };
    ($octets:expr, $maps:expr, $whole:expr, $later:expr, $rest:expr) => {{
        let (blocks, rest) = $octets.as_chunks::<64>();
        if blocks.is_empty() && !rest.is_empty() {
            // A small head, which should not pay for the loops.
            $maps.put(0, $rest(rest));
            return 1;
        }
        let mut filled = 0;
        let mut blocks = blocks.iter().take(crate::maps::BLOCKS);
        for octets in blocks.by_ref() {
            let block = $whole(octets);
            let ended = $maps.put(filled, block);
            filled += 1;
            if ended {
                return filled;
            }
            // Empty lines before the start line are none of its end.
            if block.control & block.control.wrapping_add(1) != 0 {
                break;
            }
        }
        for octets in blocks {
            let ended = $maps.put(filled, $later(octets));
            filled += 1;
            if ended {
                return filled;
            }
        }
        if filled < crate::maps::BLOCKS && !rest.is_empty() {
            $maps.put(filled, $rest(rest));
            filled += 1;
        }
        filled
    }};
}

pub(crate) use fill_blocks;

/// The portable implementation.
pub(crate) fn fill_portable(octets: &[u8], maps: &mut HeadMaps) -> usize {
    let whole = |octets: &[u8; 64]| all::classify(octets);
    fill_blocks!(octets, maps, whole, whole, all::classify)
}
