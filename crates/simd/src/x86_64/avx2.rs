//! AVX2: 32 octets a step, two steps a block.
//!
//! A class is tested by two 16-entry shuffles, one by the low half of an octet and one by the high:
//! each row of ASCII (each high half that has members of the class) gets a bit of its own, the low
//! table says in which rows a low half is a member, the high table which row this is, and the AND
//! of both is not zero for members. Rows 8 to 15 have no bit, so octets above 0x7F are never
//! members. The tables are made from the definition when compiled.

#![allow(unsafe_code, reason = "pointer loads")]

use core::arch::x86_64::{
    __m256i, _mm_loadu_si128, _mm256_and_si256, _mm256_andnot_si256, _mm256_broadcastsi128_si256,
    _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_min_epu8, _mm256_movemask_epi8, _mm256_or_si256,
    _mm256_set1_epi8, _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_srli_epi16,
};

use crate::all::nibbles::Nibbles;
use crate::all::{Block, Class};
use crate::maps::{HeadMaps, fill_blocks};

const TOKEN: Nibbles = Nibbles::without(Class::NONTOKEN);
const TARGET: Nibbles = Nibbles::without(Class::NONTARGET);

/// Fills the maps from `octets`; answers the number of blocks.
///
/// # Safety
/// Safe to call where the processor has the enabled features.
#[target_feature(enable = "avx2")]
pub(super) fn fill(octets: &[u8], maps: &mut HeadMaps) -> usize {
    let tables = Tables::load();
    let whole = |octets: &[u8; 64]| tables.classify::<true>(octets);
    fill_blocks!(octets, maps, whole, |octets: &[u8; 64]| tables.classify::<false>(octets))
}

struct Tables {
    token: [__m256i; 2],
    target: [__m256i; 2],
}

impl Tables {
    #[inline]
    #[target_feature(enable = "avx2")]
    fn load() -> Self {
        Self {
            token: [table(&TOKEN.low), table(&TOKEN.high)],
            target: [table(&TARGET.low), table(&TARGET.high)],
        }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn classify<const TARGETS: bool>(&self, octets: &[u8; 64]) -> Block {
        let (halves, _) = octets.as_chunks::<32>();
        let mut block = Block::default();
        for (half, octets) in halves.iter().enumerate() {
            // SAFETY: the array has the 32 octets that an unaligned load reads.
            let octets = unsafe { _mm256_loadu_si256(octets.as_ptr().cast()) };
            let shift = 32 * half;
            block.nontoken |= mask(nonmembers(octets, &self.token)) << shift;
            if TARGETS {
                block.nontarget |= mask(nonmembers(octets, &self.target)) << shift;
            }
            block.control |= mask(controls(octets)) << shift;
        }
        block
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn nonmembers(octets: __m256i, [low, high]: &[__m256i; 2]) -> __m256i {
    let nibble = _mm256_set1_epi8(0x0F);
    let rows = _mm256_shuffle_epi8(*low, _mm256_and_si256(octets, nibble));
    let row = _mm256_shuffle_epi8(*high, _mm256_and_si256(_mm256_srli_epi16(octets, 4), nibble));
    _mm256_cmpeq_epi8(_mm256_and_si256(rows, row), _mm256_setzero_si256())
}

#[inline]
#[target_feature(enable = "avx2")]
fn controls(octets: __m256i) -> __m256i {
    let low = _mm256_cmpeq_epi8(_mm256_min_epu8(octets, _mm256_set1_epi8(0x1F)), octets);
    let tab = _mm256_cmpeq_epi8(octets, _mm256_set1_epi8(b'\t'.cast_signed()));
    let del = _mm256_cmpeq_epi8(octets, _mm256_set1_epi8(0x7F));
    _mm256_or_si256(_mm256_andnot_si256(tab, low), del)
}

#[inline]
#[target_feature(enable = "avx2")]
fn mask(lanes: __m256i) -> u64 {
    u64::from(_mm256_movemask_epi8(lanes).cast_unsigned())
}

#[inline]
#[target_feature(enable = "avx2")]
fn table(table: &[u8; 16]) -> __m256i {
    // SAFETY: the array has the 16 octets that an unaligned load reads.
    _mm256_broadcastsi128_si256(unsafe { _mm_loadu_si128(table.as_ptr().cast()) })
}
