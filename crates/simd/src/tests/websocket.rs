//! Masking and UTF-8: every implementation against the definition.

use core::mem::MaybeUninit;

use super::random;
use crate::mask::{self, Mask};
use crate::utf8::{self, InvalidUtf8, Utf8};
use crate::{Isa, aarch64, from_masked_utf8, from_utf8};

const KEY: [u8; 4] = [0x37, 0xFA, 0x21, 0x3D];

/// Masks by the definition.
fn masked(octets: &[u8], key: Mask) -> Vec<u8> {
    let mut masked = octets.to_vec();
    mask::define(&mut masked, key);
    masked
}

/// Every way of masking that there is, for one input and one phase.
fn check_mask(octets: &[u8], key: Mask) {
    let expected = masked(octets, key);
    let check = |name: &str, found: &[u8]| {
        assert_eq!(found, expected, "{name}, {} octets, {key:?}", octets.len());
    };
    let mut found = octets.to_vec();
    let after = key.apply(&mut found);
    check("apply", &found);
    assert_eq!(after.key()[0], key.key()[octets.len() % 4]);
    let mut found = b"before".to_vec();
    assert_eq!(key.append(octets, &mut found), after);
    assert_eq!(&found[..6], b"before");
    check("append", &found[6..]);
    for isa in Isa::available() {
        let mut found = octets.to_vec();
        mask::apply_large(isa, &mut found, key);
        check(&format!("{isa:?}"), &found);
        let mut room = vec![MaybeUninit::new(0xEE); octets.len() + 1];
        mask::copy_large(isa, octets, &mut room, key);
        // SAFETY: all of it was initialised above.
        #[allow(unsafe_code)]
        let found: Vec<u8> = room.iter().map(|octet| unsafe { octet.assume_init() }).collect();
        check(&format!("copy by {isa:?}"), &found[..octets.len()]);
        assert_eq!(found[octets.len()], 0xEE, "nothing behind it was written");
    }
}

#[test]
fn masks_of_every_length_phase_and_place() {
    let octets: Vec<u8> = (0..400_u32).map(|i| (i * 7).to_le_bytes()[0]).collect();
    let most = if cfg!(miri) { 80 } else { 300 };
    for length in 0..most {
        for phase in 0..4 {
            let start = (length * 5 + phase) % 33;
            check_mask(&octets[start..start + length], Mask::new(KEY).skip(phase));
        }
    }
}

#[test]
fn a_mask_may_be_applied_in_pieces() {
    let octets: Vec<u8> = (0..=255).collect();
    let whole = masked(&octets, Mask::new(KEY));
    for cut in 0..octets.len() {
        let mut pieces = octets.clone();
        let (first, rest) = pieces.split_at_mut(cut);
        let mask = Mask::new(KEY).apply(first);
        assert_eq!(mask, Mask::new(KEY).skip(cut));
        assert_eq!(mask.apply(rest), Mask::new(KEY).skip(octets.len()));
        assert_eq!(pieces, whole, "cut at {cut}");
    }
    assert_eq!(Mask::new(KEY).key(), KEY);
    assert_eq!(Mask::new(KEY).skip(3).key(), [0x3D, 0x37, 0xFA, 0x21]);
}

/// Sound texts and broken ones; each is tried at every shift within text around it.
const TEXTS: &[&[u8]] = &[
    b"",
    b"plain",
    "\u{80}\u{7FF}\u{800}\u{FFFF}\u{10000}\u{10FFFF}".as_bytes(),
    "h\u{e9}llo, \u{4e16}\u{754c}! \u{1f30a}".as_bytes(),
    "\u{D7FF}\u{E000}".as_bytes(),
    b"\x80",
    b"\xBF\xBF",
    b"\xC0\x80",
    b"\xC1\xBF",
    b"\xC2",
    b"\xC2\x41",
    b"\xC3\xC3",
    b"\xE0\x80\x80",
    b"\xE0\x9F\xBF",
    b"\xE0\xA0",
    b"\xE2\x82",
    b"\xE2\x28\xA1",
    b"\xED\xA0\x80",
    b"\xED\xBF\xBF",
    b"\xEF\xBF\xBD\x80",
    b"\xF0\x80\x80\x80",
    b"\xF0\x8F\xBF\xBF",
    b"\xF0\x90\x80",
    b"\xF0\x9F\x98",
    b"\xF4\x90\x80\x80",
    b"\xF5\x80\x80\x80",
    b"\xF8\x88\x80\x80\x80",
    b"\xFE",
    b"\xFF",
];

/// Whole characters and what an incomplete one leaves, by every implementation as by the standard
/// library.
fn check_text(octets: &[u8]) {
    type Parts<'b> = Result<(&'b str, &'b [u8]), InvalidUtf8>;
    let expected: Parts<'_> = utf8::sound_part_portable(octets);
    let check = |name: &str, found: Parts<'_>| {
        assert_eq!(found, expected, "{name}: {}", octets.escape_ascii());
    };
    for isa in Isa::available() {
        check(&format!("{isa:?}"), utf8::sound_part_with(isa, octets));
        let mut hidden = masked(octets, Mask::new(KEY));
        let found = utf8::unmasked_part(isa, &mut hidden, Mask::new(KEY));
        check(&format!("{isa:?}, unmasked"), found);
    }
    check("neon", utf8::parts(octets, aarch64::utf8::is_sound(octets)));
    let whole = core::str::from_utf8(octets).map_err(|_| InvalidUtf8);
    assert_eq!(from_utf8(octets), whole);
    let mut hidden = masked(octets, Mask::new(KEY));
    assert_eq!(from_masked_utf8(&mut hidden, Mask::new(KEY)), whole);
}

#[test]
fn texts_at_every_place() {
    let most = if cfg!(miri) { 3 } else { 70 };
    for text in TEXTS {
        for before in (0..most).chain([120, 125, 126, 127, 128]) {
            for filler in ["a", "\u{e9}", "\u{20ac}", "\u{1f30a}"] {
                let mut octets = filler.repeat(before / filler.len()).into_bytes();
                octets.resize(before, b'x');
                octets.extend_from_slice(text);
                check_text(&octets);
                octets.extend_from_slice(filler.repeat(40).as_bytes());
                check_text(&octets);
            }
        }
    }
}

#[test]
fn every_pair_and_every_first_two_of_longer_ones() {
    for first in 0..=255_u8 {
        for second in (0..=255_u8).step_by(if cfg!(miri) { 51 } else { 1 }) {
            for after in [&b""[..], b"\x80", b"\x80\x80", b"\xBF\xBF"] {
                let mut octets = [b'a'; 130].to_vec();
                octets[62] = first;
                octets[63] = second;
                octets[64..64 + after.len()].copy_from_slice(after);
                check_text(&octets);
            }
        }
    }
}

/// Pushes `octets` in pieces; the text, or after how many octets it was refused.
fn pieces(octets: &[u8], size: usize, mask: Option<Mask>) -> Result<(String, bool), usize> {
    let (mut utf8, mut text, mut mask) = (Utf8::new(), String::new(), mask);
    let mut hidden = octets.to_vec();
    if let Some(mask) = mask {
        mask::define(&mut hidden, mask);
    }
    for (at, piece) in hidden.chunks_mut(size).enumerate() {
        let error = |_| at * size;
        let piece = match mask {
            Some(now) => {
                let (piece, after) = utf8.push_masked(piece, now).map_err(error)?;
                mask = Some(after);
                piece
            }
            None => utf8.push(piece).map_err(error)?,
        };
        text.push_str(piece.split.as_str());
        text.push_str(piece.text);
    }
    Ok((text, utf8.is_complete()))
}

#[test]
fn a_text_may_come_in_pieces_and_fails_at_the_first_wrong_octet() {
    for text in TEXTS {
        let octets = [b"some ", *text, " \u{20ac}".as_bytes(), b" text"].concat();
        let sound = core::str::from_utf8(&octets);
        // Octet by octet, as soon as the standard library knows it.
        let first = (1..=octets.len()).find(|&end| {
            core::str::from_utf8(&octets[..end]).is_err_and(|error| error.error_len().is_some())
        });
        for mask in [None, Some(Mask::new(KEY))] {
            for size in [1, 2, 3, 4, 5, 70] {
                let found = pieces(&octets, size, mask);
                match (sound, first) {
                    (Ok(text), _) => assert_eq!(found, Ok((text.to_owned(), true))),
                    (Err(_), Some(end)) => assert_eq!(found, Err((end - 1) / size * size)),
                    (Err(error), None) => panic!("{error}: something follows"),
                }
            }
        }
    }
}

#[test]
fn random_texts() {
    let mut next = random(0x6455);
    let alphabet = ["a", "b", "\u{e9}", "\u{4e16}", "\u{1f30a}", " "];
    for round in 0..if cfg!(miri) { 20 } else { 4_000 } {
        let mut text = String::new();
        let length = usize::try_from(next() % 400).unwrap();
        let ascii = next().is_multiple_of(3);
        while text.len() < length {
            let choice = usize::try_from(next()).unwrap_or(0) % alphabet.len();
            text.push_str(if ascii { "a" } else { alphabet[choice] });
        }
        let mut octets = text.into_bytes();
        for _ in 0..next() % 3 {
            if let Some(last) = octets.len().checked_sub(1) {
                let at = usize::try_from(next()).unwrap_or(0) % (last + 1);
                octets[at] = next().to_le_bytes()[5];
            }
        }
        check_text(&octets);
        let size = 1 + usize::try_from(next() % 100).unwrap();
        let whole = utf8::sound_part_portable(&octets);
        let found = pieces(&octets, size, Some(Mask::new(KEY)));
        match whole {
            Ok((text, rest)) => assert_eq!(found, Ok((text.to_owned(), rest.is_empty()))),
            Err(InvalidUtf8) => assert!(found.is_err(), "round {round}, pieces of {size}"),
        }
    }
}
