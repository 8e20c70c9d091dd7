//! The base framing protocol: RFC 6455 section 5.2.
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +-+-+-+-+-------+-+-------------+-------------------------------+
//! |F|R|R|R| opcode|M| Payload len |    Extended payload length    |
//! |I|S|S|S|  (4)  |A|     (7)     |  (16 if len is 126, 64 if 127)|
//! |N|V|V|V|       |S|             +-------------------------------+
//! | |1|2|3|       |K|             |  Masking-key (32 if MASK is 1)|
//! +-+-+-+-+-------+-+-------------+ - - - - - - - - - - - - - - - +
//! ```
//!
//! A header is looked at in the order of its octets: a fault is found as soon as its octet is
//! there, and is the same however the octets were cut.

use shockwave_simd::Mask;
use shockwave_wire::Side;

use crate::Violation;

/// What a frame is: RFC 6455 section 5.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub(crate) enum Opcode {
    /// A further frame of a message.
    Continuation = 0x0,
    /// The first frame of a text message.
    Text = 0x1,
    /// The first frame of a binary message.
    Binary = 0x2,
    /// Close: RFC 6455 section 5.5.1.
    Close = 0x8,
    /// Ping: RFC 6455 section 5.5.2.
    Ping = 0x9,
    /// Pong: RFC 6455 section 5.5.3.
    Pong = 0xA,
}

impl Opcode {
    /// Whether this is a control frame: RFC 6455 section 5.5.
    #[inline]
    pub(crate) const fn is_control(self) -> bool {
        self as u8 & 0x8 != 0
    }

    #[inline]
    const fn from_bits(bits: u8) -> Option<Self> {
        Some(match bits {
            0x0 => Self::Continuation,
            0x1 => Self::Text,
            0x2 => Self::Binary,
            0x8 => Self::Close,
            0x9 => Self::Ping,
            0xA => Self::Pong,
            _ => return None,
        })
    }
}

/// The first octet of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct First {
    pub(crate) opcode: Opcode,
    /// FIN: the last frame of its message.
    pub(crate) fin: bool,
    /// RSV1, the "Per-Message Compressed" bit of RFC 7692 section 6.
    pub(crate) compressed: bool,
}

const FIN: u8 = 0x80;
const RSV1: u8 = 0x40;
const RSV2_RSV3: u8 = 0x30;
const MASKED: u8 = 0x80;

/// The longest payload of a control frame: RFC 6455 section 5.5.
pub const MAX_CONTROL_BYTES: usize = 125;

/// The longest header of a frame.
pub const MAX_HEADER_BYTES: usize = 14;

impl First {
    /// The first octet, if it is one; `deflate` says whether permessage-deflate was agreed on.
    #[inline]
    pub(crate) const fn decode(octet: u8, deflate: bool) -> Result<Self, Violation> {
        // RFC 6455 section 5.2: MUST be 0 unless an extension is negotiated that defines meanings
        // for non-zero values.
        if octet & RSV2_RSV3 != 0 || (octet & RSV1 != 0 && !deflate) {
            return Err(Violation::ReservedBits);
        }
        // RFC 6455 section 5.2: If an unknown opcode is received, the receiving endpoint MUST fail.
        let Some(opcode) = Opcode::from_bits(octet & 0x0F) else {
            return Err(Violation::ReservedOpcode);
        };
        let (fin, compressed) = (octet & FIN != 0, octet & RSV1 != 0);
        if opcode.is_control() {
            // RFC 6455 section 5.5: All control frames MUST NOT be fragmented.
            if !fin {
                return Err(Violation::FragmentedControl);
            }
            // RFC 7692 section 6.1: An endpoint MUST NOT set the bit of control frames.
            if compressed {
                return Err(Violation::ReservedBits);
            }
        }
        Ok(Self { opcode, fin, compressed })
    }

    #[inline]
    const fn encode(self) -> u8 {
        (if self.fin { FIN } else { 0 })
            | (if self.compressed { RSV1 } else { 0 })
            | self.opcode as u8
    }
}

/// What the header says after its first octet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rest {
    /// Octets of payload.
    pub(crate) length: u64,
    /// The mask of the payload; of no effect where it is not masked.
    pub(crate) mask: Mask,
    /// Octets of the header.
    pub(crate) header: usize,
}

impl Rest {
    /// The header of `frame`, whose first octet was decoded to `first` by the endpoint `side`;
    /// `None` if it is not whole.
    #[inline]
    pub(crate) fn decode(
        frame: &[u8],
        first: First,
        side: Side,
    ) -> Result<Option<Self>, Violation> {
        let Some(&second) = frame.get(1) else { return Ok(None) };
        // RFC 6455 section 5.1: The server MUST close the connection upon receiving a frame that is
        // not masked. A client MUST close a connection if it detects a masked frame.
        let masked = second & MASKED != 0;
        if masked != (side == Side::Server) {
            return Err(if masked { Violation::Masked } else { Violation::Unmasked });
        }
        let short = second & !MASKED;
        // RFC 6455 section 5.5: All control frames MUST have a payload length of 125 bytes or less.
        if short > 125 && first.opcode.is_control() {
            return Err(Violation::ControlTooLong);
        }
        let behind = frame.get(2..).unwrap_or_default();
        let (length, before_key) = match short {
            126 => {
                let Some(octets) = behind.first_chunk() else { return Ok(None) };
                let length = u16::from_be_bytes(*octets);
                // RFC 6455 section 5.2: The minimal number of bytes MUST be used to encode the
                // length.
                if length < 126 {
                    return Err(Violation::LengthNotMinimal);
                }
                (u64::from(length), 4)
            }
            127 => {
                let Some(octets) = behind.first_chunk() else { return Ok(None) };
                let length = u64::from_be_bytes(*octets);
                // RFC 6455 section 5.2: The most significant bit MUST be 0.
                if length >> 63 != 0 {
                    return Err(Violation::LengthTooLarge);
                }
                if length <= 0xFFFF {
                    return Err(Violation::LengthNotMinimal);
                }
                (length, 10)
            }
            short => (u64::from(short), 2),
        };
        if !masked {
            return Ok(Some(Self { length, mask: Mask::new([0; 4]), header: before_key }));
        }
        let key = frame.get(before_key..).and_then(<[u8]>::first_chunk);
        Ok(key.map(|key| Self { length, mask: Mask::new(*key), header: before_key + 4 }))
    }
}

/// A frame's header to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) first: First,
    /// Octets of payload.
    pub(crate) length: usize,
    pub(crate) key: Option<[u8; 4]>,
}

impl Header {
    /// The octets of the header, in the minimal form, and how many they are.
    #[inline]
    pub(crate) fn encode(self) -> ([u8; MAX_HEADER_BYTES], usize) {
        let mut octets = [0; MAX_HEADER_BYTES];
        let masked = if self.key.is_some() { MASKED } else { 0 };
        let length = self.length as u64;
        let before_key = if length < 126 {
            octets[1] = masked | length.to_le_bytes()[0];
            2
        } else if let Ok(length) = u16::try_from(length) {
            octets[1] = masked | 126;
            [octets[2], octets[3]] = length.to_be_bytes();
            4
        } else {
            octets[1] = masked | 127;
            if let Some(room) = octets.get_mut(2..).and_then(<[u8]>::first_chunk_mut) {
                *room = length.to_be_bytes();
            }
            10
        };
        octets[0] = self.first.encode();
        let Some(key) = self.key else { return (octets, before_key) };
        if let Some(room) = octets.get_mut(before_key..).and_then(<[u8]>::first_chunk_mut) {
            *room = key;
        }
        (octets, before_key + 4)
    }

    /// Appends the header.
    #[inline]
    pub(crate) fn append(self, out: &mut Vec<u8>) {
        let (octets, length) = self.encode();
        out.extend_from_slice(octets.get(..length).unwrap_or_default());
    }

    /// Appends header and payload, the payload masked on the way if there is a key.
    #[inline]
    pub(crate) fn append_frame(self, payload: &[u8], out: &mut Vec<u8>) {
        // One look at the room for both.
        out.reserve(MAX_HEADER_BYTES + payload.len());
        self.append(out);
        match self.key {
            None => out.extend_from_slice(payload),
            Some(key) => {
                let _ = Mask::new(key).append(payload, out);
            }
        }
    }
}

#[cfg(test)]
mod tests;
