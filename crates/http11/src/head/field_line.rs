//! Field lines (RFC 9112 section 5): two look-ups each.

use shockwave_wire::{Bound, FieldSpan, Known, Parts, Scratch};

use super::{limit, protocol, stopped};
use crate::{Config, Error, Violation};

/// A section of field lines, and its limits. A reference and two tags, which are constants where it
/// is made, so that a limit is read where it is compared.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds<'c> {
    config: &'c Config,
    start: usize,
    is_trailers: bool,
}

impl<'c> Bounds<'c> {
    #[inline(always)]
    pub(super) const fn of_head(config: &'c Config, start: usize) -> Self {
        Self { config, start, is_trailers: false }
    }

    #[inline(always)]
    pub(super) const fn of_trailers(config: &'c Config) -> Self {
        Self { config, start: 0, is_trailers: true }
    }

    /// Where the section starts in the input.
    pub(super) const fn start(&self) -> usize {
        self.start
    }

    /// Whether a start line comes before the field lines.
    pub(super) const fn has_start_line(&self) -> bool {
        !self.is_trailers
    }

    #[inline(always)]
    const fn end(&self) -> usize {
        let limits = &self.config.limits;
        let most = if self.is_trailers { limits.max_trailer_bytes } else { limits.max_head_bytes };
        self.start.saturating_add(most as usize)
    }

    #[inline(always)]
    const fn max_name_bytes(&self) -> usize {
        self.config.limits.max_field_name_bytes as usize
    }

    #[inline(always)]
    const fn max_value_bytes(&self) -> usize {
        self.config.limits.max_field_value_bytes as usize
    }

    #[inline(always)]
    const fn max_count(&self) -> usize {
        let limits = &self.config.limits;
        if self.is_trailers {
            limits.max_trailer_count as usize
        } else {
            limits.max_field_count as usize
        }
    }

    /// Chunked framing is never lenient about line ends.
    #[inline(always)]
    pub(super) const fn bare_lf(&self) -> bool {
        !self.is_trailers && self.config.leniency.bare_lf
    }

    /// What of the input the section may take. A section that is not complete within it is too
    /// large, which no line of the walk then has to test.
    #[inline(always)]
    pub(super) fn clamp<'b>(&self, input: &'b [u8]) -> &'b [u8] {
        input.get(..self.end()).unwrap_or(input)
    }

    /// The answer for a clamped input that ends inside the section.
    #[cold]
    #[inline(never)]
    pub(super) fn partial(&self, input: &[u8]) -> Option<Error> {
        let bound = if self.is_trailers { Bound::TrailerBytes } else { Bound::HeadBytes };
        (input.len() >= self.end()).then(|| limit(bound, self.end()))
    }

    /// The answer for a clamped input that ends inside the start line.
    #[cold]
    #[inline(never)]
    pub(super) fn partial_start_line(&self, input: &[u8]) -> Option<Error> {
        let most = self.config.limits.max_start_line_bytes as usize;
        let end = self.start.saturating_add(most);
        match input.get(end..) {
            // The line's end may follow the most that the line may have.
            None | Some([] | [b'\r']) => self.partial(input),
            Some(_) => Some(limit(Bound::StartLineBytes, end)),
        }
    }

    #[cold]
    #[inline(never)]
    fn too_many(&self, line: usize) -> Error {
        limit(if self.is_trailers { Bound::TrailerCount } else { Bound::FieldCount }, line)
    }
}

/// Where a section of field lines ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct End {
    /// Where the empty line starts: the offset of errors that are about the section as a whole.
    pub(super) empty_line: usize,
    /// What follows it.
    pub(super) next: usize,
}

/// Walks the field lines from `first` on to the empty line, with the scan of `input` that was
/// started in the scratch. `None`: the input ends before it.
///
/// The way of a valid line has one test for each thing that can be wrong with it; what exactly is
/// wrong, and whether a limit was crossed before, is found out off that way.
#[inline(always)]
pub(super) fn walk(
    input: &[u8],
    first: usize,
    scratch: &mut Scratch,
    bounds: Bounds<'_>,
) -> Result<Option<End>, Error> {
    let Parts { spans, index, maps, .. } = scratch.parts();
    let mut scan = maps.resume(input, first);
    let mut line = first;
    loop {
        // RFC 9112 section 5: field-line = field-name ":" OWS field-value OWS. The first octet
        // that no token has must be the colon.
        let colon = scan.nontoken(line).unwrap_or(input.len());
        let name_bytes = colon.wrapping_sub(line);
        if input.get(colon) != Some(&b':') || name_bytes.wrapping_sub(1) >= bounds.max_name_bytes()
        {
            if name_bytes == 0
                && let Some(end) = empty_line(input, line, bounds.bare_lf())
            {
                return Ok(Some(end));
            }
            return match not_a_field(input, colon, line, line == first, bounds) {
                Some(error) => Err(error),
                None => stopped(bounds.partial(input)),
            };
        }
        // RFC 9110 section 5.5: the first octet that no value has must be the line's end. Asked
        // from the colon and not from the value on, so that it does not wait for where that starts.
        let end = scan.control(colon).unwrap_or(input.len());
        let value = colon.wrapping_add(1);
        let start = after_whitespace(input, value);
        let mut next = end.wrapping_add(2);
        let too_long = end.wrapping_sub(value) > bounds.max_value_bytes();
        if too_long | !is_crlf(input, end) {
            if let Some(error) = not_a_line_end(input, end, value, bounds) {
                return Err(error);
            }
            if !bounds.bare_lf() || input.get(end) != Some(&b'\n') {
                return stopped(bounds.partial(input));
            }
            next = end.wrapping_add(1);
        }
        if spans.len() >= bounds.max_count() {
            return Err(bounds.too_many(line));
        }
        let known = Known::intern_token(input, line, name_bytes);
        if let Some(known) = known {
            index.note(known, position(spans.len()));
        }
        spans.push(span(input, line, name_bytes, start, end, known));
        line = next;
    }
}

/// The number of a line, of which there are at most `u16::MAX`.
#[inline(always)]
#[allow(clippy::cast_possible_truncation, reason = "bounded by a limit of that type")]
const fn position(lines: usize) -> u16 {
    lines as u16
}

#[inline(always)]
pub(super) fn is_crlf(input: &[u8], at: usize) -> bool {
    match input.get(at..).and_then(<[u8]>::first_chunk) {
        Some(pair) => u16::from_le_bytes(*pair) == u16::from_le_bytes(*b"\r\n"),
        None => false,
    }
}

/// Where a value starts: behind one space, as a rule.
#[inline(always)]
fn after_whitespace(input: &[u8], at: usize) -> usize {
    let at = if input.get(at) == Some(&b' ') { at.wrapping_add(1) } else { at };
    match input.get(at) {
        // Or an empty value's CR, which then is looked at twice.
        Some(0..=b' ') => after_more_whitespace(input, at),
        _ => at,
    }
}

#[cold]
#[inline(never)]
fn after_more_whitespace(input: &[u8], at: usize) -> usize {
    let rest = input.get(at..).unwrap_or_default();
    let length = rest.iter().take_while(|octet| matches!(octet, b' ' | b'\t')).count();
    at.saturating_add(length)
}

/// The span of a line, with the whitespace after its value left out (RFC 9112 section 5.1).
#[inline(always)]
#[allow(clippy::cast_possible_truncation, reason = "a head is clamped to u32, a name to u16")]
fn span(
    input: &[u8],
    line: usize,
    name_bytes: usize,
    start: usize,
    mut end: usize,
    known: Option<Known>,
) -> FieldSpan {
    // No control stands in a value but HTAB, so this is "SP or HTAB".
    if end > start && input.get(end.wrapping_sub(1)).is_some_and(|&octet| octet <= b' ') {
        end = before_whitespace(input, start, end);
    }
    let length = end.wrapping_sub(start);
    FieldSpan::new(line as u32, name_bytes as u16, start as u32, length as u32, known)
}

#[cold]
#[inline(never)]
fn before_whitespace(input: &[u8], start: usize, end: usize) -> usize {
    let value = input.get(start..end).unwrap_or_default();
    let kept = value.iter().rposition(|octet| !matches!(octet, b' ' | b'\t'));
    start.saturating_add(kept.map_or(0, |last| last.saturating_add(1)))
}

/// The empty line that ends the section, if it stands here.
#[inline(always)]
fn empty_line(input: &[u8], at: usize, bare_lf: bool) -> Option<End> {
    match input.get(at..)? {
        [b'\r', b'\n', ..] => Some(End { empty_line: at, next: at.wrapping_add(2) }),
        [b'\n', ..] if bare_lf => Some(End { empty_line: at, next: at.wrapping_add(1) }),
        _ => None,
    }
}

/// A line that neither starts with `name:` nor is empty: an error, or cut off.
#[cold]
#[inline(never)]
fn not_a_field(
    input: &[u8],
    at: usize,
    line: usize,
    is_first: bool,
    bounds: Bounds<'_>,
) -> Option<Error> {
    if at.saturating_sub(line) > bounds.max_name_bytes() {
        let most = line.saturating_add(bounds.max_name_bytes());
        return Some(limit(Bound::FieldNameBytes, most));
    }
    let violation = match (input.get(at..)?, at == line) {
        ([], _) | ([b'\r'], true) => return None,
        ([b'\r', ..], true) => Violation::BareCr,
        ([b'\n', ..], true) => Violation::BareLf,
        // RFC 9112 section 2.2: reject, or ignore such lines.
        ([b' ' | b'\t', ..], true) if is_first => Violation::WhitespaceBeforeFields,
        // RFC 9112 section 5.2: reject, or replace by spaces.
        ([b' ' | b'\t', ..], true) => Violation::ObsFold,
        // RFC 9112 section 5.1: No whitespace is allowed between the field name and colon.
        ([b' ' | b'\t', ..], false) => Violation::WhitespaceBeforeColon,
        ([b'\r' | b'\n', ..], false) => Violation::MissingColon,
        _ => Violation::InvalidFieldName,
    };
    Some(protocol(violation, at))
}

/// A value whose first control is not CRLF: an error, or cut off, or a bare LF that is allowed.
#[cold]
#[inline(never)]
fn not_a_line_end(input: &[u8], at: usize, value: usize, bounds: Bounds<'_>) -> Option<Error> {
    if at.saturating_sub(value) > bounds.max_value_bytes() {
        let most = value.saturating_add(bounds.max_value_bytes());
        return Some(limit(Bound::FieldValueBytes, most));
    }
    no_line_end(input, at, bounds.bare_lf(), Violation::InvalidFieldValue)
}

/// What is wrong with a line that should end in CRLF at `at`: nothing if it is cut off there, or
/// ends in a bare LF that is allowed.
#[cold]
#[inline(never)]
pub(super) fn no_line_end(
    input: &[u8],
    at: usize,
    bare_lf: bool,
    otherwise: Violation,
) -> Option<Error> {
    match input.get(at..)? {
        [] | [b'\r'] => None,
        [b'\n', ..] if bare_lf => None,
        [b'\r', ..] => Some(protocol(Violation::BareCr, at)),
        [b'\n', ..] => Some(protocol(Violation::BareLf, at)),
        _ => Some(protocol(otherwise, at)),
    }
}
