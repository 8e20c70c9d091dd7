//! Messages, and the memory in which those are collected that do not come whole.

use core::mem;

/// What a message is: RFC 6455 section 5.6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_enums, reason = "the other opcodes are reserved")]
pub enum Kind {
    /// UTF-8.
    Text,
    /// Any octets.
    Binary,
}

/// A whole message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_enums, reason = "the other opcodes are reserved")]
pub enum Message<'b> {
    /// Text.
    Text(&'b str),
    /// Any octets.
    Binary(&'b [u8]),
}

impl<'b> Message<'b> {
    /// What the message is.
    #[inline]
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self {
            Self::Text(_) => Kind::Text,
            Self::Binary(_) => Kind::Binary,
        }
    }

    /// The octets.
    #[inline]
    #[must_use]
    pub const fn as_bytes(self) -> &'b [u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Binary(octets) => octets,
        }
    }
}

impl<'b> From<&'b str> for Message<'b> {
    fn from(text: &'b str) -> Self {
        Self::Text(text)
    }
}

impl<'b> From<&'b [u8]> for Message<'b> {
    fn from(octets: &'b [u8]) -> Self {
        Self::Binary(octets)
    }
}

/// Caller-owned memory for messages that come in fragments, cut, or compressed. Cleared and not
/// freed: once it has held the largest message it never allocates again.
///
/// It must be the same one from call to call while
/// [`Connection::holds_scratch`](crate::Connection::holds_scratch) is true; in between, it may
/// serve any connection. It grows by what has come, never by what is declared, and to the limit of
/// a message's octets at most (to twice as much, as vectors do).
#[derive(Debug, Default)]
pub struct Scratch {
    collected: Collected,
    /// Decompressed octets on their way.
    pub(crate) window: Vec<u8>,
}

/// What has come of a message. A text is one by its type, so nothing looks through it again when
/// its end has come.
#[derive(Debug)]
pub(crate) enum Collected {
    Text(String),
    Binary(Vec<u8>),
}

impl Default for Collected {
    fn default() -> Self {
        Self::Binary(Vec::new())
    }
}

impl Scratch {
    /// An empty scratch. Allocates nothing until it is used.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Octets of memory that this scratch holds on the heap.
    #[must_use]
    pub const fn capacity_bytes(&self) -> usize {
        let collected = match &self.collected {
            Collected::Text(text) => text.capacity(),
            Collected::Binary(octets) => octets.capacity(),
        };
        collected.saturating_add(self.window.capacity())
    }

    /// Forgets what it holds, and gives memory back so that `max_bytes` are left at the most: for
    /// whoever keeps it in a pool.
    pub fn shrink_to(&mut self, max_bytes: usize) {
        self.window.clear();
        self.window.shrink_to(max_bytes / 2);
        let octets = self.begin(Kind::Binary);
        if let Collected::Binary(octets) = octets {
            octets.shrink_to(max_bytes / 2);
        }
    }

    /// Begins a message; what was held is forgotten.
    pub(crate) fn begin(&mut self, kind: Kind) -> &mut Collected {
        let mut octets = match mem::take(&mut self.collected) {
            Collected::Text(text) => text.into_bytes(),
            Collected::Binary(octets) => octets,
        };
        octets.clear();
        self.collected = match kind {
            Kind::Text => Collected::Text(String::from_utf8(octets).unwrap_or_default()),
            Kind::Binary => Collected::Binary(octets),
        };
        &mut self.collected
    }

    /// What has come, and the memory for decompressed octets on their way.
    pub(crate) const fn parts(&mut self) -> (&mut Collected, &mut Vec<u8>) {
        (&mut self.collected, &mut self.window)
    }

    /// The message that was last collected: what [`Event::Message`](crate::Event::Message) has lent
    /// from here.
    #[must_use]
    pub fn message(&self) -> Message<'_> {
        match &self.collected {
            Collected::Text(text) => Message::Text(text),
            Collected::Binary(octets) => Message::Binary(octets),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_memory_for_both_kinds() {
        let mut scratch = Scratch::new();
        if let Collected::Binary(octets) = scratch.begin(Kind::Binary) {
            octets.extend_from_slice(&[0xFF; 1000]);
        }
        assert_eq!(scratch.message(), Message::Binary(&[0xFF; 1000]));
        let held = scratch.capacity_bytes();
        scratch.begin(Kind::Text);
        assert_eq!((scratch.message(), scratch.capacity_bytes()), (Message::Text(""), held));
        scratch.window.reserve_exact(1000);
        scratch.shrink_to(200);
        assert!(scratch.capacity_bytes() <= 200);
        assert_eq!(scratch.message(), Message::Binary(b""));
    }

    #[test]
    fn messages() {
        assert_eq!(Message::from("a").kind(), Kind::Text);
        assert_eq!(Message::from(&b"a"[..]).kind(), Kind::Binary);
        assert_eq!(Message::from("a").as_bytes(), Message::from(&b"a"[..]).as_bytes());
    }
}
