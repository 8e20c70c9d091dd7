//! Configuration: limits, deadlines, delivery.

use core::time::Duration;

/// How a connection behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Config {
    /// Upper bounds. All are on by default.
    pub limits: Limits,
    /// Deadlines.
    pub timeouts: Timeouts,
    /// How messages are handed over. Default: whole.
    pub delivery: Delivery,
    /// Whether Pings are answered by [`transmit`](crate::Connection::transmit). Default: yes.
    /// Otherwise [`send_pong`](crate::Connection::send_pong) is the caller's to call: RFC 6455
    /// section 5.5.2 makes the answer a MUST.
    pub auto_pong: bool,
    /// What is compressed, where permessage-deflate was agreed on.
    pub compression: Compression,
}

impl Config {
    /// The defaults.
    pub const DEFAULT: Self = Self {
        limits: Limits::DEFAULT,
        timeouts: Timeouts::DEFAULT,
        delivery: Delivery::Messages,
        auto_pong: true,
        compression: Compression::DEFAULT,
    };
}

impl Default for Config {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// How messages are handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_enums, reason = "a message is whole or is not")]
pub enum Delivery {
    /// Whole, as [`Event::Message`](crate::Event::Message). One that is whole in the input is lent
    /// from there. What comes in fragments, or cut, or compressed, is collected in the scratch.
    Messages,
    /// As it comes, as [`Event::Data`](crate::Event::Data): nothing is collected.
    Pieces,
}

/// What is compressed, and how well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Compression {
    /// Octets from which on a message is compressed. Default 256: below, the frame hardly gets
    /// shorter, and two passes over it cost more than a few octets of the wire.
    pub min_message_bytes: usize,
    /// zlib's level, 0 (none) to 9. Default 1: over a few kilobytes of JSON, 6 takes longer and
    /// saves little.
    pub level: u8,
}

impl Compression {
    /// The defaults.
    pub const DEFAULT: Self = Self { min_message_bytes: 256, level: 1 };
}

impl Default for Compression {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Upper bounds on what a peer can make this connection hold or do: RFC 6455 section 10.4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Octets of payload in one frame. Default 16 MiB. Nothing is held, or reserved, for what is
    /// declared. Crossed: 1009, when the header has come.
    pub max_frame_bytes: u64,
    /// Octets of one message, decompressed. Default 16 MiB, which the scratch grows to as they
    /// come, and by doubling: twice as much at the worst. Crossed: 1009; while decompressing, so
    /// that a bomb costs no more. Stops endless fragments and bombs.
    pub max_message_bytes: u64,
    /// Frames of one message, empty ones included. Default 131,072; they cost time, never memory.
    /// Crossed: 1008. Stops the flood of empty fragments.
    pub max_fragment_count: u32,
    /// Control frames within a second. Default 1,000. Crossed: 1008. Stops floods of Pings, of
    /// which no more than the last is ever answered. Counts only where the caller calls
    /// [`tick`](crate::Connection::tick).
    pub max_control_count: u32,
}

impl Limits {
    /// The defaults.
    pub const DEFAULT: Self = Self {
        max_frame_bytes: 16 << 20,
        max_message_bytes: 16 << 20,
        max_fragment_count: 1 << 17,
        max_control_count: 1_000,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Deadlines, all told to the caller by [`Connection::deadline`](crate::Connection::deadline) and
/// acted on in [`Connection::tick`](crate::Connection::tick). `Duration::MAX` is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timeouts {
    /// From the start to [`open`](crate::Connection::open). Default 10 s. Stops the slow handshake.
    pub handshake: Duration,
    /// How long nothing may come before a Ping is owed. Default 30 s.
    pub idle: Duration,
    /// How long after that Ping something must have come. Default 20 s. Crossed: 1008, though most
    /// likely nobody reads it. Stops peers that are gone.
    pub pong: Duration,
    /// From a message's first frame to its last, at whatever rate. Default: none, for how long a
    /// stream may be is the caller's to know. Crossed: 1008. Stops the slow message.
    pub message: Duration,
    /// How long a peer may take none of what is to be written to it: see
    /// [`transmitted`](crate::Connection::transmitted). Default 30 s. Stops peers that never read.
    pub write: Duration,
    /// From the Close that was sent to the one that answers it; and on a client, from there to the
    /// end of the transport. Default 5 s.
    pub close: Duration,
}

impl Timeouts {
    /// The defaults.
    pub const DEFAULT: Self = Self {
        handshake: Duration::from_secs(10),
        idle: Duration::from_secs(30),
        pong: Duration::from_secs(20),
        message: Duration::MAX,
        write: Duration::from_secs(30),
        close: Duration::from_secs(5),
    };
}

impl Default for Timeouts {
    fn default() -> Self {
        Self::DEFAULT
    }
}
