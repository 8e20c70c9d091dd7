//! Which implementation runs: detected once, read once a parse.

use core::sync::atomic::{AtomicU8, Ordering};

/// An instruction set that the scans are implemented for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Isa {
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

impl Isa {
    /// The best that this machine has. One relaxed load once it was called before.
    #[inline]
    #[must_use]
    pub fn detect() -> Self {
        let found = DETECTED.load(Ordering::Relaxed);
        Self::from_tag(found).unwrap_or_else(detect_and_store)
    }

    /// Every implementation that this machine can run, the portable one first.
    pub fn available() -> impl Iterator<Item = Self> {
        (1..=4).filter_map(Self::from_tag).filter(|isa| isa.is_available())
    }

    #[cfg(target_arch = "x86_64")]
    fn is_available(self) -> bool {
        match self {
            Self::Portable | Self::Sse2 => true,
            Self::Avx2 => std::arch::is_x86_feature_detected!("avx2"),
            Self::Avx512 => {
                std::arch::is_x86_feature_detected!("avx512bw")
                    && std::arch::is_x86_feature_detected!("avx512vl")
                    && std::arch::is_x86_feature_detected!("avx512vbmi")
            }
        }
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn is_available(self) -> bool {
        true
    }

    #[inline]
    #[cfg(target_arch = "x86_64")]
    const fn from_tag(tag: u8) -> Option<Self> {
        match tag {
            1 => Some(Self::Portable),
            2 => Some(Self::Sse2),
            3 => Some(Self::Avx2),
            4 => Some(Self::Avx512),
            _ => None,
        }
    }

    #[inline]
    #[cfg(not(target_arch = "x86_64"))]
    const fn from_tag(tag: u8) -> Option<Self> {
        match tag {
            1 => Some(Self::Portable),
            #[cfg(target_arch = "aarch64")]
            2 => Some(Self::Neon),
            _ => None,
        }
    }
}

/// The tag of the detected instruction set; 0 before the first call. Relaxed is enough: every
/// thread that finds 0 detects the same.
static DETECTED: AtomicU8 = AtomicU8::new(0);

#[cold]
fn detect_and_store() -> Isa {
    let best = (1..=4_u8)
        .rev()
        .find_map(|tag| Isa::from_tag(tag).filter(|isa| isa.is_available()).map(|isa| (tag, isa)));
    let (tag, isa) = best.unwrap_or((1, Isa::Portable));
    DETECTED.store(tag, Ordering::Relaxed);
    isa
}
