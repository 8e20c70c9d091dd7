//! Messages that are encoded once and sent to many.

use crate::frame::{First, Header, Opcode};
use crate::{Kind, Message};

/// A message as the octets of a server's frame; with the feature `deflate` also compressed, by
/// `compressed`. Put it into an `Arc` and send it to any number of connections:
/// [`Connection::send_prepared`](crate::Connection::send_prepared) copies it,
/// [`Connection::lend_prepared`](crate::Connection::lend_prepared) does not.
///
/// ```
/// use shockwave_websocket::{Agreement, Config, Connection, Prepared};
///
/// let news = Prepared::new("news");
/// let mut out = Vec::new();
/// for _ in 0..2 {
///     let mut connection = Connection::server(Config::DEFAULT);
///     connection.open(&Agreement::NONE).expect("it was connecting");
///     connection.send_prepared(&news, &mut out).expect("it is open");
/// }
/// assert_eq!(out, b"\x81\x04news\x81\x04news");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    kind: Kind,
    plain: Frame,
    /// The compressed frame, and the window that it needs.
    compressed: Option<(Frame, u8)>,
}

/// A server's frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    octets: Vec<u8>,
    header: usize,
    pub(crate) compressed: bool,
}

impl Frame {
    fn new(kind: Kind, compressed: bool, payload: &[u8]) -> Self {
        let opcode = match kind {
            Kind::Text => Opcode::Text,
            Kind::Binary => Opcode::Binary,
        };
        let mut octets = Vec::new();
        let first = First { opcode, fin: true, compressed };
        Header { first, length: payload.len(), key: None }.append_frame(payload, &mut octets);
        octets.shrink_to_fit();
        let header = octets.len() - payload.len();
        Self { octets, header, compressed }
    }

    pub(crate) fn octets(&self) -> &[u8] {
        &self.octets
    }

    pub(crate) fn payload(&self) -> &[u8] {
        self.octets.get(self.header..).unwrap_or_default()
    }
}

impl Prepared {
    /// A message, not compressed. Allocates its frame.
    #[must_use]
    pub fn new<'m>(message: impl Into<Message<'m>>) -> Self {
        let message = message.into();
        let plain = Frame::new(message.kind(), false, message.as_bytes());
        Self { kind: message.kind(), plain, compressed: None }
    }

    /// The same with a compressed frame beside the plain one, for connections that agreed on
    /// permessage-deflate with a window of at least 2^`window_bits` octets, 9 to 15 (others are
    /// taken for the nearest). 15 fits those that did not limit it; 9 all. It stands for itself:
    /// what was sent before does not help to compress it, and what is sent after it starts anew.
    /// Left out where it is no shorter.
    #[cfg(feature = "deflate")]
    #[must_use]
    pub fn compressed<'m>(message: impl Into<Message<'m>>, level: u8, window_bits: u8) -> Self {
        let mut prepared = Self::new(message);
        let window_bits = window_bits.clamp(9, 15);
        let payload = crate::deflate::compress_once(prepared.plain.payload(), level, window_bits);
        if payload.len() < prepared.plain.payload().len() {
            let frame = Frame::new(prepared.kind, true, &payload);
            prepared.compressed = Some((frame, window_bits));
        }
        prepared
    }

    /// What the message is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The frame for a peer that decompresses with such a window, or does not.
    pub(crate) fn frame(&self, window_bits: Option<u8>) -> &Frame {
        match (&self.compressed, window_bits) {
            (Some((frame, needed)), Some(window_bits)) if *needed <= window_bits => frame,
            _ => &self.plain,
        }
    }
}
