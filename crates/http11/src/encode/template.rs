//! Response heads that are checked and rendered once.
//!
//! # Why one copy is enough
//!
//! What differs between two responses of one kind is the Date and the length of the content. A
//! template ends in a *tail* that has room for both: a Date line, whose length never changes, and
//! `Content-Length: ` with slack for the most digits. So [`ResponseTemplate::append`] copies head
//! and tail with one `memcpy` and one test of the buffer's capacity, stores the Date and the digits
//! over the copy, at distances from its end that are known when this is compiled, and cuts off the
//! slack that was not used. To append the pieces one after the other instead costs a test of the
//! capacity, and a call of `memcpy` with a length of which nothing is known, for each of them; to
//! put the tail together on the stack makes `memcpy` load what was only just stored in smaller
//! pieces, which stalls.

use shockwave_wire::{Content, Known, ResponseHead, Status, Version};

use super::{FRAMING_FIELDS, decimal, encode_fields, encode_length, encode_status_line};
use crate::Misuse;
use crate::content::{LengthField, RequestKind};
use crate::date::HttpDate;

/// A response head whose status line and fields were checked and rendered once, to be sent many
/// times: with each response go only its Date and its Content-Length. Making one allocates once;
/// appending it allocates nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseTemplate {
    /// Status line, field lines, and the tail.
    rendered: Box<[u8]>,
    status: Status,
    /// Whether the fields have a Date, so that none is added.
    is_dated: bool,
    /// Whether there is nothing against the fast way: the status goes with any content, and the
    /// Date is to be added.
    is_plain: bool,
}

impl ResponseTemplate {
    /// A template of `head`. Its fields must not have Content-Length, Transfer-Encoding or
    /// Connection; if they have a Date, it is kept and none is added. Nor may they have Upgrade,
    /// which goes with a Connection line of its own (RFC 9110 section 7.8).
    ///
    /// # Errors
    ///
    /// [`Misuse::FramingField`] for any of those, and as [`encode_status_line`] and
    /// [`encode_fields`](super::encode_fields).
    pub fn new(head: &ResponseHead<'_>) -> Result<Self, Misuse> {
        let ResponseHead { status, reason, fields, .. } = *head;
        if fields.present() & (FRAMING_FIELDS | Known::UPGRADE.bit()) != 0 {
            return Err(Misuse::FramingField);
        }
        let mut rendered = Vec::new();
        encode_status_line(status, reason, &mut rendered)?;
        encode_fields(fields, &mut rendered)?;
        rendered.extend_from_slice(&[0; HttpDate::LINE_LENGTH]);
        rendered.extend_from_slice(LENGTH_NAME);
        rendered.extend_from_slice(&[0; SLACK]);
        let is_dated = fields.present() & Known::DATE.bit() != 0;
        let is_bare = status.forbids_content() || status == Status::RESET_CONTENT;
        let rendered = rendered.into_boxed_slice();
        Ok(Self { rendered, status, is_dated, is_plain: !is_dated && !is_bare })
    }

    /// The status of the template.
    #[must_use]
    pub const fn status(&self) -> Status {
        self.status
    }

    /// Appends the whole head of a response to an HTTP/1.1 request other than HEAD and CONNECT,
    /// with its Date, the field that `content` asks for, and the empty line. `date` is `None` only
    /// where there is no clock (RFC 9110 section 6.6.1). For other requests, and to add field
    /// lines, see [`ResponseTemplate::append_fields`].
    ///
    /// # Errors
    ///
    /// [`Misuse::UnexpectedContent`]: content with a status that has none, as
    /// [`LengthField::of_response`]. Then nothing is appended.
    #[inline]
    pub fn append(
        &self,
        date: Option<&HttpDate>,
        content: Content,
        out: &mut Vec<u8>,
    ) -> Result<(), Misuse> {
        if let (true, Some(date), Content::Length(length)) = (self.is_plain, date, content) {
            self.append_plain(date, length, out);
            return Ok(());
        }
        let (to, version) = (RequestKind::Other, Version::Http11);
        let length = LengthField::of_response(self.status, to, version, content)?;
        self.append_fields(date, length, out);
        out.extend_from_slice(b"\r\n");
        Ok(())
    }

    /// Appends the head without the empty line that ends it, so that more field lines can follow.
    /// `length` is for the caller to choose rightly, with [`LengthField::of_response`].
    pub fn append_fields(&self, date: Option<&HttpDate>, length: LengthField, out: &mut Vec<u8>) {
        let head = self.rendered.len().saturating_sub(TAIL);
        out.reserve(self.rendered.len().saturating_add(SLACK));
        out.extend_from_slice(self.rendered.get(..head).unwrap_or_default());
        if let (Some(date), false) = (date, self.is_dated) {
            out.extend_from_slice(date.field_line());
        }
        encode_length(length, out);
    }

    /// Appends the whole head and its content, if that can be done the fast way. Whether it was.
    #[inline]
    pub(crate) fn append_usual(
        &self,
        date: Option<&HttpDate>,
        content: &[u8],
        out: &mut Vec<u8>,
    ) -> bool {
        let (true, Some(date)) = (self.is_plain, date) else { return false };
        out.reserve(self.rendered.len().saturating_add(content.len()));
        self.append_plain(date, content.len() as u64, out);
        out.extend_from_slice(content);
        true
    }

    /// The fast way: see the module's documentation.
    #[inline]
    fn append_plain(&self, date: &HttpDate, length: u64, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.rendered);
        // What was just appended ends in a tail, so there always is one.
        let Some(tail) = out.last_chunk_mut::<TAIL>() else { return };
        if let Some(line) = tail.first_chunk_mut() {
            *line = *date.field_line();
        }
        let Some(slack) = tail.last_chunk_mut::<SLACK>() else { return };
        let Some(digits) = slack.first_chunk_mut() else { return };
        let count = decimal::write(length, digits);
        if let Some(end) = slack.get_mut(count..).and_then(<[u8]>::first_chunk_mut) {
            *end = *b"\r\n\r\n";
        }
        let unused = decimal::MAX_DIGITS.saturating_sub(count);
        out.truncate(out.len().saturating_sub(unused));
    }
}

const LENGTH_NAME: &[u8; 16] = b"Content-Length: ";

/// The digits of a length, the end of its line, and the empty line.
const SLACK: usize = decimal::MAX_DIGITS + 4;

const TAIL: usize = HttpDate::LINE_LENGTH + LENGTH_NAME.len() + SLACK;
