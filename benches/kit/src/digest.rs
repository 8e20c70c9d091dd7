//! A 64-bit digest (FNV-1a) to tell definitions, outputs and verdicts apart. Not for adversaries.

use core::fmt;

/// A running 64-bit digest.
///
/// ```
/// use shockwave_bench_kit::Digest;
///
/// let one = Digest::new().field(b"GET").field(b"/");
/// assert_ne!(one, Digest::new().field(b"GE").field(b"T/"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest(u64);

impl Digest {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;

    /// The digest of nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self(Self::OFFSET)
    }

    /// The digest of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self::new().bytes(bytes)
    }

    /// The digest with `bytes` appended.
    #[must_use]
    pub fn bytes(self, bytes: &[u8]) -> Self {
        Self(
            bytes
                .iter()
                .fold(self.0, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(Self::PRIME)),
        )
    }

    /// The digest with `bytes` and their length appended, so that the place of the cut counts.
    #[must_use]
    pub fn field(self, bytes: &[u8]) -> Self {
        self.bytes(&(bytes.len() as u64).to_le_bytes()).bytes(bytes)
    }

    /// The digest as a number.
    #[must_use]
    pub const fn value(self) -> u64 {
        self.0
    }
}

impl Default for Digest {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_fnv_1a() {
        // The vectors of the algorithm's own specification.
        assert_eq!(Digest::of(b"").value(), 0xcbf2_9ce4_8422_2325);
        assert_eq!(Digest::of(b"a").value(), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(Digest::of(b"foobar").value(), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn it_prints_sixteen_digits() {
        assert_eq!(Digest::of(b"foobar").to_string(), "85944171f73967e8");
    }
}
