//! A model of the NEON instructions that `neon.rs` uses, by the definitions of the Arm
//! documentation, so that its logic is compiled and tested on machines without them. The names are
//! Arm's.

#![allow(non_camel_case_types, reason = "Arm's names")]
#![allow(unsafe_code, reason = "a pointer load")]

use core::array::from_fn;

#[derive(Clone, Copy)]
pub(super) struct uint8x16_t([u8; 16]);

macro_rules! lanewise {
    ($($name:ident($($arg:ident),+) $body:expr;)*) => {
        $(pub(super) fn $name($($arg: uint8x16_t),+) -> uint8x16_t {
            let lane: fn($(lanewise!(@u8 $arg)),+) -> u8 = |$($arg),+| $body;
            uint8x16_t(from_fn(|i| lane($($arg.0[i]),+)))
        })*
    };
    (@u8 $arg:ident) => { u8 };
}

lanewise! {
    vandq_u8(a, b) a & b;
    vbicq_u8(a, b) a & !b;
    vorrq_u8(a, b) a | b;
    veorq_u8(a, b) a ^ b;
    vqsubq_u8(a, b) a.saturating_sub(b);
    vceqq_u8(a, b) if a == b { 0xFF } else { 0 };
    vcleq_u8(a, b) if a <= b { 0xFF } else { 0 };
    vceqzq_u8(a) if a == 0 { 0xFF } else { 0 };
}

pub(super) fn vdupq_n_u8(value: u8) -> uint8x16_t {
    uint8x16_t([value; 16])
}

pub(super) fn vshrq_n_u8<const N: u32>(a: uint8x16_t) -> uint8x16_t {
    uint8x16_t(a.0.map(|lane| lane >> N))
}

pub(super) fn vqtbl1q_u8(table: uint8x16_t, index: uint8x16_t) -> uint8x16_t {
    uint8x16_t(index.0.map(|i| table.0.get(usize::from(i)).copied().unwrap_or(0)))
}

pub(super) fn vextq_u8<const N: usize>(a: uint8x16_t, b: uint8x16_t) -> uint8x16_t {
    let both = [a.0, b.0].concat();
    uint8x16_t(from_fn(|i| both[N + i]))
}

pub(super) fn vmaxvq_u8(a: uint8x16_t) -> u8 {
    a.0.into_iter().max().unwrap_or_default()
}

pub(super) fn vpaddq_u8(a: uint8x16_t, b: uint8x16_t) -> uint8x16_t {
    let pairs = [a.0, b.0].concat();
    uint8x16_t(from_fn(|i| pairs[2 * i].wrapping_add(pairs[2 * i + 1])))
}

pub(super) fn vreinterpretq_u64_u8(a: uint8x16_t) -> [u64; 2] {
    let word = |at: usize| u64::from_le_bytes(from_fn(|i| a.0[at + i]));
    [word(0), word(8)]
}

pub(super) fn vgetq_lane_u64<const LANE: usize>(a: [u64; 2]) -> u64 {
    a[LANE]
}

pub(super) unsafe fn vld1q_u8(from: *const u8) -> uint8x16_t {
    // SAFETY: the caller passes a pointer to 16 octets, as the instruction asks.
    uint8x16_t(unsafe { *from.cast() })
}
