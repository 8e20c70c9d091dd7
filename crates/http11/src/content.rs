//! How long a message's content is: RFC 9112 section 6.3 as one pure function.
//!
//! A head goes through three of the functions here. [`TransferEncoding::parse`] and
//! [`ContentLength::parse`] make of all the lines of a field one small value; [`framing`] makes of
//! those, the version and the kind of message either a [`Framing`] or the rule that was broken. No
//! function keeps state, and the whole input space is small enough to be tested.
//!
//! The other direction, which of the two fields a sender writes, is [`LengthField`].

use shockwave_simd::is_token;
use shockwave_wire::{Content, Method, Status, Version};

use crate::{Leniency, Misuse, Violation};

/// How the content of a message is delimited, for the one who receives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_enums, reason = "RFC 9112 section 6.3 has no further way")]
pub enum Framing {
    /// The message ends with its head: there is no content, or of length 0.
    None,
    /// So many octets follow. Never 0.
    Length(u64),
    /// Chunks follow, and a trailer section.
    Chunked,
    /// All octets up to the end of the connection are content. Responses only.
    UntilClose,
    /// The connection is a tunnel from here on: 2xx to CONNECT.
    Tunnel,
}

/// What kind of request a message is, or answers, as far as its length depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_enums, reason = "no other method changes a message's length")]
pub enum RequestKind {
    /// HEAD.
    Head,
    /// CONNECT.
    Connect,
    /// Any other method.
    Other,
}

impl RequestKind {
    /// The kind of a request with this method.
    #[inline]
    #[must_use]
    pub const fn of(method: Method<'_>) -> Self {
        match method {
            Method::Head => Self::Head,
            Method::Connect => Self::Connect,
            _ => Self::Other,
        }
    }
}

/// The message whose length is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_enums, reason = "a message is a request or a response")]
pub enum Message {
    /// A request of this kind.
    Request(RequestKind),
    /// A response.
    Response {
        /// Its status.
        status: Status,
        /// The kind of request that it answers.
        to: RequestKind,
    },
}

/// What the Transfer-Encoding lines of a head come to (RFC 9112 section 6.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_enums, reason = "all that a list of codings can come to")]
pub enum TransferEncoding {
    /// There is none.
    Absent,
    /// `chunked` and nothing else.
    Chunked,
    /// Well-formed and ends in `chunked`, but has other codings before it, which this core does not
    /// understand.
    Unsupported,
    /// Malformed, or `chunked` is not the last coding, stands twice or has parameters.
    Invalid,
}

impl TransferEncoding {
    /// Parses the values of all Transfer-Encoding lines, in order and without the whitespace around
    /// them, as the one list that they are (RFC 9110 section 5.3). No value is `Absent`.
    ///
    /// Stricter than the list grammar: an empty element, which RFC 9110 section 5.6.1.2 would have
    /// ignored, is `Invalid`, as is any quoted string. Both are told apart by no honest sender and
    /// by every request smuggler. `identity`, which RFC 9112 has removed, is `Invalid` too.
    #[must_use]
    pub fn parse<'b>(values: impl Iterator<Item = &'b [u8]>) -> Self {
        let mut list = Self::Absent;
        let mut others = false;
        for coding in values.flat_map(elements) {
            list = match (list, coding_of(coding)) {
                // RFC 9112 section 6.1: A sender MUST NOT apply the chunked transfer coding more
                // than once [...] and MUST apply chunked as the final transfer coding.
                (Self::Chunked | Self::Invalid, _) | (_, Coding::Invalid) => return Self::Invalid,
                (_, Coding::Chunked) => Self::Chunked,
                (_, Coding::Other) => {
                    others = true;
                    Self::Unsupported
                }
            };
        }
        match (list, others) {
            // RFC 9112 section 6.3, point 4: a request in which chunked is not final MUST be
            // answered with 400, whether or not the other codings are understood.
            (Self::Unsupported, _) => Self::Invalid,
            (Self::Chunked, true) => Self::Unsupported,
            _ => list,
        }
    }
}

/// What the Content-Length lines of a head come to (RFC 9110 section 8.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_enums, reason = "all that a list of numbers can come to")]
pub enum ContentLength {
    /// There is none.
    Absent,
    /// One number of octets.
    Value(u64),
    /// Something that is not a decimal number below 2^64.
    Invalid,
    /// More than one number, in lines or in a list.
    Repeated,
}

impl ContentLength {
    /// Parses the values of all Content-Length lines, without the whitespace around them. No value
    /// is `Absent`.
    ///
    /// A number is `1*DIGIT`, so leading zeros are allowed and signs are not. Several numbers, all
    /// the same, are one [`Value`](Self::Value) with [`Leniency::equal_content_lengths`] (RFC 9112
    /// section 6.3, point 5), and else [`Repeated`](Self::Repeated).
    #[must_use]
    pub fn parse<'b>(values: impl Iterator<Item = &'b [u8]>, leniency: &Leniency) -> Self {
        let mut length = Self::Absent;
        for element in values.flat_map(elements) {
            let Some(number) = decimal(element) else { return Self::Invalid };
            length = match length {
                Self::Absent => Self::Value(number),
                Self::Value(first) if first == number && leniency.equal_content_lengths => length,
                _ => Self::Repeated,
            };
        }
        length
    }
}

/// How the content of a received message is delimited (RFC 9112 section 6.3), or the rule that its
/// head breaks. Versions above HTTP/1.0 count as HTTP/1.1.
///
/// # Errors
///
/// The head is ambiguous or faulty, and the connection must be closed: Transfer-Encoding in
/// HTTP/1.0, or together with Content-Length; either of them malformed or not supported; a CONNECT
/// request with content. Where the RFC lets a recipient choose between an error and a guess, this
/// is the error.
pub fn framing(
    message: Message,
    version: Version,
    transfer_encoding: TransferEncoding,
    content_length: ContentLength,
) -> Result<Framing, Violation> {
    if let Message::Response { status, to } = message {
        // RFC 9112 section 6.3, point 2: A client MUST ignore any Content-Length or
        // Transfer-Encoding header fields received in such a message. Asked before point 1, for
        // RFC 9110 section 9.3.6 has *any* 2xx make a tunnel, 204 too.
        if matches!(to, RequestKind::Connect) && status.is_success() {
            return Ok(Framing::Tunnel);
        }
        // RFC 9112 section 6.3, point 1: terminated by the first empty line after the header
        // fields, regardless of the header fields present.
        if matches!(to, RequestKind::Head) || status.forbids_content() {
            return Ok(Framing::None);
        }
    }
    let declared = declared(version, transfer_encoding, content_length)?;
    match (message, declared) {
        // RFC 9110 section 9.3.6: A CONNECT request message does not have content.
        (Message::Request(RequestKind::Connect), Some(Framing::Length(_) | Framing::Chunked)) => {
            Err(Violation::ContentInConnect)
        }
        (_, Some(framing)) => Ok(framing),
        // RFC 9112 section 6.3, point 7 and point 8.
        (Message::Request(_), None) => Ok(Framing::None),
        (Message::Response { .. }, None) => Ok(Framing::UntilClose),
    }
}

/// Points 3 to 6 of RFC 9112 section 6.3: what the two fields say, if they say anything.
const fn declared(
    version: Version,
    transfer_encoding: TransferEncoding,
    content_length: ContentLength,
) -> Result<Option<Framing>, Violation> {
    let absent = matches!(transfer_encoding, TransferEncoding::Absent);
    if !absent && matches!(version, Version::Http10) {
        // RFC 9112 section 6.1: MUST treat the message as if the framing is faulty, even if a
        // Content-Length is present.
        return Err(Violation::TransferEncodingInHttp10);
    }
    if !absent && !matches!(content_length, ContentLength::Absent) {
        // RFC 9112 section 6.3, point 3: ought to be handled as an error.
        return Err(Violation::TransferEncodingAndContentLength);
    }
    match (transfer_encoding, content_length) {
        (TransferEncoding::Chunked, _) => Ok(Some(Framing::Chunked)),
        // RFC 9112 section 6.1: SHOULD respond with 501 (Not Implemented).
        (TransferEncoding::Unsupported, _) => Err(Violation::UnsupportedTransferCoding),
        // RFC 9112 section 6.3, point 4: the server MUST respond with 400 (Bad Request).
        (TransferEncoding::Invalid, _) => Err(Violation::InvalidTransferEncoding),
        // RFC 9112 section 6.3, point 5: MUST treat it as an unrecoverable error.
        (_, ContentLength::Invalid) => Err(Violation::InvalidContentLength),
        (_, ContentLength::Repeated) => Err(Violation::RepeatedContentLength),
        (_, ContentLength::Value(0)) => Ok(Some(Framing::None)),
        (_, ContentLength::Value(length)) => Ok(Some(Framing::Length(length))),
        (_, ContentLength::Absent) => Ok(None),
    }
}

/// The field by which a sender says how its content is delimited: one of the two, never both (RFC
/// 9112 section 6.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_enums, reason = "there is no third field")]
pub enum LengthField {
    /// Neither: there is no content, or it ends with the connection.
    None,
    /// `Content-Length`. With HEAD and 304 no octet follows all the same.
    Length(u64),
    /// `Transfer-Encoding: chunked`.
    Chunked,
}

impl LengthField {
    /// The field of a request with this method, sent to a server that speaks HTTP/1.1.
    ///
    /// # Errors
    ///
    /// [`Misuse::UnexpectedContent`]: content in a CONNECT request.
    pub const fn of_request(method: Method<'_>, content: Content) -> Result<Self, Misuse> {
        match (method, content) {
            // RFC 9110 section 9.3.6: A CONNECT request message does not have content.
            (Method::Connect, Content::None | Content::Length(0)) => Ok(Self::None),
            (Method::Connect, _) => Err(Misuse::UnexpectedContent),
            // RFC 9112 section 6.3: a request with a message body MUST have one of the two.
            (_, Content::Unknown) => Ok(Self::Chunked),
            (_, Content::Length(length)) => Ok(Self::Length(length)),
            // RFC 9110 section 8.6: a user agent SHOULD send Content-Length when the method
            // defines a meaning for content, even when the value is 0, and SHOULD NOT otherwise.
            (Method::Post | Method::Put | Method::Patch, Content::None) => Ok(Self::Length(0)),
            (_, Content::None) => Ok(Self::None),
        }
    }

    /// The field of a response with `status` to a request of kind `to`, which came in `version`.
    ///
    /// `None` for [`Content::Unknown`] means, but for HEAD and 304, that the content ends with the
    /// connection, which must then be closed: HTTP/1.0 has no chunks.
    ///
    /// # Errors
    ///
    /// [`Misuse::UnexpectedContent`]: content in a response that has none by its status.
    pub fn of_response(
        status: Status,
        to: RequestKind,
        version: Version,
        content: Content,
    ) -> Result<Self, Misuse> {
        let is_empty = matches!(content, Content::None | Content::Length(0));
        let tunnel = matches!(to, RequestKind::Connect) && status.is_success();
        if tunnel || status.is_interim() || status == Status::NO_CONTENT {
            // RFC 9112 section 6.1 and RFC 9110 section 8.6: A server MUST NOT send
            // Transfer-Encoding or Content-Length in a 1xx or 204, or in a 2xx to CONNECT.
            return if is_empty { Ok(Self::None) } else { Err(Misuse::UnexpectedContent) };
        }
        // RFC 9110 section 15.3.6: a server MUST NOT generate content in a 205 response.
        if status == Status::RESET_CONTENT && !is_empty {
            return Err(Misuse::UnexpectedContent);
        }
        // RFC 9110 section 8.6: in a response to HEAD and in a 304, MUST NOT send Content-Length
        // unless it is what a GET, or a 200, would have had. Of the unknown nothing is said.
        let bare = matches!(to, RequestKind::Head) || status == Status::NOT_MODIFIED;
        Ok(match content {
            Content::Length(length) => Self::Length(length),
            _ if bare => Self::None,
            Content::None => Self::Length(0),
            // RFC 9112 section 6.1: A server MUST NOT send a response containing
            // Transfer-Encoding unless the corresponding request indicates HTTP/1.1.
            Content::Unknown if version == Version::Http10 => Self::None,
            Content::Unknown => Self::Chunked,
        })
    }
}

enum Coding {
    Chunked,
    Other,
    Invalid,
}

/// `transfer-coding = token *( OWS ";" OWS transfer-parameter )` (RFC 9110 section 10.1.4), but for
/// quoted strings.
fn coding_of(element: &[u8]) -> Coding {
    let mut parts = element.split(|&octet| octet == b';');
    let name = trim(parts.next().unwrap_or_default());
    let mut has_parameters = false;
    for parameter in parts {
        has_parameters = true;
        if !is_parameter(parameter) {
            return Coding::Invalid;
        }
    }
    if !is_token(name) || name.eq_ignore_ascii_case(b"identity") {
        Coding::Invalid
    } else if !name.eq_ignore_ascii_case(b"chunked") {
        Coding::Other
    } else if has_parameters {
        // RFC 9112 section 7.1: The chunked coding does not define any parameters. Their presence
        // SHOULD be treated as an error.
        Coding::Invalid
    } else {
        Coding::Chunked
    }
}

/// `transfer-parameter = token BWS "=" BWS token`, with the whitespace around it.
fn is_parameter(parameter: &[u8]) -> bool {
    let mut halves = parameter.splitn(2, |&octet| octet == b'=');
    let (name, value) = (halves.next(), halves.next());
    is_token(trim(name.unwrap_or_default())) && is_token(trim(value.unwrap_or_default()))
}

/// `1*DIGIT` as a number below 2^64.
fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    // RFC 9110 section 8.6: MUST anticipate potentially large decimal numerals and prevent parsing
    // errors due to integer conversion overflows.
    digits.iter().try_fold(0_u64, |number, &octet| {
        let digit = octet.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number.checked_mul(10)?.checked_add(u64::from(digit))
    })
}

/// The elements of a list, empty ones included, without the whitespace around them.
pub(crate) fn elements(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|&octet| octet == b',').map(trim)
}

/// Without the OWS (RFC 9110 section 5.6.3: SP and HTAB, nothing else) at both ends.
const fn trim(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = text {
        text = rest;
    }
    while let [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}

#[cfg(test)]
mod tests;
