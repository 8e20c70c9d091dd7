//! The Range field (RFC 9110 section 14.2) against the length of a representation.

use core::ops::Range;

/// How many ranges of a request are answered. More, and the whole representation is sent.
///
/// Each range costs a part's head of some hundred octets and a seek. Without a bound, a request of
/// thousands of ranges, most of them overlapping, makes a server send many times the file or hold
/// as many buffers: CVE-2011-3192. Sixteen is more than any viewer of PDF asks for.
pub(crate) const MAX_RANGES: usize = 16;

/// What of a representation is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "lies on the stack, so that nothing is allocated")]
pub(crate) enum Ranges {
    /// All of it, as if there were no Range: 200. Another unit, a malformed or invalid specifier,
    /// more than [`MAX_RANGES`], ranges that overlap, or a suffix of an empty representation, which
    /// Content-Range cannot express. RFC 9110 section 14.2 allows ignoring each of these.
    Whole,
    /// One range: 206 with Content-Range.
    One(Range<u64>),
    /// Two or more: 206 as multipart/byteranges.
    Many(RangeList),
    /// None that lies within the length: 416 with `Content-Range: bytes */length`.
    Unsatisfiable,
}

/// Two to sixteen ranges in the order of the request. None is empty, all lie within the length, and
/// no two overlap: together they are never more than the representation. On the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RangeList {
    /// Start and end.
    ranges: [(u64, u64); MAX_RANGES],
    length: usize,
}

impl RangeList {
    const EMPTY: Self = Self { ranges: [(0, 0); MAX_RANGES], length: 0 };

    /// The ranges.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Range<u64>> + '_ {
        self.ranges.iter().take(self.length).map(|&(start, end)| start..end)
    }

    /// How many there are.
    pub(crate) const fn len(&self) -> usize {
        self.length
    }

    /// The range at `position`.
    pub(crate) fn at(&self, position: usize) -> Option<Range<u64>> {
        self.iter().nth(position)
    }

    /// `false` where there is no room, or where `range` overlaps with one that is there.
    fn add(&mut self, range: &Range<u64>) -> bool {
        let overlaps = |other: Range<u64>| range.start < other.end && other.start < range.end;
        if self.iter().any(overlaps) {
            return false;
        }
        let Some(slot) = self.ranges.get_mut(self.length) else { return false };
        *slot = (range.start, range.end);
        self.length = self.length.saturating_add(1);
        true
    }
}

/// What the value of Range means for a representation of `length` octets. Allocates nothing, and
/// compares each range with at most fifteen others.
///
/// Whether the field counts at all is for [`conditional`](super::conditional) to say: only with
/// GET, and only if If-Range holds.
pub(crate) fn parse(value: &[u8], length: u64) -> Ranges {
    let Some(set) = byte_set(value) else { return Ranges::Whole };
    let (mut list, mut asked) = (RangeList::EMPTY, 0_usize);
    for element in set.split(|&octet| octet == b',').map(trim) {
        // RFC 9110 section 5.6.1.2: empty elements are ignored.
        if element.is_empty() {
            continue;
        }
        asked = asked.saturating_add(1);
        let Some(spec) = RangeSpec::parse(element) else { return Ranges::Whole };
        let range = match spec.within(length) {
            Within::Range(range) => range,
            Within::Outside => continue,
            Within::All => return Ranges::Whole,
        };
        if asked > MAX_RANGES || !list.add(&range) {
            return Ranges::Whole;
        }
    }
    match (asked, list.len()) {
        (0, _) => Ranges::Whole,
        (1..=MAX_RANGES, 0) => Ranges::Unsatisfiable,
        (1..=MAX_RANGES, 1) => list.at(0).map_or(Ranges::Whole, Ranges::One),
        (1..=MAX_RANGES, _) => Ranges::Many(list),
        _ => Ranges::Whole,
    }
}

/// What stands behind `bytes=`. Units are case-insensitive (RFC 9110 section 14.1).
fn byte_set(value: &[u8]) -> Option<&[u8]> {
    let (unit, set) = value.split_first_chunk::<5>()?;
    if unit.eq_ignore_ascii_case(b"bytes") { set.strip_prefix(b"=") } else { None }
}

/// Without the optional whitespace of a list (RFC 9110 section 5.6.3).
fn trim(element: &[u8]) -> &[u8] {
    let is_space = |octet: &u8| matches!(octet, b' ' | b'\t');
    let start = element.iter().take_while(|octet| is_space(octet)).count();
    let rest = element.get(start..).unwrap_or_default();
    let end = rest.iter().rposition(|octet| !is_space(octet)).map_or(0, |last| last + 1);
    rest.get(..end).unwrap_or_default()
}

/// RFC 9110 section 14.1.1. A number beyond 64 bits is the largest that there is: it means the
/// same, as no representation is that long.
enum RangeSpec {
    /// `first-` or `first-last`, both inclusive.
    Int { first: u64, last: Option<u64> },
    /// `-length`.
    Suffix { length: u64 },
}

enum Within {
    Range(Range<u64>),
    Outside,
    /// A suffix of nothing: satisfiable (RFC 9110 section 14.1.2), but there is no way to say so.
    All,
}

impl RangeSpec {
    /// `None` for what is malformed, and where the last position is before the first.
    fn parse(element: &[u8]) -> Option<Self> {
        let hyphen = element.iter().position(|&octet| octet == b'-')?;
        let (first, rest) = element.split_at_checked(hyphen)?;
        match (first, rest.strip_prefix(b"-")?) {
            ([], suffix) => Some(Self::Suffix { length: number(suffix)? }),
            (first, []) => Some(Self::Int { first: number(first)?, last: None }),
            (first, last) => {
                let (first, last) = (number(first)?, number(last)?);
                (first <= last).then_some(Self::Int { first, last: Some(last) })
            }
        }
    }

    /// RFC 9110 section 14.1.2: clamped to what there is.
    fn within(&self, length: u64) -> Within {
        match *self {
            Self::Suffix { length: 0 } => Within::Outside,
            Self::Suffix { .. } if length == 0 => Within::All,
            Self::Suffix { length: suffix } => Within::Range(length.saturating_sub(suffix)..length),
            Self::Int { first, .. } if first >= length => Within::Outside,
            Self::Int { first, last } => {
                let end = last.map_or(length, |last| last.saturating_add(1).min(length));
                Within::Range(first..end)
            }
        }
    }
}

fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u64, |number, &octet| {
        let digit = octet.is_ascii_digit().then(|| u64::from(octet - b'0'))?;
        Some(number.saturating_mul(10).saturating_add(digit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn many(ranges: &[Range<u64>]) -> Ranges {
        let mut list = RangeList::EMPTY;
        assert!(ranges.iter().all(|range| list.add(range)));
        Ranges::Many(list)
    }

    /// The examples of RFC 9110 section 14.1.2, for a representation of 10,000 octets.
    #[test]
    fn rfc9110_14_1_2_examples() {
        for (value, expected) in [
            ("bytes=0-499", Ranges::One(0..500)),
            ("bytes=500-999", Ranges::One(500..1_000)),
            ("bytes=-500", Ranges::One(9_500..10_000)),
            ("bytes=9500-", Ranges::One(9_500..10_000)),
            ("bytes=0-0,-1", many(&[0..1, 9_999..10_000])),
            ("bytes= 0-999, 4500-5499, -1000", many(&[0..1_000, 4_500..5_500, 9_000..10_000])),
            ("bytes=500-600,601-999", many(&[500..601, 601..1_000])),
            // Overlapping: to be ignored, by our choice.
            ("bytes=500-700,601-999", Ranges::Whole),
        ] {
            assert_eq!(parse(value.as_bytes(), 10_000), expected, "{value}");
        }
    }

    #[test]
    fn single_ranges() {
        use Ranges::{One, Unsatisfiable, Whole};
        for (value, length, expected) in [
            ("bytes=0-", 10, One(0..10)),
            ("bytes=0-9", 10, One(0..10)),
            ("bytes=0-10", 10, One(0..10)),
            ("bytes=9-9", 10, One(9..10)),
            ("bytes=9-", 10, One(9..10)),
            ("bytes=10-", 10, Unsatisfiable),
            ("bytes=10-11", 10, Unsatisfiable),
            ("bytes=-10", 10, One(0..10)),
            ("bytes=-11", 10, One(0..10)),
            ("bytes=-1", 10, One(9..10)),
            ("bytes=-0", 10, Unsatisfiable),
            ("bytes=-00", 10, Unsatisfiable),
            ("bytes=00-007", 10, One(0..8)),
            ("BYTES=0-1", 10, One(0..2)),
            ("bytes=\t0-1 ,, ,", 10, One(0..2)),
            ("bytes=,0-1", 10, One(0..2)),
            // Numbers beyond 64 bits.
            ("bytes=0-18446744073709551615", 10, One(0..10)),
            ("bytes=0-18446744073709551616", 10, One(0..10)),
            ("bytes=1-99999999999999999999999999", 10, One(1..10)),
            ("bytes=-99999999999999999999999999", 10, One(0..10)),
            ("bytes=99999999999999999999999999-", 10, Unsatisfiable),
            ("bytes=99999999999999999999999999-", u64::MAX, Unsatisfiable),
            ("bytes=18446744073709551614-", u64::MAX, One(u64::MAX - 1..u64::MAX)),
            ("bytes=0-18446744073709551615", u64::MAX, One(0..u64::MAX)),
            // Nothing to take from.
            ("bytes=0-", 0, Unsatisfiable),
            ("bytes=0-0", 0, Unsatisfiable),
            ("bytes=-0", 0, Unsatisfiable),
            ("bytes=-1", 0, Whole),
            ("bytes=0-,-1", 0, Whole),
            // One of several is left.
            ("bytes=0-1,20-30", 10, One(0..2)),
            ("bytes=20-30,-0,-2", 10, One(8..10)),
            ("bytes=20-30,40-", 10, Unsatisfiable),
        ] {
            assert_eq!(parse(value.as_bytes(), length), expected, "{value} of {length}");
        }
    }

    /// RFC 9110 section 14.2: a server may ignore an invalid specifier, and does so with a unit
    /// that it does not understand.
    #[test]
    fn rfc9110_14_2_ignored() {
        for value in [
            "",
            "bytes",
            "bytes=",
            "bytes=,",
            "bytes= ",
            "bytes=-",
            "bytes=a-b",
            "bytes=1",
            "bytes=2-1",
            "bytes=1-0,0-1",
            "bytes=0-1,",
            "bytes =0-1",
            "bytes:0-1",
            "byte=0-1",
            "bytess=0-1",
            "lines=0-1",
            "bytes=0 - 1",
            "bytes=0- 1",
            "bytes=- 1",
            "bytes=--1",
            "bytes=1--2",
            "bytes=-1-2",
            "bytes=+1-2",
            "bytes=0x1-2",
            "bytes=0-1;2-3",
            "bytes=0-1 2-3",
            "bytes=0-1,x",
            "bytes=99-,x",
            "bytes=0-1,5-4",
            "0-1",
            "none",
            "bytes=0-1bytes=",
            "bytes=1.5-2",
            "bytes=\u{661}-\u{662}",
        ] {
            let expected = if value == "bytes=0-1," { Ranges::One(0..2) } else { Ranges::Whole };
            assert_eq!(parse(value.as_bytes(), 10), expected, "{value}");
        }
    }

    fn request(ranges: impl Iterator<Item = String>) -> Vec<u8> {
        format!("bytes={}", ranges.collect::<Vec<_>>().join(",")).into_bytes()
    }

    #[test]
    fn up_to_sixteen() {
        let apart = |count: u64| request((0..count).map(|n| format!("{}-{}", 10 * n, 10 * n + 4)));
        let Ranges::Many(list) = parse(&apart(16), 1_000) else { panic!("sixteen are answered") };
        assert_eq!(list.len(), MAX_RANGES);
        assert!(list.iter().enumerate().all(|(n, range)| range.start == 10 * n as u64));
        assert_eq!(list.at(16), None);
        assert_eq!(parse(&apart(17), 1_000), Ranges::Whole);
        // Ranges that lie outside count as well: they are work too.
        assert_eq!(parse(&apart(17), 5), Ranges::Whole);
        assert_eq!(parse(&request((0..17).map(|n| format!("{n}-"))), 0), Ranges::Whole);
    }

    /// The requests of CVE-2011-3192, and kin.
    #[test]
    fn ranges_that_multiply_the_content() {
        for value in [
            request((0..1_300).map(|n| format!("5-{}", n + 5))),
            request((0..1_300).map(|n| format!("{n}-"))),
            request((0..10_000).map(|n| format!("{}-{}", 2 * n, 2 * n))),
            request((0..2).map(|_| "0-".to_owned())),
            request((1..3).map(|n| format!("-{n}"))),
            request(["0-9", "3-4"].into_iter().map(str::to_owned)),
            request(["3-4", "0-9"].into_iter().map(str::to_owned)),
            request(["3-4", "4-4"].into_iter().map(str::to_owned)),
        ] {
            assert_eq!(parse(&value, 100_000), Ranges::Whole);
        }
    }

    /// Whatever is asked for, what is sent lies within the length, once.
    #[test]
    fn answers_are_within_and_disjoint() {
        let mut seed = 0x2545_f491_4f6c_dd1d_u64;
        let mut below = |bound: u64| {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            seed % bound
        };
        for round in 0..20_000 {
            let length = below(40);
            let specs = (0..below(5)).map(|_| match below(3) {
                0 => format!("-{}", below(20)),
                1 => format!("{}-", below(50)),
                _ => format!("{}-{}", below(30), 10 + below(40)),
            });
            let value = request(specs.collect::<Vec<_>>().into_iter());
            let ranges: Vec<_> = match parse(&value, length) {
                Ranges::One(range) => vec![range],
                Ranges::Many(list) => list.iter().collect(),
                Ranges::Whole | Ranges::Unsatisfiable => continue,
            };
            let shown = value.escape_ascii();
            let all: u64 = ranges.iter().map(|range| range.end - range.start).sum();
            assert!(all <= length, "round {round}: {shown}");
            assert!(ranges.iter().all(|range| range.start < range.end && range.end <= length));
        }
    }
}
