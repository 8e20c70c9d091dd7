//! SSE2: 16 octets a step, four steps a block. Every x86-64 has it.
//!
//! There is no shuffle by a register, so classes are tested by ranges: `octet - first <= last -
//! first`, unsigned, is a subtraction, a minimum and a compare. The tokens are nine ranges and the
//! targets six; made from the definition when compiled, like the shuffle tables of AVX2.

#![allow(unsafe_code, reason = "pointer loads")]

use core::arch::x86_64::{
    __m128i, _mm_cmpeq_epi8, _mm_loadu_si128, _mm_min_epu8, _mm_movemask_epi8, _mm_or_si128,
    _mm_set1_epi8, _mm_setzero_si128, _mm_sub_epi8,
};

use crate::all::{Block, Class};
use crate::maps::{HeadMaps, fill_blocks};

/// Fills the maps from `octets`; answers the number of blocks.
#[inline]
#[target_feature(enable = "sse2")]
pub(super) fn fill(octets: &[u8], maps: &mut HeadMaps) -> usize {
    let whole = |octets: &[u8; 64]| classify(octets);
    fill_blocks!(octets, maps, whole, whole)
}

#[inline]
#[target_feature(enable = "sse2")]
fn classify(octets: &[u8; 64]) -> Block {
    let (quarters, _) = octets.as_chunks::<16>();
    let mut block = Block::default();
    for (quarter, octets) in quarters.iter().enumerate() {
        // SAFETY: the array has the 16 octets that an unaligned load reads.
        let octets = unsafe { _mm_loadu_si128(octets.as_ptr().cast()) };
        let shift = 16 * quarter;
        block.nontoken |= (mask(within(octets, &TOKEN)) ^ 0xFFFF) << shift;
        block.nontarget |= (mask(within(octets, &TARGET)) ^ 0xFFFF) << shift;
        block.control |= mask(within(octets, &CONTROL)) << shift;
    }
    block
}

/// Ranges as (first, last - first).
type Ranges<const N: usize> = [(u8, u8); N];

const TOKEN: Ranges<9> = ranges(Class::NONTOKEN, false);
const TARGET: Ranges<5> = ranges(Class::NONTARGET, false);
const CONTROL: Ranges<3> = ranges(Class::CONTROL, true);

/// The ranges of the octets whose membership in `class` is `member`.
#[allow(clippy::indexing_slicing, reason = "evaluated when compiled")]
const fn ranges<const N: usize>(class: Class, member: bool) -> Ranges<N> {
    let mut ranges = [(0, 0); N];
    let mut found = 0;
    let mut octet: u8 = 0;
    let mut before = false;
    loop {
        let inside = class.contains(octet) == member;
        if inside && before {
            ranges[found - 1].1 += 1;
        } else if inside {
            ranges[found] = (octet, 0);
            found += 1;
        }
        before = inside;
        if octet == u8::MAX {
            break;
        }
        octet += 1;
    }
    assert!(found == N, "the class has as many ranges as its type says");
    ranges
}

#[inline]
#[target_feature(enable = "sse2")]
fn within<const N: usize>(octets: __m128i, ranges: &Ranges<N>) -> __m128i {
    let mut members = _mm_setzero_si128();
    for &(first, span) in ranges {
        let from_first = _mm_sub_epi8(octets, _mm_set1_epi8(first.cast_signed()));
        let bounded = _mm_min_epu8(from_first, _mm_set1_epi8(span.cast_signed()));
        members = _mm_or_si128(members, _mm_cmpeq_epi8(bounded, from_first));
    }
    members
}

#[inline]
#[target_feature(enable = "sse2")]
fn mask(lanes: __m128i) -> u64 {
    u64::from(_mm_movemask_epi8(lanes).cast_unsigned())
}
