//! A parser of responses that wants them whole: it is asked again when more has come. It is used
//! for the first answer and for what differs from it, so it may take its time.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memmem;

use crate::fault::Fault;

/// Longer heads are no answer of a server under test.
const MAX_HEAD_BYTES: usize = 64 << 10;

/// A whole response.
#[derive(Debug, PartialEq, Eq)]
pub struct Response<'a> {
    /// The status code.
    pub status: u16,
    /// The value of Content-Type, where it is text.
    pub content_type: Option<&'a str>,
    /// Where the value of Date stands.
    pub date: Option<Range<usize>>,
    /// Whether its length was announced, and not told by chunks.
    pub has_length: bool,
    /// Whether the server closes after it.
    pub is_last: bool,
    /// The content, decoded.
    pub content: Cow<'a, [u8]>,
    /// How many octets it takes in all.
    pub octets: usize,
}

/// What delimits the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Framing {
    Length(usize),
    Chunked,
}

/// The fields that matter here.
#[derive(Debug, Default)]
struct Fields<'a> {
    content_type: Option<&'a str>,
    date: Option<Range<usize>>,
    framing: Option<Framing>,
    is_last: bool,
}

/// Reads the response that the input begins with; `None` while it is not whole.
///
/// # Errors
///
/// [`Fault::Malformed`], where it is none or its end cannot be found.
pub fn parse(input: &[u8]) -> Result<Option<Response<'_>>, Fault> {
    let Some(end) = memmem::find(input, b"\r\n\r\n") else {
        let hopeless = input.len() > MAX_HEAD_BYTES || !b"HTTP/1.".starts_with(prefix(input, 7));
        return if hopeless { Err(Fault::Malformed) } else { Ok(None) };
    };
    let head = input.get(..end + 2).unwrap_or_default();
    let line_end = memmem::find(head, b"\r\n").ok_or(Fault::Malformed)?;
    let status = status(head.get(..line_end).unwrap_or_default())?;
    let fields = fields(head, line_end + 2)?;
    let start = end + 4;
    let without_content = status < 200 || status == 204 || status == 304;
    let framing = if without_content { Some(Framing::Length(0)) } else { fields.framing };
    let rest = input.get(start..).unwrap_or_default();
    let (content, length) = match framing.ok_or(Fault::Malformed)? {
        Framing::Length(length) => match rest.get(..length) {
            Some(content) => (Cow::Borrowed(content), length),
            None => return Ok(None),
        },
        Framing::Chunked => match chunked(rest)? {
            Some((content, length)) => (Cow::Owned(content), length),
            None => return Ok(None),
        },
    };
    Ok(Some(Response {
        status,
        content_type: fields.content_type,
        date: fields.date,
        has_length: matches!(framing, Some(Framing::Length(_))),
        is_last: fields.is_last,
        content,
        octets: start + length,
    }))
}

fn prefix(input: &[u8], length: usize) -> &[u8] {
    input.get(..length).unwrap_or(input)
}

fn status(line: &[u8]) -> Result<u16, Fault> {
    let [b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'0' | b'1', b' ', digits @ ..] = line else {
        return Err(Fault::Malformed);
    };
    match digits {
        [a @ b'1'..=b'5', b @ b'0'..=b'9', c @ b'0'..=b'9'] => Ok((a, b, c)),
        [a @ b'1'..=b'5', b @ b'0'..=b'9', c @ b'0'..=b'9', b' ', ..] => Ok((a, b, c)),
        _ => Err(Fault::Malformed),
    }
    .map(|(a, b, c)| [a, b, c].iter().fold(0, |sum, d| sum * 10 + u16::from(*d - b'0')))
}

fn fields(head: &[u8], mut at: usize) -> Result<Fields<'_>, Fault> {
    let mut found = Fields::default();
    while at < head.len() {
        let rest = head.get(at..).unwrap_or_default();
        let length = memmem::find(rest, b"\r\n").ok_or(Fault::Malformed)?;
        let line = rest.get(..length).unwrap_or_default();
        let colon = memchr::memchr(b':', line).ok_or(Fault::Malformed)?;
        let (name, value) = line.split_at(colon);
        let value = value.get(1..).unwrap_or_default();
        let padding = value.len() - value.trim_ascii_start().len();
        let (from, value) = (at + colon + 1 + padding, value.trim_ascii());
        if name.is_empty() || name.contains(&b' ') {
            return Err(Fault::Malformed);
        }
        if name.eq_ignore_ascii_case(b"content-type") {
            found.content_type = std::str::from_utf8(value).ok();
        } else if name.eq_ignore_ascii_case(b"date") {
            found.date = Some(from..from + value.len());
        } else if name.eq_ignore_ascii_case(b"connection") {
            found.is_last = value.eq_ignore_ascii_case(b"close");
        } else if let Some(framing) = framing(name, value)? {
            // Two of them are what request smuggling is made of.
            if found.framing.replace(framing).is_some() {
                return Err(Fault::Malformed);
            }
        }
        at += length + 2;
    }
    Ok(found)
}

fn framing(name: &[u8], value: &[u8]) -> Result<Option<Framing>, Fault> {
    if name.eq_ignore_ascii_case(b"transfer-encoding") {
        let chunked = value.eq_ignore_ascii_case(b"chunked");
        return if chunked { Ok(Some(Framing::Chunked)) } else { Err(Fault::Malformed) };
    }
    if name.eq_ignore_ascii_case(b"content-length") {
        return number(value, 10).map(|length| Some(Framing::Length(length)));
    }
    Ok(None)
}

fn number(digits: &[u8], radix: u32) -> Result<usize, Fault> {
    let text = std::str::from_utf8(digits).unwrap_or_default();
    if digits.len() > 12 || !digits.first().is_some_and(u8::is_ascii_hexdigit) {
        return Err(Fault::Malformed);
    }
    usize::from_str_radix(text, radix).map_err(|_| Fault::Malformed)
}

/// Decodes chunks and trailers: the content, and the octets that it took.
fn chunked(input: &[u8]) -> Result<Option<(Vec<u8>, usize)>, Fault> {
    let mut content = Vec::new();
    let mut at = 0;
    loop {
        let rest = input.get(at..).unwrap_or_default();
        let Some(line) = memmem::find(rest, b"\r\n") else { return Ok(None) };
        let size = rest.get(..line).unwrap_or_default();
        let digits = size.split(|octet| *octet == b';').next().unwrap_or_default();
        let size = number(digits.trim_ascii_end(), 16)?;
        at += line + 2;
        if size == 0 {
            return Ok(after_trailers(input, at).map(|end| (content, end)));
        }
        let Some(data) = input.get(at..at + size + 2) else { return Ok(None) };
        let Some(data) = data.strip_suffix(b"\r\n") else { return Err(Fault::Malformed) };
        content.extend_from_slice(data);
        at += size + 2;
    }
}

fn after_trailers(input: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let length = memmem::find(input.get(at..)?, b"\r\n")?;
        at += length + 2;
        if length == 0 {
            return Some(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATE: &str = "Tue, 24 Nov 2026 12:00:00 GMT";

    fn with_length() -> String {
        let type_and_length = "Content-Type:text/plain\r\nContent-Length: 5";
        format!("HTTP/1.1 200 OK\r\nDate: {DATE}\r\n{type_and_length}\r\n\r\nhello")
    }

    #[test]
    fn a_response_of_a_length() {
        let text = with_length();
        let response = parse(text.as_bytes()).unwrap().unwrap();
        assert_eq!((response.status, response.content_type), (200, Some("text/plain")));
        assert_eq!(&text[response.date.clone().unwrap()], DATE);
        assert_eq!((&*response.content, response.octets), (&b"hello"[..], text.len()));
        assert!(response.has_length && !response.is_last);
    }

    #[test]
    fn a_chunked_response() {
        let text = "HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\nConnection: close\r\n\r\n\
                    5;x=y\r\nhello\r\nA\r\n, world!!!\r\n0\r\nA: b\r\n\r\nrest";
        let response = parse(text.as_bytes()).unwrap().unwrap();
        assert_eq!(&*response.content, b"hello, world!!!");
        assert_eq!(response.octets, text.len() - 4);
        assert!(response.is_last && !response.has_length);
    }

    #[test]
    fn any_prefix_is_not_whole() {
        let chunked = "HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
        for text in [with_length().as_str(), chunked, "HTTP/1.0 204 No Content\r\n\r\n"] {
            for cut in 0..text.len() {
                assert_eq!(parse(&text.as_bytes()[..cut]), Ok(None), "cut at {cut}");
            }
            assert!(parse(text.as_bytes()).unwrap().is_some());
        }
    }

    #[test]
    fn what_is_none() {
        let head = |fields: &str| format!("HTTP/1.1 200 OK\r\n{fields}\r\n");
        for text in [
            "<html>".into(),
            "HTTP/2 200 OK\r\n\r\n".into(),
            "HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n".into(),
            head("no colon\r\n"),
            head(""), // delimited by nothing
            head("Content-Length: +5\r\n"),
            head("Content-Length: a\r\n"),
            head("Content-Length: 0\r\nContent-Length: 0\r\n"),
            head("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n"),
            head("Transfer-Encoding: gzip\r\n"),
            head("Transfer-Encoding: chunked\r\n") + "x\r\n",
            head("Transfer-Encoding: chunked\r\n") + "1\r\nabc\r\n",
            "HTTP/1.1 200 OK\r\nA: ".to_owned() + &"x".repeat(MAX_HEAD_BYTES),
        ] {
            assert_eq!(parse(text.as_bytes()), Err(Fault::Malformed), "{text:.60}");
        }
    }
}
