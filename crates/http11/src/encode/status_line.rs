//! Status lines (RFC 9112 section 4): the registered ones rendered when the crate is compiled.

use shockwave_simd::has_control;
use shockwave_wire::Status;

use crate::Misuse;

/// Appends `HTTP/1.1 SP status SP reason CRLF` (RFC 9112 section 4). An empty `reason` means the
/// registered one; then the whole line is one copy.
///
/// # Errors
///
/// [`Misuse::InvalidReason`]: the reason phrase has a control character. Then nothing is appended.
#[inline]
pub fn encode_status_line(status: Status, reason: &[u8], out: &mut Vec<u8>) -> Result<(), Misuse> {
    if reason.is_empty()
        && let Some(line) = registered(status)
    {
        out.extend_from_slice(line);
        return Ok(());
    }
    if has_control(reason) {
        return Err(Misuse::InvalidReason);
    }
    out.reserve(reason.len().saturating_add(15));
    out.extend_from_slice(VERSION);
    out.extend_from_slice(&digits(status));
    // RFC 9112 section 4: A server MUST send the space that separates the status-code from the
    // reason-phrase even when the reason-phrase is absent.
    out.push(b' ');
    out.extend_from_slice(reason);
    out.extend_from_slice(b"\r\n");
    Ok(())
}

const VERSION: &[u8; 9] = b"HTTP/1.1 ";

/// The line of a registered status with its registered reason.
#[inline]
fn registered(status: Status) -> Option<&'static [u8]> {
    let line = SPANS.get(usize::from(status.code()).wrapping_sub(100))?;
    let start = usize::from(line.start);
    LINES.get(start..start.saturating_add(usize::from(line.length))).filter(|line| !line.is_empty())
}

/// Where a line stands in [`LINES`]; empty for a status that is not registered.
#[derive(Clone, Copy)]
struct Span {
    start: u16,
    length: u16,
}

/// All registered codes are below this.
const END: usize = 512;

/// All lines, one after the other.
static LINES: [u8; TOTAL] = lines();

/// By code, from 100 on.
static SPANS: [Span; END - 100] = spans();

const TOTAL: usize = {
    let (mut total, mut statuses) = (0, Status::REGISTERED);
    while let [status, rest @ ..] = statuses {
        total += line_length(*status);
        statuses = rest;
    }
    total
};

const _: () = assert!(TOTAL <= u16::MAX as usize);

const fn line_length(status: Status) -> usize {
    VERSION.len() + 4 + status.reason().len() + 2
}

#[allow(clippy::cast_possible_truncation, reason = "each is below 10")]
const fn digits(status: Status) -> [u8; 3] {
    let code = status.code();
    [b'0' + (code / 100 % 10) as u8, b'0' + (code / 10 % 10) as u8, b'0' + (code % 10) as u8]
}

const fn lines() -> [u8; TOTAL] {
    let (mut all, mut at, mut statuses) = ([0; TOTAL], 0, Status::REGISTERED);
    while let [status, rest @ ..] = statuses {
        let parts: [&[u8]; 5] =
            [VERSION, &digits(*status), b" ", status.reason().as_bytes(), b"\r\n"];
        let mut parts: &[&[u8]] = &parts;
        while let [part, rest @ ..] = parts {
            at = put(&mut all, at, part);
            parts = rest;
        }
        statuses = rest;
    }
    all
}

#[allow(clippy::indexing_slicing, reason = "evaluated when compiled")]
const fn put(all: &mut [u8; TOTAL], mut at: usize, mut part: &[u8]) -> usize {
    while let [octet, rest @ ..] = part {
        all[at] = *octet;
        at += 1;
        part = rest;
    }
    at
}

#[allow(clippy::indexing_slicing, reason = "evaluated when compiled")]
#[allow(clippy::cast_possible_truncation, reason = "TOTAL is asserted to fit")]
const fn spans() -> [Span; END - 100] {
    let mut spans = [Span { start: 0, length: 0 }; END - 100];
    let (mut start, mut statuses) = (0, Status::REGISTERED);
    while let [status, rest @ ..] = statuses {
        let length = line_length(*status);
        spans[status.code() as usize - 100] = Span { start: start as u16, length: length as u16 };
        start += length;
        statuses = rest;
    }
    spans
}
