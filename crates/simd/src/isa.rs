//! Which implementation runs: detected once, read once a parse.

use core::sync::atomic::{AtomicU8, Ordering};

/// An instruction set that the scans are implemented for and that this machine has. There is no
/// other way to one than [`Isa::detect`] and [`Isa::available`], so a value is the proof that its
/// instructions may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Isa(pub(crate) Kind);

/// The instruction sets, the better ones later, by their tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Kind {
    /// Any machine: table look-ups.
    Portable = 1,
    /// 16 octets a step; every x86-64 has it.
    #[cfg(target_arch = "x86_64")]
    Sse2 = 2,
    /// 32 octets a step.
    #[cfg(target_arch = "x86_64")]
    Avx2 = 3,
    /// 64 octets a step, classified by one look-up in a table of two registers (VBMI).
    #[cfg(target_arch = "x86_64")]
    Avx512 = 4,
    /// 16 octets a step; every AArch64 has it.
    #[cfg(target_arch = "aarch64")]
    Neon = 2,
}

#[cfg(target_arch = "x86_64")]
const KINDS: &[Kind] = &[Kind::Portable, Kind::Sse2, Kind::Avx2, Kind::Avx512];
#[cfg(target_arch = "aarch64")]
const KINDS: &[Kind] = &[Kind::Portable, Kind::Neon];
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
const KINDS: &[Kind] = &[Kind::Portable];

impl Isa {
    /// The best that this machine has. One relaxed load once it was called before.
    #[inline(always)]
    #[must_use]
    pub fn detect() -> Self {
        match DETECTED.load(Ordering::Relaxed) {
            #[cfg(target_arch = "x86_64")]
            4 => Self(Kind::Avx512),
            #[cfg(target_arch = "x86_64")]
            3 => Self(Kind::Avx2),
            #[cfg(target_arch = "x86_64")]
            2 => Self(Kind::Sse2),
            #[cfg(target_arch = "aarch64")]
            2 => Self(Kind::Neon),
            1 => Self(Kind::Portable),
            _ => detect_and_store(),
        }
    }

    /// Every implementation that this machine can run, the portable one first.
    pub fn available() -> impl Iterator<Item = Self> {
        KINDS.iter().filter(|kind| kind.is_available()).map(|&kind| Self(kind))
    }
}

impl Kind {
    #[cfg(target_arch = "x86_64")]
    fn is_available(self) -> bool {
        use std::arch::is_x86_feature_detected as has;
        match self {
            Self::Portable | Self::Sse2 => true,
            Self::Avx2 => has!("avx2"),
            Self::Avx512 => {
                has!("avx512f")
                    && has!("avx2")
                    && has!("avx512bw")
                    && has!("avx512vl")
                    && has!("avx512vbmi")
                    && has!("bmi1")
                    && has!("bmi2")
                    && has!("lzcnt")
                    && has!("popcnt")
            }
        }
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn is_available(self) -> bool {
        true
    }
}

/// The tag of the detected instruction set; 0 before the first call. Relaxed is enough: every
/// thread that finds 0 detects the same.
static DETECTED: AtomicU8 = AtomicU8::new(0);

#[cold]
#[inline(never)]
fn detect_and_store() -> Isa {
    let best = KINDS.iter().rfind(|kind| kind.is_available());
    let kind = best.copied().unwrap_or(Kind::Portable);
    DETECTED.store(kind as u8, Ordering::Relaxed);
    Isa(kind)
}
