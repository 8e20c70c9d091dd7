//! Heads: a start line, or what stands for it, and its fields.

use crate::{Fields, Known, Method, Status};

/// A protocol version as far as message semantics care.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Version {
    /// HTTP/1.0: no chunks, no persistence unless asked for.
    Http10,
    /// HTTP/1.1.
    Http11,
    /// HTTP/2.
    Http2,
    /// HTTP/3.
    Http3,
}

/// A request's method, target and fields. Borrowed from the caller's input and [`Scratch`].
///
/// [`Scratch`]: crate::Scratch
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct RequestHead<'b> {
    /// The method.
    pub method: Method<'b>,
    /// The request target as received: for HTTP/1.1 any of the four forms of RFC 9112 section 3.2,
    /// for HTTP/2 and HTTP/3 the `:path`.
    pub target: &'b [u8],
    /// The scheme, where the message names one: `:scheme`, or that of an absolute-form target.
    pub scheme: Option<&'b [u8]>,
    /// The authority that the start line names: `:authority`, or that of an absolute-form or
    /// authority-form target. [`RequestHead::host`] falls back to Host.
    pub authority: Option<&'b [u8]>,
    /// The protocol version.
    pub version: Version,
    /// The field lines in the order received.
    pub fields: Fields<'b>,
}

impl<'b> RequestHead<'b> {
    /// An HTTP/1.1-shaped request head for sending; set the public fields for more.
    #[must_use]
    pub const fn new(method: Method<'b>, target: &'b [u8], fields: Fields<'b>) -> Self {
        Self { method, target, scheme: None, authority: None, version: Version::Http11, fields }
    }

    /// The host and port that the request is for: the authority that the start line names, else the
    /// value of Host (RFC 9112 section 3.3). `None` where there is none, and where it is empty.
    #[must_use]
    pub fn host(&self) -> Option<&'b [u8]> {
        let host = || self.fields.known(Known::HOST);
        self.authority.or_else(host).filter(|host| !host.is_empty())
    }

    /// The target without scheme and authority: what stands before `?` and after it.
    ///
    /// `*` and an authority-form target come back as the path.
    #[must_use]
    pub fn path_and_query(&self) -> (&'b [u8], Option<&'b [u8]>) {
        let mut rest = self.target;
        if let (Some(scheme), Some(_)) = (self.scheme, self.target.first()) {
            // absolute-form: scheme "://" authority path-abempty [ "?" query ]
            if rest.first() != Some(&b'/') {
                let after = rest.get(scheme.len().saturating_add(3)..).unwrap_or_default();
                let start = after.iter().position(|b| matches!(b, b'/' | b'?'));
                rest = start.and_then(|at| after.get(at..)).unwrap_or(b"/");
            }
        }
        match rest.iter().position(|&b| b == b'?') {
            None => (rest, None),
            Some(0) => (b"/", rest.get(1..)),
            Some(at) => (rest.get(..at).unwrap_or_default(), rest.get(at.saturating_add(1)..)),
        }
    }
}

/// A response's status and fields. Borrowed from the caller's input and [`Scratch`].
///
/// [`Scratch`]: crate::Scratch
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct ResponseHead<'b> {
    /// The status code.
    pub status: Status,
    /// HTTP/1.1's reason phrase. Received: as it came, possibly empty. To be sent: empty means the
    /// registered phrase of the status.
    pub reason: &'b [u8],
    /// The protocol version.
    pub version: Version,
    /// The field lines in the order received.
    pub fields: Fields<'b>,
}

impl<'b> ResponseHead<'b> {
    /// A response head for sending.
    #[must_use]
    pub const fn new(status: Status, fields: Fields<'b>) -> Self {
        Self { status, reason: b"", version: Version::Http11, fields }
    }
}
