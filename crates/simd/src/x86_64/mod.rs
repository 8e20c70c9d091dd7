//! x86-64: one file an instruction set, and the dispatch into them.

mod avx2;
mod avx512;
mod sse2;

use crate::maps::fill_portable;
use crate::{HeadMaps, Isa};

/// Fills the maps from `octets` with `isa`; answers the number of blocks.
///
/// `Isa` values of a missing instruction set cannot reach an `unsafe` call: [`Isa`] can be named
/// by anyone, so each arm is entered only if the processor has the features.
#[inline]
#[allow(unsafe_code, reason = "calls into target features that were detected")]
pub(crate) fn fill(isa: Isa, octets: &[u8], maps: &mut HeadMaps) -> usize {
    match isa {
        Isa::Avx512
            if std::arch::is_x86_feature_detected!("avx512bw")
                && std::arch::is_x86_feature_detected!("avx512vl")
                && std::arch::is_x86_feature_detected!("avx512vbmi") =>
        {
            // SAFETY: the guard of this arm detected every feature that `avx512::fill` enables.
            unsafe { avx512::fill(octets, maps) }
        }
        Isa::Avx2 | Isa::Avx512 if std::arch::is_x86_feature_detected!("avx2") => {
            // SAFETY: the guard of this arm detected AVX2.
            unsafe { avx2::fill(octets, maps) }
        }
        Isa::Portable => fill_portable(octets, maps),
        // SAFETY: SSE2 is part of every x86-64 target.
        _ => unsafe { sse2::fill(octets, maps) },
    }
}
