//! Entity tags (RFC 9110 section 8.8.3): made for files, parsed, compared, looked for in lists.

use core::fmt;
use core::time::Duration;
use std::time::{SystemTime, UNIX_EPOCH};

/// An entity tag, borrowed from where it was parsed or made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tag<'a> {
    /// Whether `W/` stands before it.
    pub(crate) weak: bool,
    /// What stands between the quotes.
    pub(crate) opaque: &'a [u8],
}

impl<'a> Tag<'a> {
    /// The tag that a field value is, and nothing else.
    pub(crate) fn parse(value: &'a [u8]) -> Option<Self> {
        match Self::split_first(value)? {
            (tag, []) => Some(tag),
            _ => None,
        }
    }

    /// The tag at the start of `value`, and what follows it. `W` is case-sensitive.
    fn split_first(value: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (weak, quoted) = match value.strip_prefix(b"W/") {
            Some(rest) => (true, rest),
            None => (false, value),
        };
        let rest = quoted.strip_prefix(b"\"")?;
        // etagc = %x21 / %x23-7E / obs-text
        let end = rest.iter().position(|octet| !matches!(octet, 0x21 | 0x23..=0x7e | 0x80..))?;
        let (opaque, rest) = rest.split_at_checked(end)?;
        Some((Self { weak, opaque }, rest.strip_prefix(b"\"")?))
    }

    /// RFC 9110 section 8.8.3.2: both are strong, and the same.
    pub(crate) fn strong_eq(self, other: Tag<'_>) -> bool {
        !self.weak && !other.weak && self.opaque == other.opaque
    }

    /// RFC 9110 section 8.8.3.2: the same, but for `W/`.
    pub(crate) fn weak_eq(self, other: Tag<'_>) -> bool {
        self.opaque == other.opaque
    }
}

/// What a list of entity tags says of one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listed {
    /// The list is `*`.
    Any,
    /// The tag is in it.
    Found,
    /// It is not.
    Missing,
    /// It is no list: neither `*` alone, nor tags.
    Malformed,
}

/// Looks for a tag in If-Match or If-None-Match (RFC 9110 sections 13.1.1 and 13.1.2). `lines` are
/// the values of all field lines, which together are one list (section 5.3); `is_it` compares.
///
/// Reads to the end, in one pass, without memory, so that no list is too long. Empty elements are
/// skipped (section 5.6.1.2).
pub(crate) fn find<'a>(
    lines: impl Iterator<Item = &'a [u8]>,
    mut is_it: impl FnMut(Tag<'a>) -> bool,
) -> Listed {
    let (mut found, mut any, mut tags) = (false, 0_usize, 0_usize);
    for line in lines {
        let mut rest = line;
        while let Some(element) = next_element(&mut rest) {
            match element {
                Element::Any => any = any.saturating_add(1),
                Element::Tag(tag) => {
                    tags = tags.saturating_add(1);
                    found |= is_it(tag);
                }
                Element::Malformed => return Listed::Malformed,
            }
        }
    }
    match (any, tags) {
        (1, 0) => Listed::Any,
        (0, 1..) if found => Listed::Found,
        (0, 1..) => Listed::Missing,
        _ => Listed::Malformed,
    }
}

enum Element<'a> {
    Any,
    Tag(Tag<'a>),
    Malformed,
}

/// A comma may stand inside a tag, so that a list cannot be split at its commas.
fn next_element<'a>(rest: &mut &'a [u8]) -> Option<Element<'a>> {
    let start = rest.iter().position(|octet| !matches!(octet, b' ' | b'\t' | b','))?;
    let value = rest.get(start..)?;
    let (element, after) = match (value, Tag::split_first(value)) {
        ([b'*', after @ ..], _) => (Element::Any, after),
        (_, Some((tag, after))) => (Element::Tag(tag), after),
        (_, None) => return Some(Element::Malformed),
    };
    let after = after.trim_ascii_start();
    *rest = after;
    match after.first() {
        None | Some(b',') => Some(element),
        Some(_) => Some(Element::Malformed),
    }
}

/// How long a file must have been left alone before its tag is strong: the two seconds by which
/// FAT counts, the coarsest clock that a file system has.
const SETTLED: Duration = Duration::from_secs(2);

/// Room for `W/`, two quotes, and two numbers of 64 bits with a hyphen between them.
const MAX_LENGTH: usize = 37;

/// A file's entity tag. Lies on the stack; nothing is allocated.
///
/// Made of its length and the time of its last change, as every server does that cannot hash a
/// file for each request. Is that strong? A strong validator changes with every change to the
/// content (RFC 9110 section 8.8.1), and a clock has a resolution: a file that is changed twice
/// within a tick, and keeps its length, keeps its tag. So a tag is weak while the file's last
/// change is so recent that another could still fall into the same tick, and strong from then on:
/// the rule of section 8.8.2.2 for dates. Weak comparison takes both to be the same, so that
/// If-None-Match holds across the moment, while If-Range and If-Match, which need a strong one, are
/// refused for those two seconds and work after.
///
/// What stays out of sight is a change that sets the time of the change back. Replace files by
/// renaming, and leave their times alone.
#[derive(Clone, Copy)]
pub(crate) struct EntityTag {
    octets: [u8; MAX_LENGTH],
    length: usize,
}

impl EntityTag {
    /// The tag of a file of `length` octets that was last changed at `modified`. A file from the
    /// future has a weak one.
    pub(crate) fn of_file(length: u64, modified: SystemTime, now: SystemTime) -> Self {
        let age = now.duration_since(modified).unwrap_or_default();
        let mut tag = Self { octets: [0; MAX_LENGTH], length: 0 };
        if age < SETTLED {
            tag.push(b"W/");
        }
        tag.push(b"\"");
        tag.push_hex(length);
        tag.push(b"-");
        tag.push_hex(nanoseconds(modified));
        tag.push(b"\"");
        tag
    }

    /// The value of the ETag field.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.octets.get(..self.length).unwrap_or_default()
    }

    /// The same, to be compared.
    pub(crate) fn tag(&self) -> Tag<'_> {
        let weak = self.octets.starts_with(b"W/");
        let start = if weak { 3 } else { 1 };
        let end = self.length.saturating_sub(1);
        Tag { weak, opaque: self.octets.get(start..end).unwrap_or_default() }
    }

    fn push(&mut self, text: &[u8]) {
        let end = self.length.saturating_add(text.len());
        if let Some(room) = self.octets.get_mut(self.length..end) {
            room.copy_from_slice(text);
            self.length = end;
        }
    }

    fn push_hex(&mut self, number: u64) {
        let digits = 16_u32.saturating_sub(number.leading_zeros() / 4).max(1);
        for place in (0..digits).rev() {
            let digit = u32::try_from((number >> (4 * place)) & 0xf).unwrap_or(0);
            let digit = char::from_digit(digit, 16).unwrap_or('0');
            self.push(digit.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
}

impl fmt::Debug for EntityTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EntityTag({})", self.as_bytes().escape_ascii())
    }
}

/// Since 1970; before it, the complement, so that no two times of the years 1386 to 2554 are one.
fn nanoseconds(time: SystemTime) -> u64 {
    let number = |duration: Duration| u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => number(after),
        Err(before) => !number(before.duration()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(86_400);

    fn of(value: &[u8]) -> Option<(bool, &[u8])> {
        Tag::parse(value).map(|tag| (tag.weak, tag.opaque))
    }

    #[test]
    fn rfc9110_8_8_3_grammar() {
        assert_eq!(of(b"\"xyzzy\""), Some((false, &b"xyzzy"[..])));
        assert_eq!(of(b"W/\"xyzzy\""), Some((true, &b"xyzzy"[..])));
        assert_eq!(of(b"\"\""), Some((false, &b""[..])));
        assert_eq!(of(b"\"a,b;!#~\x80\xff\\\""), Some((false, &b"a,b;!#~\x80\xff\\"[..])));
        for wrong in [
            &b""[..],
            b"xyzzy",
            b"\"",
            b"\"xyzzy",
            b"xyzzy\"",
            b"w/\"x\"",
            b"W\"x\"",
            b"W/x",
            b"W/ \"x\"",
            b"\"a b\"",
            b"\"a\tb\"",
            b"\"a\"b\"",
            b" \"a\"",
            b"\"a\" ",
            b"\"a\x7f\"",
            b"*",
            b"\"a\",\"b\"",
            b"'a'",
        ] {
            assert_eq!(of(wrong), None, "{}", wrong.escape_ascii());
        }
    }

    /// The table of RFC 9110 section 8.8.3.2.
    #[test]
    fn rfc9110_8_8_3_2_comparison() {
        for (one, other, strong, weak) in [
            ("W/\"1\"", "W/\"1\"", false, true),
            ("W/\"1\"", "W/\"2\"", false, false),
            ("W/\"1\"", "\"1\"", false, true),
            ("\"1\"", "\"1\"", true, true),
        ] {
            let [one, other] = [one, other].map(|text| Tag::parse(text.as_bytes()).unwrap());
            assert_eq!([one.strong_eq(other), other.strong_eq(one)], [strong; 2]);
            assert_eq!([one.weak_eq(other), other.weak_eq(one)], [weak; 2]);
        }
    }

    #[test]
    fn lists() {
        use Listed::*;
        for (lines, expected) in [
            (&["*"][..], Any),
            (&[" * "], Any),
            (&["\"a\""], Found),
            (&["W/\"a\""], Found),
            (&["\"b\""], Missing),
            (&["\"b\", \"a\""], Found),
            (&["\"b\",\"a\",\"c\""], Found),
            (&["\"b\" \t, W/\"a\""], Found),
            (&["\"b\"", "\"a\""], Found),
            (&[", ,\"a\",,"], Found),
            (&["", "\"a\""], Found),
            (&["\"a,b\""], Missing),
            (&["\"x,\",\"a\""], Found),
            (&[""], Malformed),
            (&[], Malformed),
            (&[","], Malformed),
            (&["a"], Malformed),
            (&["\"a\" \"b\""], Malformed),
            (&["\"a\"\"b\""], Malformed),
            (&["\"a\"*"], Malformed),
            (&["*, *"], Malformed),
            (&["**"], Malformed),
            (&["*, \"a\""], Malformed),
            (&["\"a\"", "*"], Malformed),
            (&["\"a\", nonsense"], Malformed),
            (&["\"a\", \"b"], Malformed),
        ] {
            let tag = Tag { weak: false, opaque: b"a" };
            let listed = find(lines.iter().map(|line| line.as_bytes()), |one| one.weak_eq(tag));
            assert_eq!(listed, expected, "{lines:?}");
        }
    }

    #[test]
    fn of_files() {
        let modified = UNIX_EPOCH + Duration::new(1_700_000_000, 123_456_789);
        let strong = EntityTag::of_file(0x1f40, modified, modified + DAY);
        assert_eq!(strong.as_bytes(), b"\"1f40-17979cfe3d85cd15\"");
        assert!(strong.tag().strong_eq(Tag::parse(strong.as_bytes()).unwrap()));
        let weak = EntityTag::of_file(0x1f40, modified, modified + Duration::from_millis(1_999));
        assert_eq!(weak.as_bytes(), b"W/\"1f40-17979cfe3d85cd15\"");
        assert!(weak.tag().weak && weak.tag().weak_eq(strong.tag()));
        let settled = EntityTag::of_file(0x1f40, modified, modified + SETTLED);
        assert!(settled.tag().strong_eq(strong.tag()));
        let future = EntityTag::of_file(0x1f40, modified, modified - DAY);
        assert!(future.tag().weak);
    }

    #[test]
    fn every_change_is_seen() {
        let modified = UNIX_EPOCH + DAY;
        let tag = EntityTag::of_file(1, modified, modified + DAY);
        for (length, modified) in [
            (2, modified),
            (0, modified),
            (1, modified + Duration::from_nanos(1)),
            (1, modified - Duration::from_nanos(1)),
            (1, UNIX_EPOCH - DAY),
            (1, UNIX_EPOCH),
        ] {
            let other = EntityTag::of_file(length, modified, modified + DAY);
            assert!(!tag.tag().weak_eq(other.tag()), "{other:?}");
        }
    }

    #[test]
    fn the_extremes_fit() {
        let before = EntityTag::of_file(u64::MAX, UNIX_EPOCH - Duration::from_nanos(1), UNIX_EPOCH);
        assert_eq!(before.as_bytes(), b"W/\"ffffffffffffffff-fffffffffffffffe\"");
        assert_eq!(before.as_bytes().len(), MAX_LENGTH);
        assert_eq!(EntityTag::of_file(0, UNIX_EPOCH, UNIX_EPOCH + DAY).as_bytes(), b"\"0-0\"");
        assert!(Tag::parse(before.as_bytes()).is_some());
    }
}
