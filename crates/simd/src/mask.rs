//! The masking of RFC 6455 section 5.3: XOR with a key of four octets, in place or while copying.
//!
//! # How it is made fast
//!
//! 1. The key is a word of eight octets, and the loop over words is plain safe code. Compiled for
//!    AVX2 it becomes four loads, XORs and stores of 32 octets a turn, which in the first-level
//!    cache is a memory copy's speed. There is nothing left for intrinsics to win, and AVX-512 was
//!    not tried for it.
//! 2. Up to [`SMALL`] octets the loop runs as it was compiled for every machine of the
//!    architecture: the call through the dispatch, and the wide loop's entry and exit, cost more
//!    than they save.
//! 3. What does not fill a word is four octets at once, and up to three by themselves.
//!
//! # What was tried
//!
//! - A last word that overlaps the one before it, in place of four octets and three: whoever loads
//!   what two stores have written waits for both.
//! - A prologue that aligns the stores: it costs small payloads more than the unaligned loop costs
//!   large ones.

use crate::Isa;

/// Octets up to which the dispatch is not worth its cost.
const SMALL: usize = 128;

/// A masking key, at the octet of the payload that comes next: a payload may be masked in pieces.
///
/// ```
/// use shockwave_simd::Mask;
///
/// let mut payload = *b"Hello";
/// let (first, rest) = payload.split_at_mut(2);
/// let mask = Mask::new([0x37, 0xfa, 0x21, 0x3d]);
/// let mask = mask.apply(first);
/// mask.apply(rest);
/// assert_eq!(payload, [0x7f, 0x9f, 0x4d, 0x51, 0x58]); // RFC 6455 section 5.7
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[must_use = "the mask of what follows"]
pub struct Mask(u32);

impl Mask {
    /// The mask of a payload's first octet.
    #[inline]
    pub const fn new(key: [u8; 4]) -> Self {
        Self(u32::from_le_bytes(key))
    }

    /// The key as it applies to the next octet.
    #[inline]
    #[must_use]
    pub const fn key(self) -> [u8; 4] {
        self.0.to_le_bytes()
    }

    /// The mask of what is `octets` further on in the payload.
    #[inline]
    pub const fn skip(self, octets: usize) -> Self {
        #[allow(clippy::cast_possible_truncation, reason = "below four")]
        Self(self.0.rotate_right(8 * (octets % 4) as u32))
    }

    /// Masks, or unmasks, `octets` in place; the mask of what follows.
    #[inline]
    pub fn apply(self, octets: &mut [u8]) -> Self {
        if octets.len() <= SMALL {
            apply_words(octets, self);
        } else {
            apply_large(Isa::detect(), octets, self);
        }
        self.skip(octets.len())
    }

    /// Appends `source` to `target`, masked, in one pass; the mask of what follows. Allocates where
    /// `target` has no room.
    #[inline]
    #[allow(unsafe_code, reason = "the length of a vector that was filled")]
    pub fn append(self, source: &[u8], target: &mut Vec<u8>) -> Self {
        target.reserve(source.len());
        let length = target.len();
        let room = target.spare_capacity_mut();
        if source.len() <= SMALL {
            copy_words(source, room, self);
        } else {
            copy_large(Isa::detect(), source, room, self);
        }
        // SAFETY: `reserve` made room for `source`, and the copy has written as many octets of it.
        unsafe { target.set_len(length + source.len()) };
        self.skip(source.len())
    }

    /// The key twice, as one word of the machine's order.
    #[inline(always)]
    pub(crate) const fn word(self) -> u64 {
        let word = self.0 as u64;
        (word | word << 32).to_le()
    }
}

type Room = [core::mem::MaybeUninit<u8>];

/// The definition: each octet with the octet of the key that its place has.
#[cfg(any(test, miri))]
pub(crate) fn define(octets: &mut [u8], mask: Mask) {
    for (at, octet) in octets.iter_mut().enumerate() {
        *octet ^= mask.key()[at % 4];
    }
}

/// Word by word; compiled once for each instruction set.
#[inline(always)]
pub(crate) fn apply_words(octets: &mut [u8], mask: Mask) {
    let key = mask.word();
    let (words, rest) = octets.as_chunks_mut::<8>();
    for word in words {
        *word = (u64::from_ne_bytes(*word) ^ key).to_ne_bytes();
    }
    let mut key = mask.0;
    let (half, rest) = rest.as_chunks_mut::<4>();
    for four in half {
        *four = (u32::from_le_bytes(*four) ^ key).to_le_bytes();
    }
    for octet in rest {
        *octet ^= key.to_le_bytes()[0];
        key >>= 8;
    }
}

/// The same into memory that holds nothing yet, which is at least as long as `source`.
#[inline(always)]
pub(crate) fn copy_words(source: &[u8], room: &mut Room, mask: Mask) {
    use core::mem::MaybeUninit;
    let key = mask.word();
    let (words, rest) = source.as_chunks::<8>();
    let (rooms, _) = room.as_chunks_mut::<8>();
    for (word, room) in words.iter().zip(rooms) {
        *room = (u64::from_ne_bytes(*word) ^ key).to_ne_bytes().map(MaybeUninit::new);
    }
    let behind = room.get_mut(8 * words.len()..).unwrap_or_default();
    let mut key = mask.0;
    for (&octet, room) in rest.iter().zip(behind) {
        room.write(octet ^ key.to_le_bytes()[0]);
        key = key.rotate_right(8);
    }
}

#[inline]
pub(crate) fn apply_large(isa: Isa, octets: &mut [u8], mask: Mask) {
    #[cfg(target_arch = "x86_64")]
    crate::x86_64::mask(isa, octets, mask);
    #[cfg(not(target_arch = "x86_64"))]
    {
        let _ = isa; // NEON is what these machines compile everything to.
        apply_words(octets, mask);
    }
}

#[inline]
pub(crate) fn copy_large(isa: Isa, source: &[u8], room: &mut Room, mask: Mask) {
    #[cfg(target_arch = "x86_64")]
    crate::x86_64::mask_copy(isa, source, room, mask);
    #[cfg(not(target_arch = "x86_64"))]
    {
        let _ = isa;
        copy_words(source, room, mask);
    }
}
