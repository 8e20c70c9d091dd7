//! Heads and content as every engine must write them down, so that outputs can be compared.
//!
//! One line a part, octets outside of printable ASCII escaped, nothing folded, trimmed or sorted:
//! what differs between engines must show.

use core::fmt::Write;
use std::borrow::Cow;

/// A request's head: method, target, minor version, and the field lines in the order received.
///
/// ```
/// use shockwave_bench_kit::canonical;
///
/// let fields = [("Host", b"a".as_slice())];
/// assert_eq!(canonical::request(b"GET", b"/", 1, fields), b"GET / HTTP/1.1\nHost: a\n");
/// ```
#[must_use]
pub fn request<'f, N>(
    method: &[u8],
    target: &[u8],
    minor: u8,
    fields: impl IntoIterator<Item = (N, &'f [u8])>,
) -> Vec<u8>
where
    N: AsRef<[u8]>,
{
    let line = format!("{} {} HTTP/1.{minor}\n", method.escape_ascii(), target.escape_ascii());
    with_fields(line, fields)
}

/// A response's head: minor version, status code, reason phrase and the field lines.
#[must_use]
pub fn response<'f, N>(
    minor: u8,
    status: u16,
    reason: &[u8],
    fields: impl IntoIterator<Item = (N, &'f [u8])>,
) -> Vec<u8>
where
    N: AsRef<[u8]>,
{
    with_fields(format!("HTTP/1.{minor} {status} {}\n", reason.escape_ascii()), fields)
}

fn with_fields<'f, N: AsRef<[u8]>>(
    mut text: String,
    fields: impl IntoIterator<Item = (N, &'f [u8])>,
) -> Vec<u8> {
    for (name, value) in fields {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}: {}", name.as_ref().escape_ascii(), value.escape_ascii());
    }
    text.into_bytes()
}

/// What an exchange comes to for the client: status code and content. Engines may differ in the
/// fields that they add.
#[must_use]
pub fn answer(status: u16, content: &[u8]) -> Vec<u8> {
    format!("{status} {}\n", content.escape_ascii()).into_bytes()
}

/// A request's head by the plainest reading of the grammar: lines end in CRLF, the first space and
/// the last part the start line, the first colon parts a field. The oracle for sound input; it
/// rejects nothing that it should.
///
/// # Panics
/// Where the head is not sound.
#[must_use]
pub fn request_by_oracle(head: &[u8]) -> Vec<u8> {
    let (line, fields) = lines(head);
    let (method, rest) = split(line, b" ").expect("a start line has spaces");
    let (target, version) = split(rest, b" ").expect("a start line has two spaces");
    request(method, target, minor_of(version), fields)
}

/// A response's head by the plainest reading of the grammar, as [`request_by_oracle`].
///
/// # Panics
/// Where the head is not sound.
#[must_use]
pub fn response_by_oracle(head: &[u8]) -> Vec<u8> {
    let (line, fields) = lines(head);
    let (version, rest) = split(line, b" ").expect("a status line has spaces");
    let (status, reason) = split(rest, b" ").expect("a status line has two spaces");
    let status = str::from_utf8(status).expect("a status is digits").parse();
    response(minor_of(version), status.expect("a status is a number"), reason, fields)
}

/// The content of a chunked body without trailers, by the plainest reading of the grammar.
///
/// # Panics
/// Where the body is not sound.
#[must_use]
pub fn content_by_oracle(body: &[u8]) -> Vec<u8> {
    let (content, rest) = chunked(body).expect("the body is whole");
    assert!(rest.is_empty(), "octets follow the last chunk");
    content
}

/// The content of the chunked body without trailers at the start of `bytes`, and what follows it;
/// `None` where it is not whole.
fn chunked(mut bytes: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut content = Vec::new();
    loop {
        let (size, rest) = split(bytes, b"\r\n")?;
        let size = str::from_utf8(size).expect("a chunk size is ASCII");
        let size = usize::from_str_radix(size, 16).expect("a chunk size is hexadecimal");
        let (data, end) = (rest.get(..size)?, rest.get(size..size + 2)?);
        assert_eq!(end, b"\r\n", "a chunk ends in CRLF");
        bytes = rest.get(size + 2..)?;
        if size == 0 {
            return Some((content, bytes));
        }
        content.extend_from_slice(data);
    }
}

/// The status code and the content of each response in `bytes`. The oracle for what engines send.
///
/// # Panics
/// Where the octets are not whole responses.
#[must_use]
pub fn answers_by_oracle(mut bytes: &[u8]) -> Vec<u8> {
    let mut answers = Vec::new();
    while !bytes.is_empty() {
        let Message { line, content, rest } = message(bytes).expect("the response is whole");
        let status = line.get(9..12).and_then(|digits| str::from_utf8(digits).ok());
        let status = status.and_then(|digits| digits.parse().ok()).expect("a status is a number");
        answers.extend(answer(status, &content));
        bytes = rest;
    }
    answers
}

/// How many whole messages `bytes` start with, framed by Transfer-Encoding, by Content-Length or,
/// where there is neither, without content.
///
/// # Panics
/// Where a head or the chunked coding is not sound.
#[must_use]
pub fn messages_in(mut bytes: &[u8]) -> usize {
    let mut count = 0;
    while let Some(message) = message(bytes) {
        bytes = message.rest;
        count += 1;
    }
    count
}

/// A message, and what follows it.
struct Message<'b> {
    line: &'b [u8],
    content: Cow<'b, [u8]>,
    rest: &'b [u8],
}

/// The message at the start of `bytes`, if it is whole.
fn message(bytes: &[u8]) -> Option<Message<'_>> {
    let (head, rest) = split(bytes, b"\r\n\r\n")?;
    let (line, fields) = lines(bytes.get(..head.len() + 4)?);
    let value = |wanted: &[u8]| {
        let field = fields.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        field.map(|(_, value)| str::from_utf8(value).expect("a value that frames is ASCII"))
    };
    if value(b"transfer-encoding").is_some() {
        let (content, rest) = chunked(rest)?;
        return Some(Message { line, content: content.into(), rest });
    }
    let length =
        value(b"content-length").map_or(0, |digits| digits.parse().expect("a length is a number"));
    let content = rest.get(..length)?.into();
    Some(Message { line, content, rest: rest.get(length..)? })
}

type Line<'b> = (&'b [u8], &'b [u8]);

fn lines(head: &[u8]) -> (&[u8], Vec<Line<'_>>) {
    let (line, mut rest) = split(head, b"\r\n").expect("a head has a start line");
    let mut fields = Vec::new();
    loop {
        let (field, after) = split(rest, b"\r\n").expect("a head ends in an empty line");
        if field.is_empty() {
            assert!(after.is_empty(), "octets follow the head");
            return (line, fields);
        }
        let (name, value) = split(field, b":").expect("a field line has a colon");
        fields.push((name, value.trim_ascii()));
        rest = after;
    }
}

fn split<'b>(bytes: &'b [u8], at: &[u8]) -> Option<(&'b [u8], &'b [u8])> {
    let position = bytes.windows(at.len()).position(|window| window == at)?;
    Some((bytes.get(..position)?, bytes.get(position + at.len()..)?))
}

fn minor_of(version: &[u8]) -> u8 {
    match version {
        b"HTTP/1.0" => 0,
        b"HTTP/1.1" => 1,
        other => panic!("not a version: {}", other.escape_ascii()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oracle_reads_heads() {
        assert_eq!(
            request_by_oracle(b"POST /a?b HTTP/1.0\r\nA:1\r\nb:  x y \r\nc:\r\n\r\n"),
            b"POST /a?b HTTP/1.0\nA: 1\nb: x y\nc: \n"
        );
        assert_eq!(
            response_by_oracle(b"HTTP/1.1 404 Not Found\r\nA: \xff\r\n\r\n"),
            b"HTTP/1.1 404 Not Found\nA: \\xff\n"
        );
    }

    #[test]
    fn the_oracle_reads_content() {
        assert_eq!(
            content_by_oracle(b"3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n"),
            b"abc0123456789"
        );
    }

    #[test]
    fn the_oracle_reads_answers() {
        let bytes =
            b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhiHTTP/1.1 304 Not Modified\r\n\r\n";
        assert_eq!(answers_by_oracle(bytes), b"200 hi\n304 \n");
        assert_eq!(messages_in(bytes), 2);
        assert_eq!(messages_in(&bytes[..bytes.len() - 1]), 1);
        assert_eq!(messages_in(&bytes[..39]), 0);
    }

    #[test]
    fn the_oracle_reads_chunked_answers() {
        let bytes = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n";
        let twice = bytes.repeat(2);
        assert_eq!(answers_by_oracle(&twice), b"200 hi\n200 hi\n");
        for end in 0..bytes.len() {
            assert_eq!(messages_in(&twice[..bytes.len() + end]), 1, "{end}");
        }
    }
}
