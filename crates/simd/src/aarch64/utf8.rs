//! NEON: the look-up algorithm of UTF-8, 64 octets a step. See `utf8` for what it does.

#![allow(unsafe_code, reason = "pointer loads")]

#[cfg(target_arch = "aarch64")]
use core::arch::aarch64::{
    uint8x16_t, vandq_u8, vdupq_n_u8, veorq_u8, vextq_u8, vld1q_u8, vmaxvq_u8, vorrq_u8, vqsubq_u8,
    vqtbl1q_u8, vshrq_n_u8,
};

#[cfg(not(target_arch = "aarch64"))]
use super::model::{
    uint8x16_t, vandq_u8, vdupq_n_u8, veorq_u8, vextq_u8, vld1q_u8, vmaxvq_u8, vorrq_u8, vqsubq_u8,
    vqtbl1q_u8, vshrq_n_u8,
};

use crate::utf8::tables::{FIRST_HIGH, FIRST_LOW, FOURTH_DUE, LAST, SECOND_HIGH, THIRD_DUE};
use crate::utf8::whole_length;

/// Whether `octets` are sound, but for an incomplete end.
pub(crate) fn is_sound(octets: &[u8]) -> bool {
    // SAFETY: NEON is part of every AArch64 target; elsewhere this is the model.
    #[cfg_attr(not(target_arch = "aarch64"), allow(unused_unsafe))]
    unsafe {
        check(octets)
    }
}

#[inline]
#[cfg_attr(target_arch = "aarch64", target_feature(enable = "neon"))]
fn check(octets: &[u8]) -> bool {
    let (blocks, rest) = octets.as_chunks::<64>();
    let mut checker = Checker::new();
    for block in blocks {
        checker.push(block);
    }
    // Nothing is to be complete where an incomplete character has begun in the last block.
    if let Some(whole) = whole_length(octets).checked_sub(octets.len() - rest.len()) {
        let mut block = [0; 64];
        for (room, octet) in block.iter_mut().zip(rest.iter().take(whole)) {
            *room = *octet;
        }
        checker.push(&block);
    }
    vmaxvq_u8(checker.error) == 0
}

struct Checker {
    /// The vector before.
    previous: uint8x16_t,
    /// Not zero where the vector before ends inside a character.
    incomplete: uint8x16_t,
    error: uint8x16_t,
}

impl Checker {
    #[inline]
    #[cfg_attr(target_arch = "aarch64", target_feature(enable = "neon"))]
    fn new() -> Self {
        let zero = vdupq_n_u8(0);
        Self { previous: zero, incomplete: zero, error: zero }
    }

    #[inline]
    #[cfg_attr(target_arch = "aarch64", target_feature(enable = "neon"))]
    fn push(&mut self, block: &[u8; 64]) {
        let (quarters, _) = block.as_chunks::<16>();
        let [a, b, c, d] = quarters else { return };
        let (a, b, c, d) = (load(a), load(b), load(c), load(d));
        let all = vorrq_u8(vorrq_u8(a, b), vorrq_u8(c, d));
        if vmaxvq_u8(all) < 0x80 {
            // ASCII: an error only if a character is incomplete.
            self.error = vorrq_u8(self.error, self.incomplete);
            self.incomplete = vdupq_n_u8(0);
        } else {
            for (input, before) in [(a, self.previous), (b, a), (c, b), (d, c)] {
                self.error = vorrq_u8(self.error, errors(input, before));
            }
            self.incomplete = vqsubq_u8(d, last());
        }
        self.previous = d;
    }
}

/// Not zero where an octet of `input` may not stand behind those before it.
#[inline]
#[cfg_attr(target_arch = "aarch64", target_feature(enable = "neon"))]
fn errors(input: uint8x16_t, previous: uint8x16_t) -> uint8x16_t {
    let one = vextq_u8::<15>(previous, input);
    let two = vextq_u8::<14>(previous, input);
    let three = vextq_u8::<13>(previous, input);
    let first_high = vqtbl1q_u8(load(&FIRST_HIGH), vshrq_n_u8::<4>(one));
    let first_low = vqtbl1q_u8(load(&FIRST_LOW), vandq_u8(one, vdupq_n_u8(0x0F)));
    let second_high = vqtbl1q_u8(load(&SECOND_HIGH), vshrq_n_u8::<4>(input));
    let pairs = vandq_u8(vandq_u8(first_high, first_low), second_high);
    // Two further octets are an error exactly where no third or fourth is due.
    let third = vqsubq_u8(two, vdupq_n_u8(THIRD_DUE));
    let fourth = vqsubq_u8(three, vdupq_n_u8(FOURTH_DUE));
    veorq_u8(vandq_u8(vorrq_u8(third, fourth), vdupq_n_u8(0x80)), pairs)
}

#[inline]
#[cfg_attr(target_arch = "aarch64", target_feature(enable = "neon"))]
fn last() -> uint8x16_t {
    let (halves, _) = LAST.as_chunks::<16>();
    halves.last().map_or_else(|| vdupq_n_u8(u8::MAX), load)
}

#[inline]
#[cfg_attr(target_arch = "aarch64", target_feature(enable = "neon"))]
fn load(octets: &[u8; 16]) -> uint8x16_t {
    // SAFETY: the array has the 16 octets that the load reads.
    unsafe { vld1q_u8(octets.as_ptr()) }
}
