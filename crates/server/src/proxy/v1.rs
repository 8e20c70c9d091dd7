//! Version 1: one line of text (section 2.1).

use core::str::FromStr;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::{MAX_V1_LENGTH, ProxyError, ProxyHeader, ProxyViolation, starts_with};

const SIGNATURE: &[u8] = b"PROXY ";

pub(super) fn parse(input: &[u8]) -> Result<Option<(usize, ProxyHeader)>, ProxyError> {
    if !starts_with(input, SIGNATURE)? {
        return Ok(None);
    }
    let Some(line) = line(input)? else { return Ok(None) };
    let header = header(line)?;
    Ok(Some((line.len().saturating_add(2), header)))
}

/// What stands before the CRLF, which must be within the limit. `None` where it has not come.
fn line(input: &[u8]) -> Result<Option<&[u8]>, ProxyError> {
    // The last octet that may be the CR: the LF is the last of all.
    const LAST_CR: usize = MAX_V1_LENGTH - 2;
    let end = input.iter().take(LAST_CR + 1).position(|octet| !matches!(octet, b' '..=b'~'));
    match end {
        None if input.len() > LAST_CR => Err(ProxyError::new(ProxyViolation::TooLong, LAST_CR)),
        None => Ok(None),
        Some(end) if input.get(end) != Some(&b'\r') => {
            Err(ProxyError::new(ProxyViolation::Octet, end))
        }
        Some(end) => match input.get(end.saturating_add(1)) {
            None => Ok(None),
            Some(b'\n') => Ok(input.get(..end)),
            Some(_) => Err(ProxyError::new(ProxyViolation::Octet, end.saturating_add(1))),
        },
    }
}

fn header(line: &[u8]) -> Result<ProxyHeader, ProxyError> {
    let mut words = Words { line, start: SIGNATURE.len(), ended: false };
    let (offset, family) = words.next()?;
    let is_v6 = match family {
        // Whatever follows is to be ignored.
        b"UNKNOWN" => return Ok(ProxyHeader::default()),
        b"TCP4" => false,
        b"TCP6" => true,
        _ => return Err(ProxyError::new(ProxyViolation::Family, offset)),
    };
    let source = words.address(is_v6)?;
    let destination = words.address(is_v6)?;
    let source = SocketAddr::new(source, words.port()?);
    let destination = SocketAddr::new(destination, words.port()?);
    if !words.ended {
        return Err(ProxyError::new(ProxyViolation::Words, words.start));
    }
    Ok(ProxyHeader { source: Some(source), destination: Some(destination) })
}

/// The words of a line, each ended by one space or by the line's end.
struct Words<'a> {
    line: &'a [u8],
    /// Where the next one starts.
    start: usize,
    ended: bool,
}

impl<'a> Words<'a> {
    fn next(&mut self) -> Result<(usize, &'a [u8]), ProxyError> {
        let start = self.start;
        let rest = if self.ended { None } else { self.line.get(start..) };
        let missing = ProxyError::new(ProxyViolation::Words, start.min(self.line.len()));
        let Some(rest) = rest else { return Err(missing) };
        let space = rest.iter().position(|&octet| octet == b' ');
        let word = rest.get(..space.unwrap_or(rest.len())).unwrap_or_default();
        if word.is_empty() {
            return Err(missing);
        }
        self.ended = space.is_none();
        self.start = start.saturating_add(word.len()).saturating_add(1);
        Ok((start, word))
    }

    /// The standard library takes what RFC 4291 section 2.2 writes and, for version 4, four decimal
    /// numbers without leading zeros: what `inet_ntop` makes, which is what load balancers send.
    fn address(&mut self, is_v6: bool) -> Result<IpAddr, ProxyError> {
        let (offset, word) = self.next()?;
        let address = if is_v6 {
            parsed::<Ipv6Addr>(word).map(IpAddr::V6)
        } else {
            parsed::<Ipv4Addr>(word).map(IpAddr::V4)
        };
        address.ok_or_else(|| ProxyError::new(ProxyViolation::Address, offset))
    }

    fn port(&mut self) -> Result<u16, ProxyError> {
        let (offset, word) = self.next()?;
        let is_number = word.iter().all(u8::is_ascii_digit);
        let has_zeros = word.len() > 1 && word.starts_with(b"0");
        parsed(word)
            .filter(|_| is_number && !has_zeros)
            .ok_or_else(|| ProxyError::new(ProxyViolation::Port, offset))
    }
}

fn parsed<T: FromStr>(word: &[u8]) -> Option<T> {
    core::str::from_utf8(word).ok()?.parse().ok()
}
