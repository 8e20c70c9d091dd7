//! Any calls in any order: what is refused changes nothing, what is sent is understood.

use core::time::Duration;
use std::time::Instant;

use shockwave_wire::{Content, Field, Fields, Method, RequestHead, ResponseHead, Scratch, Side};
use shockwave_wire::{Status, Version};

use crate::head::locate_trailers;
use crate::{
    ChunkedDecoder, Config, Connection, Error, Event, Framing, Limits, Parsed, Piece, RequestKind,
    ResponseTemplate, parse_response_head,
};

/// The octets up to the first 0xFF are calls, the rest is what the peer sends.
///
/// A command that is refused appends nothing and changes nothing; a closed connection sends
/// nothing more; and what a server sent is a list of responses to the requests that it received.
pub fn fuzz_commands(data: &[u8]) {
    let [setup, rest @ ..] = data else { return };
    let calls = rest.iter().position(|&octet| octet == 0xFF).unwrap_or(rest.len());
    let (calls, input) = rest.split_at(calls);
    let mut session = Session::new(*setup, input.get(1..).unwrap_or_default());
    for &call in calls {
        session.call(call & 15, call >> 4);
        session.check();
    }
    if session.connection.side() == Side::Server {
        session.read_responses();
    }
}

struct Session<'a> {
    connection: Connection,
    scratch: Scratch,
    input: &'a [u8],
    /// Octets of the input that were consumed, and that have come.
    at: usize,
    seen: usize,
    out: Vec<u8>,
    /// What was received, as far as the responses to it depend on it.
    requests: Vec<RequestKind>,
    told: bool,
    ended: bool,
    closed_at: Option<usize>,
    now: Instant,
}

impl<'a> Session<'a> {
    fn new(setup: u8, input: &'a [u8]) -> Self {
        let side = if setup & 1 == 0 { Side::Server } else { Side::Client };
        let mut config = if setup & 2 == 0 { Config::strict() } else { Config::lenient() };
        if setup & 4 != 0 {
            config.limits.max_content_bytes = 64;
            config.limits.max_linger_bytes = 64;
            config.limits.max_pipelined_requests = 2;
        }
        Self {
            connection: Connection::new(side, config),
            scratch: Scratch::new(),
            input,
            at: 0,
            seen: 0,
            out: Vec::new(),
            requests: Vec::new(),
            told: false,
            ended: false,
            closed_at: None,
            now: Instant::now(),
        }
    }

    fn call(&mut self, call: u8, argument: u8) {
        let connection = &mut self.connection;
        match call {
            0 | 1 if self.ended => {}
            0 => self.seen = self.input.len(),
            1 => self.seen = self.input.len().min(self.seen + usize::from(argument) + 1),
            2 => connection.close(),
            3 => connection.close_after(),
            4 => {
                self.ended = self.at == self.seen;
                let _ = if self.ended { connection.receive_eof() } else { Ok(()) };
            }
            5 => {
                let now = self.now + Duration::from_secs(u64::from(argument) * 3);
                let _ = connection.tick(now);
                self.now = if argument == 1 { self.now } else { now };
            }
            6 => connection.transmitted(usize::from(argument)),
            7 => self.receive(),
            _ => self.command(call, argument),
        }
    }

    /// All events of what has come.
    fn receive(&mut self) {
        while let Some(input) = self.input.get(self.at..self.seen).filter(|_| !self.ended) {
            let Ok(received) = self.connection.receive(input, &mut self.scratch) else { return };
            self.at += received.consumed;
            assert!(self.at <= self.seen);
            match received.event {
                Some(Event::Request { head, .. }) => {
                    self.requests.push(RequestKind::of(head.method));
                }
                None if received.consumed == 0 => return,
                _ => {}
            }
        }
    }

    /// A command, of which a refused one is to leave no trace.
    fn command(&mut self, call: u8, argument: u8) {
        let before = (self.connection.clone(), self.out.len());
        let (connection, out) = (&mut self.connection, &mut self.out);
        let list = [Field::new("Upgrade", b"any"), Field::new("Sum", b"\n")];
        let fields = Fields::from(list.get(..usize::from(argument % 3)).unwrap_or_default());
        let contents = [Content::None, Content::Length(0), Content::Length(5), Content::Unknown];
        let content = contents.get(usize::from(argument & 3)).copied().unwrap_or(Content::None);
        let statuses = [101, 103, 200, 204, 205, 304, 404, 100];
        let code = statuses.get(usize::from(argument >> 1)).copied().unwrap_or(200);
        let head = ResponseHead::new(Status::new(code).unwrap_or(Status::OK), fields);
        let data = b"hello";
        let end = argument & 8 != 0;
        let result = match call {
            8 => connection.send_response(&head, content, out),
            9 => {
                connection.send_data(&data[..usize::from(argument & 7).min(5)], end, out).map(drop)
            }
            10 => connection.send_data_header(3, end, out).map(|suffix| {
                out.extend_from_slice(b"abc");
                out.extend_from_slice(suffix);
            }),
            11 => connection.send_trailers(Fields::from(&list[..usize::from(argument & 1)]), out),
            12 if argument & 1 == 0 => connection.send_continue(out),
            12 => connection.send_interim(&head, out),
            13 => {
                let error = Error::Limit { bound: shockwave_wire::Bound::HeadTime, offset: 0 };
                let told = connection.send_error(error, None, out);
                self.told |= told.is_ok();
                told
            }
            14 => match ResponseTemplate::new(&ResponseHead::new(head.status, Fields::EMPTY)) {
                Ok(template) => connection.send_template(&template, None, content, out),
                Err(misuse) => Err(misuse.into()),
            },
            _ => {
                let methods = [Method::Get, Method::Head, Method::Connect, Method::Post];
                let method = methods[usize::from(argument & 3)];
                let target: &[u8] = if method == Method::Connect { b"a:1" } else { b"/" };
                let mut head = RequestHead::new(method, target, fields);
                head.authority = Some(b"a:1");
                let content = contents[usize::from(argument >> 2)];
                connection.send_request(&head, content, out)
            }
        };
        if let Err(error) = result {
            assert!(matches!(error, Error::Misuse(_)), "{error:?}");
            assert!(self.connection == before.0, "{error:?} left a trace");
            assert_eq!(self.out.len(), before.1, "{error:?}");
        }
    }

    fn check(&mut self) {
        let connection = &self.connection;
        assert!(connection.in_flight() <= 16);
        assert!(connection.should_close() || !connection.is_closed());
        assert!(!connection.is_idle() || !connection.is_sending());
        let _ = (connection.deadline(), connection.wants_receive());
        match self.closed_at {
            Some(length) => {
                assert_eq!(self.out.len(), length, "sent after the end");
                assert!(connection.should_close(), "closed for a while");
            }
            None if connection.should_close() => self.closed_at = Some(self.out.len()),
            None => {}
        }
    }

    /// Reads what a server sent as its client would.
    fn read_responses(&mut self) {
        let (mut at, mut answered) = (0, 0);
        while let Some(out) = self.out.get(at..).filter(|out| !out.is_empty()) {
            let to = self.requests.get(answered).copied();
            assert!(to.is_some() || self.told, "a response that nobody asked for");
            let to = to.unwrap_or(RequestKind::Other);
            let parsed = parse_response_head(out, &mut self.scratch, &Config::strict(), to);
            let Ok(Parsed::Complete { value: head, framing, consumed }) = parsed else {
                panic!("not a response: {parsed:?}");
            };
            assert_eq!(head.version, Version::Http11);
            let switched = framing == Framing::Tunnel || head.status == Status::SWITCHING_PROTOCOLS;
            let interim = head.status.is_interim() && !switched;
            let close = head.fields.get("connection").is_some_and(|value| value == b"close");
            at += consumed;
            answered += usize::from(!interim);
            let Some(end) = self.content_end(at, framing) else { return };
            assert!(end == self.out.len() || (!close && !switched), "more after the last response");
            at = end;
        }
    }

    /// Where the content that starts at `at` ends; `None` if it was not sent to its end.
    fn content_end(&mut self, mut at: usize, framing: Framing) -> Option<usize> {
        let mut decoder = ChunkedDecoder::new();
        match framing {
            Framing::None | Framing::Tunnel => return Some(at),
            Framing::Length(length) => {
                at += usize::try_from(length).unwrap_or(usize::MAX);
                return (at <= self.out.len()).then_some(at);
            }
            Framing::UntilClose => return Some(self.out.len()),
            Framing::Chunked => {}
        }
        loop {
            let decoded = decoder.decode(&self.out[at..], &Limits::DEFAULT).unwrap();
            at += decoded.consumed;
            match decoded.piece {
                Piece::Data(_) => {}
                Piece::NeedsMore => return None,
                Piece::LastChunk => break,
            }
        }
        let end =
            locate_trailers(&self.out[at..], &mut self.scratch, &Config::strict(), Side::Client)
                .unwrap();
        Some(at + end.expect("trailers are sent whole").consumed)
    }
}
