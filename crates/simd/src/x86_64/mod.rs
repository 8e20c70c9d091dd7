//! x86-64: one file an instruction set, and the dispatch into them.

mod avx2;
mod avx512;
mod sse2;

use crate::isa::Kind;
use crate::maps::fill_portable;
use crate::{HeadMaps, Isa};

/// Fills the maps from `octets` with `isa`; answers the number of blocks.
#[inline]
#[allow(unsafe_code, reason = "calls into target features that were detected")]
pub(crate) fn fill(isa: Isa, octets: &[u8], maps: &mut HeadMaps) -> usize {
    match isa.0 {
        Kind::Portable => fill_portable(octets, maps),
        // SAFETY: SSE2 is part of every x86-64 target.
        Kind::Sse2 => unsafe { sse2::fill(octets, maps) },
        // SAFETY: there is an `Isa` of this kind only where AVX2 was detected.
        Kind::Avx2 => unsafe { avx2::fill(octets, maps) },
        // SAFETY: there is an `Isa` of this kind only where all that it enables was detected.
        Kind::Avx512 => unsafe { avx512::fill(octets, maps) },
    }
}
