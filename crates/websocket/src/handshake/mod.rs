//! The opening handshake: RFC 6455 section 4, and RFC 8441 section 5 for streams of HTTP/2 and
//! HTTP/3. Pure functions over the heads that the HTTP cores parse and encode.
//!
//! - A server gives a request and its [`Terms`] to [`accept`], and sends the [`Acceptance`]'s
//!   status and fields, or the [`Refusal`]'s.
//! - A client sends an [`Offer`]'s fields, and gives it the response to [`Offer::verify`].
//!
//! The field Connection is not among them: the HTTP/1.1 core writes it, and the others have none.

mod client;
#[cfg(feature = "deflate")]
pub(crate) mod extensions;
mod origin;
mod server;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
use sha1::{Digest as _, Sha1};
use shockwave_wire::{Field, Fields, Known};

pub use client::{Agreed, BadResponse, InvalidProtocol, Offer};
pub use origin::{Origins, is_same_origin};
pub use server::{Acceptance, Refusal, Terms, accept, accept_connect};

#[cfg(feature = "deflate")]
use crate::Deflate;

/// What a handshake has settled for the connection: the extensions. Give it to
/// [`Connection::open`](crate::Connection::open).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Agreement {
    #[cfg(feature = "deflate")]
    pub(crate) deflate: Option<Deflate>,
}

impl Agreement {
    /// No extensions.
    pub const NONE: Self = Self {
        #[cfg(feature = "deflate")]
        deflate: None,
    };

    /// permessage-deflate with these parameters, where another party has done the handshake.
    #[cfg(feature = "deflate")]
    #[must_use]
    pub const fn with_deflate(deflate: Deflate) -> Self {
        Self { deflate: Some(deflate) }
    }

    /// The parameters of permessage-deflate, if it was agreed on.
    #[cfg(feature = "deflate")]
    #[must_use]
    pub const fn deflate(&self) -> Option<Deflate> {
        self.deflate
    }
}

/// The fields of a handshake's head, to be sent with the caller's own.
#[derive(Debug, Clone, Copy)]
pub struct HandshakeFields<'f> {
    list: [Field<'f>; 5],
    count: usize,
}

impl<'f> HandshakeFields<'f> {
    pub(crate) const fn new() -> Self {
        Self { list: [Field { name: b"", value: b"" }; 5], count: 0 }
    }

    pub(crate) fn push(&mut self, name: &'f str, value: &'f [u8]) {
        if let Some(room) = self.list.get_mut(self.count) {
            *room = Field::new(name, value);
            self.count += 1;
        }
    }

    /// The fields.
    #[must_use]
    pub fn as_slice(&self) -> &[Field<'f>] {
        self.list.get(..self.count).unwrap_or_default()
    }

    /// The fields, for a head that has no others.
    #[must_use]
    pub fn as_fields(&self) -> Fields<'_> {
        Fields::from(self.as_slice())
    }
}

/// What "websocket" is called in Upgrade, and in `:protocol`.
pub(crate) const PROTOCOL: &str = "websocket";

/// The one version there is: RFC 6455 section 4.1.
pub(crate) const VERSION: &[u8] = b"13";

/// RFC 6455 section 1.3.
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// Bits behind the last octet need not be zero: those of the RFC's own example (section 4.1) are
/// not.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// RFC 6455 section 4.1: base64 of a nonce of 16 octets.
pub(crate) fn encode_key(nonce: [u8; 16]) -> [u8; 24] {
    let mut key = [0; 24];
    let written = BASE64.encode_slice(nonce, &mut key);
    debug_assert_eq!(written, Ok(key.len()));
    key
}

/// Whether this is a key: RFC 6455 section 4.2.1, 16 octets when decoded.
pub(crate) fn is_key(key: &[u8]) -> bool {
    key.len() == 24 && BASE64.decode_slice(key, &mut [0; 18]) == Ok(16)
}

/// The value of Sec-WebSocket-Accept: RFC 6455 section 4.2.2.
pub(crate) fn accept_value(key: &[u8]) -> [u8; 28] {
    let hash = Sha1::new().chain_update(key).chain_update(GUID).finalize();
    let mut value = [0; 28];
    let written = BASE64.encode_slice(hash, &mut value);
    debug_assert_eq!(written, Ok(value.len()));
    value
}

/// The elements of a list over all lines of a field, without the whitespace around them; empty ones
/// are left out (RFC 9110 section 5.6.1).
pub(crate) fn elements<'b>(
    fields: &Fields<'b>,
    known: Known,
) -> impl Iterator<Item = &'b [u8]> + use<'b> {
    fields
        .known_all(known)
        .flat_map(|value| value.split(|&octet| octet == b','))
        .map(<[u8]>::trim_ascii)
        .filter(|element| !element.is_empty())
}

/// Whether such a list has `token`, in any case.
pub(crate) fn lists(fields: &Fields<'_>, known: Known, token: &str) -> bool {
    elements(fields, known).any(|element| element.eq_ignore_ascii_case(token.as_bytes()))
}

/// The only line of a field; `Err` if there are several.
pub(crate) fn only<'b>(fields: &Fields<'b>, known: Known) -> Result<Option<&'b [u8]>, ()> {
    let mut lines = fields.known_all(known);
    match (lines.next(), lines.next()) {
        (_, Some(_)) => Err(()),
        (line, None) => Ok(line),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6455 sections 1.3 and 4.1.
    #[test]
    fn the_examples_of_the_rfc() {
        assert_eq!(&accept_value(b"dGhlIHNhbXBsZSBub25jZQ=="), b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assert_eq!(&encode_key(*b"the sample nonce"), b"dGhlIHNhbXBsZSBub25jZQ==");
        // Its last octet is not what an encoder makes of it.
        assert!(is_key(b"AQIDBAUGBwgJCgsMDQ4PEC=="));
    }

    #[test]
    fn keys_are_sixteen_octets() {
        assert!(is_key(b"dGhlIHNhbXBsZSBub25jZQ=="));
        for bad in [
            &b""[..],
            b"dGhlIHNhbXBsZSBub25jZQ",
            b"dGhlIHNhbXBsZSBub25j",
            b"dGhlIHNhbXBsZSBub25jZXM=",
            b"dGhlIHNhbXBsZSBub25jZXMz",
            b"dGhlIHNhbXBsZSBub25jZ===",
            b"dGhlIHNhbXBsZSBub25j ZQ=",
            b"dGhlIHNhbXBsZSBub25jZ_-=",
        ] {
            assert!(!is_key(bad), "{}", bad.escape_ascii());
        }
    }
}
