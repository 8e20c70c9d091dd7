//! Close frames and their codes: RFC 6455 sections 5.5.1 and 7.4.

use crate::Violation;
use crate::frame::MAX_CONTROL_BYTES;

/// A status code of a Close frame: RFC 6455 section 7.4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CloseCode(u16);

macro_rules! codes {
    ($($(#[$doc:meta])* $code:literal $name:ident,)*) => {
        impl CloseCode {
            $($(#[$doc])* pub const $name: Self = Self($code);)*

            /// The codes that RFC 6455 and the registry of section 11.7 define and that may be
            /// sent, ascending.
            pub const REGISTERED: &'static [Self] = &[$(Self($code)),*];
        }
    };
}

codes! {
    /// The purpose is fulfilled.
    1000 NORMAL,
    /// A server goes down, or a browser leaves the page.
    1001 GOING_AWAY,
    /// A rule of the protocol was broken.
    1002 PROTOCOL_ERROR,
    /// Data of a kind that the endpoint cannot accept.
    1003 UNSUPPORTED_DATA,
    /// Data that is not what its message's kind says: text that is not UTF-8.
    1007 INVALID_PAYLOAD,
    /// A policy was violated.
    1008 POLICY_VIOLATION,
    /// A message is too big to be processed.
    1009 MESSAGE_TOO_BIG,
    /// A client misses an extension that it expected the server to negotiate.
    1010 MANDATORY_EXTENSION,
    /// The server met an unexpected condition.
    1011 INTERNAL_ERROR,
    /// The service restarts (the registry).
    1012 SERVICE_RESTART,
    /// The service is overloaded (the registry).
    1013 TRY_AGAIN_LATER,
    /// A gateway got an invalid response (the registry).
    1014 BAD_GATEWAY,
}

impl CloseCode {
    /// The code, if it may stand in a Close frame: those of [`CloseCode::REGISTERED`], and 3000 to
    /// 4999. RFC 6455 section 7.4.1: 1005, 1006 and 1015 MUST NOT be set in one.
    #[must_use]
    pub const fn new(code: u16) -> Option<Self> {
        match code {
            1000..=1003 | 1007..=1014 | 3000..=4999 => Some(Self(code)),
            _ => None,
        }
    }

    /// The number.
    #[must_use]
    pub const fn as_u16(self) -> u16 {
        self.0
    }
}

/// The body of a Close frame.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a body is a code and a reason")]
pub struct Close<'b> {
    /// The code; `None` for an empty body, which RFC 6455 section 7.1.5 calls 1005.
    pub code: Option<CloseCode>,
    /// The reason, for logs. RFC 6455 section 5.5.1: clients MUST NOT show it to end users.
    pub reason: &'b str,
}

/// The longest reason.
pub const MAX_REASON_BYTES: usize = MAX_CONTROL_BYTES - 2;

impl<'b> Close<'b> {
    /// RFC 6455 section 5.5.1: the first two bytes of the body MUST be a 2-byte unsigned integer.
    pub(crate) fn decode(payload: &'b [u8]) -> Result<Self, Violation> {
        let Some((code, reason)) = payload.split_first_chunk() else {
            return match payload {
                [] => Ok(Self::default()),
                _ => Err(Violation::InvalidCloseBody),
            };
        };
        let code = CloseCode::new(u16::from_be_bytes(*code)).ok_or(Violation::InvalidCloseCode)?;
        // RFC 6455 section 8.1: a stream that is not valid UTF-8 MUST fail the connection.
        let reason = core::str::from_utf8(reason).map_err(|_| Violation::InvalidUtf8)?;
        Ok(Self { code: Some(code), reason })
    }

    /// The body, and how many octets it has. The reason must be short enough.
    pub(crate) fn encode(self) -> ([u8; MAX_CONTROL_BYTES], usize) {
        let mut body = [0; MAX_CONTROL_BYTES];
        let Some(code) = self.code else { return (body, 0) };
        let octets = code.0.to_be_bytes().into_iter().chain(self.reason.bytes());
        let mut length = 0;
        for (room, octet) in body.iter_mut().zip(octets) {
            *room = octet;
            length += 1;
        }
        (body, length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6455 section 7.4 and the registry: the whole table.
    #[test]
    fn every_code() {
        for code in 0..=u16::MAX {
            let allowed = matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999);
            assert_eq!(CloseCode::new(code).is_some(), allowed, "{code}");
            let body = code.to_be_bytes();
            let expected = match CloseCode::new(code) {
                Some(code) => Ok(Close { code: Some(code), reason: "" }),
                None => Err(Violation::InvalidCloseCode),
            };
            assert_eq!(Close::decode(&body), expected, "{code}");
        }
        assert!(CloseCode::REGISTERED.iter().all(|code| CloseCode::new(code.0) == Some(*code)));
    }

    #[test]
    fn bodies() {
        assert_eq!(Close::decode(b""), Ok(Close::default()));
        assert_eq!(Close::decode(b"\x03"), Err(Violation::InvalidCloseBody));
        assert_eq!(Close::decode(b"\x03\xE8\xC3"), Err(Violation::InvalidUtf8));
        let close = Close { code: Some(CloseCode::NORMAL), reason: "bye \u{1f44b}" };
        let (body, length) = close.encode();
        assert_eq!(Close::decode(&body[..length]), Ok(close));
        assert_eq!(Close::default().encode().1, 0);
    }
}
