//! The chunked transfer coding (RFC 9112 section 7.1): decoder and encoder.
//!
//! ```text
//! chunked-body   = *chunk last-chunk trailer-section CRLF
//! chunk          = chunk-size [ chunk-ext ] CRLF chunk-data CRLF
//! chunk-size     = 1*HEXDIG
//! last-chunk     = 1*("0") [ chunk-ext ] CRLF
//! chunk-ext      = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )
//! chunk-ext-name = token
//! chunk-ext-val  = token / quoted-string
//! quoted-string  = DQUOTE *( qdtext / quoted-pair ) DQUOTE
//! ```
//!
//! # How it is decoded
//!
//! The decoder is a state, a few counters and no buffer. Framing is consumed octet by octet as it
//! comes, whatever the split of the input, so all the work is linear. [`State::after`] is the
//! grammar above as a transition table; the octets of a line fall into eleven classes.
//!
//! Nearly every line of nearly every message is a few digits and CRLF, and stands whole in the
//! input. [`ChunkedDecoder::short_line`] reads that and nothing else, in a loop without states,
//! together with the CRLF of the data before it. Where anything is unusual (an extension, a
//! seventeenth digit, a limit about to be crossed, an octet that does not belong) it declines
//! before it has changed anything, and the table has its say: so there is one place that finds
//! errors.

use shockwave_wire::{Bound, Fields};

use crate::encode::encode_trailers;
use crate::{Error, Limits, Misuse, Violation};

/// Takes the chunked coding off a message's content. 40 octets, `Copy`, no buffer, no allocation.
///
/// ```
/// use shockwave_http11::{ChunkedDecoder, Limits, Piece};
///
/// let mut decoder = ChunkedDecoder::new();
/// let mut input = &b"5\r\nhello\r\n0\r\nTrailer-Field: 1\r\n\r\n"[..];
/// let mut content = Vec::new();
/// loop {
///     let decoded = decoder.decode(input, &Limits::DEFAULT)?;
///     input = &input[decoded.consumed..];
///     match decoded.piece {
///         Piece::Data(data) => content.extend_from_slice(data),
///         Piece::NeedsMore => unreachable!("all of it is there"),
///         Piece::LastChunk => break,
///     }
/// }
/// assert_eq!(content, b"hello");
/// assert_eq!(input, b"Trailer-Field: 1\r\n\r\n");
/// # Ok::<_, shockwave_http11::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChunkedDecoder {
    /// The chunk size while its digits are read, then the octets of data that are still to come.
    remaining: u64,
    /// Octets of data in all chunks whose size is known.
    content: u64,
    /// Octets of framing in the message.
    framing: u64,
    /// Octets of the chunk-size line so far, without its CRLF.
    line: u32,
    /// Octets of chunk extensions in the message.
    extensions: u32,
    state: State,
}

/// What [`ChunkedDecoder::decode`] found.
#[must_use = "`consumed` octets of the input must not be given to the decoder again"]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "built and taken apart on the hot path")]
pub struct Decoded<'b> {
    /// Octets at the start of the input that are dealt with, the data among them.
    pub consumed: usize,
    /// What stands there.
    pub piece: Piece<'b>,
}

/// One piece of a chunked body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "a match on pieces must see them all")]
pub enum Piece<'b> {
    /// Nothing yet: all of the input was framing, and is consumed.
    NeedsMore,
    /// Content, the last of the octets consumed: a chunk, or as much of it as the input has. Never
    /// empty.
    Data(&'b [u8]),
    /// The last chunk: the trailer section (RFC 9112 section 7.1.2), which may be no more than the
    /// empty line, starts behind the octets consumed. Every later call answers this again.
    LastChunk,
}

impl ChunkedDecoder {
    /// A decoder at the start of a message's content.
    #[must_use]
    pub const fn new() -> Self {
        let state = State::Start;
        Self { remaining: 0, content: 0, framing: 0, line: 0, extensions: 0, state }
    }

    /// Decodes up to the end of the next piece of content, or of the input. `input` is what was not
    /// consumed before and what has come since.
    ///
    /// # Errors
    ///
    /// [`Error::Protocol`] where the grammar is broken, with no leniency: a bare LF ends nothing
    /// here. [`Error::Limit`] where one of `max_chunk_line_bytes`, `max_chunk_extension_bytes`,
    /// `max_chunk_overhead_bytes` and `max_content_bytes` is crossed; the last at the end of the
    /// chunk-size line, before any of the data. Offsets are counted from the start of `input`. Data
    /// before an error has been handed over by then. An error leaves the decoder as it was, so the
    /// same call has the same answer.
    pub fn decode<'b>(&mut self, input: &'b [u8], limits: &Limits) -> Result<Decoded<'b>, Error> {
        let mut next = *self;
        let mut consumed = 0_usize;
        let piece = loop {
            let rest = input.get(consumed..).unwrap_or_default();
            match next.state {
                State::Data if !rest.is_empty() => {
                    let data = next.take_data(rest);
                    consumed = consumed.saturating_add(data.len());
                    break Piece::Data(data);
                }
                State::End => break Piece::LastChunk,
                _ => {}
            }
            let octets = match next.short_line(rest, limits) {
                Some(octets) => octets,
                None if rest.is_empty() => break Piece::NeedsMore,
                None => {
                    let by = |error: Error| error.shifted(consumed as u64);
                    next.any_line(rest, limits).map_err(by)?
                }
            };
            consumed = consumed.saturating_add(octets);
        };
        *self = next;
        Ok(Decoded { consumed, piece })
    }

    /// Whether the last chunk has been seen. If the connection closes before that, the message is
    /// incomplete (RFC 9112 section 8).
    #[must_use]
    pub const fn is_at_trailers(&self) -> bool {
        matches!(self.state, State::End)
    }

    fn take_data<'b>(&mut self, input: &'b [u8]) -> &'b [u8] {
        let length = usize::try_from(self.remaining).unwrap_or(usize::MAX);
        let data = input.get(..length).unwrap_or(input);
        self.remaining = self.remaining.saturating_sub(data.len() as u64);
        if self.remaining == 0 {
            self.state = State::DataCr;
        }
        data
    }

    /// Reads a chunk-size line without extensions, and the end of the data before it, if all of it
    /// is there; else changes nothing. Answers how many octets it read.
    #[inline]
    fn short_line(&mut self, input: &[u8], limits: &Limits) -> Option<usize> {
        let (line, before) = match (self.state, input) {
            (State::Start, line) => (line, 0_u32),
            (State::DataCr, [b'\r', b'\n', line @ ..]) => (line, 2),
            _ => return None,
        };
        let (mut size, mut digits, mut rest) = (0_u64, 0_u32, line);
        while let [octet, after @ ..] = rest
            && let Some(digit) = hex_digit(*octet)
            && digits <= 16
        {
            size = (size << 4) | digit;
            digits = digits.saturating_add(1);
            rest = after;
        }
        if !matches!(rest, [b'\r', b'\n', ..]) || !(1..=16).contains(&digits) {
            return None;
        }
        let octets = before.saturating_add(digits).saturating_add(2);
        let framing = self.framing.saturating_add(u64::from(octets));
        let content = self.content.checked_add(size)?;
        if digits > limits.max_chunk_line_bytes
            || framing > self.max_framing(limits)
            || content > limits.max_content_bytes
        {
            return None;
        }
        self.framing = framing;
        self.content = content;
        self.remaining = size;
        self.state = if size == 0 { State::End } else { State::Data };
        Some(octets as usize)
    }

    /// Reads framing octet by octet, to where data or a chunk-size line starts or the input ends.
    /// Answers how many octets it read.
    fn any_line(&mut self, input: &[u8], limits: &Limits) -> Result<usize, Error> {
        let mut count = 0_usize;
        for &octet in input {
            self.octet(octet, limits).map_err(|error| error.shifted(count as u64))?;
            count = count.saturating_add(1);
            if matches!(self.state, State::Start | State::Data | State::End) {
                break;
            }
        }
        Ok(count)
    }

    /// Reads one octet of framing, in any state but [`State::Data`] and [`State::End`]. The offset
    /// of an error is 0: this octet.
    #[inline]
    fn octet(&mut self, octet: u8, limits: &Limits) -> Result<(), Error> {
        let broken = |violation| Error::Protocol { violation, offset: 0 };
        let next = self.state.after(class_of(octet));
        let next = next.ok_or_else(|| broken(self.state.violation(octet)))?;
        match next {
            State::Size => {
                // RFC 9112 section 7.1: MUST anticipate potentially large hexadecimal numerals and
                // prevent parsing errors due to integer conversion overflows.
                let digit = hex_digit(octet).filter(|_| self.remaining >> 60 == 0);
                let digit = digit.ok_or_else(|| broken(Violation::InvalidChunkSize))?;
                self.remaining = (self.remaining << 4) | digit;
                self.line = self.line.saturating_add(1);
            }
            // The line ends, before or with this octet, or has not begun.
            State::LineLf | State::Data | State::DataLf | State::Start => {}
            _ => {
                self.line = self.line.saturating_add(1);
                self.extensions = self.extensions.saturating_add(1);
            }
        }
        self.framing = self.framing.saturating_add(1);
        let limit = |bound| Err(Error::Limit { bound, offset: 0 });
        if self.line > limits.max_chunk_line_bytes {
            return limit(Bound::ChunkLineBytes);
        }
        // RFC 9112 section 7.1.1: A server ought to limit the total length of chunk extensions.
        if self.extensions > limits.max_chunk_extension_bytes {
            return limit(Bound::ChunkExtensionBytes);
        }
        if self.framing > self.max_framing(limits) {
            return limit(Bound::ChunkOverheadBytes);
        }
        self.state = next;
        if next == State::Data {
            self.line = 0;
            let content = self.content.checked_add(self.remaining);
            match content.filter(|&content| content <= limits.max_content_bytes) {
                Some(content) => self.content = content,
                None => return limit(Bound::ContentBytes),
            }
            if self.remaining == 0 {
                self.state = State::End;
            }
        }
        Ok(())
    }

    /// One octet for each of data, and then some.
    #[inline]
    fn max_framing(&self, limits: &Limits) -> u64 {
        self.content.saturating_add(u64::from(limits.max_chunk_overhead_bytes))
    }
}

impl Default for ChunkedDecoder {
    fn default() -> Self {
        Self::new()
    }
}

/// What is due next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// The first digit of a chunk size.
    Start,
    /// More digits, an extension, or the end of the line.
    Size,
    /// After BWS: the semicolon of an extension, for nothing else allows the BWS.
    Semicolon,
    /// After a semicolon: BWS or the name.
    NameStart,
    /// More of the name, a value, another extension, or the end of the line.
    Name,
    /// After a name and BWS: `=` or a semicolon.
    Equals,
    /// After `=`: BWS or the value.
    ValueStart,
    /// More of a token, another extension, or the end of the line.
    Token,
    /// The inside of a quoted string.
    Quoted,
    /// The octet after a backslash.
    QuotedPair,
    /// After a quoted string: another extension or the end of the line.
    QuotedEnd,
    /// The LF of a chunk-size line.
    LineLf,
    /// Octets of data.
    Data,
    /// The CR after the data.
    DataCr,
    /// The LF after the data.
    DataLf,
    /// Nothing: the last chunk has been read.
    End,
}

/// What an octet is, as far as the framing tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// HEXDIG; a `tchar` too.
    Hex,
    /// Any other `tchar`.
    Tchar,
    /// SP or HTAB.
    Blank,
    Semicolon,
    Equals,
    Quote,
    Backslash,
    /// Other visible ASCII, and obs-text: only in quoted strings.
    Text,
    Cr,
    Lf,
    /// Control characters: nowhere.
    Control,
}

impl State {
    /// The transition table; `None` where the grammar does not allow the octet. A [`State::Data`]
    /// that comes of a line with size 0 is [`State::End`].
    const fn after(self, class: Class) -> Option<Self> {
        use Class::{
            Backslash, Blank, Control, Cr, Equals, Hex, Lf, Quote, Semicolon, Tchar, Text,
        };
        Some(match (self, class) {
            (Self::Start | Self::Size, Hex) => Self::Size,
            // chunk-ext = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )
            (Self::Size | Self::Semicolon | Self::Token | Self::QuotedEnd, Blank) => {
                Self::Semicolon
            }
            (
                Self::Size
                | Self::Semicolon
                | Self::Name
                | Self::Equals
                | Self::Token
                | Self::QuotedEnd,
                Semicolon,
            ) => Self::NameStart,
            (Self::NameStart, Blank) => Self::NameStart,
            (Self::NameStart | Self::Name, Hex | Tchar) => Self::Name,
            (Self::Name | Self::Equals, Blank) => Self::Equals,
            (Self::Name | Self::Equals, Equals) => Self::ValueStart,
            (Self::ValueStart, Blank) => Self::ValueStart,
            (Self::ValueStart | Self::Token, Hex | Tchar) => Self::Token,
            // quoted-string = DQUOTE *( qdtext / quoted-pair ) DQUOTE
            (Self::ValueStart, Quote) => Self::Quoted,
            (Self::Quoted, Quote) => Self::QuotedEnd,
            (Self::Quoted, Backslash) => Self::QuotedPair,
            (Self::Quoted, Hex | Tchar | Blank | Semicolon | Equals | Text) => Self::Quoted,
            (Self::QuotedPair, Cr | Lf | Control) => return None,
            (Self::QuotedPair, _) => Self::Quoted,
            (Self::Size | Self::Name | Self::Token | Self::QuotedEnd, Cr) => Self::LineLf,
            (Self::LineLf, Lf) => Self::Data,
            (Self::DataCr, Cr) => Self::DataLf,
            (Self::DataLf, Lf) => Self::Start,
            _ => return None,
        })
    }

    /// The rule that is broken by `octet`, which the table does not allow.
    const fn violation(self, octet: u8) -> Violation {
        match (self, octet) {
            (Self::DataCr | Self::DataLf, _) => Violation::InvalidChunkEnd,
            (Self::LineLf, _) => Violation::BareCr,
            (_, b'\n') => Violation::BareLf,
            (Self::Start | Self::Size, _) => Violation::InvalidChunkSize,
            _ => Violation::InvalidChunkExtension,
        }
    }
}

impl Class {
    const fn of(octet: u8) -> Self {
        match octet {
            b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F' => Self::Hex,
            b' ' | b'\t' => Self::Blank,
            b';' => Self::Semicolon,
            b'=' => Self::Equals,
            b'"' => Self::Quote,
            b'\\' => Self::Backslash,
            b'\r' => Self::Cr,
            b'\n' => Self::Lf,
            0..=0x1f | 0x7f => Self::Control,
            _ if !shockwave_simd::Class::NONTOKEN.contains(octet) => Self::Tchar,
            _ => Self::Text,
        }
    }
}

/// [`Class::of`] as a table: the classes are looked up for every octet of an extension.
static CLASSES: [Class; 256] = classes();

#[allow(clippy::indexing_slicing, reason = "evaluated when compiled")]
const fn classes() -> [Class; 256] {
    let mut classes = [Class::Control; 256];
    let mut octet = u8::MAX;
    while octet > 0 {
        classes[octet as usize] = Class::of(octet);
        octet -= 1;
    }
    classes
}

#[inline]
fn class_of(octet: u8) -> Class {
    CLASSES.get(usize::from(octet)).copied().unwrap_or(Class::Control)
}

#[inline]
const fn hex_digit(octet: u8) -> Option<u64> {
    match octet {
        b'0'..=b'9' => Some((octet - b'0') as u64),
        b'a'..=b'f' => Some((octet - b'a') as u64 + 10),
        b'A'..=b'F' => Some((octet - b'A') as u64 + 10),
        _ => None,
    }
}

/// A chunk-size line to be sent, on the stack: for a sender that writes the data from where it is
/// (vectored), then [`CHUNK_END`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChunkHeader {
    /// The digits, aligned to the right, and CRLF.
    octets: [u8; 18],
    start: u8,
}

/// What follows the data of a chunk.
pub const CHUNK_END: &[u8; 2] = b"\r\n";

impl ChunkHeader {
    /// The line for a chunk of `size` octets; `None` for 0, which would be the last chunk and end
    /// the message.
    #[must_use]
    pub fn new(size: u64) -> Option<Self> {
        let (mut octets, mut start, mut rest) = ([b'\r'; 18], 16, size);
        *octets.last_mut()? = b'\n';
        for digit in octets.first_chunk_mut::<16>()?.iter_mut().rev() {
            if rest == 0 {
                break;
            }
            *digit = *DIGITS.get((rest & 15) as usize)?;
            start -= 1;
            rest >>= 4;
        }
        (size != 0).then_some(Self { octets, start })
    }

    /// The octets of the line, with its CRLF.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.octets.get(usize::from(self.start)..).unwrap_or_default()
    }
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Appends `data` as one chunk. Empty data appends nothing: a chunk of size 0 would end the
/// message.
pub fn encode_chunk(data: &[u8], out: &mut Vec<u8>) {
    if let Some(header) = ChunkHeader::new(data.len() as u64) {
        out.reserve(data.len().saturating_add(20));
        out.extend_from_slice(header.as_bytes());
        out.extend_from_slice(data);
        out.extend_from_slice(CHUNK_END);
    }
}

/// Appends the last chunk, an empty trailer section and the empty line: the end of the message.
pub fn encode_last_chunk(out: &mut Vec<u8>) {
    out.extend_from_slice(b"0\r\n\r\n");
}

/// Appends the last chunk, a trailer section and the empty line: the end of the message. Whether
/// the recipient takes trailers (RFC 9110 section 6.5) is for the caller to know.
///
/// # Errors
///
/// As [`encode_trailers`]. Then nothing is appended.
pub fn encode_last_chunk_with_trailers(
    trailers: Fields<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Misuse> {
    let start = out.len();
    out.extend_from_slice(b"0\r\n");
    encode_trailers(trailers, out).inspect_err(|_| out.truncate(start))
}

#[cfg(test)]
mod tests;
