//! The PROXY protocol: what a load balancer says, before the first octet of its client, about who
//! that client is. Versions 1 and 2, after HAProxy's `proxy-protocol.txt` of 2020.
//!
//! Sans-I/O, as the cores are: octets in, a header or an error out. Nothing is allocated, and no
//! more than [`MAX_V1_LENGTH`] or [`MAX_V2_LENGTH`] octets are ever asked for.

use core::fmt;
use std::net::SocketAddr;

mod v1;
mod v2;

/// The longest header of version 1 with its CRLF: two full IPv6 addresses (section 2.1).
pub(crate) const MAX_V1_LENGTH: usize = 107;

/// The longest header of version 2 that is taken: 16 octets, and 4,096 of addresses and TLVs. The
/// field has room for 65,535; a load balancer needs some hundred.
pub(crate) const MAX_V2_LENGTH: usize = 16 + 4_096;

/// Whether connections start with a header of the PROXY protocol, and in which version.
///
/// **The peer must be trusted.** What the header says becomes the client's address, for logs and
/// for whatever your handler decides by it, and anyone who can reach the port can say anything.
/// Turn it on only where nobody but your load balancer can connect.
///
/// It is never guessed: where it is on, a connection without the header is closed (section 2, "the
/// receiver must not try to guess"). Default [`Off`](Self::Off). At most 107 octets of version 1
/// and 4,112 of version 2 are read, within the deadline of a request's head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum ProxyProtocol {
    /// No header: the first octet is the client's.
    #[default]
    Off,
    /// The line of text that starts with `PROXY`.
    V1,
    /// The binary header.
    V2,
    /// Either of them, told apart by the first octet.
    Any,
}

/// What a header says. Both are `None` where it has no addresses, or none of the Internet: `LOCAL`
/// (the load balancer's own health check), `UNKNOWN`, unspecified, or Unix sockets. The addresses
/// of the connection itself count then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct ProxyHeader {
    /// The client.
    pub(crate) source: Option<SocketAddr>,
    /// What the client connected to.
    pub(crate) destination: Option<SocketAddr>,
}

/// Why a connection did not start with a header that is right. It is to be closed without a word:
/// who sent this does not speak HTTP yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ProxyError {
    /// The rule that was broken.
    pub(crate) violation: ProxyViolation,
    /// Octets before the offending one.
    pub(crate) offset: usize,
}

impl ProxyError {
    const fn new(violation: ProxyViolation, offset: usize) -> Self {
        Self { violation, offset }
    }
}

impl fmt::Display for ProxyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PROXY protocol: {} at octet {}", self.violation.text(), self.offset)
    }
}

impl std::error::Error for ProxyError {}

/// A rule of the PROXY protocol that the peer broke, or a limit of ours that it crossed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum ProxyViolation {
    /// Section 2: the connection does not start with a header of an accepted version.
    Signature,
    /// Section 2.1: no CRLF within 107 octets; section 2.2: more than 4,096 octets follow.
    TooLong,
    /// Section 2.1: an octet that is not printable US-ASCII, or a CR without LF.
    Octet,
    /// Section 2.1: neither TCP4, TCP6 nor UNKNOWN; section 2.2: an address family that is not
    /// assigned.
    Family,
    /// Section 2.1: no address of the family, or not written as it must be.
    Address,
    /// Section 2.1: a port that is not a number up to 65,535 without leading zeros.
    Port,
    /// Section 2.1: not exactly four words after `PROXY`, each behind one space.
    Words,
    /// Section 2.2: a version other than 2.
    Version,
    /// Section 2.2: a command other than LOCAL and PROXY.
    Command,
    /// Section 2.2: a transport that is not assigned.
    Transport,
    /// Section 2.2: less follows than the addresses of the family need.
    Length,
    /// Section 2.2: a TLV that reaches beyond the header.
    Tlv,
    /// Section 2.2.3: the checksum is not four octets, stands twice, or is wrong.
    Checksum,
}

impl ProxyViolation {
    /// A clause for a log.
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Signature => "no header of an accepted version",
            Self::TooLong => "the header is too long",
            Self::Octet => "an octet that no header line may have",
            Self::Family => "an unknown address family",
            Self::Address => "an invalid address",
            Self::Port => "an invalid port",
            Self::Words => "not the words of a header line",
            Self::Version => "an unknown version",
            Self::Command => "an unknown command",
            Self::Transport => "an unknown transport",
            Self::Length => "shorter than the addresses of its family",
            Self::Tlv => "a TLV reaches beyond the header",
            Self::Checksum => "the checksum is wrong",
        }
    }
}

/// Parses the header at the start of `input`: how many octets it has, and what it says. `None`
/// where more octets are needed. Allocates nothing.
///
/// The answer does not depend on what follows the header, nor an error on what follows its octet.
/// Each call starts at the first octet, which costs little: 107 octets are looked at, or 16, until
/// the whole header is there.
///
/// # Errors
///
/// The input does not start with a header of an `accepted` version.
pub(crate) fn parse(
    input: &[u8],
    accepted: ProxyProtocol,
) -> Result<Option<(usize, ProxyHeader)>, ProxyError> {
    match (accepted, input.first()) {
        (ProxyProtocol::Off, _) => Ok(Some((0, ProxyHeader::default()))),
        (_, None) => Ok(None),
        (ProxyProtocol::V1, _) | (ProxyProtocol::Any, Some(b'P')) => v1::parse(input),
        (ProxyProtocol::V2 | ProxyProtocol::Any, _) => v2::parse(input),
    }
}

/// Whether all of `signature` is there. An error at the first octet that differs.
fn starts_with(input: &[u8], signature: &[u8]) -> Result<bool, ProxyError> {
    match input.iter().zip(signature).position(|(one, other)| one != other) {
        Some(offset) => Err(ProxyError::new(ProxyViolation::Signature, offset)),
        None => Ok(input.len() >= signature.len()),
    }
}

#[cfg(test)]
mod tests;
