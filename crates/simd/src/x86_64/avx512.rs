//! AVX-512 with VBMI: 64 octets a step.
//!
//! `vpermi2b` looks 64 octets up in a table of 128 entries at once, which is all of ASCII, so one
//! look-up answers all three classes. Octets above 0x7F index the table by their low seven bits;
//! the high bit of the octet itself then overrules the answer. A masked load reads the end of the
//! input without touching what lies behind it.

#![allow(unsafe_code, reason = "pointer loads")]

use core::arch::x86_64::{
    __m512i, _mm512_loadu_si512, _mm512_maskz_loadu_epi8, _mm512_movepi8_mask,
    _mm512_permutex2var_epi8, _mm512_set1_epi8, _mm512_shuffle_epi8, _mm512_ternarylogic_epi64,
    _mm512_test_epi8_mask,
};

use crate::all::{Block, Class, TABLE};
use crate::maps::{HeadMaps, fill_blocks};

/// Fills the maps from `octets`; answers the number of blocks.
///
/// # Safety
/// Safe to call where the processor has the enabled features.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,bmi1,bmi2,lzcnt,popcnt")]
pub(super) fn fill(octets: &[u8], maps: &mut HeadMaps) -> usize {
    let (table, _) = TABLE.as_chunks::<64>();
    let [low, high, ..] = table else { return 0 };
    let (low, high) = (load(low), load(high));
    let whole = |octets: &[u8; 64]| {
        let class = classify(load(octets), low, high);
        Block { nontarget: _mm512_test_epi8_mask(class, bit(Class::NONTARGET)), ..later(class) }
    };
    let rest = |rest: &[u8]| {
        let mask = u64::MAX >> (64 - rest.len());
        // SAFETY: the mask has a bit only for the octets of `rest`; masked-off lanes are not read.
        let octets = unsafe { _mm512_maskz_loadu_epi8(mask, rest.as_ptr().cast()) };
        let class = classify(octets, low, high);
        let nontarget = _mm512_test_epi8_mask(class, bit(Class::NONTARGET));
        Block { nontarget, ..later(class) }.truncated(rest.len())
    };
    fill_blocks!(
        octets,
        maps,
        whole,
        |octets: &[u8; 64]| later(classify(load(octets), low, high)),
        rest
    )
}

/// The classes of 64 octets. Those of an octet above 0x7F, by which a look-up goes astray, are put
/// in by a shuffle that answers zero for such an octet, and a bitwise choice: vector operations,
/// for those on masks are what this loop has too many of.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi")]
fn classify(octets: __m512i, low: __m512i, high: __m512i) -> __m512i {
    let class = _mm512_permutex2var_epi8(low, octets, high);
    let is_ascii = _mm512_shuffle_epi8(_mm512_set1_epi8(-1), octets);
    let above_ascii = (Class::NONTOKEN.bits() | Class::NONTARGET.bits()).cast_signed();
    // By the bits of `is_ascii`: the second where set, else the third.
    _mm512_ternarylogic_epi64::<0xCA>(is_ascii, class, _mm512_set1_epi8(above_ascii))
}

/// A block behind the start line: without the map of targets.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi")]
fn later(class: __m512i) -> Block {
    Block {
        // The class NONTOKEN is the high bit.
        nontoken: _mm512_movepi8_mask(class),
        nontarget: u64::MAX,
        control: _mm512_test_epi8_mask(class, bit(Class::CONTROL)),
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn bit(class: Class) -> __m512i {
    _mm512_set1_epi8(class.bits().cast_signed())
}

/// Whether up to 64 octets are all unreserved; of more, the first 64.
///
/// # Safety
/// Safe to call where the processor has the enabled features.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,bmi2")]
#[allow(clippy::cast_possible_truncation, reason = "at most 64")]
pub(super) fn is_unreserved(octets: &[u8]) -> bool {
    let (table, _) = TABLE.as_chunks::<64>();
    let [low, high, ..] = table else { return false };
    let mask =
        u64::MAX.checked_shr(64_u32.wrapping_sub(octets.len().min(64) as u32)).unwrap_or_default();
    // SAFETY: the mask has a bit only for the octets of the slice; other lanes are not read.
    let octets = unsafe { _mm512_maskz_loadu_epi8(mask, octets.as_ptr().cast()) };
    let class = _mm512_permutex2var_epi8(load(low), octets, load(high));
    let found = _mm512_test_epi8_mask(class, bit(Class::RESERVED)) | _mm512_movepi8_mask(octets);
    found & mask == 0
}

#[inline]
#[target_feature(enable = "avx512f")]
fn load(octets: &[u8; 64]) -> __m512i {
    // SAFETY: the array has the 64 octets that an unaligned load reads.
    unsafe { _mm512_loadu_si512(octets.as_ptr().cast()) }
}
