//! Messages in and out of a [`Connection`].

use std::hint::black_box;

use shockwave_bench_kit::{Bench, Checks, Digest, Registry, Throughput, Verification, repeat};
use shockwave_websocket::{
    Agreement, Config, Connection, Event, Message, Offer, Prepared, Scratch, Terms, accept,
};
use shockwave_wire::{Field, Fields, Method, RequestHead};

use super::cases::{self, Engine, FRAGMENTED, Payload, RECEIVE, Receive, SEND, Send};

pub(super) const ENGINE: Engine =
    Engine { name: "shockwave", checks: Checks::Strict, text: include_str!("messages.rs") };

pub(super) fn register(registry: &mut Registry) {
    for case in RECEIVE {
        registry.add(case.bench(ENGINE, receive, received).budget(0, 0));
    }
    for case in SEND {
        registry.add(case.bench(ENGINE, send, sent).budget(0, 0));
    }
    registry.add(fragmented());
    for (case, length) in [("20", 20), ("1k", 1 << 10), ("64k", 64 << 10)] {
        registry.add(echo(case, length));
    }
    registry.add(broadcast());
    registry.add(handshake());
}

/// The side that receives a case.
fn receiver(case: Receive) -> Connection {
    open(match case.masked {
        true => Connection::server(Config::DEFAULT),
        false => Connection::client(Config::DEFAULT, [1; 32]),
    })
}

pub(super) fn open(mut connection: Connection) -> Connection {
    connection.open(&Agreement::NONE).expect("it was connecting");
    connection
}

/// Octets that are received, as by a read into a buffer of the caller's, which is as large as they
/// are: unmasking in place changes them, so that they are copied there for each operation, as a
/// read does.
struct Reader {
    connection: Connection,
    scratch: Scratch,
    wire: Vec<u8>,
    buffer: Vec<u8>,
}

impl Reader {
    fn new(connection: Connection, wire: Vec<u8>) -> Self {
        let buffer = vec![0; wire.len()];
        Self { connection, scratch: Scratch::new(), wire, buffer }
    }

    /// Receives all of the wire, and hands over each message.
    #[inline(always)]
    fn read(&mut self, mut take: impl FnMut(&mut Connection, Message<'_>)) {
        self.buffer.copy_from_slice(black_box(&self.wire));
        let mut rest = &mut self.buffer[..];
        loop {
            let received = self.connection.receive(rest, &mut self.scratch);
            let received = received.expect("the wire is sound");
            let consumed = received.consumed;
            let is_none = received.event.is_none();
            if let Some(Event::Message(message)) = received.event {
                take(&mut self.connection, message);
            }
            if is_none && consumed == 0 {
                break;
            }
            rest = &mut rest[consumed..];
        }
        assert!(rest.is_empty(), "the wire is whole");
    }
}

fn receive(case: Receive) -> impl FnMut() -> u64 {
    let mut reader = Reader::new(receiver(case), case.wire());
    move || {
        let mut sum = 0;
        reader.read(|_, message| sum += black_box(message).as_bytes().len() as u64);
        sum
    }
}

fn received(case: Receive, octets: &mut Vec<u8>) {
    let mut reader = Reader::new(receiver(case), case.wire());
    reader.read(|_, message| {
        assert_eq!(matches!(message, Message::Text(_)), case.payload.is_text());
        octets.extend_from_slice(message.as_bytes());
    });
}

fn fragmented() -> Bench {
    let make = |case| {
        let mut reader = Reader::new(receiver(case), cases::fragmented_wire());
        move || {
            let mut sum = 0;
            reader.read(|_, message| sum += black_box(message).as_bytes().len() as u64);
            sum
        }
    };
    let received = |case, octets: &mut Vec<u8>| {
        let mut reader = Reader::new(receiver(case), cases::fragmented_wire());
        reader.read(|_, message| octets.extend_from_slice(message.as_bytes()));
    };
    FRAGMENTED.bench_in("websocket/fragmented", ENGINE, make, received).budget(0, 0)
}

fn sender(case: Send) -> Connection {
    open(match case.masked {
        true => Connection::client(Config::DEFAULT, [2; 32]),
        false => Connection::server(Config::DEFAULT),
    })
}

fn send(case: Send) -> impl FnMut(&[u8]) -> u64 {
    let (mut connection, mut out) = (sender(case), Vec::new());
    move |message| {
        out.clear();
        connection.send_message(message, &mut out).expect("it is open");
        black_box(&out).len() as u64
    }
}

fn sent(case: Send) -> Vec<u8> {
    let mut out = Vec::new();
    sender(case).send_message(&case.message()[..], &mut out).expect("it is open");
    out
}

/// A text to a server and back to its client: encoded, received, encoded, received.
fn echo(case: &str, length: usize) -> Bench {
    let message = String::from_utf8(Payload::Ascii.octets(length)).expect("text");
    let source = Digest::of(ENGINE.text.as_bytes()).field(message.as_bytes());
    let text = message.clone();
    let work = move || {
        let text = message.clone();
        let mut pair = Pair::new();
        repeat(move || pair.round_trip(black_box(&text)).len() as u64)
    };
    Bench::new(format!("websocket/echo/{case}/shockwave"), source, work)
        .budget(0, 0)
        .verify(move || Verification::strict(Pair::new().round_trip(&text)).expecting(&text))
}

struct Pair {
    client: Connection,
    server: Connection,
    scratch: Scratch,
    up: Vec<u8>,
    down: Vec<u8>,
}

impl Pair {
    fn new() -> Self {
        Self {
            client: open(Connection::client(Config::DEFAULT, [3; 32])),
            server: open(Connection::server(Config::DEFAULT)),
            scratch: Scratch::new(),
            up: Vec::new(),
            down: Vec::new(),
        }
    }

    fn round_trip(&mut self, text: &str) -> &str {
        self.up.clear();
        self.down.clear();
        self.client.send_message(text, &mut self.up).expect("it is open");
        let received = self.server.receive(&mut self.up, &mut self.scratch).expect("sound");
        let Some(Event::Message(message)) = received.event else { panic!("a message") };
        self.server.send_message(message, &mut self.down).expect("it is open");
        let received = self.client.receive(&mut self.down, &mut self.scratch).expect("sound");
        let Some(Event::Message(Message::Text(text))) = received.event else { panic!("text") };
        text
    }
}

/// A prepared message of 1 KiB to 1,000 connections, each of which lends its octets to be written.
fn broadcast() -> Bench {
    const CONNECTIONS: usize = 1_000;
    let message = String::from_utf8(Payload::Ascii.octets(1 << 10)).expect("text");
    let source = Digest::of(ENGINE.text.as_bytes()).field(message.as_bytes());
    let expected = cases::frame(0x81, message.as_bytes(), false).len() * CONNECTIONS;
    let connections = || -> Vec<Connection> {
        let config = std::sync::Arc::new(Config::DEFAULT);
        let server = |_| open(Connection::server(std::sync::Arc::clone(&config)));
        (0..CONNECTIONS).map(server).collect()
    };
    let send = |prepared: &Prepared, connections: &mut [Connection]| -> u64 {
        let lent = |connection: &mut Connection| {
            black_box(connection.lend_prepared(prepared).expect("it is open")).len() as u64
        };
        connections.iter_mut().map(lent).sum()
    };
    let prepared = Prepared::new(message.as_str());
    let again = prepared.clone();
    Bench::new("websocket/broadcast/1k-to-1000/shockwave", source, move || {
        let (prepared, mut connections) = (prepared.clone(), connections());
        repeat(move || send(black_box(&prepared), &mut connections))
    })
    .throughput(Throughput::Elements(CONNECTIONS as u64))
    .budget(0, 0)
    .verify(move || {
        let sent = send(&again, &mut connections());
        Verification::strict(sent.to_string()).expecting(expected.to_string())
    })
}

/// A server's side of the handshake: every check, the answer to the key, a subprotocol.
fn handshake() -> Bench {
    let source = Digest::of(ENGINE.text.as_bytes());
    let accepted = || {
        let protocols = ["chat", "superchat"];
        let offer = Offer::new(*b"the sample nonce", &protocols).expect("tokens");
        let fields = offer.fields();
        let mut list = vec![
            Field::new("Host", b"example.com"),
            Field::new("Connection", b"Upgrade"),
            Field::new("Origin", b"http://example.com"),
        ];
        list.extend_from_slice(fields.as_slice());
        let head = RequestHead::new(Method::Get, b"/chat", Fields::from(&list[..]));
        let mut terms = Terms::DEFAULT;
        terms.protocols = &protocols;
        let mut octets = Vec::new();
        let acceptance = accept(black_box(&head), &terms).expect("sound");
        for field in acceptance.fields().as_slice() {
            octets.extend_from_slice(field.value);
            octets.push(b'\n');
        }
        octets
    };
    let timed = || {
        let list = [
            Field::new("Host", b"example.com"),
            Field::new("Upgrade", b"websocket"),
            Field::new("Connection", b"Upgrade"),
            Field::new("Origin", b"http://example.com"),
            Field::new("Sec-WebSocket-Key", b"dGhlIHNhbXBsZSBub25jZQ=="),
            Field::new("Sec-WebSocket-Version", b"13"),
            Field::new("Sec-WebSocket-Protocol", b"superchat, chat"),
        ];
        let mut terms = Terms::DEFAULT;
        terms.protocols = &["chat", "superchat"];
        repeat(move || {
            let head = RequestHead::new(Method::Get, b"/chat", Fields::from(&list));
            let acceptance = accept(black_box(&head), &terms).expect("sound");
            black_box(acceptance.fields()).as_slice().len() as u64
        })
    };
    Bench::new("websocket/handshake/accept/shockwave", source, timed).budget(0, 0).verify(
        move || {
            let expected = "websocket\ns3pPLMBiTxaQ9kYGzzhZRbK+xOo=\nchat\n";
            Verification::strict(accepted()).expecting(expected)
        },
    )
}
