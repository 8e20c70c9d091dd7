//! The caller-owned memory of a parse.

use crate::known::Known;
use crate::{FieldSpan, Fields};

/// Where a core writes the spans of the head that it parses, and, for protocols that compress
/// heads, the decoded octets. Caller-owned, so that an event borrows the input and the scratch but
/// never the connection. Cleared and not freed: once it has held the largest head of a connection
/// it never allocates again. One for each request in flight.
#[derive(Debug, Default)]
pub struct Scratch {
    block: Vec<u8>,
    spans: Vec<FieldSpan>,
    index: FieldIndex,
    scan: shockwave_simd::HeadMaps,
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
        Self { spans: Vec::with_capacity(fields), ..Self::default() }
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
        let spans = self.spans.capacity().saturating_mul(size_of::<FieldSpan>());
        self.block.capacity().saturating_add(spans)
    }

    /// The parts, for a parser to fill: decoded octets, spans, index, and the scanner's maps.
    #[inline]
    #[must_use]
    pub fn parts(
        &mut self,
    ) -> (&mut Vec<u8>, &mut Vec<FieldSpan>, &mut FieldIndex, &mut shockwave_simd::HeadMaps) {
        (&mut self.block, &mut self.spans, &mut self.index, &mut self.scan)
    }

    /// The parsed fields, over `bytes`, which must be what the spans were located in.
    #[inline]
    #[must_use]
    pub fn fields<'b>(&'b self, bytes: &'b [u8]) -> Fields<'b> {
        Fields::parsed(bytes, &self.spans, &self.index)
    }

    /// The parsed fields over this scratch's own block.
    #[inline]
    #[must_use]
    pub fn block_fields(&self) -> Fields<'_> {
        Fields::parsed(&self.block, &self.spans, &self.index)
    }

    /// The decoded octets.
    #[inline]
    #[must_use]
    pub fn block(&self) -> &[u8] {
        &self.block
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
    #[inline]
    pub fn note(&mut self, known: Known, position: usize) {
        let bit = known.bit();
        self.repeated |= self.present & bit;
        if self.present & bit == 0
            && let (Some(slot), Ok(position)) =
                (self.first.get_mut(known.slot()), u16::try_from(position))
        {
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
