//! NEON: 16 octets a step, four steps a block.
//!
//! Classes are tested by two table look-ups as in AVX2. NEON has no move-mask; a lane that is all
//! ones is ANDed with the bit of its place in a group of eight, and three rounds of pairwise
//! additions fold 64 lanes into eight octets, which are the bitmap.

#![allow(unsafe_code, reason = "pointer loads")]

#[cfg(target_arch = "aarch64")]
use core::arch::aarch64::{
    uint8x16_t, vandq_u8, vbicq_u8, vceqq_u8, vceqzq_u8, vcleq_u8, vdupq_n_u8, vgetq_lane_u64,
    vld1q_u8, vorrq_u8, vpaddq_u8, vqtbl1q_u8, vreinterpretq_u64_u8, vshrq_n_u8,
};

#[cfg(not(target_arch = "aarch64"))]
use super::model::{
    uint8x16_t, vandq_u8, vbicq_u8, vceqq_u8, vceqzq_u8, vcleq_u8, vdupq_n_u8, vgetq_lane_u64,
    vld1q_u8, vorrq_u8, vpaddq_u8, vqtbl1q_u8, vreinterpretq_u64_u8, vshrq_n_u8,
};

use crate::all::nibbles::Nibbles;
use crate::all::{Block, Class};
use crate::maps::{HeadMaps, fill_blocks};

const TOKEN: Nibbles = Nibbles::without(Class::NONTOKEN);
const TARGET: Nibbles = Nibbles::without(Class::NONTARGET);
/// The bit of each lane within its group of eight.
const BITS: [u8; 16] = [1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128];

/// Fills the maps from `octets`; answers the number of blocks.
pub(crate) fn fill(octets: &[u8], maps: &mut HeadMaps) -> usize {
    // SAFETY: NEON is part of every AArch64 target; elsewhere this is the model.
    #[cfg_attr(not(target_arch = "aarch64"), allow(unused_unsafe))]
    let classify = |octets: &[u8; 64]| unsafe { classify(octets) };
    fill_blocks!(octets, maps, classify, classify)
}

#[inline]
#[cfg_attr(target_arch = "aarch64", target_feature(enable = "neon"))]
fn classify(octets: &[u8; 64]) -> Block {
    let (quarters, _) = octets.as_chunks::<16>();
    let [a, b, c, d] = quarters else { return Block::default() };
    let quarters = [load(a), load(b), load(c), load(d)];
    Block {
        nontoken: mask(quarters.map(|octets| nonmembers(octets, &TOKEN))),
        nontarget: mask(quarters.map(|octets| nonmembers(octets, &TARGET))),
        #[cfg_attr(not(target_arch = "aarch64"), allow(clippy::redundant_closure))]
        control: mask(quarters.map(|octets| controls(octets))),
    }
}

#[inline]
#[cfg_attr(target_arch = "aarch64", target_feature(enable = "neon"))]
fn nonmembers(octets: uint8x16_t, tables: &Nibbles) -> uint8x16_t {
    let low = load(&tables.low);
    let high = load(&tables.high);
    let rows = vqtbl1q_u8(low, vandq_u8(octets, vdupq_n_u8(0x0F)));
    let row = vqtbl1q_u8(high, vshrq_n_u8::<4>(octets));
    vceqzq_u8(vandq_u8(rows, row))
}

#[inline]
#[cfg_attr(target_arch = "aarch64", target_feature(enable = "neon"))]
fn controls(octets: uint8x16_t) -> uint8x16_t {
    let low = vcleq_u8(octets, vdupq_n_u8(0x1F));
    let tab = vceqq_u8(octets, vdupq_n_u8(b'\t'));
    let del = vceqq_u8(octets, vdupq_n_u8(0x7F));
    vorrq_u8(vbicq_u8(low, tab), del)
}

#[inline]
#[cfg_attr(target_arch = "aarch64", target_feature(enable = "neon"))]
fn mask([a, b, c, d]: [uint8x16_t; 4]) -> u64 {
    let bits = load(&BITS);
    let ab = vpaddq_u8(vandq_u8(a, bits), vandq_u8(b, bits));
    let cd = vpaddq_u8(vandq_u8(c, bits), vandq_u8(d, bits));
    let all = vpaddq_u8(ab, cd);
    vgetq_lane_u64::<0>(vreinterpretq_u64_u8(vpaddq_u8(all, all)))
}

#[inline]
#[cfg_attr(target_arch = "aarch64", target_feature(enable = "neon"))]
fn load(octets: &[u8; 16]) -> uint8x16_t {
    // SAFETY: the array has the 16 octets that the load reads.
    unsafe { vld1q_u8(octets.as_ptr()) }
}
