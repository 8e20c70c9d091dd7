//! Configuration: limits, strictness, timeouts.

use core::time::Duration;

/// How a connection behaves. [`Config::strict`] is the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Config {
    /// Upper bounds. All are on by default.
    pub limits: Limits,
    /// Deadlines. All are on by default.
    pub timeouts: Timeouts,
    /// What is taken of the leniency that the RFC's MAYs allow.
    pub leniency: Leniency,
    /// RFC 9110 section 2.5: whether a minor version above 1 is taken for HTTP/1.1, as a recipient
    /// SHOULD. Default: yes. Otherwise it is refused with 505.
    pub later_minor_versions: bool,
}

impl Config {
    /// Rejects all that RFC 9112 lets a recipient reject.
    #[must_use]
    pub const fn strict() -> Self {
        Self {
            limits: Limits::DEFAULT,
            timeouts: Timeouts::DEFAULT,
            leniency: Leniency::STRICT,
            later_minor_versions: true,
        }
    }

    /// Accepts all that RFC 9112 lets a recipient accept and that cannot be used to smuggle a
    /// request past it: see [`Leniency`].
    #[must_use]
    pub const fn lenient() -> Self {
        Self { leniency: Leniency::LENIENT, ..Self::strict() }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self::strict()
    }
}

/// The RFC's MAYs, one switch each. All off is `strict`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
#[allow(clippy::struct_excessive_bools, reason = "each switch stands for one MAY")]
pub struct Leniency {
    /// RFC 9112 section 2.2: a single LF ends a line of a head. (Never one of chunked framing.)
    pub bare_lf: bool,
    /// RFC 9112 section 5.2: a server replaces an obs-fold by spaces. Clients always do: for a user
    /// agent it is a MUST. Costs a copy of the head into the scratch.
    pub obs_fold: bool,
    /// RFC 9112 section 6.3, point 5: Content-Length values that are all the same count as one.
    pub equal_content_lengths: bool,
    /// RFC 9112 section 3.2: visible octets in a target that no URI has (`"`, `<`, `>`, `\`), and
    /// octets above 0x7F.
    pub raw_target: bool,
    /// RFC 9112 section 4: a status line without the space before an absent reason phrase, which
    /// servers MUST send and some do not.
    pub missing_reason_space: bool,
}

impl Leniency {
    /// None of it.
    pub const STRICT: Self = Self {
        bare_lf: false,
        obs_fold: false,
        equal_content_lengths: false,
        raw_target: false,
        missing_reason_space: false,
    };
    /// All of it.
    pub const LENIENT: Self = Self {
        bare_lf: true,
        obs_fold: true,
        equal_content_lengths: true,
        raw_target: true,
        missing_reason_space: true,
    };
}

/// Upper bounds on what a peer can make this connection hold or do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Octets of the start line without its line end. Default 8,192: RFC 9112 section 3 asks for at
    /// least 8,000. Held in the caller's buffer. Crossed: 414. Stops endless targets.
    pub max_start_line_bytes: u32,
    /// Octets of a whole head. Default 65,536, held in the caller's buffer, with the empty lines
    /// before it and one octet more, at which the head is refused. Crossed: 431. Stops endless
    /// heads.
    pub max_head_bytes: u32,
    /// Field lines in a head. Default 100: 1.6 KB of spans. Crossed: 431. Stops
    /// floods of small fields, which cost more to hold than their octets.
    pub max_field_count: u16,
    /// Octets of a field name. Default 256. Crossed: 431.
    pub max_field_name_bytes: u16,
    /// Octets of a field value with the whitespace around it. Default 16,384. Crossed: 431.
    pub max_field_value_bytes: u32,
    /// Octets of a trailer section (RFC 9112 section 7.1.2). Default 8,192, held in the caller's
    /// buffer. Crossed: 431.
    pub max_trailer_bytes: u32,
    /// Field lines in a trailer section. Default 32. Crossed: 431.
    pub max_trailer_count: u16,
    /// Octets of content in a message. Default: no bound, for content is handed on and never held;
    /// whoever collects it bounds it there. Crossed: 413, for a Content-Length at once.
    pub max_content_bytes: u64,
    /// Octets of one chunk-size line with its extensions (RFC 9112 section 7.1.1). Default 1,024.
    /// Crossed: 400.
    pub max_chunk_line_bytes: u32,
    /// Octets of chunk extensions in one message. Default 16,384. Crossed: 400. Stops the extension
    /// flood, in which a few octets of content cost megabytes of framing.
    pub max_chunk_extension_bytes: u32,
    /// Octets of chunk framing in one message beyond one octet of framing for each of data. Default
    /// 65,536. Crossed: 400. Stops the flood of tiny chunks.
    pub max_chunk_overhead_bytes: u32,
    /// Empty lines before a request line (RFC 9112 section 2.2). Default 8. Crossed: 400.
    pub max_leading_empty_lines: u32,
    /// Interim responses before a final one. Default 16. Stops the 1xx flood on clients.
    pub max_interim_count: u32,
    /// Requests received and not answered (server), or sent and not answered (client): RFC 9112
    /// section 9.3.2. Default 16, at most 16: one octet each. The rest stays in the transport.
    pub max_pipelined_requests: u32,
    /// Octets discarded after the last response while the peer is still sending (RFC 9112 section
    /// 9.6). Default 262,144; none is held.
    pub max_linger_bytes: u32,
}

impl Limits {
    /// The defaults.
    pub const DEFAULT: Self = Self {
        max_start_line_bytes: 8 << 10,
        max_head_bytes: 64 << 10,
        max_field_count: 100,
        max_field_name_bytes: 256,
        max_field_value_bytes: 16 << 10,
        max_trailer_bytes: 8 << 10,
        max_trailer_count: 32,
        max_content_bytes: u64::MAX,
        max_chunk_line_bytes: 1 << 10,
        max_chunk_extension_bytes: 16 << 10,
        max_chunk_overhead_bytes: 64 << 10,
        max_leading_empty_lines: 8,
        max_interim_count: 16,
        max_pipelined_requests: 16,
        max_linger_bytes: 256 << 10,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Deadlines, all told to the caller by [`Connection::deadline`](crate::Connection::deadline) and
/// acted on in [`Connection::tick`](crate::Connection::tick).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timeouts {
    /// From a head's first octet to its last; on a new connection, from the start. Default 15 s.
    /// Crossed: 408. Stops the slow head.
    pub head: Duration,
    /// From the end of a response to the first octet of the next request. Default 60 s. Crossed: a
    /// silent close.
    pub idle: Duration,
    /// How long content may fall behind `min_content_rate`, and so the longest that a peer may send
    /// none of it, however fast it was before. Default 20 s. Crossed: 408. Stops the slow body and
    /// the stalled one.
    pub content: Duration,
    /// Octets of content a second that a peer must keep up on average, once `content` has passed.
    /// Default 240, the floor that Apache's and IIS's guides name.
    pub min_content_rate: u32,
    /// From a message's first octet to its last, at whatever rate, and counting the time that the
    /// caller takes for it. Default: no bound, for how large content may be is the caller's to
    /// know. Crossed: 408.
    pub message: Duration,
    /// How long a peer may take none of what is to be written to it. Default 30 s.
    pub write: Duration,
    /// How long a closing connection lingers for the peer to read its last response. Default 5 s.
    pub linger: Duration,
}

impl Timeouts {
    /// The defaults.
    pub const DEFAULT: Self = Self {
        head: Duration::from_secs(15),
        idle: Duration::from_secs(60),
        content: Duration::from_secs(20),
        min_content_rate: 240,
        message: Duration::MAX,
        write: Duration::from_secs(30),
        linger: Duration::from_secs(5),
    };
}

impl Default for Timeouts {
    fn default() -> Self {
        Self::DEFAULT
    }
}
