//! Authorities (RFC 3986 section 3.2, without the userinfo that RFC 9110 section 4.2.4 deprecates).

use shockwave_simd::is_unreserved;

/// Whether `value` is `uri-host [ ":" port ]` (RFC 9110 section 7.2) with a host that is not empty.
#[inline(always)]
pub(crate) fn is_uri_host_and_port(value: &[u8]) -> bool {
    (is_unreserved(value) && !value.is_empty()) || is_name_and_port(value) || port(value).is_some()
}

/// Whether `value` is the usual form: a name or an IPv4 address of unreserved octets, `:`, and a
/// port of up to four digits. What it denies is looked at again.
#[inline]
fn is_name_and_port(value: &[u8]) -> bool {
    let mut name = value;
    while let [rest @ .., b'0'..=b'9'] = name
        && value.len().wrapping_sub(rest.len()) <= 4
    {
        name = rest;
    }
    matches!(name, [name @ .., b':'] if is_unreserved(name) && !name.is_empty())
}

/// The port of `uri-host [ ":" port ]`: empty if there is none, `None` if `value` is not of that
/// form or its host is empty.
pub(super) fn port(value: &[u8]) -> Option<&[u8]> {
    let (host, rest) = match value {
        [b'[', after @ ..] => {
            let end = after.iter().position(|&octet| octet == b']')?;
            let (literal, rest) = (after.get(..end)?, after.get(end.checked_add(1)?..)?);
            (is_ip_literal(literal).then_some(literal)?, rest)
        }
        _ => {
            let end = value.iter().position(|&octet| octet == b':').unwrap_or(value.len());
            let (name, rest) = value.split_at_checked(end)?;
            (is_reg_name(name).then_some(name)?, rest)
        }
    };
    match (host, rest) {
        ([], _) => None,
        (_, []) => Some(b""),
        (_, [b':', port @ ..]) if port.iter().all(u8::is_ascii_digit) && is_port(port) => {
            Some(port)
        }
        _ => None,
    }
}

/// A scheme and an authority that is not empty, of `scheme "://" authority path-abempty [ "?"
/// query ]`.
pub(super) fn split_absolute(target: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = target.iter().position(|&octet| octet == b':')?;
    let (scheme, rest) = target.split_at_checked(colon)?;
    let valid = scheme.first()?.is_ascii_alphabetic()
        && scheme.iter().all(|o| o.is_ascii_alphanumeric() || matches!(o, b'+' | b'-' | b'.'));
    let after = rest.strip_prefix(b"://")?;
    let end = after.iter().position(|o| matches!(o, b'/' | b'?')).unwrap_or(after.len());
    let authority = after.get(..end)?;
    (valid && !authority.is_empty()).then_some((scheme, authority))
}

/// A port that TCP has: at most 65535. An empty one stands for the scheme's default (RFC 3986
/// section 3.2.3).
fn is_port(digits: &[u8]) -> bool {
    let value = digits.iter().try_fold(0_u32, |value, digit| {
        value.checked_mul(10)?.checked_add(u32::from(digit & 0x0F))
    });
    value.is_some_and(|value| value <= 0xFFFF)
}

/// `reg-name = *( unreserved / pct-encoded / sub-delims )`, which covers IPv4 addresses.
fn is_reg_name(name: &[u8]) -> bool {
    if is_unreserved(name) {
        return true;
    }
    let mut rest = name;
    loop {
        rest = match rest {
            [] => return true,
            [b'%', a, b, rest @ ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => rest,
            [octet, rest @ ..] if is_unreserved(&[*octet]) || is_sub_delim(*octet) => rest,
            _ => return false,
        };
    }
}

/// `IP-literal` without its brackets: an IPv6 address, or `IPvFuture`.
fn is_ip_literal(literal: &[u8]) -> bool {
    if let [b'v' | b'V', rest @ ..] = literal {
        let Some(dot) = rest.iter().position(|&octet| octet == b'.') else { return false };
        let Some((version, [_, address @ ..])) = rest.split_at_checked(dot) else { return false };
        return !version.is_empty()
            && version.iter().all(u8::is_ascii_hexdigit)
            && !address.is_empty()
            && address.iter().all(|&o| o == b':' || is_unreserved(&[o]) || is_sub_delim(o));
    }
    core::str::from_utf8(literal).is_ok_and(|text| text.parse::<core::net::Ipv6Addr>().is_ok())
}

/// `sub-delims` (RFC 3986 section 2.2).
const fn is_sub_delim(octet: u8) -> bool {
    matches!(octet, b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'=')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The short ways to a yes are none to a wrong one.
    #[test]
    fn what_is_quickly_found_right_is_right() {
        let parts = ["", "a", "127.0.0.1", "[::1]", "a:b", "%41", "a b", "\u{e9}", "x@y"];
        let ports =
            ["", ":", ":8", ":80", ":8080", ":65535", ":65536", ":080", ":8o", "::1", ": 1"];
        let mut quick = 0;
        for value in parts.iter().flat_map(|host| ports.map(|port| format!("{host}{port}"))) {
            let octets = value.as_bytes();
            let is_right = port(octets).is_some();
            assert_eq!(is_uri_host_and_port(octets), is_right, "{value}");
            if is_name_and_port(octets) {
                assert!(is_right, "{value}");
                quick += 1;
            }
        }
        assert_eq!(quick, 2 * 5, "two names with five ports each");
    }
}
