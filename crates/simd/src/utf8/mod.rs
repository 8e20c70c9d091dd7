//! UTF-8, checked as it comes: in whole, in pieces that may end inside a character, and while it is
//! unmasked.
//!
//! The definition is the standard library's: a piece is sound if `core::str::from_utf8` finds no
//! error in it, or none but that its end is missing. That is also the earliest that an error can be
//! told: `E0 80` is one though a third octet is to come, `E2 82` is none yet.
//!
//! # How it is made fast
//!
//! 1. Blocks of 64 octets go through the look-up algorithm of Keiser and Lemire ("Validating UTF-8
//!    in less than one instruction per byte", 2021): three look-ups in tables of sixteen, by the
//!    halves of an octet and of the one before it, whose AND has a bit for each way in which two
//!    octets may not follow each other; and two subtractions that find where third and fourth
//!    octets are due. It does the same whatever the text is, where a machine of states waits for
//!    each octet. Blocks of ASCII are seen by one OR and cost nothing else.
//! 2. Where the last character begins that is incomplete is found by looking at three octets. The
//!    blocks, the last one filled up with zeros, answer for what is before it, and the standard
//!    library for those three: so there is one definition of an incomplete end.
//! 3. A text that is unmasked is checked in the same pass, while its octets are in registers.
//! 4. Up to [`SMALL`] octets the standard library does it all.
//!
//! # What was tried
//!
//! - The `simdutf8` crate, which has the same algorithm: as fast from 16 KiB on, and at 1 KiB of
//!   ASCII faster; but it is a second pass over what was just unmasked, and has no
//!   notion of a piece. The bench `websocket/utf8` holds the two against each other.
//! - The octets behind the last whole block by the standard library: slower where they are
//!   not ASCII.
//! - Unmasking and checking in turns of 4 KiB: two loads and a store for each octet, and not one.

#[cfg(any(target_arch = "aarch64", target_arch = "x86_64", test))]
pub(crate) mod tables;

use crate::{Isa, Mask};

/// Octets below which the blocks are not worth the dispatch.
const SMALL: usize = 32;

/// What is not UTF-8, and cannot become it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_structs, reason = "there is nothing more to say")]
pub struct InvalidUtf8;

/// The check of one text that comes in pieces: at most three octets of a character whose end has
/// not come.
///
/// ```
/// use shockwave_simd::{InvalidUtf8, Utf8};
///
/// let mut text = Utf8::new();
/// let piece = text.push(b"h\xC3")?;
/// assert_eq!((piece.split.as_str(), piece.text), ("", "h"));
/// assert!(!text.is_complete());
/// let piece = text.push(b"\xA9!")?;
/// assert_eq!((piece.split.as_str(), piece.text), ("\u{e9}", "!"));
/// assert!(text.is_complete());
/// assert_eq!(text.push(b"\xE0\x80").err(), Some(InvalidUtf8)); // no third octet can mend it
/// # Ok::<_, InvalidUtf8>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Utf8 {
    octets: [u8; 3],
    count: u8,
}

/// A sound piece of a text: first the character that earlier pieces began, then what is whole in
/// this one. What it ends with and does not complete is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "built and taken apart on the hot path")]
pub struct Piece<'b> {
    /// The character that began in an earlier piece and ends in this one.
    pub split: Split,
    /// The whole characters behind it.
    pub text: &'b str,
}

/// No character, or one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Split {
    octets: [u8; 4],
    count: u8,
}

impl Split {
    const NONE: Self = Self { octets: [0; 4], count: 0 };

    /// The character, or nothing.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(self.as_octets()).unwrap_or_default()
    }

    fn as_octets(&self) -> &[u8] {
        self.octets.get(..usize::from(self.count)).unwrap_or_default()
    }

    fn push(&mut self, octet: u8) {
        if let Some(room) = self.octets.get_mut(usize::from(self.count)) {
            *room = octet;
            self.count += 1;
        }
    }
}

impl Utf8 {
    /// The beginning of a text.
    #[must_use]
    pub const fn new() -> Self {
        Self { octets: [0; 3], count: 0 }
    }

    /// Whether the text may end here: no character is incomplete.
    #[inline]
    #[must_use]
    pub const fn is_complete(self) -> bool {
        self.count == 0
    }

    /// Checks the next piece of the text.
    ///
    /// # Errors
    /// [`InvalidUtf8`], at the first octet that cannot be part of a text, wherever the pieces were
    /// cut. The check is of no use then.
    #[inline]
    pub fn push<'b>(&mut self, octets: &'b [u8]) -> Result<Piece<'b>, InvalidUtf8> {
        let (split, octets) = if self.count == 0 {
            (Split::NONE, octets)
        } else {
            let (split, used) = self.complete(octets)?;
            if self.count != 0 {
                return Ok(Piece { split, text: "" });
            }
            (split, octets.get(used..).unwrap_or_default())
        };
        let (text, rest) = sound_part(octets)?;
        self.keep(rest);
        Ok(Piece { split, text })
    }

    /// Unmasks the next piece of the text in place and checks it, in one pass; the mask of what
    /// follows beside it.
    ///
    /// # Errors
    /// As [`push`](Self::push). What the octets are then is not said.
    #[inline]
    pub fn push_masked<'b>(
        &mut self,
        octets: &'b mut [u8],
        mask: Mask,
    ) -> Result<(Piece<'b>, Mask), InvalidUtf8> {
        let after = mask.skip(octets.len());
        if self.count == 0 && octets.len() > SMALL {
            let (text, rest) = unmasked_part(Isa::detect(), octets, mask)?;
            self.keep(rest);
            return Ok((Piece { split: Split::NONE, text }, after));
        }
        let _ = mask.apply(octets);
        Ok((self.push(octets)?, after))
    }

    /// Adds octets to the incomplete character until it is one, or the octets end; how many.
    #[cold]
    fn complete(&mut self, octets: &[u8]) -> Result<(Split, usize), InvalidUtf8> {
        let mut split = Split::NONE;
        for &octet in self.octets.iter().take(usize::from(self.count)) {
            split.push(octet);
        }
        for (&octet, used) in octets.iter().zip(1..) {
            split.push(octet);
            match core::str::from_utf8(split.as_octets()) {
                Ok(_) => {
                    self.count = 0;
                    return Ok((split, used));
                }
                Err(error) if error.error_len().is_some() => return Err(InvalidUtf8),
                Err(_) => {}
            }
        }
        self.keep(split.as_octets());
        Ok((Split::NONE, octets.len()))
    }

    #[inline]
    fn keep(&mut self, rest: &[u8]) {
        self.count = 0;
        for (kept, &octet) in self.octets.iter_mut().zip(rest) {
            *kept = octet;
            self.count += 1;
        }
    }
}

/// Checks a whole text.
///
/// # Errors
/// [`InvalidUtf8`], also where it ends inside a character.
#[inline]
pub fn from_utf8(octets: &[u8]) -> Result<&str, InvalidUtf8> {
    match sound_part(octets)? {
        (text, []) => Ok(text),
        _ => Err(InvalidUtf8),
    }
}

/// Unmasks a whole text in place and checks it, in one pass.
///
/// # Errors
/// As [`from_utf8`]. What the octets are then is not said.
#[inline]
pub fn from_masked_utf8(octets: &mut [u8], mask: Mask) -> Result<&str, InvalidUtf8> {
    if octets.len() <= SMALL {
        let _ = mask.apply(octets);
        return core::str::from_utf8(octets).map_err(|_| InvalidUtf8);
    }
    match unmasked_part(Isa::detect(), octets, mask)? {
        (text, []) => Ok(text),
        _ => Err(InvalidUtf8),
    }
}

type Parts<'b> = (&'b str, &'b [u8]);

/// Whole characters, and the beginning of one, of at most three octets.
#[inline]
fn sound_part(octets: &[u8]) -> Result<Parts<'_>, InvalidUtf8> {
    if octets.len() <= SMALL {
        return sound_part_portable(octets);
    }
    sound_part_with(Isa::detect(), octets)
}

/// The definition.
pub(crate) fn sound_part_portable(octets: &[u8]) -> Result<Parts<'_>, InvalidUtf8> {
    let error = match core::str::from_utf8(octets) {
        Ok(text) => return Ok((text, &[])),
        Err(error) => error,
    };
    let (text, rest) = octets.split_at_checked(error.valid_up_to()).unwrap_or_default();
    match (error.error_len(), core::str::from_utf8(text)) {
        (None, Ok(text)) => Ok((text, rest)),
        _ => Err(InvalidUtf8),
    }
}

/// The same by `isa`.
pub(crate) fn sound_part_with(isa: Isa, octets: &[u8]) -> Result<Parts<'_>, InvalidUtf8> {
    #[cfg(target_arch = "x86_64")]
    if let Some(sound) = crate::x86_64::utf8_is_sound(isa, octets) {
        return parts(octets, sound);
    }
    #[cfg(target_arch = "aarch64")]
    if isa.0 == crate::isa::Kind::Neon {
        return parts(octets, crate::aarch64::utf8::is_sound(octets));
    }
    let _ = isa;
    sound_part_portable(octets)
}

/// Unmasks by `isa`, and then as [`sound_part_with`].
pub(crate) fn unmasked_part(
    isa: Isa,
    octets: &mut [u8],
    mask: Mask,
) -> Result<Parts<'_>, InvalidUtf8> {
    #[cfg(target_arch = "x86_64")]
    if let Some(sound) = crate::x86_64::unmask_utf8(isa, octets, mask) {
        return parts(octets, sound);
    }
    let _ = mask.apply(octets);
    sound_part_with(isa, octets)
}

/// Where the last character begins, if it is incomplete; otherwise the end.
#[inline(always)]
pub(crate) fn whole_length(octets: &[u8]) -> usize {
    // Two instructions where the text ends in ASCII, as most do.
    if octets.last().is_none_or(u8::is_ascii) {
        return octets.len();
    }
    let begun = octets.iter().rev().take(3).zip(1_usize..).find_map(|(&octet, back)| {
        let length = match octet {
            0x80..=0xBF => return None, // a further octet: its first one stands before it
            0xF0.. => 4,
            0xE0.. => 3,
            0xC0.. => 2,
            _ => 1,
        };
        Some(if length > back { back } else { 0 })
    });
    octets.len().saturating_sub(begun.unwrap_or_default())
}

/// The parts of `octets`, which were found to be sound up to [`whole_length`], or not.
#[inline]
#[allow(unsafe_code, reason = "text that was found to be sound")]
pub(crate) fn parts(octets: &[u8], is_sound: bool) -> Result<Parts<'_>, InvalidUtf8> {
    let (text, rest) = octets.split_at_checked(whole_length(octets)).unwrap_or_default();
    // What is incomplete may be more than that: `E0 80` is.
    if !is_sound || (!rest.is_empty() && sound_part_portable(rest) != Ok(("", rest))) {
        return Err(InvalidUtf8);
    }
    // SAFETY: all of `text` was found to be sound.
    Ok((unsafe { core::str::from_utf8_unchecked(text) }, rest))
}
