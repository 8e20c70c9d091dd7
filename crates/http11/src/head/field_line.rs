//! Field lines (RFC 9112 section 5): two look-ups each.

use shockwave_simd::HeadScan;
use shockwave_wire::{Bound, FieldIndex, FieldSpan, Known, Scratch};

use super::{limit, protocol, stopped};
use crate::{Config, Error, Violation};

/// The limits of a section of field lines, and what ends its lines.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    start: usize,
    max_bytes: usize,
    max_start_line_bytes: usize,
    max_name_bytes: usize,
    max_value_bytes: usize,
    max_count: usize,
    section: Bound,
    count: Bound,
    bare_lf: bool,
}

impl Bounds {
    #[inline]
    pub(super) const fn of_head(config: &Config, start: usize) -> Self {
        let limits = &config.limits;
        Self {
            start,
            max_bytes: limits.max_head_bytes as usize,
            max_start_line_bytes: limits.max_start_line_bytes as usize,
            max_name_bytes: name_bytes(limits.max_field_name_bytes),
            max_value_bytes: limits.max_field_value_bytes as usize,
            max_count: count(limits.max_field_count),
            section: Bound::HeadBytes,
            count: Bound::FieldCount,
            bare_lf: config.leniency.bare_lf,
        }
    }

    #[inline]
    pub(super) const fn of_trailers(config: &Config) -> Self {
        let limits = &config.limits;
        Self {
            max_bytes: limits.max_trailer_bytes as usize,
            max_start_line_bytes: 0,
            max_count: count(limits.max_trailer_count),
            section: Bound::TrailerBytes,
            count: Bound::TrailerCount,
            // Chunked framing is never lenient about line ends.
            bare_lf: false,
            ..Self::of_head(config, 0)
        }
    }

    /// What of the input the section may take. A section that is not complete within it is too
    /// large, which no line of the walk then has to test.
    #[inline]
    pub(super) fn clamp<'b>(&self, input: &'b [u8]) -> &'b [u8] {
        input.get(..self.start.saturating_add(self.max_bytes)).unwrap_or(input)
    }

    /// The answer for a clamped input that ends inside the section.
    #[cold]
    pub(super) fn partial(&self, input: &[u8]) -> Option<Error> {
        let end = self.start.saturating_add(self.max_bytes);
        (input.len() >= end).then(|| limit(self.section, end))
    }

    /// The answer for a clamped input that ends inside the start line.
    #[cold]
    pub(super) fn partial_start_line(&self, input: &[u8]) -> Option<Error> {
        let end = self.start.saturating_add(self.max_start_line_bytes);
        if input.len() > end {
            Some(limit(Bound::StartLineBytes, end))
        } else {
            self.partial(input)
        }
    }
}

/// A span holds the length of a name in 16 bits.
const fn name_bytes(limit: u32) -> usize {
    if limit > 0xFFFF { 0xFFFF } else { limit as usize }
}

/// An index holds the position of a line in 16 bits.
const fn count(limit: u32) -> usize {
    if limit > 0xFFFF { 0xFFFF } else { limit as usize }
}

/// Where a section of field lines ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct End {
    /// Where the empty line starts: the offset of errors that are about the section as a whole.
    pub(super) empty_line: usize,
    /// What follows it.
    pub(super) next: usize,
}

/// [`walk`] over a section that has no start line before it.
pub(super) fn walk_section(
    input: &[u8],
    scratch: &mut Scratch,
    bounds: &Bounds,
) -> Result<Option<End>, Error> {
    let input = bounds.clamp(input);
    let (_, spans, index, maps) = scratch.parts();
    match walk(input, &mut maps.scan(input), 0, spans, index, bounds)? {
        None => stopped(bounds.partial(input)),
        end => Ok(end),
    }
}

/// Walks the field lines from `line` on to the empty line. `None`: the input ends before it, and
/// whether that is an error is for [`Bounds::partial`] to say.
#[inline(always)]
pub(super) fn walk(
    input: &[u8],
    scan: &mut HeadScan<'_>,
    first: usize,
    spans: &mut Vec<FieldSpan>,
    index: &mut FieldIndex,
    bounds: &Bounds,
) -> Result<Option<End>, Error> {
    let mut line = first;
    loop {
        // RFC 9112 section 5: field-line = field-name ":" OWS field-value OWS. The first octet
        // that no token has must be the colon.
        let found = scan.nontoken(line);
        let colon = found.unwrap_or(input.len());
        let name_bytes = colon.wrapping_sub(line);
        if name_bytes > bounds.max_name_bytes {
            let most = line.saturating_add(bounds.max_name_bytes);
            return Err(limit(Bound::FieldNameBytes, most));
        }
        if found.is_none() {
            return Ok(None);
        }
        if name_bytes == 0 || input.get(colon) != Some(&b':') {
            if name_bytes == 0
                && let Some(end) = empty_line(input, line, bounds.bare_lf)
            {
                return Ok(Some(end));
            }
            return stopped(not_a_field(input, colon, line, line == first));
        }
        let mut start = colon.wrapping_add(1);
        while matches!(input.get(start), Some(b' ' | b'\t')) {
            start = start.wrapping_add(1);
        }
        // RFC 9110 section 5.5: the first octet that no value has must be the line's end.
        let found = scan.control(start);
        let end = found.unwrap_or(input.len());
        if end.wrapping_sub(colon) > bounds.max_value_bytes {
            let most = colon.saturating_add(bounds.max_value_bytes);
            return Err(limit(Bound::FieldValueBytes, most));
        }
        if found.is_none() {
            return Ok(None);
        }
        let next = match input.get(end..) {
            Some([b'\r', b'\n', ..]) => end.wrapping_add(2),
            Some([b'\n', ..]) if bounds.bare_lf => end.wrapping_add(1),
            rest => return stopped(no_line_end(rest.unwrap_or_default(), end)),
        };
        if spans.len() >= bounds.max_count {
            return Err(limit(bounds.count, line));
        }
        let known = Known::intern_token(input, line, name_bytes);
        if let Some(known) = known {
            index.note(known, spans.len());
        }
        spans.push(span(input, line, name_bytes, start, end, known));
        line = next;
    }
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
    while end > start && matches!(input.get(end.wrapping_sub(1)), Some(b' ' | b'\t')) {
        end = end.wrapping_sub(1);
    }
    let length = end.saturating_sub(start);
    FieldSpan::new(line as u32, name_bytes as u16, start as u32, length as u32, known)
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

/// A line that neither starts with `name:` nor is empty: an error, or half of an empty line.
#[cold]
#[inline(never)]
fn not_a_field(input: &[u8], at: usize, line: usize, is_first: bool) -> Option<Error> {
    let rest = input.get(at..).unwrap_or_default();
    let violation = match (rest, at == line) {
        ([b'\r'], true) => return None,
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

/// A value whose first control is not the line's end: an error, or half of a line's end.
#[cold]
#[inline(never)]
pub(super) fn no_line_end(rest: &[u8], at: usize) -> Option<Error> {
    match rest {
        [] | [b'\r'] => None,
        [b'\r', ..] => Some(protocol(Violation::BareCr, at)),
        [b'\n', ..] => Some(protocol(Violation::BareLf, at)),
        _ => Some(protocol(Violation::InvalidFieldValue, at)),
    }
}
