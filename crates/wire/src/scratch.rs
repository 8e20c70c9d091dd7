//! The caller-owned memory of a parse.

use shockwave_simd::HeadMaps;

use crate::known::Known;
use crate::{FieldSpan, Fields};

/// Where a core writes the spans of the head that it parses, and, for protocols that compress
/// heads, the decoded octets. Caller-owned, so that an event borrows the input and the scratch but
/// never the connection. Cleared and not freed: once it has held the largest head of a connection
/// it never allocates again. One for each request in flight.
#[derive(Debug, Default)]
pub struct Scratch {
    block: Vec<u8>,
    spans: Spans,
    index: FieldIndex,
    maps: HeadMaps,
}

/// The parts of a [`Scratch`], each to be written by itself.
#[derive(Debug)]
#[non_exhaustive]
pub struct Parts<'s> {
    /// Octets that are not in the input as they are meant: unfolded, decompressed.
    pub block: &'s mut Vec<u8>,
    /// Where the field lines stand.
    pub spans: &'s mut Spans,
    /// Where the well-known ones are among them.
    pub index: &'s mut FieldIndex,
    /// The memory of the scan for them.
    pub maps: &'s mut HeadMaps,
}

impl Scratch {
    /// An empty scratch. Allocates nothing until it is used.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A scratch that holds `fields` field lines before it grows. Allocates 16 octets for each.
    #[must_use]
    pub fn with_capacity(fields: usize) -> Self {
        let mut scratch = Self::default();
        scratch.spans.grow(fields);
        scratch
    }

    /// Forgets the last head; keeps the memory.
    #[inline]
    pub fn clear(&mut self) {
        self.block.clear();
        self.spans.clear();
        self.index.clear();
    }

    /// Octets of memory that this scratch holds on the heap.
    #[must_use]
    pub fn capacity_bytes(&self) -> usize {
        let spans = self.spans.slots.capacity().saturating_mul(size_of::<FieldSpan>());
        self.block.capacity().saturating_add(spans)
    }

    /// The parts, for a parser to fill.
    #[inline(always)]
    #[must_use]
    pub fn parts(&mut self) -> Parts<'_> {
        let Self { block, spans, index, maps } = self;
        Parts { block, spans, index, maps }
    }

    /// The parsed fields, over `bytes`, which must be what the spans were located in.
    #[inline]
    #[must_use]
    pub fn fields<'b>(&'b self, bytes: &'b [u8]) -> Fields<'b> {
        Fields::parsed(bytes, self.spans.as_slice(), &self.index)
    }

    /// The parsed fields over this scratch's own block.
    #[inline]
    #[must_use]
    pub fn block_fields(&self) -> Fields<'_> {
        Fields::parsed(&self.block, self.spans.as_slice(), &self.index)
    }

    /// The decoded octets.
    #[inline]
    #[must_use]
    pub fn block(&self) -> &[u8] {
        &self.block
    }
}

/// The spans of a head's field lines: a list whose slots stay initialised when it is cleared, so
/// that adding one is a store and no more.
#[derive(Debug, Default)]
pub struct Spans {
    slots: Vec<FieldSpan>,
    count: usize,
}

impl Spans {
    /// Forgets all spans; keeps the memory.
    #[inline(always)]
    pub fn clear(&mut self) {
        self.count = 0;
    }

    /// How many spans there are.
    #[inline(always)]
    #[must_use]
    pub const fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    #[inline(always)]
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Adds a span. Allocates only if there were never so many before. How many there may be is for
    /// the caller to bound.
    #[inline(always)]
    pub fn push(&mut self, span: FieldSpan) {
        if self.count >= self.slots.len() {
            self.grow(self.count.saturating_mul(2).max(16));
        }
        if let Some(slot) = self.slots.get_mut(self.count) {
            *slot = span;
            self.count = self.count.wrapping_add(1);
        }
    }

    /// The spans in order.
    #[inline(always)]
    #[must_use]
    pub fn as_slice(&self) -> &[FieldSpan] {
        self.slots.get(..self.count).unwrap_or_default()
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, slots: usize) {
        self.slots.reserve_exact(slots.saturating_sub(self.slots.len()));
        self.slots.resize(slots, FieldSpan::new(0, 0, 0, 0, None));
    }
}

/// Where each well-known field first stands, so that finding one costs two loads. A bit says
/// whether a slot is valid, so that clearing is one store.
#[derive(Debug, Clone)]
pub struct FieldIndex {
    present: u64,
    repeated: u64,
    first: [u16; Known::SLOTS],
}

impl Default for FieldIndex {
    fn default() -> Self {
        Self { present: 0, repeated: 0, first: [0; Known::SLOTS] }
    }
}

impl FieldIndex {
    /// Forgets all positions.
    #[inline]
    pub fn clear(&mut self) {
        self.present = 0;
        self.repeated = 0;
    }

    /// Notes that the field line number `position` has the name `known`.
    #[inline(always)]
    pub fn note(&mut self, known: Known, position: u16) {
        let bit = known.bit();
        if self.present & bit != 0 {
            self.repeated |= bit;
        } else if let Some(slot) = self.first.get_mut(known.slot()) {
            self.present |= bit;
            *slot = position;
        }
    }

    /// The position of the first field line named `known`.
    #[inline]
    #[must_use]
    pub fn first(&self, known: Known) -> Option<usize> {
        if self.present & known.bit() == 0 {
            return None;
        }
        self.first.get(known.slot()).map(|&at| usize::from(at))
    }

    /// The set of names present, as [`Known::bit`]s.
    #[inline]
    #[must_use]
    pub const fn present(&self) -> u64 {
        self.present
    }

    /// The set of names that stand on more than one line, as [`Known::bit`]s.
    #[inline]
    #[must_use]
    pub const fn repeated(&self) -> u64 {
        self.repeated
    }
}
