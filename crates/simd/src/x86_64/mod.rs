//! x86-64: one file an instruction set, and the dispatch into them.

mod avx2;
mod avx512;
mod mask;
mod sse2;
mod utf8;

use core::mem::MaybeUninit;

use crate::isa::Kind;
use crate::maps::fill_portable;
use crate::mask::{apply_words, copy_words};
use crate::{HeadMaps, Isa, Mask};

/// Fills the maps from `octets` with `isa`; answers the number of blocks.
#[inline(always)]
#[allow(unsafe_code, reason = "calls into target features that were detected")]
pub(crate) fn fill(isa: Isa, octets: &[u8], maps: &mut HeadMaps) -> usize {
    if isa.0 == Kind::Avx512 {
        // SAFETY: there is an `Isa` of this kind only where all that it enables was detected.
        return unsafe { avx512::fill(octets, maps) };
    }
    fill_older(isa, octets, maps)
}

/// Out of line, so that the dispatch costs the newest machines one test.
#[inline(never)]
#[allow(unsafe_code, reason = "calls into target features that were detected")]
fn fill_older(isa: Isa, octets: &[u8], maps: &mut HeadMaps) -> usize {
    match isa.0 {
        // SAFETY: there is an `Isa` of this kind only where AVX2 was detected.
        Kind::Avx2 => unsafe { avx2::fill(octets, maps) },
        Kind::Portable => fill_portable(octets, maps),
        // SAFETY: SSE2 is part of every x86-64 target. (AVX-512 does not come here.)
        Kind::Sse2 | Kind::Avx512 => unsafe { sse2::fill(octets, maps) },
    }
}

/// [`is_unreserved`](crate::is_unreserved) for up to 64 octets, by one masked load; `None` if there
/// are more, or the machine has no such load.
#[inline(always)]
#[allow(unsafe_code, reason = "calls into target features that were detected")]
pub(crate) fn is_unreserved(octets: &[u8]) -> Option<bool> {
    if Isa::detect().0 != Kind::Avx512 || octets.len() > 64 {
        return None;
    }
    // SAFETY: there is an `Isa` of this kind only where all that it enables was detected.
    Some(unsafe { avx512::is_unreserved(octets) })
}

/// Masks `octets` with `isa`.
#[inline(always)]
#[allow(unsafe_code, reason = "calls into target features that were detected")]
pub(crate) fn mask(isa: Isa, octets: &mut [u8], key: Mask) {
    match isa.0 {
        // SAFETY: there is an `Isa` of these kinds only where AVX2 was detected.
        Kind::Avx2 | Kind::Avx512 => unsafe { mask::apply(octets, key) },
        Kind::Sse2 | Kind::Portable => apply_words(octets, key),
    }
}

/// Masks `source` into `room`, which is at least as long, with `isa`.
#[inline(always)]
#[allow(unsafe_code, reason = "calls into target features that were detected")]
pub(crate) fn mask_copy(isa: Isa, source: &[u8], room: &mut [MaybeUninit<u8>], key: Mask) {
    match isa.0 {
        // SAFETY: there is an `Isa` of these kinds only where AVX2 was detected.
        Kind::Avx2 | Kind::Avx512 => unsafe { mask::copy(source, room, key) },
        Kind::Sse2 | Kind::Portable => copy_words(source, room, key),
    }
}

/// Whether `octets` are sound UTF-8, but for an incomplete end; `None` where `isa` has no vectors
/// that can tell.
#[inline(always)]
#[allow(unsafe_code, reason = "calls into target features that were detected")]
pub(crate) fn utf8_is_sound(isa: Isa, octets: &[u8]) -> Option<bool> {
    match isa.0 {
        // SAFETY: there is an `Isa` of these kinds only where AVX2 was detected.
        Kind::Avx2 | Kind::Avx512 => Some(unsafe { utf8::is_sound(octets) }),
        Kind::Sse2 | Kind::Portable => None,
    }
}

/// The same, unmasked in place on the way; `None` where nothing was done.
#[inline(always)]
#[allow(unsafe_code, reason = "calls into target features that were detected")]
pub(crate) fn unmask_utf8(isa: Isa, octets: &mut [u8], key: Mask) -> Option<bool> {
    match isa.0 {
        // SAFETY: there is an `Isa` of these kinds only where AVX2 was detected.
        Kind::Avx2 | Kind::Avx512 => Some(unsafe { utf8::unmask(octets, key) }),
        Kind::Sse2 | Kind::Portable => None,
    }
}
