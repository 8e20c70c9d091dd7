//! The request line (RFC 9112 section 3), and the rules that tie target and Host together.

use shockwave_simd::HeadScan;
use shockwave_wire::{Bound, Fields, Known, Method, Version};

use super::field_line::{End, no_line_end};
use super::{authority, limit, protocol, status_line, stopped};
use crate::{Config, Error, Violation};

/// Where a request line stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct RequestLine {
    start: u32,
    method_end: u32,
    target_end: u32,
    pub(super) version: Version,
    /// Where the first field line starts.
    pub(super) next: usize,
}

impl RequestLine {
    #[inline]
    pub(super) fn method<'b>(&self, bytes: &'b [u8]) -> Method<'b> {
        let token = bytes.get(self.start as usize..self.method_end as usize).unwrap_or_default();
        Method::from_token(token)
    }

    #[inline(always)]
    pub(super) fn is_connect(&self, bytes: &[u8]) -> bool {
        self.method_end.wrapping_sub(self.start) == 7
            && matches!(self.method(bytes), Method::Connect)
    }

    #[inline]
    pub(super) fn target<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        let start = (self.method_end as usize).wrapping_add(1);
        bytes.get(start..self.target_end as usize).unwrap_or_default()
    }
}

/// The four forms of a request target (RFC 9112 section 3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Origin,
    Absolute,
    Authority,
    Asterisk,
}

impl Form {
    /// The scheme and the authority that the target names.
    #[inline(always)]
    pub(super) fn parts(self, target: &[u8]) -> (Option<&[u8]>, Option<&[u8]>) {
        match self {
            Self::Origin | Self::Asterisk => (None, None),
            Self::Authority => (None, Some(target)),
            Self::Absolute => authority::split_absolute(target).unzip(),
        }
    }
}

/// Locates the request line from `start` on: method SP request-target SP HTTP-version CRLF.
#[inline(always)]
#[allow(clippy::cast_possible_truncation, reason = "a head is clamped to u32")]
pub(super) fn locate(
    input: &[u8],
    scan: &mut HeadScan<'_>,
    start: usize,
    config: &Config,
) -> Result<Option<RequestLine>, Error> {
    let most = start.saturating_add(config.limits.max_start_line_bytes as usize);
    // RFC 9112 section 3.1: method = token.
    let Some(method_end) = scan.nontoken(start) else { return Ok(None) };
    if method_end > most {
        return Err(limit(Bound::StartLineBytes, most));
    }
    if input.get(method_end) != Some(&b' ') || method_end == start {
        return Err(protocol(Violation::InvalidMethod, method_end));
    }
    let target = method_end.wrapping_add(1);
    let Some(target_end) = target_end(input, scan, target, config) else { return Ok(None) };
    if target_end > most {
        return Err(limit(Bound::StartLineBytes, most));
    }
    if input.get(target_end) != Some(&b' ') || target_end == target {
        return Err(no_target(input, target_end, target));
    }
    let version_start = target_end.wrapping_add(1);
    let Some(version) = status_line::version(input, version_start)? else { return Ok(None) };
    let end = version_start.wrapping_add(8);
    if end > most {
        return Err(limit(Bound::StartLineBytes, most));
    }
    let next = match input.get(end..) {
        Some([b'\r', b'\n', ..]) => end.wrapping_add(2),
        Some([b'\n', ..]) if config.leniency.bare_lf => end.wrapping_add(1),
        Some([b'\r' | b'\n', ..]) | None | Some([]) => {
            return stopped(no_line_end(input.get(end..).unwrap_or_default(), end));
        }
        _ => return Err(protocol(Violation::InvalidVersion, end)),
    };
    let (start, method_end, target_end) = (start as u32, method_end as u32, target_end as u32);
    Ok(Some(RequestLine { start, method_end, target_end, version, next }))
}

#[inline(always)]
fn target_end(
    input: &[u8],
    scan: &mut HeadScan<'_>,
    target: usize,
    config: &Config,
) -> Option<usize> {
    let mut end = scan.nontarget(target)?;
    while config.leniency.raw_target
        && matches!(input.get(end), Some(b'"' | b'<' | b'>' | b'\\' | 0x80..=0xFF))
    {
        end = scan.nontarget(end.wrapping_add(1))?;
    }
    Some(end)
}

#[cold]
fn no_target(input: &[u8], at: usize, target: usize) -> Error {
    match input.get(at) {
        // "GET /" CRLF is HTTP/0.9, which has no version.
        Some(b'\r' | b'\n') if at > target => protocol(Violation::InvalidVersion, at),
        _ => protocol(Violation::InvalidTarget, at),
    }
}

/// The checks of RFC 9112 section 3.2 that need the whole head: the form of the target, and Host.
#[inline(always)]
pub(super) fn check(
    line: &RequestLine,
    input: &[u8],
    fields: Fields<'_>,
    end: End,
) -> Result<Form, Error> {
    let target = line.target(input);
    let form = match target {
        [b'/', ..] if !line.is_connect(input) => Form::Origin,
        _ => other_form(line, target, input)?,
    };
    // RFC 9112 section 3.2: A server MUST respond with a 400 to any HTTP/1.1 request message that
    // lacks a Host header field and to any [...] that contains more than one.
    let host_bit = Known::HOST.bit();
    if fields.repeated() & host_bit != 0 {
        return Err(protocol(Violation::RepeatedHost, end.empty_line));
    }
    match fields.known(Known::HOST) {
        None if line.version == Version::Http10 => {}
        None => return Err(protocol(Violation::MissingHost, end.empty_line)),
        Some([]) if matches!(form, Form::Absolute | Form::Authority) => {
            return Err(protocol(Violation::InvalidHost, end.empty_line));
        }
        // An empty Host is right where the target URI has no authority.
        Some([]) => {}
        Some(host) if authority::is_uri_host_and_port(host) => {}
        Some(host) if host.contains(&b'@') => {
            return Err(protocol(Violation::Userinfo, end.empty_line));
        }
        Some(_) => return Err(protocol(Violation::InvalidHost, end.empty_line)),
    }
    Ok(form)
}

/// The forms other than origin-form, each allowed where RFC 9112 section 3.2 allows it.
#[cold]
#[inline(never)]
fn other_form(line: &RequestLine, target: &[u8], input: &[u8]) -> Result<Form, Error> {
    let at = (line.method_end as usize).saturating_add(1);
    match (line.method(input), target) {
        // RFC 9112 section 3.2.3: authority-form, only for CONNECT, with a port (RFC 9110 section
        // 9.3.6: a server MUST reject a CONNECT request that targets an empty or invalid port).
        (Method::Connect, target) => match authority::port(target) {
            Some(port) if !port.is_empty() => Ok(Form::Authority),
            _ if target.contains(&b'@') => Err(protocol(Violation::Userinfo, at)),
            _ => Err(protocol(Violation::InvalidTargetForm, at)),
        },
        // RFC 9112 section 3.2.4: asterisk-form, only for OPTIONS.
        (Method::Options, b"*") => Ok(Form::Asterisk),
        // RFC 9112 section 3.2.2: absolute-form; a server MUST accept it.
        _ => {
            let Some((_, authority)) = authority::split_absolute(target) else {
                return Err(protocol(Violation::InvalidTargetForm, at));
            };
            if authority.contains(&b'@') {
                return Err(protocol(Violation::Userinfo, at));
            }
            if !authority::is_uri_host_and_port(authority) {
                return Err(protocol(Violation::InvalidTargetForm, at));
            }
            Ok(Form::Absolute)
        }
    }
}
