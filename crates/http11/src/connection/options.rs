//! The lists by which a message says something about its connection: Connection, TE, Expect.

use shockwave_wire::{Fields, Known, Version};

use crate::content::elements;

/// The connection options that mean something to this core (RFC 9110 section 7.6.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Options(u8);

impl Options {
    pub(super) const CLOSE: Self = Self(1);
    pub(super) const KEEP_ALIVE: Self = Self(2);
    pub(super) const UPGRADE: Self = Self(4);

    /// The options of all Connection lines. Unknown ones are passed over: they name fields.
    #[inline]
    pub(super) fn of(fields: Fields<'_>) -> Self {
        if fields.present() & Known::CONNECTION.bit() == 0 {
            return Self(0);
        }
        // Nearly every list is one line with one option in one of these spellings.
        if fields.repeated() & Known::CONNECTION.bit() == 0 {
            match fields.known(Known::CONNECTION) {
                Some(b"keep-alive" | b"Keep-Alive") => return Self::KEEP_ALIVE,
                Some(b"close" | b"Close") => return Self::CLOSE,
                Some(b"upgrade" | b"Upgrade") => return Self::UPGRADE,
                _ => {}
            }
        }
        Self::of_list(fields)
    }

    fn of_list(fields: Fields<'_>) -> Self {
        let mut options = 0;
        for option in fields.known_all(Known::CONNECTION).flat_map(elements) {
            // RFC 9110 section 7.6.1: Connection options are case-insensitive.
            if option.eq_ignore_ascii_case(b"close") {
                options |= Self::CLOSE.0;
            } else if option.eq_ignore_ascii_case(b"keep-alive") {
                options |= Self::KEEP_ALIVE.0;
            } else if option.eq_ignore_ascii_case(b"upgrade") {
                options |= Self::UPGRADE.0;
            }
        }
        Self(options)
    }

    #[inline]
    pub(super) const fn has(self, option: Self) -> bool {
        self.0 & option.0 != 0
    }

    /// Whether the connection persists after a message with these options (RFC 9112 section 9.3).
    #[inline]
    pub(super) fn persists(self, version: Version) -> bool {
        !self.has(Self::CLOSE) && (version != Version::Http10 || self.has(Self::KEEP_ALIVE))
    }
}

/// Whether there is `TE: trailers` (RFC 9110 section 10.1.4).
pub(super) fn takes_trailers(fields: Fields<'_>) -> bool {
    let mut codings = fields.known_all(Known::TE).flat_map(elements);
    codings.any(|coding| coding.eq_ignore_ascii_case(b"trailers"))
}

/// Whether there is `Expect: 100-continue`, without regard to case (RFC 9110 section 10.1.1);
/// `None` if there is any other expectation.
pub(super) fn expects_continue(fields: Fields<'_>) -> Option<bool> {
    let mut expects = false;
    for expectation in fields.known_all(Known::EXPECT).flat_map(elements) {
        if expectation.eq_ignore_ascii_case(b"100-continue") {
            expects = true;
        } else if !expectation.is_empty() {
            return None;
        }
    }
    Some(expects)
}
