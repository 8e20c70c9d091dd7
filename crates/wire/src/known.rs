//! Well-known field names, interned to a small id while a head is parsed.
//!
//! # How a name becomes an id
//!
//! A name is folded to lower case eight octets at a time (`| 0x20`, exact for token octets against
//! letters, digits and `-`), and its last eight octets, which one load takes from before the colon
//! however short the name is, are mixed with its length into one word. One multiplication and a
//! shift pick a slot of a 256-entry table, which was made perfect for the 64 names by a search for
//! the multiplier; the one candidate in the slot is then compared in full, by words. There is no
//! loop over candidates and no allocation.
//!
//! Sixty-four names, because a set of them is then one `u64`: "is there a Transfer-Encoding, a
//! Connection or an Upgrade?" is one AND for a whole head.

/// A well-known field name. Ids are dense, 0 to 63, in alphabetic order; they are not part of the
/// interface and may change with any release.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Known(u8);

const NAMES: [&str; Known::SLOTS] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "accept-ranges",
    "access-control-allow-origin",
    "access-control-request-headers",
    "access-control-request-method",
    "age",
    "allow",
    "alt-svc",
    "authorization",
    "cache-control",
    "connection",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-length",
    "content-location",
    "content-range",
    "content-type",
    "cookie",
    "date",
    "etag",
    "expect",
    "expires",
    "forwarded",
    "host",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "keep-alive",
    "last-modified",
    "link",
    "location",
    "max-forwards",
    "origin",
    "priority",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "range",
    "referer",
    "retry-after",
    "sec-websocket-accept",
    "sec-websocket-extensions",
    "sec-websocket-key",
    "sec-websocket-protocol",
    "sec-websocket-version",
    "server",
    "set-cookie",
    "strict-transport-security",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "upgrade-insecure-requests",
    "user-agent",
    "vary",
    "via",
    "www-authenticate",
    "x-forwarded-for",
    "x-request-id",
];

#[allow(missing_docs, reason = "the constants are the field names")]
impl Known {
    pub const ACCEPT: Self = Self(0);
    pub const ACCEPT_ENCODING: Self = Self(1);
    pub const ACCEPT_LANGUAGE: Self = Self(2);
    pub const ACCEPT_RANGES: Self = Self(3);
    pub const ACCESS_CONTROL_ALLOW_ORIGIN: Self = Self(4);
    pub const ACCESS_CONTROL_REQUEST_HEADERS: Self = Self(5);
    pub const ACCESS_CONTROL_REQUEST_METHOD: Self = Self(6);
    pub const AGE: Self = Self(7);
    pub const ALLOW: Self = Self(8);
    pub const ALT_SVC: Self = Self(9);
    pub const AUTHORIZATION: Self = Self(10);
    pub const CACHE_CONTROL: Self = Self(11);
    pub const CONNECTION: Self = Self(12);
    pub const CONTENT_DISPOSITION: Self = Self(13);
    pub const CONTENT_ENCODING: Self = Self(14);
    pub const CONTENT_LANGUAGE: Self = Self(15);
    pub const CONTENT_LENGTH: Self = Self(16);
    pub const CONTENT_LOCATION: Self = Self(17);
    pub const CONTENT_RANGE: Self = Self(18);
    pub const CONTENT_TYPE: Self = Self(19);
    pub const COOKIE: Self = Self(20);
    pub const DATE: Self = Self(21);
    pub const ETAG: Self = Self(22);
    pub const EXPECT: Self = Self(23);
    pub const EXPIRES: Self = Self(24);
    pub const FORWARDED: Self = Self(25);
    pub const HOST: Self = Self(26);
    pub const IF_MATCH: Self = Self(27);
    pub const IF_MODIFIED_SINCE: Self = Self(28);
    pub const IF_NONE_MATCH: Self = Self(29);
    pub const IF_RANGE: Self = Self(30);
    pub const IF_UNMODIFIED_SINCE: Self = Self(31);
    pub const KEEP_ALIVE: Self = Self(32);
    pub const LAST_MODIFIED: Self = Self(33);
    pub const LINK: Self = Self(34);
    pub const LOCATION: Self = Self(35);
    pub const MAX_FORWARDS: Self = Self(36);
    pub const ORIGIN: Self = Self(37);
    pub const PRIORITY: Self = Self(38);
    pub const PROXY_AUTHENTICATE: Self = Self(39);
    pub const PROXY_AUTHORIZATION: Self = Self(40);
    pub const PROXY_CONNECTION: Self = Self(41);
    pub const RANGE: Self = Self(42);
    pub const REFERER: Self = Self(43);
    pub const RETRY_AFTER: Self = Self(44);
    pub const SEC_WEBSOCKET_ACCEPT: Self = Self(45);
    pub const SEC_WEBSOCKET_EXTENSIONS: Self = Self(46);
    pub const SEC_WEBSOCKET_KEY: Self = Self(47);
    pub const SEC_WEBSOCKET_PROTOCOL: Self = Self(48);
    pub const SEC_WEBSOCKET_VERSION: Self = Self(49);
    pub const SERVER: Self = Self(50);
    pub const SET_COOKIE: Self = Self(51);
    pub const STRICT_TRANSPORT_SECURITY: Self = Self(52);
    pub const TE: Self = Self(53);
    pub const TRAILER: Self = Self(54);
    pub const TRANSFER_ENCODING: Self = Self(55);
    pub const UPGRADE: Self = Self(56);
    pub const UPGRADE_INSECURE_REQUESTS: Self = Self(57);
    pub const USER_AGENT: Self = Self(58);
    pub const VARY: Self = Self(59);
    pub const VIA: Self = Self(60);
    pub const WWW_AUTHENTICATE: Self = Self(61);
    pub const X_FORWARDED_FOR: Self = Self(62);
    pub const X_REQUEST_ID: Self = Self(63);
}

impl Known {
    /// How many well-known names there are.
    pub const SLOTS: usize = 64;

    /// What a [`FieldSpan`](crate::FieldSpan) stores for a name that is not well known.
    pub(crate) const NONE: u8 = u8::MAX;

    /// The well-known names, in the order of their ids.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..64).map(Self)
    }

    /// The well-known name that `name` is, without regard to ASCII case.
    #[must_use]
    pub fn intern(name: &[u8]) -> Option<Self> {
        let known = Self::intern_token(name, 0, name.len())?;
        // Folding is exact for tokens only, and here anything may have been asked for.
        shockwave_simd::eq_ignore_ascii_case(name, known.name().as_bytes()).then_some(known)
    }

    /// The same for the `length` octets at `start`, which the caller has checked to be a token.
    /// Faster where octets follow the name, as they do in a head.
    #[inline(always)]
    #[must_use]
    pub fn intern_token(bytes: &[u8], start: usize, length: usize) -> Option<Self> {
        if length.wrapping_sub(1) >= LONGEST {
            return None;
        }
        let end = start.wrapping_add(length);
        let eight = bytes.get(end.wrapping_sub(8)..end).and_then(<[u8]>::first_chunk);
        let Some(eight) = eight else {
            return Self::intern_at_start(bytes, start, length);
        };
        // Of a shorter name all of it, with the octets before it shifted out.
        let unused = 64_usize.saturating_sub(8 * length);
        let last = (u64::from_le_bytes(*eight) | FOLD) >> (unused & 63);
        Self::look_up(bytes, start, length, last)
    }

    /// [`Known::intern_token`] where the name ends within the first seven octets: a short name that
    /// is asked for, not one in a head.
    fn intern_at_start(bytes: &[u8], start: usize, length: usize) -> Option<Self> {
        let name = bytes.get(start..start.wrapping_add(length))?;
        let last = short_word(name) | (FOLD >> (64 - 8 * length));
        Self::look_up(bytes, start, length, last)
    }

    #[inline(always)]
    fn look_up(bytes: &[u8], start: usize, length: usize, last: u64) -> Option<Self> {
        let id = *SLOT_OF.get(slot(last, length))?;
        let entry = ENTRIES.get(usize::from(id))?;
        let [word0, word1, word2] = entry.words;
        let equal = last == entry.last
            && length == usize::from(entry.length)
            && (length <= 8 || fold_at(bytes, start) == word0)
            && (length <= 16 || fold_at(bytes, start.wrapping_add(8)) == word1)
            && (length <= 24 || fold_at(bytes, start.wrapping_add(16)) == word2);
        equal.then_some(Self(id))
    }

    /// The name in lower case.
    #[inline]
    #[must_use]
    pub fn name(self) -> &'static str {
        NAMES.get(self.slot()).copied().unwrap_or_default()
    }

    /// The id as a bit of a set.
    #[inline]
    #[must_use]
    pub const fn bit(self) -> u64 {
        1 << (self.0 & 63)
    }

    /// The id as an index below [`Known::SLOTS`].
    #[inline]
    #[must_use]
    pub const fn slot(self) -> usize {
        (self.0 & 63) as usize
    }

    #[inline]
    pub(crate) const fn id_or_none(known: Option<Self>) -> u8 {
        match known {
            Some(known) => known.0,
            None => Self::NONE,
        }
    }

    #[inline]
    pub(crate) const fn from_id(id: u8) -> Option<Self> {
        if id < 64 { Some(Self(id)) } else { None }
    }
}

impl core::fmt::Debug for Known {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.name())
    }
}

/// The longest well-known name, `access-control-request-headers`.
const LONGEST: usize = 30;

const FOLD: u64 = 0x2020_2020_2020_2020;

/// Found by a random search (9,593 tries, seed 9110): no two names share a slot. A `const`
/// assertion below holds the table to that.
const MULTIPLIER: u64 = 0xe501_7330_9585_6b59;

#[derive(Clone, Copy)]
struct Entry {
    words: [u64; 3],
    last: u64,
    length: u8,
}

static ENTRIES: [Entry; Known::SLOTS] = entries();
static SLOT_OF: [u8; 256] = slots();

#[inline(always)]
const fn slot(last: u64, length: usize) -> usize {
    ((last ^ (length as u64) << 59).wrapping_mul(MULTIPLIER) >> 56) as usize
}

/// The eight octets at `at`, folded; zeros where there are not eight.
#[inline(always)]
fn fold_at(bytes: &[u8], at: usize) -> u64 {
    match bytes.get(at..at.wrapping_add(8)).and_then(<[u8]>::first_chunk) {
        Some(eight) => u64::from_le_bytes(*eight) | FOLD,
        None => 0,
    }
}

/// One to seven octets as a word, by two loads that may overlap.
#[inline]
fn short_word(octets: &[u8]) -> u64 {
    let length = octets.len();
    if let (Some(first), Some(last)) = (octets.first_chunk(), octets.last_chunk()) {
        let last = u64::from(u32::from_le_bytes(*last));
        return u64::from(u32::from_le_bytes(*first)) | last << (8 * (length - 4));
    }
    match *octets {
        [a] => u64::from(a),
        [a, b] => u64::from(u16::from_le_bytes([a, b])),
        [a, b, c] => u64::from(u32::from_le_bytes([a, b, c, 0])),
        _ => 0,
    }
}

#[allow(clippy::indexing_slicing, reason = "evaluated when compiled")]
const fn word_of(name: &[u8], at: usize) -> u64 {
    let mut word = 0;
    let mut i = 0;
    while i < 8 && at + i < name.len() {
        word |= (name[at + i] as u64) << (8 * i);
        i += 1;
    }
    word
}

#[allow(clippy::indexing_slicing, reason = "evaluated when compiled")]
#[allow(clippy::cast_possible_truncation, reason = "names are at most 30 octets")]
const fn entries() -> [Entry; Known::SLOTS] {
    let mut entries = [Entry { words: [0; 3], last: 0, length: 0 }; Known::SLOTS];
    let mut id = 0;
    while id < Known::SLOTS {
        let name = NAMES[id].as_bytes();
        let length = name.len();
        assert!(length <= LONGEST, "the length guard knows the longest name");
        let last = if length > 8 { word_of(name, length - 8) } else { word_of(name, 0) };
        let words = [word_of(name, 0), word_of(name, 8), word_of(name, 16)];
        entries[id] = Entry { words, last, length: length as u8 };
        id += 1;
    }
    entries
}

#[allow(clippy::indexing_slicing, reason = "evaluated when compiled")]
#[allow(clippy::cast_possible_truncation, reason = "there are 64 ids")]
const fn slots() -> [u8; 256] {
    let entries = entries();
    let mut slots = [Known::NONE; 256];
    let mut id = 0;
    while id < Known::SLOTS {
        let entry = entries[id];
        let at = slot(entry.last, entry.length as usize);
        assert!(slots[at] == Known::NONE, "the multiplier gives every name a slot of its own");
        slots[at] = id as u8;
        id += 1;
    }
    slots
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_in_any_case_and_nothing_near_it() {
        for (id, name) in NAMES.iter().enumerate() {
            let expected = Known::from_id(u8::try_from(id).unwrap());
            assert_eq!(Known::intern(name.as_bytes()), expected, "{name}");
            assert_eq!(Known::intern(name.to_ascii_uppercase().as_bytes()), expected, "{name}");
            for at in 0..name.len() {
                let mut near = name.as_bytes().to_vec();
                near[at] ^= 0x01;
                let linear = NAMES.iter().position(|n| n.as_bytes().eq_ignore_ascii_case(&near));
                assert_eq!(Known::intern(&near).map(Known::slot), linear, "{name} at {at}");
                let mut control = name.as_bytes().to_vec();
                control[at] &= !0x20;
                if !control[at].is_ascii_alphabetic() {
                    assert_eq!(Known::intern(&control), None, "{name} at {at}: not a token");
                }
            }
            assert_eq!(
                Known::intern(format!("{name}x").as_bytes()).map(Known::slot),
                NAMES.iter().position(|n| *n == format!("{name}x"))
            );
        }
        assert_eq!(Known::intern(b""), None);
        assert_eq!(Known::intern(&[b'a'; 300]), None);
    }

    #[test]
    fn a_name_is_found_wherever_it_stands() {
        for known in Known::all() {
            let name = known.name();
            for after in ["", ":", ": x", ": a longer value\r\n"] {
                let line = format!("..{name}{after}");
                assert_eq!(Known::intern_token(line.as_bytes(), 2, name.len()), Some(known));
            }
        }
    }

    #[test]
    fn names_are_sorted_so_that_ids_are_easy_to_find() {
        assert!(NAMES.is_sorted());
    }
}
