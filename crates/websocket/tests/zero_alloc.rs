//! What is warm allocates nothing: each test warms up, counts the same work ten times over, and
//! checks what the work has done.

mod common;

use core::hint::black_box;
use std::time::Instant;

use common::{client, frame, server};
use shockwave_bench_kit::count;
use shockwave_websocket::{Connection, Event, Kind, Offer, Prepared, Scratch, Terms, accept};
use shockwave_wire::{Field, Fields, Known, Method, RequestHead};

shockwave_bench_kit::install_counting_allocator!();

const KEY: Option<[u8; 4]> = Some([0x37, 0xFA, 0x21, 0x3D]);

/// Allocations of ten turns behind the first ones.
fn warm_allocations(mut turn: impl FnMut()) -> u64 {
    (0..3).for_each(|_| turn());
    let ((), warm) = count(|| (0..10).for_each(|_| turn()));
    warm.allocs
}

/// The number of events of `input`, and octets of messages in them.
fn receive(
    connection: &mut Connection,
    scratch: &mut Scratch,
    input: &mut [u8],
    cut: usize,
) -> (usize, usize) {
    let (mut events, mut octets, mut at) = (0, 0, 0);
    for end in [cut.min(input.len()), input.len()] {
        loop {
            let received = connection.receive(&mut input[at..end], scratch).expect("valid");
            at += received.consumed;
            match received.event {
                Some(event) => {
                    events += 1;
                    if let Event::Message(message) = event {
                        octets += message.as_bytes().len();
                    }
                }
                None if received.consumed == 0 => break,
                None => {}
            }
        }
    }
    assert_eq!(at, input.len());
    (events, octets)
}

#[test]
fn the_counter_counts() {
    let (boxed, counts) = count(|| black_box(Box::new(7)));
    assert_eq!((*boxed, counts.allocs), (7, 1));
    let mut input = frame(0x02, b"kept", KEY);
    let (_, cold) = count(|| receive(&mut server(), &mut Scratch::new(), &mut input, 0));
    assert!(cold.allocs > 0, "a cold scratch grows");
}

#[test]
fn messages_in() {
    let text = "h\u{e9}llo ".repeat(2_000);
    let wire = [
        frame(0x81, b"whole", KEY),
        frame(0x82, &[9; 70_000], KEY),
        frame(0x01, text.as_bytes(), KEY),
        frame(0x89, b"ping", KEY),
        frame(0x80, text.as_bytes(), KEY),
    ]
    .concat();
    let (mut connection, mut scratch) = (server(), Scratch::new());
    let (mut input, mut out) = (Vec::with_capacity(wire.len()), Vec::with_capacity(64));
    for cut in [0, 3, 40_000, wire.len() - 9] {
        let allocations = warm_allocations(|| {
            input.clear();
            input.extend_from_slice(&wire);
            out.clear();
            connection.tick(Instant::now()).expect("in time");
            let found = receive(&mut connection, &mut scratch, &mut input, cut);
            assert_eq!(found, (4, 5 + 70_000 + 2 * text.len()));
            connection.transmit(&mut out);
            assert_eq!(out, b"\x8A\x04ping");
        });
        assert_eq!(allocations, 0, "cut at {cut}");
    }
}

#[test]
fn messages_out() {
    let text = "text ".repeat(1_000);
    let news = Prepared::new(text.as_str());
    for mut connection in [client(), server()] {
        let mut out = Vec::new();
        let allocations = warm_allocations(|| {
            out.clear();
            connection.send_message("small", &mut out).expect("open");
            connection.send_message(text.as_bytes(), &mut out).expect("open");
            connection.send_fragment(Kind::Text, b"a", false, &mut out).expect("open");
            connection.send_fragment(Kind::Text, b"b", true, &mut out).expect("open");
            connection.send_ping(b"ping", &mut out).expect("open");
            connection.send_prepared(&news, &mut out).expect("open");
            assert!(out.len() > 10_000);
        });
        assert_eq!(allocations, 0);
    }
}

#[test]
fn handshakes() {
    let protocols = ["chat"];
    let offer = Offer::new([7; 16], &protocols).expect("a token");
    let fields = offer.fields();
    let mut list = vec![Field::new("Host", b"a"), Field::new("Connection", b"Upgrade")];
    list.extend_from_slice(fields.as_slice());
    let head = RequestHead::new(Method::Get, b"/", Fields::from(&list[..]));
    let mut terms = Terms::DEFAULT;
    terms.protocols = &protocols;
    let allocations = warm_allocations(|| {
        let acceptance = accept(&head, &terms).expect("sound");
        let fields = acceptance.fields();
        assert_eq!(fields.as_fields().known(Known::SEC_WEBSOCKET_PROTOCOL), Some(&b"chat"[..]));
    });
    assert_eq!(allocations, 0);
}

#[cfg(feature = "deflate")]
#[test]
fn compressed_messages_in_and_out() {
    use shockwave_websocket::{Agreement, Config, Deflate};

    let text = "{\"key\":\"value\",\"caf\u{e9}\":1} ".repeat(400);
    let mut narrow = Deflate::DEFAULT;
    narrow.server_max_window_bits = 10;
    for deflate in [Deflate::DEFAULT, Deflate::NO_CONTEXT_TAKEOVER, narrow] {
        let agreement = Agreement::with_deflate(deflate);
        let news = Prepared::compressed(text.as_str(), 1, 9);
        let mut client = Connection::client(Config::DEFAULT, [4; 32]);
        let mut server = Connection::server(Config::DEFAULT);
        client.open(&agreement).expect("connecting");
        server.open(&agreement).expect("connecting");
        let (mut up, mut down) = (Vec::new(), Vec::new());
        let (mut above, mut below) = (Scratch::new(), Scratch::new());
        let allocations = warm_allocations(|| {
            up.clear();
            down.clear();
            client.send_message(text.as_str(), &mut up).expect("open");
            client.send_fragment(Kind::Binary, text.as_bytes(), false, &mut up).expect("open");
            client.send_fragment(Kind::Binary, text.as_bytes(), true, &mut up).expect("open");
            assert!(up.len() < text.len());
            let found = receive(&mut server, &mut above, &mut up, 100);
            assert_eq!(found, (2, 3 * text.len()));
            server.send_message(text.as_str(), &mut down).expect("open");
            server.send_prepared(&news, &mut down).expect("open");
            let found = receive(&mut client, &mut below, &mut down, 50);
            assert_eq!(found, (2, 2 * text.len()));
        });
        assert_eq!(allocations, 0, "{deflate:?}");
    }
}
