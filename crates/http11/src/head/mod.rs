//! Heads (RFC 9112 sections 2 to 6): located first, then borrowed.
//!
//! A head is walked once, by two look-ups a line in the bitmaps of
//! [`HeadScan`](shockwave_simd::HeadScan), and what is found is kept as offsets. The rules that
//! need the whole head (Host, target form, framing) are then asked of a set of the well-known
//! names that are present: for most requests that is two ANDs.
//!
//! An incomplete head is no state of the parser: it answers [`Parsed::Partial`] and is asked again,
//! from the start, when there is more. [`Progress`] keeps that linear.

mod authority;
mod field_line;
mod progress;
mod request_line;
mod status_line;

use shockwave_wire::{
    Bound, Fields, Known, RequestHead, ResponseHead, Scratch, Side, Status, Version,
};

use crate::content::{ContentLength, Framing, Message, RequestKind, TransferEncoding, framing};
use crate::encode::FRAMING_TRAILERS;
use crate::{Config, Error, Violation};
pub(crate) use authority::is_uri_host_and_port;
use field_line::Bounds;
pub(crate) use progress::Progress;
#[cfg(test)]
pub(crate) use progress::counter;
use request_line::RequestLine;
pub(crate) use request_line::form_of;
use status_line::StatusLine;

/// What a parser of a head answers.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::exhaustive_enums, reason = "a head is there or it is not")]
pub enum Parsed<T> {
    /// All of the head was there.
    Complete {
        /// The head.
        value: T,
        /// How the content after it is delimited.
        framing: Framing,
        /// Octets of the head, empty lines before it and its own empty line included.
        consumed: usize,
    },
    /// The input ends inside the head, and is valid so far.
    Partial,
}

/// Parses a request's head (RFC 9112 sections 2 and 3) at the start of `input`, with every check
/// that a server must make: grammar, target form, Host, framing, limits.
///
/// Writes spans to `scratch`, which allocates only while it grows to the largest head that it has
/// seen. The head borrows `input` and `scratch`.
///
/// # Errors
///
/// [`Error::Protocol`] with the offset in `input` of the first offending octet, and
/// [`Error::Limit`]. The answer for an input is the same however much of it has arrived, but for
/// [`Parsed::Partial`].
///
/// ```
/// use shockwave_http11::{Config, Parsed, parse_request_head};
/// use shockwave_wire::{Known, Method, Scratch};
///
/// let input = b"GET /hello HTTP/1.1\r\nHost: example.com\r\n\r\n";
/// let mut scratch = Scratch::new();
/// let parsed = parse_request_head(input, &mut scratch, &Config::strict())?;
/// let Parsed::Complete { value: head, consumed, .. } = parsed else { panic!("not all there") };
/// assert_eq!((head.method, head.target), (Method::Get, &b"/hello"[..]));
/// assert_eq!(head.fields.known(Known::HOST), Some(&b"example.com"[..]));
/// assert_eq!(consumed, input.len());
/// # Ok::<_, shockwave_http11::Error>(())
/// ```
pub fn parse_request_head<'b>(
    input: &'b [u8],
    scratch: &'b mut Scratch,
    config: &Config,
) -> Result<Parsed<RequestHead<'b>>, Error> {
    match request(input, scratch, config) {
        Ok(Some(request)) => Ok(request.complete(input, scratch)),
        Ok(None) => Ok(Parsed::Partial),
        Err(error) => Ok(match unfolded_request(error, input, scratch, config)? {
            Some(request) => request.complete(input, scratch),
            None => Parsed::Partial,
        }),
    }
}

/// Whether `input`, the first octets of a connection, is HTTP/2's preface (RFC 9113 section 3.4),
/// which a client with prior knowledge sends in place of a request: then the connection is not one
/// for this core. `None`: too few octets to tell. Consumes nothing.
///
/// ```
/// use shockwave_http11::is_http2_preface;
///
/// assert_eq!(is_http2_preface(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), Some(true));
/// assert_eq!(is_http2_preface(b"PRI * HT"), None);
/// assert_eq!(is_http2_preface(b"PUT / HTTP/1.1\r\n"), Some(false));
/// ```
#[must_use]
pub fn is_http2_preface(input: &[u8]) -> Option<bool> {
    const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    if input.starts_with(PREFACE) {
        return Some(true);
    }
    if PREFACE.starts_with(input) { None } else { Some(false) }
}

/// Parses a response's head (RFC 9112 section 4) at the start of `input`. `to` is the kind of
/// request that it answers, on which its framing depends.
///
/// An obs-fold is replaced by spaces (RFC 9112 section 5.2: a user agent MUST), which copies the
/// head into the scratch.
///
/// # Errors
///
/// As [`parse_request_head`].
pub fn parse_response_head<'b>(
    input: &'b [u8],
    scratch: &'b mut Scratch,
    config: &Config,
    to: RequestKind,
) -> Result<Parsed<ResponseHead<'b>>, Error> {
    match response(input, scratch, config, to) {
        Ok(Some(response)) => Ok(response.complete(input, scratch)),
        Ok(None) => Ok(Parsed::Partial),
        Err(error) => Ok(match unfolded_response(error, input, scratch, config, to)? {
            Some(response) => response.complete(input, scratch),
            None => Parsed::Partial,
        }),
    }
}

/// A request's head: its line, and that its fields stand in the scratch's spans, as offsets into
/// the input, or into the scratch's block if it had to be unfolded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request<'b> {
    line: RequestLine<'b>,
    form: request_line::Form,
    pub(crate) framing: Framing,
    pub(crate) consumed: usize,
    unfolded: bool,
}

impl<'b> Request<'b> {
    #[inline(always)]
    pub(crate) fn borrow(&self, input: &'b [u8], scratch: &'b Scratch) -> RequestHead<'b> {
        let bytes = if self.unfolded { scratch.block() } else { input };
        let mut head = RequestHead::new(self.line.method, self.line.target, scratch.fields(bytes));
        head.version = self.line.version;
        (head.scheme, head.authority) = self.form.parts(head.target);
        head
    }

    #[inline(always)]
    fn complete(&self, input: &'b [u8], scratch: &'b Scratch) -> Parsed<RequestHead<'b>> {
        let value = self.borrow(input, scratch);
        Parsed::Complete { value, framing: self.framing, consumed: self.consumed }
    }
}

/// Where a response's head stands, as [`Request`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Response {
    line: StatusLine,
    pub(crate) framing: Framing,
    pub(crate) consumed: usize,
    unfolded: bool,
}

impl Response {
    pub(crate) const fn status(&self) -> Status {
        self.line.status
    }

    #[inline(always)]
    pub(crate) fn borrow<'b>(&self, input: &'b [u8], scratch: &'b Scratch) -> ResponseHead<'b> {
        let bytes = if self.unfolded { scratch.block() } else { input };
        let mut head = ResponseHead::new(self.line.status, scratch.fields(bytes));
        head.version = self.line.version;
        head.reason = self.line.reason(bytes);
        head
    }

    #[inline(always)]
    fn complete<'b>(&self, input: &'b [u8], scratch: &'b Scratch) -> Parsed<ResponseHead<'b>> {
        let value = self.borrow(input, scratch);
        Parsed::Complete { value, framing: self.framing, consumed: self.consumed }
    }
}

/// Locates a request's head; `None` if the input ends inside it.
///
/// Inlined, and all that it calls on the way of a valid head, and what is not inlined answers an
/// [`Error`] and nothing larger: what is located are a dozen small numbers, which then stay in
/// registers. Where they went through memory, written one by one and read back by wider loads, each
/// such hand-over stalled for as long as two field lines take.
#[inline(always)]
pub(crate) fn locate_request<'b>(
    input: &'b [u8],
    scratch: &mut Scratch,
    config: &Config,
) -> Result<Option<Request<'b>>, Error> {
    match request(input, scratch, config) {
        Err(error) => unfolded_request(error, input, scratch, config),
        found => found,
    }
}

/// Locates a response's head; `None` if the input ends inside it.
#[inline(always)]
pub(crate) fn locate_response(
    input: &[u8],
    scratch: &mut Scratch,
    config: &Config,
    to: RequestKind,
) -> Result<Option<Response>, Error> {
    match response(input, scratch, config, to) {
        Err(error) => unfolded_response(error, input, scratch, config, to),
        found => found,
    }
}

/// A second look at a request's head in which an error was found: if that is an obs-fold, and those
/// are to be replaced.
#[cold]
#[inline(never)]
fn unfolded_request<'b>(
    error: Error,
    input: &'b [u8],
    scratch: &mut Scratch,
    config: &Config,
) -> Result<Option<Request<'b>>, Error> {
    if !is_fold(error) || !config.leniency.obs_fold {
        return Err(error);
    }
    let start = skip_empty_lines(input, config)?.unwrap_or_default();
    if !unfold(input, scratch, Bounds::of_head(config, start))? {
        return Ok(None);
    }
    relocate(scratch, |block, scratch| {
        let Some(found) = request(block, scratch, config)? else { return Ok(None) };
        // The start line is the same in both, and outlives the block.
        let line = found.line.over(input);
        Ok(Some(Request { line, unfolded: true, ..found }))
    })
}

#[cold]
#[inline(never)]
fn unfolded_response(
    error: Error,
    input: &[u8],
    scratch: &mut Scratch,
    config: &Config,
    to: RequestKind,
) -> Result<Option<Response>, Error> {
    // RFC 9112 section 5.2: A user agent [...] MUST replace each received obs-fold with one or more
    // SP octets.
    if !is_fold(error) {
        return Err(error);
    }
    if !unfold(input, scratch, Bounds::of_head(config, 0))? {
        return Ok(None);
    }
    relocate(scratch, |block, scratch| {
        let found = response(block, scratch, config, to)?;
        Ok(found.map(|response| Response { unfolded: true, ..response }))
    })
}

const fn is_fold(error: Error) -> bool {
    matches!(error, Error::Protocol { violation: Violation::ObsFold, .. })
}

/// Where a trailer section stands, as [`Request`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Trailers {
    /// Octets of the section, its empty line included.
    pub(crate) consumed: usize,
    unfolded: bool,
}

impl Trailers {
    pub(crate) fn borrow<'b>(&self, input: &'b [u8], scratch: &'b Scratch) -> Fields<'b> {
        scratch.fields(if self.unfolded { scratch.block() } else { input })
    }
}

/// Locates a trailer section (RFC 9112 section 7.1.2) with its empty line; `None` if the input ends
/// inside it. A client replaces folds here as in a head (RFC 9112 section 5.2); for a server, which
/// MAY reject them, trailers are never lenient.
pub(crate) fn locate_trailers(
    input: &[u8],
    scratch: &mut Scratch,
    config: &Config,
    side: Side,
) -> Result<Option<Trailers>, Error> {
    let bounds = Bounds::of_trailers(config);
    match trailers(input, scratch, bounds) {
        Err(error) if is_fold(error) && side == Side::Client => {
            if !unfold(input, scratch, bounds)? {
                return Ok(None);
            }
            relocate(scratch, |block, scratch| {
                let found = trailers(block, scratch, bounds)?;
                Ok(found.map(|trailers| Trailers { unfolded: true, ..trailers }))
            })
        }
        found => found,
    }
}

fn trailers(
    input: &[u8],
    scratch: &mut Scratch,
    bounds: Bounds<'_>,
) -> Result<Option<Trailers>, Error> {
    scratch.clear();
    let input = bounds.clamp(input);
    scratch.parts().maps.start(input);
    let Some(end) = field_line::walk(input, 0, scratch, bounds)? else { return Ok(None) };
    // RFC 9110 section 6.5.1: fields of framing and routing have no business here; who merged them
    // would be open to smuggling, so they are not even handed over apart.
    if scratch.fields(input).present() & FRAMING_TRAILERS != 0 {
        return Err(protocol(Violation::ForbiddenTrailer, end.empty_line));
    }
    Ok(Some(Trailers { consumed: end.next, unfolded: false }))
}

#[inline(always)]
fn request<'b>(
    input: &'b [u8],
    scratch: &mut Scratch,
    config: &Config,
) -> Result<Option<Request<'b>>, Error> {
    scratch.clear();
    let start = match input.first() {
        Some(b'\r' | b'\n') | None => match skip_empty_lines(input, config)? {
            Some(start) => start,
            None => return Ok(None),
        },
        Some(_) => 0,
    };
    let bounds = Bounds::of_head(config, start);
    let input = bounds.clamp(input);
    let mut scan = scratch.parts().maps.scan(input);
    let Some(line) = request_line::locate(input, &mut scan, start, config)? else {
        return stopped(bounds.partial_start_line(input));
    };
    let Some(end) = field_line::walk(input, line.next, scratch, bounds)? else {
        return Ok(None);
    };
    let fields = scratch.fields(input);
    let form = request_line::check(line, fields, end)?;
    let message = Message::Request(RequestKind::of(line.method));
    let framing = framing_of(message, line.version, fields, config, end.empty_line)?;
    Ok(Some(Request { line, form, framing, consumed: end.next, unfolded: false }))
}

#[inline(always)]
fn response(
    input: &[u8],
    scratch: &mut Scratch,
    config: &Config,
    to: RequestKind,
) -> Result<Option<Response>, Error> {
    scratch.clear();
    let bounds = Bounds::of_head(config, 0);
    let input = bounds.clamp(input);
    let mut scan = scratch.parts().maps.scan(input);
    let Some(line) = status_line::locate(input, &mut scan, config)? else {
        return stopped(bounds.partial_start_line(input));
    };
    let Some(end) = field_line::walk(input, line.next, scratch, bounds)? else {
        return Ok(None);
    };
    let fields = scratch.fields(input);
    let message = Message::Response { status: line.status, to };
    let framing = framing_of(message, line.version, fields, config, end.empty_line)?;
    Ok(Some(Response { line, framing, consumed: end.next, unfolded: false }))
}

const LENGTH_FIELDS: u64 = Known::CONTENT_LENGTH.bit() | Known::TRANSFER_ENCODING.bit();

/// RFC 9112 section 6.3. The two fields are looked for only if one of them is present.
#[inline(always)]
fn framing_of(
    message: Message,
    version: Version,
    fields: Fields<'_>,
    config: &Config,
    at: usize,
) -> Result<Framing, Error> {
    let (te, cl) = if fields.present() & LENGTH_FIELDS == 0 {
        (TransferEncoding::Absent, ContentLength::Absent)
    } else {
        let lengths = fields.known_all(Known::CONTENT_LENGTH);
        let codings = fields.known_all(Known::TRANSFER_ENCODING);
        (TransferEncoding::parse(codings), ContentLength::parse(lengths, &config.leniency))
    };
    match framing(message, version, te, cl) {
        Ok(Framing::Length(length)) if length > config.limits.max_content_bytes => {
            Err(limit(Bound::ContentBytes, at))
        }
        Ok(framing) => Ok(framing),
        Err(violation) => Err(protocol(violation, at)),
    }
}

/// RFC 9112 section 2.2: a server SHOULD ignore at least one empty line before the request line.
/// Answers where the request line starts; `None` if the input ends before it.
#[cold]
pub(crate) fn skip_empty_lines(input: &[u8], config: &Config) -> Result<Option<usize>, Error> {
    let (mut at, mut lines) = (0, 0);
    loop {
        let next = match input.get(at..).unwrap_or_default() {
            [] | [b'\r'] => return Ok(None),
            [b'\r', b'\n', ..] => at.saturating_add(2),
            [b'\n', ..] if config.leniency.bare_lf => at.saturating_add(1),
            [b'\n', ..] => return Err(protocol(Violation::BareLf, at)),
            [b'\r', ..] => return Err(protocol(Violation::BareCr, at)),
            _ => return Ok(Some(at)),
        };
        if lines >= config.limits.max_leading_empty_lines {
            return Err(limit(Bound::LeadingEmptyLines, at));
        }
        lines = lines.saturating_add(1);
        at = next;
    }
}

/// Copies the section at the start of `input` into the scratch's block, with each obs-fold replaced
/// by spaces of the same length, so that offsets hold. False if the section has no end yet.
fn unfold(input: &[u8], scratch: &mut Scratch, bounds: Bounds<'_>) -> Result<bool, Error> {
    let input = bounds.clamp(input);
    let block = scratch.parts().block;
    block.clear();
    let mut line = bounds.start();
    while let Some(rest) = input.get(line..) {
        let Some(length) = rest.iter().position(|&octet| octet == b'\n') else { break };
        let next = line.saturating_add(length).saturating_add(1);
        if length == 0 || (length == 1 && rest.first() == Some(&b'\r')) {
            block.extend_from_slice(input.get(..next).unwrap_or_default());
            blank_folds(block, bounds);
            return Ok(true);
        }
        line = next;
    }
    bounds.partial(input).map_or(Ok(false), Err)
}

/// Replaces the line end before each line that starts with whitespace, and that first octet, by
/// spaces. A start line, which no fold can follow, is left alone, and so is a bare LF that ends no
/// line: a fold is no place to hide one.
fn blank_folds(block: &mut [u8], bounds: Bounds<'_>) {
    let section = block.get_mut(bounds.start()..).unwrap_or_default();
    let mut at = match bounds.has_start_line() {
        true => section.iter().position(|&octet| octet == b'\n').map_or(section.len(), |lf| lf + 1),
        false => 0,
    };
    while let Some(rest) = section.get_mut(at..) {
        let Some(lf) = rest.iter().position(|&octet| octet == b'\n') else { return };
        match rest.get_mut(lf.saturating_sub(1)..=lf.saturating_add(1)) {
            Some([cr @ b'\r', lf, fold @ (b' ' | b'\t')]) => (*cr, *lf, *fold) = (b' ', b' ', b' '),
            Some([_, lf @ b'\n', fold @ (b' ' | b'\t')]) if bounds.bare_lf() => {
                (*lf, *fold) = (b' ', b' ');
            }
            _ => {}
        }
        at = at.saturating_add(lf).saturating_add(1);
    }
}

/// Runs `locate` over the block, which it must not touch, and puts the block back.
fn relocate<T>(
    scratch: &mut Scratch,
    locate: impl FnOnce(&[u8], &mut Scratch) -> Result<Option<T>, Error>,
) -> Result<Option<T>, Error> {
    let block = core::mem::take(scratch.parts().block);
    let found = locate(&block, scratch);
    *scratch.parts().block = block;
    found
}

#[cold]
#[inline(never)]
const fn protocol(violation: Violation, at: usize) -> Error {
    Error::Protocol { violation, offset: at as u64 }
}

#[cold]
#[inline(never)]
const fn limit(bound: Bound, at: usize) -> Error {
    Error::Limit { bound, offset: at as u64 }
}

/// The answer of a parse that could not go on: an error, or the wish for more input.
#[inline(always)]
fn stopped<T>(error: Option<Error>) -> Result<Option<T>, Error> {
    match error {
        Some(error) => Err(error),
        None => Ok(None),
    }
}
