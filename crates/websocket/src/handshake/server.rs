//! The server's side: RFC 6455 section 4.2.

use core::fmt;

use shockwave_wire::{Field, Fields, Known, Method, RequestHead, Status, Version};

use super::{
    Agreement, HandshakeFields, Origins, PROTOCOL, VERSION, accept_value, elements, is_key, lists,
    only,
};
#[cfg(feature = "deflate")]
use crate::Deflate;
#[cfg(feature = "deflate")]
use crate::deflate::{self, Text};

/// What a server is ready to agree to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Terms<'t> {
    /// The subprotocols that the server speaks, the best first: the first that the client asked for
    /// too is chosen. Default: none.
    pub protocols: &'t [&'t str],
    /// From which origins. Default: [`Origins::Same`].
    pub origins: Origins<'t>,
    /// Whether the client came over TLS, for [`Origins::Same`]: behind a proxy that ends TLS, it
    /// did. Default: no.
    pub secure: bool,
    /// What to agree to of permessage-deflate. Default: it is declined. It costs up to 300 KiB a
    /// connection, and tells the length of what is compressed together.
    #[cfg(feature = "deflate")]
    pub deflate: Option<Deflate>,
}

impl Terms<'static> {
    /// The defaults.
    pub const DEFAULT: Self = Self {
        protocols: &[],
        origins: Origins::Same,
        secure: false,
        #[cfg(feature = "deflate")]
        deflate: None,
    };
}

impl Default for Terms<'static> {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// A handshake that was accepted: what to send, and what was agreed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance<'t> {
    protocol: Option<&'t str>,
    agreement: Agreement,
    /// Of HTTP/1.1 alone.
    accept: Option<[u8; 28]>,
    #[cfg(feature = "deflate")]
    extensions: Text,
}

impl<'t> Acceptance<'t> {
    /// 101 (Switching Protocols), or 200 to an extended CONNECT.
    #[must_use]
    pub const fn status(&self) -> Status {
        match self.accept {
            Some(_) => Status::SWITCHING_PROTOCOLS,
            None => Status::OK,
        }
    }

    /// The fields of the response: RFC 6455 section 4.2.2, point 5.
    #[must_use]
    pub fn fields(&self) -> HandshakeFields<'_> {
        let mut fields = HandshakeFields::new();
        if let Some(accept) = &self.accept {
            fields.push("Upgrade", PROTOCOL.as_bytes());
            fields.push("Sec-WebSocket-Accept", accept);
        }
        // RFC 6455 section 4.2.2: if the server does not agree to one of the subprotocols, it MUST
        // NOT send back the field.
        if let Some(protocol) = self.protocol {
            fields.push("Sec-WebSocket-Protocol", protocol.as_bytes());
        }
        #[cfg(feature = "deflate")]
        if self.agreement.deflate.is_some() {
            fields.push("Sec-WebSocket-Extensions", self.extensions.as_bytes());
        }
        fields
    }

    /// The subprotocol that was chosen.
    #[must_use]
    pub const fn protocol(&self) -> Option<&'t str> {
        self.protocol
    }

    /// What to open the connection with.
    #[must_use]
    pub const fn agreement(&self) -> &Agreement {
        &self.agreement
    }
}

/// Reads the opening handshake of an HTTP/1.1 request: every rule of RFC 6455 section 4.2.1. What
/// follows the request's head in the transport is the WebSocket's. Allocates nothing.
///
/// # Errors
/// Why it is refused: answer with [`Refusal::status`] and [`Refusal::fields`].
pub fn accept<'t>(head: &RequestHead<'_>, terms: &Terms<'t>) -> Result<Acceptance<'t>, Refusal> {
    // RFC 6455 section 4.2.1: An HTTP/1.1 or higher GET request.
    if head.method != Method::Get {
        return Err(Refusal::Method);
    }
    if head.version != Version::Http11 {
        return Err(Refusal::Version);
    }
    let fields = &head.fields;
    if !lists(fields, Known::UPGRADE, PROTOCOL) {
        return Err(Refusal::Upgrade);
    }
    if !lists(fields, Known::CONNECTION, "upgrade") {
        return Err(Refusal::Connection);
    }
    // RFC 6455 section 11.3.1: Sec-WebSocket-Key MUST NOT appear more than once.
    let key = only(fields, Known::SEC_WEBSOCKET_KEY).ok().flatten().filter(|key| is_key(key));
    let key = key.ok_or(Refusal::Key)?;
    // Content before the first frame would be taken for frames by one reader and not by another.
    let has_content = fields.known(Known::TRANSFER_ENCODING).is_some()
        || fields.known_all(Known::CONTENT_LENGTH).any(|length| length != b"0");
    if has_content {
        return Err(Refusal::Content);
    }
    agree(head, terms, Some(accept_value(key)))
}

/// Reads the opening handshake of an extended CONNECT (RFC 8441 section 5, RFC 9220), whose
/// `:protocol` the caller has found to be `websocket`. It has neither key nor Upgrade.
///
/// # Errors
/// Why it is refused: answer with [`Refusal::status`] and [`Refusal::fields`].
pub fn accept_connect<'t>(
    head: &RequestHead<'_>,
    terms: &Terms<'t>,
) -> Result<Acceptance<'t>, Refusal> {
    if head.method != Method::Connect {
        return Err(Refusal::Method);
    }
    agree(head, terms, None)
}

/// What both ways have in common.
fn agree<'t>(
    head: &RequestHead<'_>,
    terms: &Terms<'t>,
    accept: Option<[u8; 28]>,
) -> Result<Acceptance<'t>, Refusal> {
    let fields = &head.fields;
    let host = head.host().ok_or(Refusal::Host)?;
    // RFC 6455 section 11.3.5: it MUST NOT appear more than once. RFC 6455 section 4.2.2: If this
    // version does not match a version understood by the server, the server MUST abort.
    if only(fields, Known::SEC_WEBSOCKET_VERSION) != Ok(Some(VERSION)) {
        return Err(Refusal::WebSocketVersion);
    }
    // RFC 6455 section 4.2.2: If the server does not wish to accept this connection, it MUST return
    // an appropriate HTTP error code.
    if !terms.origins.allow(fields, host, terms.secure) {
        return Err(Refusal::Origin);
    }
    let protocol = choose(fields, terms.protocols)?;
    #[cfg(feature = "deflate")]
    let (agreed, extensions) = deflate::accept(terms.deflate, fields)?;
    Ok(Acceptance {
        protocol,
        agreement: Agreement {
            #[cfg(feature = "deflate")]
            deflate: agreed,
        },
        accept,
        #[cfg(feature = "deflate")]
        extensions,
    })
}

/// The first of ours that the client asked for. RFC 6455 section 4.2.2: The value chosen MUST be
/// derived from the client's handshake.
fn choose<'t>(fields: &Fields<'_>, ours: &[&'t str]) -> Result<Option<&'t str>, Refusal> {
    let asked = || elements(fields, Known::SEC_WEBSOCKET_PROTOCOL);
    if !asked().all(shockwave_simd::is_token) {
        return Err(Refusal::Protocol);
    }
    let chosen = ours.iter().find(|ours| asked().any(|asked| asked == ours.as_bytes()));
    Ok(chosen.copied())
}

macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident $status:ident $text:literal,)*) => {
        /// Why a server refuses a handshake.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Refusal {
            $($(#[$doc])* $name,)*
        }

        impl Refusal {
            /// Every refusal.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The status of the response.
            #[must_use]
            pub const fn status(self) -> Status {
                match self {
                    $(Self::$name => Status::$status,)*
                }
            }

            /// A sentence for a log.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

refusals! {
    /// Not GET, or not CONNECT.
    Method METHOD_NOT_ALLOWED "the method is not that of a WebSocket handshake",
    /// Not HTTP/1.1.
    Version BAD_REQUEST "the handshake is not an HTTP/1.1 request",
    /// No Host.
    Host BAD_REQUEST "no Host",
    /// Upgrade does not list `websocket`.
    Upgrade UPGRADE_REQUIRED "Upgrade does not list websocket",
    /// Connection does not list `upgrade`.
    Connection BAD_REQUEST "Connection does not list upgrade",
    /// Sec-WebSocket-Key is not base64 of 16 octets, or stands there more than once.
    Key BAD_REQUEST "Sec-WebSocket-Key is not base64 of 16 octets",
    /// Sec-WebSocket-Version is not 13.
    WebSocketVersion UPGRADE_REQUIRED "Sec-WebSocket-Version is not 13",
    /// The request has content.
    Content BAD_REQUEST "the handshake has content",
    /// An origin that the server does not take connections from.
    Origin FORBIDDEN "an origin that is not allowed",
    /// Sec-WebSocket-Protocol is not a list of tokens.
    Protocol BAD_REQUEST "Sec-WebSocket-Protocol is not a list of tokens",
    /// Sec-WebSocket-Extensions is malformed: RFC 6455 section 9.1.
    Extensions BAD_REQUEST "Sec-WebSocket-Extensions is malformed",
}

impl Refusal {
    /// The fields that the response must have.
    #[must_use]
    pub fn fields(self) -> &'static [Field<'static>] {
        const UPGRADE: Field<'static> = Field { name: b"Upgrade", value: PROTOCOL.as_bytes() };
        const VERSIONS: Field<'static> = Field { name: b"Sec-WebSocket-Version", value: VERSION };
        const ALLOW: Field<'static> = Field { name: b"Allow", value: b"GET" };
        match self {
            Self::Method => const { &[ALLOW] },
            // RFC 9110 section 15.5.22: The server MUST send an Upgrade field in a 426 response.
            Self::Upgrade => const { &[UPGRADE] },
            // RFC 6455 section 4.4: it MUST respond with Sec-WebSocket-Version.
            Self::WebSocketVersion => const { &[UPGRADE, VERSIONS] },
            _ => &[],
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl core::error::Error for Refusal {}
