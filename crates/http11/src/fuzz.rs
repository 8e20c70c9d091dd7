//! What fuzzers call: a function for each thing to be broken, fed with any octets. They panic where
//! a promise is not kept.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "fuzzers panic")]
#![allow(missing_docs, reason = "named after what they break")]

mod commands;

use shockwave_wire::{
    Content, Field, Fields, Method, RequestHead, ResponseHead, Scratch, Side, Status, Version,
};

use crate::{
    ChunkedDecoder, Config, Connection, Error, Event, Limits, Misuse, Parsed, Piece, RequestKind,
    parse_request_head, parse_response_head,
};

pub use commands::fuzz_commands;

/// A complete head does not depend on what follows it, and no part of it is a complete head.
pub fn fuzz_request_head(data: &[u8]) {
    for config in [Config::strict(), Config::lenient()] {
        behind_an_empty_line(data, &config);
        let (mut scratch, mut again) = (Scratch::new(), Scratch::new());
        let parsed = parse_request_head(data, &mut scratch, &config);
        let Ok(Parsed::Complete { value: head, framing, consumed }) = parsed else { continue };
        assert!(consumed <= data.len());
        let alone = parse_request_head(&data[..consumed], &mut again, &config).unwrap();
        let Parsed::Complete { value, framing: same, consumed: all } = alone else {
            panic!("what followed the head was needed for it");
        };
        assert_eq!((framing, consumed), (same, all));
        assert_eq!(request_line(&head), request_line(&value));
        assert!(head.fields.iter().eq(value.fields.iter()));
        let part = parse_request_head(&data[..consumed - 1], &mut again, &config);
        assert!(matches!(part, Ok(Parsed::Partial)));
        let _ = head.path_and_query();
    }
}

/// RFC 9112 section 2.2: an empty line before a request changes nothing but where it stands.
fn behind_an_empty_line(data: &[u8], config: &Config) {
    if matches!(data, [] | [b'\r' | b'\n', ..]) {
        return;
    }
    let behind = [b"\r\n", data].concat();
    let (mut scratch, mut again) = (Scratch::new(), Scratch::new());
    let alone = parse_request_head(data, &mut scratch, config).map_err(|error| error.shifted(2));
    let moved = parse_request_head(&behind, &mut again, config);
    match (alone, moved) {
        (
            Ok(Parsed::Complete { value: head, framing, consumed }),
            Ok(Parsed::Complete { value: other, framing: same, consumed: all }),
        ) => {
            assert_eq!((framing, consumed + 2), (same, all));
            assert_eq!(request_line(&head), request_line(&other));
            assert!(head.fields.iter().eq(other.fields.iter()));
        }
        (Ok(Parsed::Partial), Ok(Parsed::Partial)) => {}
        (alone, moved) => assert_eq!(alone.map(drop), moved.map(drop)),
    }
}

pub fn fuzz_response_head(data: &[u8]) {
    for config in [Config::strict(), Config::lenient()] {
        for to in [RequestKind::Other, RequestKind::Head, RequestKind::Connect] {
            let (mut scratch, mut again) = (Scratch::new(), Scratch::new());
            let parsed = parse_response_head(data, &mut scratch, &config, to);
            let Ok(Parsed::Complete { value: head, framing, consumed }) = parsed else { continue };
            assert!(consumed <= data.len());
            let alone = parse_response_head(&data[..consumed], &mut again, &config, to).unwrap();
            let Parsed::Complete { value, framing: same, consumed: all } = alone else {
                panic!("what followed the head was needed for it");
            };
            assert_eq!((framing, consumed), (same, all));
            assert_eq!((head.status, head.reason), (value.status, value.reason));
            assert!(head.fields.iter().eq(value.fields.iter()));
            let part = parse_response_head(&data[..consumed - 1], &mut again, &config, to);
            assert!(matches!(part, Ok(Parsed::Partial)));
        }
    }
}

/// The same data and the same end, octet by octet as in one piece.
pub fn fuzz_chunked(data: &[u8]) {
    let whole = chunks(data, data.len().max(1));
    for size in [1, 2, 3, 7] {
        assert_eq!(chunks(data, size), whole);
    }
}

/// The data of a chunked body that comes in pieces of `size`; and where it ended, or its error.
fn chunks(data: &[u8], size: usize) -> (Vec<u8>, Result<Option<usize>, Error>) {
    let mut decoder = ChunkedDecoder::new();
    let (mut content, mut at, mut seen) = (Vec::new(), 0, 0);
    loop {
        let decoded = match decoder.decode(&data[at..seen], &Limits::DEFAULT) {
            Ok(decoded) => decoded,
            Err(error) => return (content, Err(error.shifted(at as u64))),
        };
        at += decoded.consumed;
        assert!(at <= seen);
        match decoded.piece {
            Piece::Data(data) => content.extend_from_slice(data),
            Piece::LastChunk => return (content, Ok(Some(at))),
            Piece::NeedsMore if seen == data.len() => return (content, Ok(None)),
            Piece::NeedsMore => seen = (seen + size).min(data.len()),
        }
    }
}

/// The same events and the same error, however the input of a connection is cut.
///
/// The first octet says which side and how strict, the second how long the pieces are; the rest is
/// input.
pub fn fuzz_connection(data: &[u8]) {
    let [setup, size, rest @ ..] = data else { return };
    // A head that is broken is found to be at the latest when it has doubled.
    let mut input = rest.to_vec();
    input.resize(rest.len() * 2 + 4, b'x');
    let whole = Run::of(*setup, &input, &[input.len()]);
    let pieces = [usize::from(*size % 16) + 1, usize::from(*size / 16) + 1];
    for pieces in [&pieces[..], &[1]] {
        let split = Run::of(*setup, &input, pieces);
        match whole.error.and_then(Error::offset) {
            Some(offset) if offset >= rest.len() as u64 => {
                // Found in what was appended, which may not suffice for the pieces to find it.
                let length = split.events.len().min(whole.events.len());
                assert_eq!(split.events[..length], whole.events[..length]);
            }
            _ => {
                assert_eq!(split.error, whole.error);
                assert_eq!(split.events, whole.events);
                assert_eq!(split.end, whole.end);
            }
        }
    }
}

/// Limits that small inputs cross.
const TIGHT: Limits = Limits {
    max_start_line_bytes: 24,
    max_head_bytes: 80,
    max_field_count: 3,
    max_field_name_bytes: 18,
    max_field_value_bytes: 20,
    max_trailer_bytes: 24,
    max_trailer_count: 1,
    max_content_bytes: 12,
    max_chunk_line_bytes: 6,
    max_chunk_extension_bytes: 8,
    max_chunk_overhead_bytes: 16,
    max_leading_empty_lines: 2,
    max_interim_count: 1,
    max_pipelined_requests: 2,
    max_linger_bytes: 16,
};

/// What a connection made of an input.
#[derive(Debug, PartialEq, Eq)]
struct Run {
    events: Vec<Seen>,
    error: Option<Error>,
    end: Option<Error>,
}

/// An event with owned octets; consecutive data is one.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Seen {
    Head { line: Vec<u8>, fields: Lines, end: bool },
    Data { octets: Vec<u8>, end: bool },
    Trailers(Lines),
    Upgrade,
}

type Lines = Vec<(Vec<u8>, Vec<u8>)>;

impl Run {
    fn of(setup: u8, input: &[u8], pieces: &[usize]) -> Self {
        let side = if setup & 1 == 0 { Side::Server } else { Side::Client };
        let mut config = if setup & 2 == 0 { Config::strict() } else { Config::lenient() };
        if setup & 128 != 0 {
            config.limits = TIGHT;
        }
        let mut connection = Connection::new(side, config);
        let mut run = Self { events: Vec::new(), error: None, end: None };
        if side == Side::Client {
            send_requests(&mut connection, setup >> 2);
        }
        let (mut scratch, mut pieces) = (Scratch::new(), pieces.iter().cycle());
        let (mut at, mut seen) = (0, 0);
        while run.error.is_none() {
            match connection.receive(&input[at..seen], &mut scratch) {
                Err(error) => {
                    let again = connection.receive(&input[at..seen], &mut scratch).unwrap_err();
                    assert_eq!(again, error, "errors stay");
                    run.error = Some(error);
                }
                Ok(received) => {
                    at += received.consumed;
                    assert!(at <= seen);
                    match received.event {
                        Some(event) => run.note(&event),
                        None if received.consumed > 0 => {}
                        None if seen < input.len() => {
                            seen = (seen + pieces.next().unwrap()).min(input.len());
                        }
                        None if !respond(&mut connection, setup) => break,
                        None => {}
                    }
                }
            }
            // One event an octet, and a few that need none.
            assert!(run.events.len() <= 2 * input.len() + 4, "events out of nothing");
        }
        run.end = connection.receive_eof().err();
        run
    }

    fn note(&mut self, event: &Event<'_>) {
        match (*event, self.events.last_mut()) {
            (Event::Data { data, end }, Some(Seen::Data { octets, end: all @ false })) => {
                octets.extend_from_slice(data);
                *all = end;
            }
            (Event::Data { data, end }, _) => {
                self.events.push(Seen::Data { octets: data.to_vec(), end });
            }
            (Event::Request { head, end }, _) => {
                let line = request_line(&head);
                self.events.push(Seen::Head { line, fields: lines(head.fields), end });
            }
            (Event::Response { head, end }, _) => {
                let line = format!("{:?} {:?} {:?}", head.version, head.status, head.reason);
                let (line, fields) = (line.into_bytes(), lines(head.fields));
                self.events.push(Seen::Head { line, fields, end });
            }
            (Event::Trailers(fields), _) => self.events.push(Seen::Trailers(lines(fields))),
            (Event::Upgrade, _) => self.events.push(Seen::Upgrade),
        }
    }
}

/// Requests of all kinds, so that responses of all kinds are expected.
fn send_requests(connection: &mut Connection, setup: u8) {
    let upgrade = [Field::new("Upgrade", b"any")];
    let fields = if setup & 1 == 0 { Fields::EMPTY } else { Fields::from(&upgrade) };
    let methods = [Method::Get, Method::Head, Method::Connect, Method::Post];
    for method in [methods[usize::from(setup >> 1) & 3], methods[usize::from(setup >> 3) & 3]] {
        let target: &[u8] = if method == Method::Connect { b"a:1" } else { b"/" };
        let mut head = RequestHead::new(method, target, fields);
        head.authority = Some(b"a:1");
        let _ = connection.send_request(&head, Content::None, &mut Vec::new());
    }
}

/// Answers a request; whether there was one that could be.
fn respond(connection: &mut Connection, setup: u8) -> bool {
    let out = &mut Vec::new();
    let upgrade = [Field::new("Upgrade", b"any")];
    let switching = ResponseHead::new(Status::SWITCHING_PROTOCOLS, Fields::from(&upgrade));
    if setup & 4 != 0 && connection.send_response(&switching, Content::None, out).is_ok() {
        return true;
    }
    let head = ResponseHead::new(Status::OK, Fields::EMPTY);
    let content = if setup & 8 == 0 { Content::None } else { Content::Unknown };
    if connection.send_response(&head, content, out).is_err()
        && connection.send_response(&head, Content::None, out).is_err()
    {
        return false;
    }
    if connection.is_sending() {
        connection.send_data(b"", true, out).unwrap();
    }
    true
}

/// A client and a server that do whatever commands they are told, an octet each, and whose octets
/// come in pieces, understand each other: neither finds that the other broke a rule, and the client
/// sees the responses that the server sent.
pub fn fuzz_pair(data: &[u8]) {
    let mut pair = Pair {
        client: Connection::new(Side::Client, Config::strict()),
        server: Connection::new(Side::Server, Config::strict()),
        to_server: Vec::new(),
        to_client: Vec::new(),
        sent: Vec::new(),
        seen: Vec::new(),
    };
    for octet in data {
        pair.act(octet & 7, octet >> 3);
    }
    pair.deliver_to_server(usize::MAX);
    pair.deliver_to_client(usize::MAX);
    assert_eq!(pair.to_client.len(), 0, "the client left something unread");
    let is_closed = pair.client.should_close() || pair.client.is_upgraded();
    assert!(is_closed || pair.sent == pair.seen, "{:?} {:?}", pair.sent, pair.seen);
    assert!(pair.sent.starts_with(&pair.seen));
}

struct Pair {
    client: Connection,
    server: Connection,
    to_server: Vec<u8>,
    to_client: Vec<u8>,
    /// The statuses of the heads that the server sent, but for 100, which it may add.
    sent: Vec<Status>,
    seen: Vec<Status>,
}

impl Pair {
    fn act(&mut self, command: u8, how: u8) {
        let (client, server) = (&mut self.client, &mut self.server);
        let content = [Content::None, Content::Length(2), Content::Unknown, Content::Length(0)];
        let content = content[usize::from(how >> 3)];
        let sum = [Field::new("Sum", b"1")];
        // Commands out of order are refused, which must change nothing.
        let _ = match command {
            0 => send_any_request(client, how & 7, content, &mut self.to_server).is_ok(),
            1 if how == 0 => client.send_trailers(Fields::from(&sum), &mut self.to_server).is_ok(),
            1 if how == 1 => {
                client.close_after();
                true
            }
            1 => client.send_data(b"ab", how & 1 == 0, &mut self.to_server).is_ok(),
            2 => {
                self.deliver_to_server(usize::from(how) * 3 + 1);
                true
            }
            3 => {
                self.deliver_to_client(usize::from(how) * 3 + 1);
                true
            }
            4 => self.answer(how & 7, content),
            5 if how == 0 => server.send_trailers(Fields::from(&sum), &mut self.to_client).is_ok(),
            5 => server.send_data(b"ab", how & 1 == 0, &mut self.to_client).is_ok(),
            6 if how == 0 => {
                server.close();
                true
            }
            6 => server.send_continue(&mut self.to_client).is_ok(),
            _ => {
                let hints = ResponseHead::new(Status::EARLY_HINTS, Fields::EMPTY);
                let sent = server.send_interim(&hints, &mut self.to_client).is_ok();
                self.sent.extend(sent.then_some(Status::EARLY_HINTS));
                sent
            }
        };
    }

    fn answer(&mut self, how: u8, content: Content) -> bool {
        let upgrade = [Field::new("Upgrade", b"any")];
        let (status, fields) = match how {
            0 => (Status::SWITCHING_PROTOCOLS, Fields::from(&upgrade)),
            1 => (Status::NO_CONTENT, Fields::EMPTY),
            2 => (Status::NOT_MODIFIED, Fields::EMPTY),
            3 => (Status::RESET_CONTENT, Fields::EMPTY),
            4 => (Status::UPGRADE_REQUIRED, Fields::from(&upgrade)),
            _ => (Status::OK, Fields::EMPTY),
        };
        let head = ResponseHead::new(status, fields);
        let sent = self.server.send_response(&head, content, &mut self.to_client).is_ok();
        self.sent.extend(sent.then_some(status));
        sent
    }

    fn deliver_to_server(&mut self, most: usize) {
        let consumed = deliver(&mut self.server, &self.to_server, most, &mut Vec::new());
        self.to_server.drain(..consumed);
    }

    fn deliver_to_client(&mut self, most: usize) {
        let consumed = deliver(&mut self.client, &self.to_client, most, &mut self.seen);
        self.to_client.drain(..consumed);
    }
}

fn send_any_request(
    client: &mut Connection,
    how: u8,
    content: Content,
    out: &mut Vec<u8>,
) -> Result<(), Error> {
    let list = [
        Field::new("TE", b"trailers"),
        Field::new("Expect", b"100-continue"),
        Field::new("Upgrade", b"any"),
    ];
    let (method, fields) = match how {
        0 => (Method::Head, &list[..1]),
        1 => (Method::Connect, &list[..0]),
        2 => (Method::Post, &list[1..2]),
        3 => (Method::Post, &list[..3]),
        4 => (Method::Get, &list[2..]),
        5 => (Method::Get, &list[..1]),
        _ => (Method::Post, &list[..0]),
    };
    let target: &[u8] = if how == 1 { b"a:1" } else { b"/" };
    let mut head = RequestHead::new(method, target, Fields::from(fields));
    head.authority = Some(b"a:1");
    client.send_request(&head, content, out)
}

/// Gives `most` octets of `input` to a connection; answers how many it consumed.
fn deliver(
    connection: &mut Connection,
    input: &[u8],
    most: usize,
    seen: &mut Vec<Status>,
) -> usize {
    let (input, mut at) = (&input[..most.min(input.len())], 0);
    let mut scratch = Scratch::new();
    loop {
        match connection.receive(&input[at..], &mut scratch) {
            Ok(received) => {
                at += received.consumed;
                match received.event {
                    Some(Event::Response { head, .. }) if head.status != Status::CONTINUE => {
                        seen.push(head.status);
                    }
                    None if received.consumed == 0 => return at,
                    _ => {}
                }
            }
            // Nobody is to blame who crosses a limit. What is unread is no more of interest.
            Err(Error::Limit { .. } | Error::Misuse(Misuse::Upgraded)) => return input.len(),
            Err(error) => panic!("{error}: {}", input.escape_ascii()),
        }
    }
}

/// What is encoded is either rejected, and then nothing is appended, or parsed to be the same.
pub fn fuzz_encode(data: &[u8]) {
    let mut parts = data.splitn(8, |&octet| octet == 0);
    let mut part = || parts.next().unwrap_or_default();
    let (method, target, reason) = (part(), part(), part());
    let list = [
        Field { name: part(), value: part() },
        Field { name: part(), value: part() },
        Field { name: b"Host", value: part() },
    ];
    encode_request(Method::from_token(method), target, &list);
    encode_response(reason, &list);
}

fn encode_request(method: Method<'_>, target: &[u8], list: &[Field<'_>]) {
    let mut out = b"before".to_vec();
    let mut client = Connection::new(Side::Client, Config::strict());
    let head = RequestHead::new(method, target, Fields::from(list));
    if client.send_request(&head, Content::None, &mut out).is_err() {
        assert_eq!(out, b"before");
        assert_eq!(client.in_flight(), 0);
        return;
    }
    let (mut scratch, out) = (Scratch::new(), &out[6..]);
    // What a server rejects of it is of a form, or of a length, that its sender answers for.
    let parsed = parse_request_head(out, &mut scratch, &Config::strict());
    let Ok(parsed) = parsed else { return };
    let Parsed::Complete { value, consumed, .. } = parsed else {
        panic!("the head has no end");
    };
    assert_eq!(consumed, out.len(), "more than one message");
    assert_eq!((value.method, value.target), (method, target));
    same_fields(list, value.fields, &["host", "connection", "content-length"]);
}

fn encode_response(reason: &[u8], list: &[Field<'_>]) {
    let mut out = b"before".to_vec();
    let (mut scratch, mut server) =
        (Scratch::new(), Connection::new(Side::Server, Config::strict()));
    let request = server.receive(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", &mut scratch).unwrap();
    assert!(request.event.is_some());
    let mut head = ResponseHead::new(Status::OK, Fields::from(list));
    head.reason = reason;
    if server.send_response(&head, Content::None, &mut out).is_err() {
        assert_eq!((&out[..], server.in_flight()), (&b"before"[..], 1));
        return;
    }
    let out = &out[6..];
    let parsed = parse_response_head(out, &mut scratch, &Config::strict(), RequestKind::Other);
    let Ok(parsed) = parsed else { return };
    let Parsed::Complete { value, consumed, .. } = parsed else {
        panic!("the head has no end");
    };
    assert_eq!(consumed, out.len(), "more than one message");
    let reason = if reason.is_empty() { b"OK" } else { reason };
    assert_eq!((value.version, value.reason), (Version::Http11, reason));
    same_fields(list, value.fields, &["connection", "content-length"]);
}

/// That the fields are the same, but for those named in `but`, which the core writes.
fn same_fields(sent: &[Field<'_>], received: Fields<'_>, but: &[&str]) {
    let counts = |field: &Field<'_>| {
        !but.iter().any(|name| name.as_bytes().eq_ignore_ascii_case(field.name))
    };
    let sent = sent.iter().copied().filter(counts);
    assert!(sent.eq(received.iter().filter(counts)));
}

fn request_line(head: &RequestHead<'_>) -> Vec<u8> {
    let version = format!(" {:?}", head.version);
    [head.method.as_bytes(), b" ", head.target, version.as_bytes()].concat()
}

fn lines(fields: Fields<'_>) -> Lines {
    fields.iter().map(|field| (field.name.to_vec(), field.value.to_vec())).collect()
}
