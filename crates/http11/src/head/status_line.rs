//! The status line (RFC 9112 section 4), and the version that both start lines have.

use shockwave_simd::HeadScan;
use shockwave_wire::{Bound, Status, Version};

use super::field_line::{is_crlf, no_line_end};
use super::{limit, protocol, stopped};
use crate::{Config, Error, Violation};

/// Where a status line stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct StatusLine {
    pub(super) status: Status,
    pub(super) version: Version,
    reason_start: u32,
    reason_end: u32,
    /// Where the first field line starts.
    pub(super) next: usize,
}

impl StatusLine {
    #[inline]
    pub(super) fn reason<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        bytes.get(self.reason_start as usize..self.reason_end as usize).unwrap_or_default()
    }
}

/// Locates the status line: HTTP-version SP status-code SP [ reason-phrase ] CRLF.
#[inline(always)]
#[allow(clippy::cast_possible_truncation, reason = "a head is clamped to u32")]
pub(super) fn locate(
    input: &[u8],
    scan: &mut HeadScan<'_>,
    config: &Config,
) -> Result<Option<StatusLine>, Error> {
    let most = config.limits.max_start_line_bytes as usize;
    let by = |error| within(most, error);
    let Some(version) = version(input, 0, config).map_err(by)? else { return Ok(None) };
    let Some((status, reason_start)) = status(input, config).map_err(by)? else { return Ok(None) };
    let Some(end) = scan.control(reason_start) else { return Ok(None) };
    if end > most {
        return Err(limit(Bound::StartLineBytes, most));
    }
    let mut next = end.wrapping_add(2);
    if !is_crlf(input, end) {
        let bare_lf = config.leniency.bare_lf;
        if let Some(error) = no_line_end(input, end, bare_lf, Violation::InvalidReason) {
            return Err(error);
        }
        if !bare_lf || input.get(end) != Some(&b'\n') {
            return Ok(None);
        }
        next = end.wrapping_add(1);
    }
    let (reason_start, reason_end) = (reason_start as u32, end as u32);
    Ok(Some(StatusLine { status, version, reason_start, reason_end, next }))
}

/// SP, three digits, and the SP that MUST follow even an absent reason. Answers the status and
/// where the reason starts.
#[inline]
fn status(input: &[u8], config: &Config) -> Result<Option<(Status, usize)>, Error> {
    let code = match input.get(8..) {
        Some([b' ', a @ b'1'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9', ..]) => {
            let digit = |octet: &u8| u16::from(*octet & 0x0F);
            digit(a).wrapping_mul(100).wrapping_add(digit(b) * 10).wrapping_add(digit(c))
        }
        rest => return stopped(no_status(rest.unwrap_or_default())),
    };
    let Some(status) = Status::new(code) else {
        return Err(protocol(Violation::InvalidStatus, 9));
    };
    match input.get(12) {
        Some(b' ') => Ok(Some((status, 13))),
        Some(b'\r' | b'\n') if config.leniency.missing_reason_space => Ok(Some((status, 12))),
        None => Ok(None),
        Some(_) => Err(protocol(Violation::InvalidStatus, 12)),
    }
}

/// The first octet that is wrong, if one is.
#[cold]
#[inline(never)]
fn no_status(rest: &[u8]) -> Option<Error> {
    let wrong = rest.iter().take(4).enumerate().position(|(at, &octet)| match at {
        0 => octet != b' ',
        1 => !matches!(octet, b'1'..=b'9'),
        _ => !octet.is_ascii_digit(),
    });
    wrong.map(|at| protocol(Violation::InvalidStatus, at.saturating_add(8)))
}

/// The error, or that the line was too long before it.
#[cold]
#[inline(never)]
pub(super) fn within(most: usize, error: Error) -> Error {
    match error.offset() {
        Some(offset) if offset > most as u64 => limit(Bound::StartLineBytes, most),
        _ => error,
    }
}

/// `HTTP/` DIGIT `.` DIGIT (RFC 9112 section 2.3), case-sensitive. A minor version above 1 is one
/// that HTTP/1.1's rules hold for (RFC 9110 section 2.5).
#[inline(always)]
pub(super) fn version(input: &[u8], at: usize, config: &Config) -> Result<Option<Version>, Error> {
    const HTTP_1_1: u64 = u64::from_le_bytes(*b"HTTP/1.1");
    const HTTP_1_0: u64 = u64::from_le_bytes(*b"HTTP/1.0");
    let word = input.get(at..).and_then(<[u8]>::first_chunk).map(|word| u64::from_le_bytes(*word));
    match word {
        Some(HTTP_1_1) => Ok(Some(Version::Http11)),
        Some(HTTP_1_0) => Ok(Some(Version::Http10)),
        _ => other_version(input, at, config.later_minor_versions),
    }
}

#[cold]
#[inline(never)]
fn other_version(input: &[u8], at: usize, later_minors: bool) -> Result<Option<Version>, Error> {
    let rest = input.get(at..).unwrap_or_default();
    for (i, &octet) in rest.iter().enumerate().take(8) {
        let valid = match b"HTTP/".get(i) {
            Some(&expected) => octet == expected,
            None if i == 6 => octet == b'.',
            None => octet.is_ascii_digit(),
        };
        if !valid {
            return Err(protocol(Violation::InvalidVersion, at.saturating_add(i)));
        }
    }
    match rest {
        [_, _, _, _, _, b'1', _, b'0', ..] => Ok(Some(Version::Http10)),
        [_, _, _, _, _, b'1', _, minor, ..] if later_minors || *minor == b'1' => {
            Ok(Some(Version::Http11))
        }
        [_, _, _, _, _, b'1', _, _, ..] => {
            Err(protocol(Violation::UnsupportedVersion, at.saturating_add(7)))
        }
        // RFC 9110 section 15.6.6: refused for its major version.
        [_, _, _, _, _, _, _, _, ..] => {
            Err(protocol(Violation::UnsupportedVersion, at.saturating_add(5)))
        }
        _ => Ok(None),
    }
}
