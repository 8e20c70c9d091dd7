//! The vocabulary of limits: one word for each thing that is bounded.

/// What a limit bounds. Every core's `Limit` error carries one, so a log line reads the same for
/// every protocol, and [`Bound::name`] is the name of the `Limits` field to raise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Bound {
    /// Octets of the request line (RFC 9112 section 3) or of a pseudo-field that stands for it.
    StartLineBytes,
    /// Octets of a head: start line, field lines and the empty line.
    HeadBytes,
    /// Number of field lines in a head.
    FieldCount,
    /// Octets of one field name.
    FieldNameBytes,
    /// Octets of one field value.
    FieldValueBytes,
    /// Octets of a trailer section.
    TrailerBytes,
    /// Number of field lines in a trailer section.
    TrailerCount,
    /// Octets of content in one message.
    ContentBytes,
    /// Octets of one chunk-size line (RFC 9112 section 7.1), extensions included.
    ChunkLineBytes,
    /// Octets of chunk extensions in one message (RFC 9112 section 7.1.1).
    ChunkExtensionBytes,
    /// Octets spent on framing chunks beyond what their data can justify.
    ChunkOverheadBytes,
    /// Empty lines before a request line (RFC 9112 section 2.2).
    LeadingEmptyLines,
    /// Interim (1xx) responses before a final one.
    InterimCount,
    /// Octets of payload in one frame (RFC 6455 section 5.2).
    FrameBytes,
    /// Octets of one message, all its frames together and decompressed (RFC 6455 section 10.4).
    MessageBytes,
    /// Frames of one message (RFC 6455 section 5.4).
    FragmentCount,
    /// Control frames in a second (RFC 6455 section 5.5).
    ControlCount,
    /// Octets discarded while a closing connection lingers (RFC 9112 section 9.6).
    LingerBytes,
    /// Time from a connection's start to the end of its opening handshake.
    HandshakeTime,
    /// Time from a head's first octet to its last.
    HeadTime,
    /// Time a kept-alive connection may wait for its next message.
    IdleTime,
    /// Time in which content must keep up the minimum rate.
    ContentTime,
    /// Time from a message's first octet to its last.
    MessageTime,
    /// Time in which a peer must take some of what was written.
    WriteTime,
    /// Time in which a peer must answer a Ping.
    PongTime,
    /// Time in which a peer must answer a Close.
    CloseTime,
    /// Time a closing connection may linger.
    LingerTime,
}

impl Bound {
    /// The name of the configuration field that sets this bound.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::StartLineBytes => "max_start_line_bytes",
            Self::HeadBytes => "max_head_bytes",
            Self::FieldCount => "max_field_count",
            Self::FieldNameBytes => "max_field_name_bytes",
            Self::FieldValueBytes => "max_field_value_bytes",
            Self::TrailerBytes => "max_trailer_bytes",
            Self::TrailerCount => "max_trailer_count",
            Self::ContentBytes => "max_content_bytes",
            Self::ChunkLineBytes => "max_chunk_line_bytes",
            Self::ChunkExtensionBytes => "max_chunk_extension_bytes",
            Self::ChunkOverheadBytes => "max_chunk_overhead_bytes",
            Self::LeadingEmptyLines => "max_leading_empty_lines",
            Self::InterimCount => "max_interim_count",
            Self::FrameBytes => "max_frame_bytes",
            Self::MessageBytes => "max_message_bytes",
            Self::FragmentCount => "max_fragment_count",
            Self::ControlCount => "max_control_count",
            Self::LingerBytes => "max_linger_bytes",
            Self::HandshakeTime => "handshake_timeout",
            Self::HeadTime => "head_timeout",
            Self::IdleTime => "idle_timeout",
            Self::ContentTime => "content_timeout",
            Self::MessageTime => "message_timeout",
            Self::WriteTime => "write_timeout",
            Self::PongTime => "pong_timeout",
            Self::CloseTime => "close_timeout",
            Self::LingerTime => "linger_timeout",
        }
    }
}
