//! Requests that wait for their responses, one octet of facts each.

use shockwave_wire::{Fields, Known, Method, RequestHead, Version};

use super::options::{self, Options};
use crate::content::RequestKind;

/// What must be remembered of a request until its response has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Exchange(u8);

impl Exchange {
    pub(super) const HEAD: Self = Self(1);
    pub(super) const CONNECT: Self = Self(1 << 1);
    /// The request came in HTTP/1.0.
    pub(super) const HTTP10: Self = Self(1 << 2);
    /// The connection does not outlive the exchange.
    pub(super) const CLOSE: Self = Self(1 << 3);
    /// The request offers an upgrade.
    pub(super) const UPGRADE: Self = Self(1 << 4);
    /// The request expects 100 (Continue) before it sends its content.
    pub(super) const CONTINUE: Self = Self(1 << 5);
    /// The request takes trailers.
    pub(super) const TRAILERS: Self = Self(1 << 6);

    /// What makes a response differ from the plainest one.
    const UNUSUAL: Self =
        Self(Self::HEAD.0 | Self::CONNECT.0 | Self::HTTP10.0 | Self::CLOSE.0 | Self::UPGRADE.0);

    /// The facts of the method.
    #[inline]
    pub(super) const fn of_method(method: Method<'_>) -> Self {
        match method {
            Method::Head => Self::HEAD,
            Method::Connect => Self::CONNECT,
            _ => Self(0),
        }
    }

    /// The facts of a received request; `None` if it has an expectation that is not known. `end`:
    /// no content follows.
    #[inline]
    pub(super) fn of_request(head: &RequestHead<'_>, end: bool) -> Option<Self> {
        let facts = Self::of_method(head.method);
        if head.version != Version::Http10 && head.fields.present() & FACTUAL == 0 {
            return Some(facts);
        }
        facts.with_fields(head.version, head.fields, end)
    }

    #[inline]
    fn with_fields(self, version: Version, fields: Fields<'_>, end: bool) -> Option<Self> {
        let options = Options::of(fields);
        let mut facts = self;
        facts.set(Self::CLOSE, !options.persists(version));
        if version == Version::Http10 {
            // RFC 9110 section 7.8: A server MUST ignore an Upgrade header field that is received
            // in an HTTP/1.0 request. Section 10.1.1: MUST ignore a 100-continue expectation in an
            // HTTP/1.0 request.
            return Some(facts.and(Self::HTTP10));
        }
        if fields.present() & (FACTUAL ^ Known::CONNECTION.bit()) == 0 {
            return Some(facts);
        }
        facts.with_more(fields, options, end)
    }

    fn with_more(self, fields: Fields<'_>, options: Options, end: bool) -> Option<Self> {
        let mut facts = self;
        // RFC 9110 section 7.8: a sender of Upgrade MUST also send an "Upgrade" connection option;
        // without it, the field was not meant for this connection.
        let offers = fields.present() & Known::UPGRADE.bit() != 0 && options.has(Options::UPGRADE);
        facts.set(Self::UPGRADE, offers);
        facts.set(Self::TRAILERS, options::takes_trailers(fields));
        // RFC 9110 section 10.1.1: without content to follow there is nothing to continue with.
        facts.set(Self::CONTINUE, options::expects_continue(fields)? && !end);
        Some(facts)
    }

    #[inline]
    pub(super) const fn has(self, fact: Self) -> bool {
        self.0 & fact.0 != 0
    }

    pub(super) const fn and(self, fact: Self) -> Self {
        Self(self.0 | fact.0)
    }

    pub(super) const fn set(&mut self, fact: Self, holds: bool) {
        if holds {
            self.0 |= fact.0;
        }
    }

    /// Whether the answer may give the connection to another protocol.
    #[inline]
    pub(super) const fn offers(self) -> bool {
        self.has(Self::UPGRADE.and(Self::CONNECT))
    }

    #[inline]
    pub(super) const fn is_plain(self) -> bool {
        !self.has(Self::UNUSUAL)
    }

    #[inline]
    pub(super) const fn kind(self) -> RequestKind {
        if self.has(Self::HEAD) {
            RequestKind::Head
        } else if self.has(Self::CONNECT) {
            RequestKind::Connect
        } else {
            RequestKind::Other
        }
    }

    pub(super) const fn version(self) -> Version {
        if self.has(Self::HTTP10) { Version::Http10 } else { Version::Http11 }
    }
}

/// The fields that facts come from.
const FACTUAL: u64 =
    Known::CONNECTION.bit() | Known::UPGRADE.bit() | Known::EXPECT.bit() | Known::TE.bit();

/// The outstanding exchanges, oldest first: at most 16.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Exchanges {
    ring: [Exchange; 16],
    first: u8,
    count: u8,
}

impl Exchanges {
    pub(super) const fn new() -> Self {
        Self { ring: [Exchange(0); 16], first: 0, count: 0 }
    }

    #[inline]
    pub(super) const fn len(&self) -> usize {
        self.count as usize
    }

    #[inline]
    pub(super) const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Whether there are as many as the limit allows. One is always allowed.
    #[inline]
    pub(super) fn is_full(&self, max: u32) -> bool {
        u32::from(self.count) >= max.clamp(1, 16)
    }

    #[inline]
    pub(super) fn first(&self) -> Option<Exchange> {
        if self.count == 0 { None } else { self.ring.get(usize::from(self.first)).copied() }
    }

    /// The youngest one.
    pub(super) fn last(&self) -> Option<Exchange> {
        let last = self.first.wrapping_add(self.count.checked_sub(1)?);
        self.ring.get(usize::from(last & 15)).copied()
    }

    #[inline]
    pub(super) fn push(&mut self, exchange: Exchange) {
        let at = usize::from(self.first.wrapping_add(self.count) & 15);
        if let Some(slot) = self.ring.get_mut(at).filter(|_| self.count < 16) {
            *slot = exchange;
            self.count = self.count.wrapping_add(1);
        }
    }

    #[inline]
    pub(super) const fn pop(&mut self) {
        if self.count > 0 {
            self.first = self.first.wrapping_add(1) & 15;
            self.count = self.count.wrapping_sub(1);
        }
    }

    pub(super) const fn clear(&mut self) {
        self.count = 0;
    }
}
