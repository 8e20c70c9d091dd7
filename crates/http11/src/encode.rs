//! Heads as octets: start lines, field lines, trailer sections, canned error responses, templates.
//!
//! Every function appends to the caller's buffer, or appends nothing and says why. What comes from
//! the caller is checked octet by octet before it is appended, so that no value can end its line
//! and start another (RFC 9112 section 11.1, response splitting). Nothing allocates, unless the
//! buffer grows.
//!
//! What a message may say (which fields, in which order of calls) is not checked here: that is the
//! connection's to know.

mod decimal;
mod error_response;
mod status_line;
mod template;

use shockwave_simd::{has_control, is_token};
use shockwave_wire::{Field, Fields, Known, Method};

use crate::Misuse;
use crate::content::LengthField;
pub use error_response::{encode_error_response, error_response};
pub use status_line::encode_status_line;
pub use template::ResponseTemplate;

/// The fields by which a core frames a message; it writes them itself, so the caller may not:
/// Content-Length, Transfer-Encoding and Connection, in which TE and Upgrade must be listed where
/// they are sent (RFC 9112 section 7.4). As [`Known::bit`]s.
pub(crate) const FRAMING_FIELDS: u64 =
    set(&[Known::CONTENT_LENGTH, Known::TRANSFER_ENCODING, Known::CONNECTION]);

/// The trailers by which a request is smuggled, should anybody merge them into a head: those that
/// describe framing and routing. A recipient that rejects only the worst rejects these.
pub(crate) const FRAMING_TRAILERS: u64 = set(&[
    // Framing.
    Known::CONTENT_LENGTH,
    Known::TRANSFER_ENCODING,
    Known::TRAILER,
    Known::TE,
    Known::CONNECTION,
    Known::KEEP_ALIVE,
    Known::PROXY_CONNECTION,
    Known::UPGRADE,
    // Routing.
    Known::HOST,
    Known::MAX_FORWARDS,
]);

/// The fields that must not stand in a trailer section, for their evaluation is necessary before
/// the content (RFC 9110 section 6.5.1). As [`Known::bit`]s; [`UNLISTED_TRAILERS`] has the rest.
pub(crate) const FORBIDDEN_TRAILERS: u64 = FRAMING_TRAILERS
    | set(&[
        // Routing, told by and to intermediaries.
        Known::FORWARDED,
        Known::VIA,
        Known::X_FORWARDED_FOR,
        // Authentication, and what is used for it.
        Known::AUTHORIZATION,
        Known::PROXY_AUTHENTICATE,
        Known::PROXY_AUTHORIZATION,
        Known::WWW_AUTHENTICATE,
        Known::COOKIE,
        Known::SET_COOKIE,
        Known::ORIGIN,
        // Request modifiers: conditions, ranges, negotiation, expectations, handshakes.
        Known::EXPECT,
        Known::IF_MATCH,
        Known::IF_MODIFIED_SINCE,
        Known::IF_NONE_MATCH,
        Known::IF_RANGE,
        Known::IF_UNMODIFIED_SINCE,
        Known::RANGE,
        Known::ACCEPT,
        Known::ACCEPT_ENCODING,
        Known::ACCEPT_LANGUAGE,
        Known::ACCESS_CONTROL_REQUEST_HEADERS,
        Known::ACCESS_CONTROL_REQUEST_METHOD,
        Known::SEC_WEBSOCKET_ACCEPT,
        Known::SEC_WEBSOCKET_EXTENSIONS,
        Known::SEC_WEBSOCKET_KEY,
        Known::SEC_WEBSOCKET_PROTOCOL,
        Known::SEC_WEBSOCKET_VERSION,
        // Response controls.
        Known::AGE,
        Known::CACHE_CONTROL,
        Known::DATE,
        Known::EXPIRES,
        Known::LOCATION,
        Known::RETRY_AFTER,
        Known::VARY,
        Known::ACCESS_CONTROL_ALLOW_ORIGIN,
        Known::STRICT_TRANSPORT_SECURITY,
        // Content format.
        Known::CONTENT_DISPOSITION,
        Known::CONTENT_ENCODING,
        Known::CONTENT_LANGUAGE,
        Known::CONTENT_LOCATION,
        Known::CONTENT_RANGE,
        Known::CONTENT_TYPE,
    ]);

/// Forbidden trailers that are not well-known names.
const UNLISTED_TRAILERS: [&[u8]; 4] =
    [b"pragma", b"warning", b"http2-settings", b"x-forwarded-host"];

/// Appends `method SP target SP HTTP/1.1 CRLF` (RFC 9112 section 3).
///
/// The octets of the target are checked, not its form: it may have visible ASCII only, and no `#`.
/// It cannot be empty: RFC 9112 section 3.2.1 has `/` stand for an empty path.
///
/// # Errors
///
/// [`Misuse::InvalidMethod`]: the method is not a token. [`Misuse::InvalidTarget`]: the target is
/// empty or has an octet that none has. Then nothing is appended.
pub fn encode_request_line(
    method: Method<'_>,
    target: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), Misuse> {
    let name = method.as_bytes();
    if !is_token(name) {
        return Err(Misuse::InvalidMethod);
    }
    if !is_target(target) {
        return Err(Misuse::InvalidTarget);
    }
    out.reserve(name.len().saturating_add(target.len()).saturating_add(12));
    out.extend_from_slice(name);
    out.push(b' ');
    out.extend_from_slice(target);
    out.extend_from_slice(b" HTTP/1.1\r\n");
    Ok(())
}

/// Appends `name: value CRLF` (RFC 9112 section 5).
///
/// # Errors
///
/// [`Misuse::InvalidFieldName`]: the name is not a token. [`Misuse::InvalidFieldValue`]: the value
/// has a control character other than HTAB, or whitespace at an end, which no recipient would take
/// for part of it (RFC 9110 section 5.5). Then nothing is appended.
#[inline]
pub fn encode_field_line(name: &[u8], value: &[u8], out: &mut Vec<u8>) -> Result<(), Misuse> {
    if !is_token(name) {
        return Err(Misuse::InvalidFieldName);
    }
    if has_control(value) || matches!(value, [b' ' | b'\t', ..] | [.., b' ' | b'\t']) {
        return Err(Misuse::InvalidFieldValue);
    }
    out.reserve(name.len().saturating_add(value.len()).saturating_add(4));
    out.extend_from_slice(name);
    out.extend_from_slice(b": ");
    out.extend_from_slice(value);
    out.extend_from_slice(b"\r\n");
    Ok(())
}

/// Appends all of `fields` in their order, without the empty line that ends a head.
///
/// # Errors
///
/// As [`encode_field_line`], for the first line that is wrong. Then nothing is appended.
pub fn encode_fields(fields: Fields<'_>, out: &mut Vec<u8>) -> Result<(), Misuse> {
    let start = out.len();
    for Field { name, value } in fields {
        if let Err(misuse) = encode_field_line(name, value, out) {
            out.truncate(start);
            return Err(misuse);
        }
    }
    Ok(())
}

/// Appends a trailer section and the empty line that ends it and the message (RFC 9112 section
/// 7.1.2). The last chunk must stand before it.
///
/// # Errors
///
/// [`Misuse::ForbiddenTrailer`] for a field that describes framing, routing, authentication,
/// request modifiers, response controls or content format (RFC 9110 section 6.5.1), and as
/// [`encode_field_line`]. Then nothing is appended.
pub fn encode_trailers(fields: Fields<'_>, out: &mut Vec<u8>) -> Result<(), Misuse> {
    // RFC 9110 section 6.5.1: A sender MUST NOT generate a trailer field unless the sender knows
    // the corresponding header field name's definition permits the field to be sent in trailers.
    if fields.present() & FORBIDDEN_TRAILERS != 0 || fields.iter().any(is_unlisted_trailer) {
        return Err(Misuse::ForbiddenTrailer);
    }
    encode_fields(fields, out)?;
    out.extend_from_slice(b"\r\n");
    Ok(())
}

/// Appends the field line that says how the content is delimited, if there is one to be said.
pub fn encode_length(field: LengthField, out: &mut Vec<u8>) {
    match field {
        LengthField::None => {}
        LengthField::Chunked => out.extend_from_slice(b"Transfer-Encoding: chunked\r\n"),
        LengthField::Length(length) => {
            let mut digits = [0; decimal::MAX_DIGITS];
            let count = decimal::write(length, &mut digits);
            out.extend_from_slice(b"Content-Length: ");
            out.extend_from_slice(digits.get(..count).unwrap_or_default());
            out.extend_from_slice(b"\r\n");
        }
    }
}

fn is_unlisted_trailer(field: Field<'_>) -> bool {
    UNLISTED_TRAILERS.iter().any(|name| name.eq_ignore_ascii_case(field.name))
}

/// Whether all octets are ones that a request target can have: visible, and no `#`, which would
/// start a fragment (RFC 9110 section 7.1: not sent).
fn is_target(target: &[u8]) -> bool {
    !target.is_empty() && target.iter().all(|&octet| octet.is_ascii_graphic() && octet != b'#')
}

const fn set(mut names: &[Known]) -> u64 {
    let mut bits = 0;
    while let [name, rest @ ..] = names {
        bits |= name.bit();
        names = rest;
    }
    bits
}

#[cfg(test)]
mod tests;
