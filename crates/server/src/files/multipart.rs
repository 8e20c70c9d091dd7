//! multipart/byteranges (RFC 9110 section 14.6): the octets between the ranges, and their exact
//! length, which is known before any of them is sent.

use core::ops::Range;

use super::range::RangeList;

/// What separates the parts: 32 hexadecimal digits (RFC 2046 section 5.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Boundary([u8; Self::LENGTH]);

impl Boundary {
    const LENGTH: usize = 32;

    /// The boundary that `seed` makes. It must not occur in the content, and whoever wrote the
    /// content must not be able to guess it: give a number that is random, and new each time.
    pub(crate) fn new(seed: u128) -> Self {
        let mut digits = [b'0'; Self::LENGTH];
        let mut rest = seed;
        for digit in digits.iter_mut().rev() {
            let value = u8::try_from(rest & 0xf).unwrap_or(0);
            *digit = value + if value < 10 { b'0' } else { b'a' - 10 };
            rest >>= 4;
        }
        Self(digits)
    }
}

/// The frame of a 206 response with several parts. Its content is, for each range,
/// [`part_head`](Self::part_head) and the octets of the range, and [`end`](Self::end) at last:
/// [`length`](Self::length) octets in all.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Multipart<'a> {
    /// What separates the parts.
    pub(crate) boundary: Boundary,
    /// The Content-Type of the representation, which each part repeats.
    pub(crate) media_type: &'a [u8],
    /// Octets of the whole representation.
    pub(crate) length: u64,
}

const CONTENT_TYPE: &[u8] = b"\r\nContent-Type: ";
const CONTENT_RANGE: &[u8] = b"\r\nContent-Range: ";
const HEAD_END: &[u8] = b"\r\n\r\n";

impl Multipart<'_> {
    /// Appends the value of the response's Content-Type. The response has no Content-Range: its
    /// parts do (RFC 9110 section 15.3.7.2).
    pub(crate) fn content_type(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"multipart/byteranges; boundary=");
        out.extend_from_slice(&self.boundary.0);
    }

    /// Appends what stands before the octets of `range`. The first delimiter starts the content,
    /// the others end the part before them.
    pub(crate) fn part_head(&self, is_first: bool, range: &Range<u64>, out: &mut Vec<u8>) {
        out.extend_from_slice(if is_first { b"--" } else { b"\r\n--" });
        out.extend_from_slice(&self.boundary.0);
        out.extend_from_slice(CONTENT_TYPE);
        out.extend_from_slice(self.media_type);
        out.extend_from_slice(CONTENT_RANGE);
        content_range(range, self.length, out);
        out.extend_from_slice(HEAD_END);
    }

    /// Appends what stands behind the octets of the last range.
    pub(crate) fn end(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"\r\n--");
        out.extend_from_slice(&self.boundary.0);
        out.extend_from_slice(b"--\r\n");
    }

    /// Octets of the content: heads, ranges and end. Where that is more than the representation,
    /// sending the whole of it is cheaper for everyone, and allowed (RFC 9110 section 14.2). Makes
    /// nothing of it; `u64::MAX` where the sum has no room.
    pub(crate) fn content_length(&self, ranges: &RangeList) -> u64 {
        let parts = ranges.iter().enumerate().map(|(position, range)| {
            let head = self.part_head_length(position == 0, &range);
            head.saturating_add(range.end.saturating_sub(range.start))
        });
        let end = 4 + Boundary::LENGTH as u64 + 4;
        parts.fold(end, u64::saturating_add)
    }

    /// Octets of [`part_head`](Self::part_head).
    fn part_head_length(&self, is_first: bool, range: &Range<u64>) -> u64 {
        let fixed = Boundary::LENGTH + CONTENT_TYPE.len() + CONTENT_RANGE.len() + HEAD_END.len();
        let delimiter = if is_first { 2 } else { 4 };
        let all = fixed.saturating_add(self.media_type.len()).saturating_add(delimiter);
        (all as u64).saturating_add(content_range_length(range, self.length))
    }
}

/// Appends the value of Content-Range for `range`, which is not empty, of `length` octets (RFC 9110
/// section 14.4).
pub(crate) fn content_range(range: &Range<u64>, length: u64, out: &mut Vec<u8>) {
    out.extend_from_slice(UNIT);
    decimal(range.start, out);
    out.push(b'-');
    decimal(range.end.saturating_sub(1), out);
    out.push(b'/');
    decimal(length, out);
}

/// Appends the value of Content-Range for 416 (RFC 9110 section 15.5.17).
pub(crate) fn unsatisfied_range(length: u64, out: &mut Vec<u8>) {
    out.extend_from_slice(UNIT);
    out.extend_from_slice(b"*/");
    decimal(length, out);
}

const UNIT: &[u8] = b"bytes ";

fn content_range_length(range: &Range<u64>, length: u64) -> u64 {
    let numbers = [range.start, range.end.saturating_sub(1), length];
    UNIT.len() as u64 + 2 + numbers.map(digits).iter().sum::<u64>()
}

/// Decimal digits of a number.
fn digits(number: u64) -> u64 {
    number.checked_ilog10().map_or(1, |log| u64::from(log) + 1)
}

fn decimal(number: u64, out: &mut Vec<u8>) {
    let mut digits = [0; 20];
    let (mut rest, mut used) = (number, 0_usize);
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        used += 1;
        if rest == 0 {
            break;
        }
    }
    let start = digits.len().saturating_sub(used);
    out.extend_from_slice(digits.get(start..).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::super::range::{Ranges, parse};
    use super::*;

    fn rendered(multipart: &Multipart<'_>, ranges: &RangeList, content: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        for (position, range) in ranges.iter().enumerate() {
            multipart.part_head(position == 0, &range, &mut out);
            let range = usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap();
            out.extend_from_slice(&content[range]);
        }
        multipart.end(&mut out);
        out
    }

    #[test]
    fn rfc9110_14_6_parts() {
        let Ranges::Many(ranges) = parse(b"bytes=0-1, 5-5, -3", 26) else { panic!("three ranges") };
        let boundary = Boundary::new(0x0123_4567_89ab_cdef_u128);
        let multipart = Multipart { boundary, media_type: b"text/plain", length: 26 };
        let mut value = Vec::new();
        multipart.content_type(&mut value);
        let named = b"multipart/byteranges; boundary=00000000000000000123456789abcdef";
        assert_eq!(value.escape_ascii().to_string(), named.escape_ascii().to_string());
        let text = "--00000000000000000123456789abcdef\r\n\
            Content-Type: text/plain\r\nContent-Range: bytes 0-1/26\r\n\r\n\
            ab\r\n--00000000000000000123456789abcdef\r\n\
            Content-Type: text/plain\r\nContent-Range: bytes 5-5/26\r\n\r\n\
            f\r\n--00000000000000000123456789abcdef\r\n\
            Content-Type: text/plain\r\nContent-Range: bytes 23-25/26\r\n\r\n\
            xyz\r\n--00000000000000000123456789abcdef--\r\n";
        let content = rendered(&multipart, &ranges, b"abcdefghijklmnopqrstuvwxyz");
        assert_eq!(String::from_utf8(content).unwrap(), text);
        assert_eq!(multipart.content_length(&ranges), text.len() as u64);
    }

    #[test]
    fn lengths_are_exact() {
        let content = vec![b'x'; 12_345];
        let boundary = Boundary::new(u128::MAX);
        for value in [
            "bytes=0-0,-1",
            "bytes=0-8,9-9,10-98,99-99,100-998,999-999,1000-9998,9999-9999,10000-",
            "bytes=10000-,0-9999",
            "bytes=1-1,3-3,5-5,7-7,9-9,11-11,13-13,\
             15-15,17-17,19-19,21-21,23-23,25-25,27-27,29-29,31-31",
        ] {
            let Ranges::Many(ranges) = parse(value.as_bytes(), 12_345) else { panic!("{value}") };
            for media_type in [&b""[..], b"text/html; charset=utf-8"] {
                let multipart = Multipart { boundary, media_type, length: 12_345 };
                let length = rendered(&multipart, &ranges, &content).len() as u64;
                assert_eq!(multipart.content_length(&ranges), length, "{value}");
            }
        }
    }

    #[test]
    fn numbers_and_their_digits() {
        let powers = (0..20).map(|power| 10_u64.pow(power)).flat_map(|n| [n - 1, n, n + 1]);
        for number in powers.chain([0, u64::MAX]) {
            let mut out = Vec::new();
            decimal(number, &mut out);
            assert_eq!(out, number.to_string().as_bytes());
            assert_eq!(digits(number), out.len() as u64);
        }
    }

    #[test]
    fn content_range_values() {
        let mut out = Vec::new();
        content_range(&(0..u64::MAX), u64::MAX, &mut out);
        assert_eq!(out, b"bytes 0-18446744073709551614/18446744073709551615");
        assert_eq!(content_range_length(&(0..u64::MAX), u64::MAX), out.len() as u64);
        out.clear();
        unsatisfied_range(0, &mut out);
        assert_eq!(out, b"bytes */0");
    }

    #[test]
    fn lengths_beyond_64_bits_saturate() {
        let value = b"bytes=0-99,100-";
        let Ranges::Many(ranges) = parse(value, u64::MAX) else { panic!("two ranges") };
        let multipart =
            Multipart { boundary: Boundary::new(1), media_type: b"a/b", length: u64::MAX };
        assert_eq!(multipart.content_length(&ranges), u64::MAX);
    }
}
