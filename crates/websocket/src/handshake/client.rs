//! The client's side: RFC 6455 section 4.1.

use core::fmt;

use shockwave_wire::{Known, ResponseHead, Status};

use super::{
    Agreement, HandshakeFields, PROTOCOL, VERSION, accept_value, elements, encode_key, lists, only,
};
#[cfg(feature = "deflate")]
use crate::Deflate;
#[cfg(feature = "deflate")]
use crate::deflate::{self, Text};

/// A handshake that a client sends, and holds the response against.
///
/// ```
/// use shockwave_websocket::Offer;
/// use shockwave_wire::{Field, Fields, ResponseHead, Status};
///
/// let nonce = *b"the sample nonce"; // 16 octets of the system's randomness, in truth
/// let offer = Offer::new(nonce, &["chat", "superchat"])?;
/// let fields = offer.fields(); // to be sent with a GET for the target, and Host
/// let list = [
///     Field::new("Upgrade", b"websocket"),
///     Field::new("Connection", b"Upgrade"),
///     Field::new("Sec-WebSocket-Accept", b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
///     Field::new("Sec-WebSocket-Protocol", b"chat"),
/// ];
/// let head = ResponseHead::new(Status::SWITCHING_PROTOCOLS, Fields::from(&list));
/// assert_eq!(offer.verify(&head)?.protocol, Some("chat"));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer<'p> {
    key: [u8; 24],
    protocols: &'p [&'p str],
    /// The protocols as a list.
    list: String,
    #[cfg(feature = "deflate")]
    deflate: Option<(Deflate, Text)>,
}

/// A subprotocol that is not a token, or stands there twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidProtocol;

/// What was agreed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Agreed<'p> {
    /// The subprotocol that the server has chosen.
    pub protocol: Option<&'p str>,
    /// What to open the connection with.
    pub agreement: Agreement,
}

impl<'p> Offer<'p> {
    /// A handshake with the key that is made of `nonce`: RFC 6455 section 4.1, selected randomly
    /// for each connection. `protocols` are the subprotocols to ask for, the best first. Allocates
    /// their list.
    ///
    /// # Errors
    /// [`InvalidProtocol`]: RFC 6455 section 4.1, they MUST be tokens and MUST all be unique.
    pub fn new(nonce: [u8; 16], protocols: &'p [&'p str]) -> Result<Self, InvalidProtocol> {
        for (at, protocol) in protocols.iter().enumerate() {
            let is_repeated = protocols.iter().take(at).any(|other| other == protocol);
            if is_repeated || !shockwave_simd::is_token(protocol.as_bytes()) {
                return Err(InvalidProtocol);
            }
        }
        Ok(Self {
            key: encode_key(nonce),
            protocols,
            list: protocols.join(", "),
            #[cfg(feature = "deflate")]
            deflate: None,
        })
    }

    /// Offers permessage-deflate too: RFC 7692 section 7.1. What is set of the server's parameters
    /// is asked for; of the client's own, it is kept to in any case.
    #[cfg(feature = "deflate")]
    #[must_use]
    pub fn with_deflate(mut self, deflate: Deflate) -> Self {
        self.deflate = Some((deflate, deflate::offer(&deflate)));
        self
    }

    /// The fields of the request: RFC 6455 section 4.1, points 5 to 11. To them belong Host, and,
    /// from a browser, Origin.
    #[must_use]
    pub fn fields(&self) -> HandshakeFields<'_> {
        let mut fields = HandshakeFields::new();
        fields.push("Upgrade", PROTOCOL.as_bytes());
        fields.push("Sec-WebSocket-Key", &self.key);
        self.push_common(&mut fields);
        fields
    }

    /// The fields of an extended CONNECT (RFC 8441 section 5), which goes out with `:protocol`
    /// `websocket`.
    #[must_use]
    pub fn connect_fields(&self) -> HandshakeFields<'_> {
        let mut fields = HandshakeFields::new();
        self.push_common(&mut fields);
        fields
    }

    fn push_common<'f>(&'f self, fields: &mut HandshakeFields<'f>) {
        fields.push("Sec-WebSocket-Version", VERSION);
        if !self.list.is_empty() {
            fields.push("Sec-WebSocket-Protocol", self.list.as_bytes());
        }
        #[cfg(feature = "deflate")]
        if let Some((_, text)) = &self.deflate {
            fields.push("Sec-WebSocket-Extensions", text.as_bytes());
        }
    }

    /// Holds the response of HTTP/1.1 against the offer: RFC 6455 section 4.1, the six points that
    /// the client MUST validate. What follows the head in the transport is the WebSocket's.
    ///
    /// # Errors
    /// What is wrong with it. Nobody is to be told: close the transport.
    pub fn verify(&self, head: &ResponseHead<'_>) -> Result<Agreed<'p>, BadResponse> {
        if head.status != Status::SWITCHING_PROTOCOLS {
            return Err(BadResponse::Status(head.status));
        }
        let fields = &head.fields;
        if !lists(fields, Known::UPGRADE, PROTOCOL) {
            return Err(BadResponse::Upgrade);
        }
        if !lists(fields, Known::CONNECTION, "upgrade") {
            return Err(BadResponse::Connection);
        }
        // RFC 6455 section 11.3.3: Sec-WebSocket-Accept MUST NOT appear more than once.
        let accept = only(fields, Known::SEC_WEBSOCKET_ACCEPT);
        if accept != Ok(Some(&accept_value(&self.key)[..])) {
            return Err(BadResponse::Accept);
        }
        self.verify_common(head)
    }

    /// The same for the response to an extended CONNECT.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn verify_connect(&self, head: &ResponseHead<'_>) -> Result<Agreed<'p>, BadResponse> {
        if !head.status.is_success() {
            return Err(BadResponse::Status(head.status));
        }
        self.verify_common(head)
    }

    fn verify_common(&self, head: &ResponseHead<'_>) -> Result<Agreed<'p>, BadResponse> {
        let fields = &head.fields;
        // RFC 6455 section 4.1: a subprotocol that was not present in the client's handshake, the
        // client MUST fail.
        // RFC 6455 section 11.3.4: and it MUST NOT appear more than once in a response.
        let protocol = match only(fields, Known::SEC_WEBSOCKET_PROTOCOL) {
            Ok(None) => None,
            Ok(Some(chosen)) => {
                let asked = self.protocols.iter().find(|asked| asked.as_bytes() == chosen);
                Some(*asked.ok_or(BadResponse::Protocol)?)
            }
            Err(()) => return Err(BadResponse::Protocol),
        };
        // RFC 6455 section 4.1: an extension that was not present in the client's handshake, the
        // client MUST fail.
        #[cfg(feature = "deflate")]
        let offered = self.deflate.as_ref().map(|(deflate, _)| *deflate);
        #[cfg(feature = "deflate")]
        let deflate = deflate::confirm(offered, fields)?;
        #[cfg(not(feature = "deflate"))]
        if elements(fields, Known::SEC_WEBSOCKET_EXTENSIONS).next().is_some() {
            return Err(BadResponse::Extensions);
        }
        let _ = elements; // of use where the feature is off
        Ok(Agreed {
            protocol,
            agreement: Agreement {
                #[cfg(feature = "deflate")]
                deflate,
            },
        })
    }
}

/// What is wrong with a server's handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BadResponse {
    /// Another status: a refusal, a redirection, a demand for credentials.
    Status(Status),
    /// Upgrade does not list `websocket`.
    Upgrade,
    /// Connection does not list `upgrade`.
    Connection,
    /// Sec-WebSocket-Accept is not the answer to the key, or stands there more than once.
    Accept,
    /// A subprotocol that was not asked for, or more than one.
    Protocol,
    /// An extension that was not offered, malformed, or with parameters that do not follow from the
    /// offer.
    Extensions,
}

impl fmt::Display for BadResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "the server answered {status:?}"),
            Self::Upgrade => f.write_str("Upgrade does not list websocket"),
            Self::Connection => f.write_str("Connection does not list upgrade"),
            Self::Accept => f.write_str("Sec-WebSocket-Accept does not answer the key"),
            Self::Protocol => f.write_str("a subprotocol that was not asked for"),
            Self::Extensions => f.write_str("an extension that was not offered like this"),
        }
    }
}

impl core::error::Error for BadResponse {}

impl fmt::Display for InvalidProtocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a subprotocol is no token, or stands there twice")
    }
}

impl core::error::Error for InvalidProtocol {}
