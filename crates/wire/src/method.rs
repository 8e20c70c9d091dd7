//! Request methods (RFC 9110 section 9).

/// A request method. Case-sensitive (RFC 9110 section 9.1); a token that is not one of RFC 9110's
/// or RFC 5789's methods is kept as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_enums, reason = "`Other` holds what is not named")]
#[allow(missing_docs, reason = "the variants are the methods' own names")]
pub enum Method<'b> {
    Get,
    Head,
    Post,
    Put,
    Delete,
    Connect,
    Options,
    Trace,
    Patch,
    /// Any other token, borrowed from where it was parsed.
    Other(&'b [u8]),
}

impl<'b> Method<'b> {
    /// The method that `token` names. The caller has checked that it is a token (RFC 9110 section
    /// 5.6.2).
    #[inline]
    #[must_use]
    pub const fn from_token(token: &'b [u8]) -> Self {
        match token {
            b"GET" => Self::Get,
            b"HEAD" => Self::Head,
            b"POST" => Self::Post,
            b"PUT" => Self::Put,
            b"DELETE" => Self::Delete,
            b"CONNECT" => Self::Connect,
            b"OPTIONS" => Self::Options,
            b"TRACE" => Self::Trace,
            b"PATCH" => Self::Patch,
            _ => Self::Other(token),
        }
    }

    /// The same for the `length` octets at `start`. Faster where octets follow the token, as they
    /// do in a head: the methods are told apart by one word, and not by a jump on the length.
    #[inline(always)]
    #[must_use]
    pub fn from_token_at(bytes: &'b [u8], start: usize, length: usize) -> Self {
        if let Some(eight) = bytes.get(start..).and_then(<[u8]>::first_chunk)
            && length.wrapping_sub(1) < 7
        {
            let word = u64::from_le_bytes(*eight) & (u64::MAX >> (64 - 8 * length));
            if word == word_of(b"GET") {
                return Self::Get;
            }
            if word == word_of(b"POST") {
                return Self::Post;
            }
        }
        Self::other_at(bytes, start, length)
    }

    #[inline(never)]
    fn other_at(bytes: &'b [u8], start: usize, length: usize) -> Self {
        Self::from_token(bytes.get(start..start.saturating_add(length)).unwrap_or_default())
    }

    /// The octets of the method as they stand on the wire.
    #[inline]
    #[must_use]
    pub const fn as_bytes(&self) -> &'b [u8] {
        match self {
            Self::Get => b"GET",
            Self::Head => b"HEAD",
            Self::Post => b"POST",
            Self::Put => b"PUT",
            Self::Delete => b"DELETE",
            Self::Connect => b"CONNECT",
            Self::Options => b"OPTIONS",
            Self::Trace => b"TRACE",
            Self::Patch => b"PATCH",
            Self::Other(token) => token,
        }
    }

    /// Whether the method is safe: read-only by its definition (RFC 9110 section 9.2.1).
    #[must_use]
    pub const fn is_safe(&self) -> bool {
        matches!(self, Self::Get | Self::Head | Self::Options | Self::Trace)
    }

    /// Whether the method is idempotent (RFC 9110 section 9.2.2), so that a client may repeat it
    /// after a connection failed.
    #[must_use]
    pub const fn is_idempotent(&self) -> bool {
        self.is_safe() || matches!(self, Self::Put | Self::Delete)
    }
}

/// Up to eight octets as a word, padded with zeros.
const fn word_of(mut token: &[u8]) -> u64 {
    let (mut word, mut shift) = (0, 0);
    while let [octet, rest @ ..] = token {
        word |= (*octet as u64) << shift;
        shift += 8;
        token = rest;
    }
    word
}

impl core::fmt::Display for Method<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}", self.as_bytes().escape_ascii())
    }
}
