//! Origins: RFC 6454, and RFC 6455 sections 4.2.2 and 10.2.

use shockwave_wire::{Fields, Known};

/// From which origins a server takes connections. Browsers send Origin with every handshake and
/// hold nobody to it: without this check any page that a user visits could speak to the server with
/// the user's cookies (cross-site WebSocket hijacking).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "a policy is one of these")]
pub enum Origins<'t> {
    /// Those of the request's own scheme, host and port. What sends no Origin is no browser and is
    /// let through.
    Same,
    /// These, as they are serialised: `https://example.com`, `http://localhost:8080`. The default
    /// port may stand there or not. `null`, which a sandboxed page or a local file sends, is an
    /// origin only where it is listed. What sends no Origin is let through.
    Listed(&'t [&'t str]),
    /// These, and nothing without an Origin.
    ListedOnly(&'t [&'t str]),
    /// Any: for what uses no cookies.
    Any,
}

impl Origins<'_> {
    /// Whether a request with these fields, for `host` over TLS or not, may be accepted.
    pub(super) fn allow(self, fields: &Fields<'_>, host: &[u8], secure: bool) -> bool {
        if matches!(self, Self::Any) {
            return true;
        }
        let mut lines = fields.known_all(Known::ORIGIN);
        let origin = match (lines.next(), lines.next()) {
            (None, _) => return !matches!(self, Self::ListedOnly(_)),
            (Some(origin), None) => origin,
            // Nobody sends two, but who wants them to be read differently.
            (Some(_), Some(_)) => return false,
        };
        match self {
            Self::Any => true,
            Self::Same => is_same_origin(origin, host, secure),
            Self::Listed(list) | Self::ListedOnly(list) => {
                list.iter().any(|listed| is_equal(origin, listed.as_bytes()))
            }
        }
    }
}

/// Whether `origin` has the scheme (`https` if `secure`, else `http`), host and port of a request
/// for `host`. `null` has none of them.
#[must_use]
pub fn is_same_origin(origin: &[u8], host: &[u8], secure: bool) -> bool {
    let Some(origin) = Origin::parse(origin) else { return false };
    let scheme: &[u8] = if secure { b"https" } else { b"http" };
    origin.scheme.eq_ignore_ascii_case(scheme)
        && Authority::parse(host).is_some_and(|host| origin.has(host, scheme))
}

/// Whether two serialised origins are the same: as octets, or as scheme, host and port.
fn is_equal(origin: &[u8], listed: &[u8]) -> bool {
    let (Some(a), Some(b)) = (Origin::parse(origin), Origin::parse(listed)) else {
        return origin == listed;
    };
    a.scheme.eq_ignore_ascii_case(b.scheme) && a.has(b.authority, b.scheme)
}

/// `scheme "://" host [ ":" port ]`: RFC 6454 section 6.2.
#[derive(Clone, Copy)]
struct Origin<'b> {
    scheme: &'b [u8],
    authority: Authority<'b>,
}

#[derive(Clone, Copy)]
struct Authority<'b> {
    host: &'b [u8],
    port: Option<u16>,
}

impl<'b> Origin<'b> {
    fn parse(origin: &'b [u8]) -> Option<Self> {
        let colon = origin.iter().position(|&octet| octet == b':')?;
        let (scheme, rest) = origin.split_at_checked(colon)?;
        let authority = Authority::parse(rest.strip_prefix(b"://")?)?;
        let is_scheme = scheme.first().is_some_and(u8::is_ascii_alphabetic)
            && scheme.iter().all(|&o| o.is_ascii_alphanumeric() || b"+-.".contains(&o));
        is_scheme.then_some(Self { scheme, authority })
    }

    /// Whether the host is `other`'s, and the port, where it is missing the one of `scheme`.
    fn has(self, other: Authority<'_>, scheme: &[u8]) -> bool {
        let default = |port: Option<u16>| port.or_else(|| default_port(scheme));
        self.authority.host.eq_ignore_ascii_case(other.host)
            && default(self.authority.port) == default(other.port)
    }
}

impl<'b> Authority<'b> {
    fn parse(authority: &'b [u8]) -> Option<Self> {
        let is_in_host =
            |&octet: &u8| shockwave_simd::is_unreserved(&[octet]) || b"[]:".contains(&octet);
        if authority.is_empty() || !authority.iter().all(is_in_host) {
            return None;
        }
        // The colons of an IPv6 address stand in brackets.
        let after_host = authority.iter().rposition(|&octet| octet == b']').map_or(0, |at| at + 1);
        let colon = authority.iter().skip(after_host).position(|&octet| octet == b':');
        let Some(colon) = colon else { return Some(Self { host: authority, port: None }) };
        let (host, port) = authority.split_at_checked(after_host + colon)?;
        let port = port.strip_prefix(b":").filter(|port| port.iter().all(u8::is_ascii_digit))?;
        let port = match port {
            [] => None, // RFC 3986 section 3.2.3: an empty port is the default one
            port => Some(core::str::from_utf8(port).ok()?.parse().ok()?),
        };
        (!host.is_empty()).then_some(Self { host, port })
    }
}

const fn default_port(scheme: &[u8]) -> Option<u16> {
    if scheme.eq_ignore_ascii_case(b"https") || scheme.eq_ignore_ascii_case(b"wss") {
        Some(443)
    } else if scheme.eq_ignore_ascii_case(b"http") || scheme.eq_ignore_ascii_case(b"ws") {
        Some(80)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scheme_host_and_port_are_compared() {
        for (origin, host, secure, expected) in [
            ("https://example.com", "example.com", true, true),
            ("https://EXAMPLE.com", "Example.COM", true, true),
            ("https://example.com:443", "example.com", true, true),
            ("https://example.com", "example.com:443", true, true),
            ("http://example.com:80", "example.com:", false, true),
            ("http://localhost:8080", "localhost:8080", false, true),
            ("http://[::1]:8080", "[::1]:8080", false, true),
            ("http://[::1]", "[::1]", false, true),
            ("http://example.com", "example.com", true, false),
            ("https://example.com", "example.com", false, false),
            ("https://example.com:444", "example.com", true, false),
            ("https://example.com", "example.com:8443", true, false),
            ("https://example.com.evil.test", "example.com", true, false),
            ("https://evil.test", "example.com", true, false),
            ("https://example.comx", "example.com", true, false),
            ("https://user@example.com", "example.com", true, false),
            ("https://example.com/", "example.com", true, false),
            ("https://example.com:99999", "example.com", true, false),
            ("https://example.com:+443", "example.com", true, false),
            ("https://:443", ":443", true, false),
            ("null", "null", true, false),
            ("", "", true, false),
            ("https://", "", true, false),
            ("1https://example.com", "example.com", true, false),
        ] {
            let found = is_same_origin(origin.as_bytes(), host.as_bytes(), secure);
            assert_eq!(found, expected, "{origin} to {host}, TLS: {secure}");
        }
    }

    #[test]
    fn lists() {
        assert!(is_equal(b"null", b"null"));
        assert!(!is_equal(b"null", b"Null"));
        assert!(is_equal(b"https://a.test", b"https://A.test:443"));
        assert!(!is_equal(b"https://a.test", b"http://a.test"));
        assert!(is_equal(b"chrome-extension://abc", b"chrome-extension://abc"));
    }
}
