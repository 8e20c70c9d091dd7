//! The request line (RFC 9112 section 3), and the rules that tie target and Host together.

use shockwave_simd::HeadScan;
use shockwave_wire::{Bound, Fields, Known, Method, Version};

use super::field_line::{End, is_crlf, no_line_end};
use super::status_line::{self, within};
use super::{authority, limit, protocol};
use crate::{Config, Error, Violation};

/// A request line. It borrows the input even if the head has to be unfolded: no fold is in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct RequestLine<'b> {
    pub(super) method: Method<'b>,
    pub(super) target: &'b [u8],
    pub(super) version: Version,
    /// Where the target starts: the offset of errors about its form.
    target_start: usize,
    /// Where the first field line starts.
    pub(super) next: usize,
}

impl RequestLine<'_> {
    /// The same line over the head that this one's is a copy of.
    pub(super) fn over<'b>(&self, head: &'b [u8]) -> RequestLine<'b> {
        let Self { version, target_start, next, .. } = *self;
        let method_bytes = self.method.as_bytes().len();
        let start = target_start.saturating_sub(1).saturating_sub(method_bytes);
        let target_end = target_start.saturating_add(self.target.len());
        let target = head.get(target_start..target_end).unwrap_or_default();
        let method = Method::from_token_at(head, start, method_bytes);
        RequestLine { method, target, version, target_start, next }
    }
}

/// The four forms of a request target (RFC 9112 section 3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Origin,
    Absolute,
    Authority,
    Asterisk,
}

impl Form {
    /// The scheme and the authority that the target names.
    #[inline(always)]
    pub(crate) fn parts(self, target: &[u8]) -> (Option<&[u8]>, Option<&[u8]>) {
        if matches!(self, Self::Origin) { (None, None) } else { self.other_parts(target) }
    }

    #[cold]
    #[inline(never)]
    fn other_parts(self, target: &[u8]) -> (Option<&[u8]>, Option<&[u8]>) {
        match self {
            Self::Origin | Self::Asterisk => (None, None),
            Self::Authority => (None, Some(target)),
            Self::Absolute => authority::split_absolute(target).unzip(),
        }
    }
}

/// Locates the request line from `start` on: method SP request-target SP HTTP-version CRLF.
#[inline(always)]
pub(super) fn locate<'b>(
    input: &'b [u8],
    scan: &mut HeadScan<'_>,
    start: usize,
    config: &Config,
) -> Result<Option<RequestLine<'b>>, Error> {
    let most = start.saturating_add(config.limits.max_start_line_bytes as usize);
    // RFC 9112 section 3.1: method = token.
    let Some(method_end) = scan.nontoken(start) else { return Ok(None) };
    if input.get(method_end) != Some(&b' ') || method_end == start {
        return Err(within(most, protocol(Violation::InvalidMethod, method_end)));
    }
    let target = method_end.wrapping_add(1);
    let Some(target_end) = target_end(input, scan, target, config) else { return Ok(None) };
    if input.get(target_end) != Some(&b' ') || target_end == target {
        return Err(within(most, no_target(input, target_end, target)));
    }
    let version_start = target_end.wrapping_add(1);
    let version = match status_line::version(input, version_start, config) {
        Ok(Some(version)) => version,
        Ok(None) => return Ok(None),
        Err(error) => return Err(within(most, error)),
    };
    let end = version_start.wrapping_add(8);
    if end > most {
        return Err(limit(Bound::StartLineBytes, most));
    }
    let mut next = end.wrapping_add(2);
    if !is_crlf(input, end) {
        let bare_lf = config.leniency.bare_lf;
        if let Some(error) = no_line_end(input, end, bare_lf, Violation::InvalidVersion) {
            return Err(error);
        }
        if !bare_lf || input.get(end) != Some(&b'\n') {
            return Ok(None);
        }
        next = end.wrapping_add(1);
    }
    let method = Method::from_token_at(input, start, method_end.wrapping_sub(start));
    let bytes = input.get(target..target_end).unwrap_or_default();
    Ok(Some(RequestLine { method, target: bytes, version, target_start: target, next }))
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
#[inline(never)]
fn no_target(input: &[u8], at: usize, target: usize) -> Error {
    match input.get(at) {
        // "GET /" CRLF is HTTP/0.9, which has no version.
        Some(b'\r' | b'\n') if at > target => protocol(Violation::InvalidVersion, at),
        _ => protocol(Violation::InvalidTarget, at),
    }
}

/// The checks of RFC 9112 section 3.2 that need the whole head: the form of the target, and Host.
#[inline(always)]
pub(super) fn check(line: RequestLine<'_>, fields: Fields<'_>, end: End) -> Result<Form, Error> {
    let form = match line.target {
        [b'/', ..] if !matches!(line.method, Method::Connect) => Form::Origin,
        _ => match other_form(line.method, line.target) {
            Ok(form) => form,
            Err(violation) => return Err(protocol(violation, line.target_start)),
        },
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

/// The form of a target, if it is one that RFC 9112 section 3.2 allows with the method.
pub(crate) fn form_of(method: Method<'_>, target: &[u8]) -> Result<Form, Violation> {
    match target {
        [b'/', ..] if !matches!(method, Method::Connect) => Ok(Form::Origin),
        _ => other_form(method, target),
    }
}

/// The forms other than origin-form.
#[cold]
#[inline(never)]
fn other_form(method: Method<'_>, target: &[u8]) -> Result<Form, Violation> {
    match (method, target) {
        // RFC 9112 section 3.2.3: authority-form, only for CONNECT, with a port (RFC 9110 section
        // 9.3.6: a server MUST reject a CONNECT request that targets an empty or invalid port).
        (Method::Connect, target) => match authority::port(target) {
            Some(port) if !port.is_empty() => Ok(Form::Authority),
            _ if target.contains(&b'@') => Err(Violation::Userinfo),
            _ => Err(Violation::InvalidTargetForm),
        },
        // RFC 9112 section 3.2.4: asterisk-form, only for OPTIONS.
        (Method::Options, b"*") => Ok(Form::Asterisk),
        // RFC 9112 section 3.2.2: absolute-form; a server MUST accept it.
        (_, target) => match authority::split_absolute(target) {
            Some((_, authority)) if authority::is_uri_host_and_port(authority) => {
                Ok(Form::Absolute)
            }
            Some((_, authority)) if authority.contains(&b'@') => Err(Violation::Userinfo),
            _ => Err(Violation::InvalidTargetForm),
        },
    }
}
