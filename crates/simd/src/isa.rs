//! Which implementation runs: detected once, read once a parse.

use core::sync::atomic::{AtomicU8, Ordering};

/// An instruction set that the scans are implemented for and that this machine has. There is no
/// other way to one than [`Isa::detect`] and [`Isa::available`], so a value is the proof that its
/// instructions may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Isa(pub(crate) Kind);

/// The instruction sets, the better ones later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Any machine: table look-ups.
    Portable,
    /// 16 octets a step; every x86-64 has it.
    #[cfg(target_arch = "x86_64")]
    Sse2,
    /// 32 octets a step.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// 64 octets a step, classified by one look-up in a table of two registers (VBMI).
    #[cfg(target_arch = "x86_64")]
    Avx512,
    /// 16 octets a step; every AArch64 has it.
    #[cfg(target_arch = "aarch64")]
    Neon,
}

/// By tag, less one.
#[cfg(target_arch = "x86_64")]
const KINDS: &[Kind] = &[Kind::Portable, Kind::Sse2, Kind::Avx2, Kind::Avx512];
#[cfg(target_arch = "aarch64")]
const KINDS: &[Kind] = &[Kind::Portable, Kind::Neon];
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
const KINDS: &[Kind] = &[Kind::Portable];

impl Isa {
    /// The best that this machine has. One relaxed load once it was called before.
    #[inline]
    #[must_use]
    pub fn detect() -> Self {
        let tag = usize::from(DETECTED.load(Ordering::Relaxed));
        match KINDS.get(tag.wrapping_sub(1)) {
            Some(&kind) => Self(kind),
            None => detect_and_store(),
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
fn detect_and_store() -> Isa {
    let available = (1_u8..).zip(KINDS).filter(|(_, kind)| kind.is_available());
    let (tag, &kind) = available.last().unwrap_or((1, &Kind::Portable));
    DETECTED.store(tag, Ordering::Relaxed);
    Isa(kind)
}
