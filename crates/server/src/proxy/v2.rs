//! Version 2: binary (section 2.2).

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use super::{MAX_V2_LENGTH, ProxyError, ProxyHeader, ProxyViolation, starts_with};

const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";

/// Signature, version and command, family and transport, length.
const FIXED_LENGTH: usize = 16;

/// The TLV of the checksum: `PP2_TYPE_CRC32C` (section 2.2.3).
const CHECKSUM: u8 = 0x03;

pub(super) fn parse(input: &[u8]) -> Result<Option<(usize, ProxyHeader)>, ProxyError> {
    if !starts_with(input, SIGNATURE)? {
        return Ok(None);
    }
    let Some(&version_and_command) = input.get(12) else { return Ok(None) };
    let is_proxy = command(version_and_command)?;
    let Some(&family_and_transport) = input.get(13) else { return Ok(None) };
    // With LOCAL, the family is to be ignored, and so is all that follows.
    let family = if is_proxy { family(family_and_transport)? } else { Family::Ignored };
    let Some(&[high, low]) = input.get(14..FIXED_LENGTH) else { return Ok(None) };
    let length = FIXED_LENGTH.saturating_add(usize::from(u16::from_be_bytes([high, low])));
    if length > MAX_V2_LENGTH {
        return Err(ProxyError::new(ProxyViolation::TooLong, 14));
    }
    let addresses_end = FIXED_LENGTH.saturating_add(family.length());
    if length < addresses_end {
        return Err(ProxyError::new(ProxyViolation::Length, 14));
    }
    let Some(whole) = input.get(..length) else { return Ok(None) };
    if !matches!(family, Family::Ignored) {
        check_tlvs(whole, addresses_end)?;
    }
    Ok(Some((length, family.header(whole, family_and_transport & 0x0f != 0))))
}

/// Whether it is PROXY, and not LOCAL.
fn command(octet: u8) -> Result<bool, ProxyError> {
    match (octet >> 4, octet & 0x0f) {
        (2, command @ (0 | 1)) => Ok(command == 1),
        (2, _) => Err(ProxyError::new(ProxyViolation::Command, 12)),
        _ => Err(ProxyError::new(ProxyViolation::Version, 12)),
    }
}

/// What the addresses are. The block of an unspecified family has no form that is known, so that
/// all of it is skipped.
#[derive(Clone, Copy)]
enum Family {
    Ignored,
    V4,
    V6,
    Unix,
}

fn family(octet: u8) -> Result<Family, ProxyError> {
    let family = match octet >> 4 {
        0 => Family::Ignored,
        1 => Family::V4,
        2 => Family::V6,
        3 => Family::Unix,
        _ => return Err(ProxyError::new(ProxyViolation::Family, 13)),
    };
    // Unspecified, stream, datagram. A datagram is what QUIC looks like behind a load balancer
    // that ends it.
    if octet & 0x0f > 2 {
        return Err(ProxyError::new(ProxyViolation::Transport, 13));
    }
    Ok(family)
}

impl Family {
    /// Octets of two addresses and two ports.
    const fn length(self) -> usize {
        match self {
            Self::Ignored => 0,
            Self::V4 => 12,
            Self::V6 => 36,
            Self::Unix => 216,
        }
    }

    fn header(self, whole: &[u8], has_transport: bool) -> ProxyHeader {
        let addresses = whole.get(FIXED_LENGTH..).unwrap_or_default();
        let found = match self {
            Self::V4 if has_transport => v4(addresses),
            Self::V6 if has_transport => v6(addresses),
            _ => None,
        };
        let (source, destination) = found.unzip();
        ProxyHeader { source, destination }
    }
}

fn v4(block: &[u8]) -> Option<(SocketAddr, SocketAddr)> {
    let (source, rest) = block.split_first_chunk::<4>()?;
    let (destination, rest) = rest.split_first_chunk::<4>()?;
    let (source_port, destination_port) = ports(rest)?;
    Some((
        SocketAddr::from((Ipv4Addr::from(*source), source_port)),
        SocketAddr::from((Ipv4Addr::from(*destination), destination_port)),
    ))
}

fn v6(block: &[u8]) -> Option<(SocketAddr, SocketAddr)> {
    let (source, rest) = block.split_first_chunk::<16>()?;
    let (destination, rest) = rest.split_first_chunk::<16>()?;
    let (source_port, destination_port) = ports(rest)?;
    Some((
        SocketAddr::from((Ipv6Addr::from(*source), source_port)),
        SocketAddr::from((Ipv6Addr::from(*destination), destination_port)),
    ))
}

fn ports(block: &[u8]) -> Option<(u16, u16)> {
    let (source, rest) = block.split_first_chunk::<2>()?;
    let destination = rest.first_chunk::<2>()?;
    Some((u16::from_be_bytes(*source), u16::from_be_bytes(*destination)))
}

/// Walks the TLVs from `start` to the header's end: each is a type, a length of two octets, and as
/// many octets. Only the checksum is read, at most once, so that the work is linear.
fn check_tlvs(whole: &[u8], start: usize) -> Result<(), ProxyError> {
    let mut at = start;
    let mut checksum = None;
    while let Some(&kind) = whole.get(at) {
        let broken = ProxyError::new(ProxyViolation::Tlv, at);
        let rest = whole.get(at.saturating_add(1)..).unwrap_or_default();
        let (length, rest) = rest.split_first_chunk::<2>().ok_or(broken)?;
        let length = usize::from(u16::from_be_bytes(*length));
        let value = rest.get(..length).ok_or(broken)?;
        if kind == CHECKSUM {
            let wrong = ProxyError::new(ProxyViolation::Checksum, at);
            let value: [u8; 4] = value.try_into().map_err(|_| wrong)?;
            if checksum.replace((at, u32::from_be_bytes(value))).is_some() {
                return Err(wrong);
            }
        }
        at = at.saturating_add(3).saturating_add(length);
    }
    match checksum {
        Some((at, sent)) if crc32c_without(whole, at.saturating_add(3)) != sent => {
            Err(ProxyError::new(ProxyViolation::Checksum, at))
        }
        _ => Ok(()),
    }
}

/// The CRC32c of a header, with zeros for the four octets of the checksum itself, which start at
/// `hole`. Bit by bit: a header is short, and comes once a connection.
pub(super) fn crc32c_without(whole: &[u8], hole: usize) -> u32 {
    let hole = hole..hole.saturating_add(4);
    let sum = whole.iter().enumerate().fold(u32::MAX, |sum, (at, &octet)| {
        let octet = if hole.contains(&at) { 0 } else { octet };
        (0..8).fold(sum ^ u32::from(octet), |sum, _| {
            (sum >> 1) ^ (0x82f6_3b78 & (sum & 1).wrapping_neg())
        })
    });
    !sum
}
