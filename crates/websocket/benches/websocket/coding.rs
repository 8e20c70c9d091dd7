//! permessage-deflate: 4 KiB of JSON, with the window kept and without.

use std::hint::black_box;

use shockwave_bench_kit::{Bench, Digest, Registry, Throughput, Verification, repeat};
use shockwave_websocket::{Agreement, Config, Connection, Deflate, Event, Message, Scratch};

use super::cases::Payload;
use super::messages::ENGINE;

const LENGTH: usize = 4 << 10;

pub(super) fn register(registry: &mut Registry) {
    for (case, deflate) in
        [("takeover", Deflate::DEFAULT), ("no-takeover", Deflate::NO_CONTEXT_TAKEOVER)]
    {
        registry.add(send(case, deflate));
        registry.add(receive(case, deflate));
    }
}

fn text() -> String {
    String::from_utf8(Payload::Ascii.octets(LENGTH)).expect("text")
}

fn open(mut connection: Connection, deflate: Deflate) -> Connection {
    connection.open(&Agreement::with_deflate(deflate)).expect("it was connecting");
    connection
}

fn bench<W>(id: String, make: impl Fn() -> W + 'static) -> Bench
where
    W: FnMut() -> u64 + 'static,
{
    let source = Digest::of(include_bytes!("coding.rs")).field(id.as_bytes());
    Bench::new(id, source, move || repeat(make()))
        .throughput(Throughput::Bytes(LENGTH as u64))
        .budget(0, 0)
}

fn send(case: &str, deflate: Deflate) -> Bench {
    bench(format!("websocket/deflate/{case}-4k/{}", ENGINE.name), move || {
        let (text, mut out) = (text(), Vec::new());
        let mut server = open(Connection::server(Config::DEFAULT), deflate);
        move || {
            out.clear();
            server.send_message(black_box(text.as_str()), &mut out).expect("it is open");
            black_box(&out).len() as u64
        }
    })
    .verify(move || Verification::strict(round_trip(deflate)).expecting(text().repeat(3)))
}

/// The second of two messages, over and over: what it refers to is in the window each time.
fn receive(case: &str, deflate: Deflate) -> Bench {
    bench(format!("websocket/inflate/{case}-4k/{}", ENGINE.name), move || {
        let (text, mut scratch) = (text(), Scratch::new());
        let mut server = open(Connection::server(Config::DEFAULT), deflate);
        let mut client = open(Connection::client(Config::DEFAULT, [0; 32]), deflate);
        let (mut first, mut second) = (Vec::new(), Vec::new());
        server.send_message(text.as_str(), &mut first).expect("it is open");
        server.send_message(text.as_str(), &mut second).expect("it is open");
        let _ = client.receive(&mut first, &mut scratch).expect("sound");
        move || {
            // A client unmasks nothing, so the octets stay.
            let received = client.receive(black_box(&mut second), &mut scratch).expect("sound");
            let Some(Event::Message(message)) = received.event else { panic!("a message") };
            black_box(message).as_bytes().len() as u64
        }
    })
    .verify(move || Verification::strict(round_trip(deflate)).expecting(text().repeat(3)))
}

fn round_trip(deflate: Deflate) -> Vec<u8> {
    let (text, mut scratch, mut octets) = (text(), Scratch::new(), Vec::new());
    let mut server = open(Connection::server(Config::DEFAULT), deflate);
    let mut client = open(Connection::client(Config::DEFAULT, [0; 32]), deflate);
    for _ in 0..3 {
        let mut out = Vec::new();
        server.send_message(text.as_str(), &mut out).expect("it is open");
        assert!(out.len() < LENGTH / 4);
        let received = client.receive(&mut out, &mut scratch).expect("sound");
        let Some(Event::Message(Message::Text(text))) = received.event else { panic!("text") };
        octets.extend_from_slice(text.as_bytes());
    }
    octets
}
