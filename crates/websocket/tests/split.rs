//! Any split, same events.

mod common;

use common::{Log, client, frame, opened, server};
use shockwave_websocket::{Config, Connection, Delivery, Scratch};

const KEY: Option<[u8; 4]> = Some([0xA5, 0x5A, 0x00, 0xFF]);

/// Conversations, each as a server and as a client would get it.
fn inputs(key: Option<[u8; 4]>) -> Vec<Vec<u8>> {
    let long = "long \u{20ac} ".repeat(30);
    vec![
        frame(0x81, b"", key),
        frame(0x81, "h\u{e9}llo \u{1f30a}".as_bytes(), key),
        [frame(0x82, &[7; 126], key), frame(0x81, long.as_bytes(), key)].concat(),
        [
            frame(0x01, b"\xF0\x9F", key),
            frame(0x89, &[1; 125], key),
            frame(0x00, b"", key),
            frame(0x00, b"\x8C", key),
            frame(0x80, b"\x8A!", key),
            frame(0x8A, b"", key),
            frame(0x82, b"\x00", key),
        ]
        .concat(),
        [frame(0x88, b"\x03\xE8bye", key), frame(0x81, b"late", key)].concat(),
        frame(0x88, b"", key),
        [frame(0x81, b"ok", key), frame(0x81, b"ok\xFF", key)].concat(),
        [frame(0x01, b"ok", key), frame(0x01, b"ok", key)].concat(),
        [frame(0x81, b"ok", key), b"\x8F".to_vec()].concat(),
    ]
}

/// Events as text, pieces of a message joined.
fn run(connection: &mut Connection, input: &[u8], cuts: &[usize]) -> Log {
    let mut log = Log::default();
    let (mut scratch, mut at, mut input) = (Scratch::new(), 0, input.to_vec());
    let last = input.len();
    for &cut in cuts.iter().chain([&last]) {
        at += log.feed(connection, &mut input[at..cut], &mut scratch);
    }
    if connection.config().delivery == Delivery::Pieces {
        log.log = joined(&log.log);
        log.octets.clear(); // what came of a message that then failed depends on the cuts
    }
    log
}

/// Pieces without their bounds, of messages that have ended; control frames keep their place among
/// those.
fn joined(log: &str) -> String {
    let (mut text, mut piece) = (String::new(), String::new());
    for line in log.lines() {
        match line.strip_prefix("text ").or_else(|| line.strip_prefix("binary ")) {
            Some(data) => match data.strip_suffix(" end") {
                Some(last) => {
                    text += &format!("{piece}{last} end\n");
                    piece.clear();
                }
                None => piece += data,
            },
            None => text += &format!("{line}\n"),
        }
    }
    text
}

fn any_split(make: impl Fn() -> Connection, input: &[u8]) {
    let whole = run(&mut make(), input, &[]);
    assert!(!whole.log.is_empty() || whole.error.is_some());
    let every: Vec<usize> = (0..input.len()).collect();
    assert_eq!(run(&mut make(), input, &every), whole, "octets of {}", input.escape_ascii());
    for cut in 0..input.len() {
        assert_eq!(run(&mut make(), input, &[cut]), whole, "{cut}: {}", input.escape_ascii());
    }
}

#[test]
fn messages_to_a_server() {
    for input in inputs(KEY) {
        any_split(server, &input);
    }
}

#[test]
fn messages_to_a_client() {
    for input in inputs(None) {
        any_split(client, &input);
    }
}

#[test]
fn pieces() {
    let mut config = Config::DEFAULT;
    config.delivery = Delivery::Pieces;
    for input in inputs(KEY) {
        any_split(|| opened(Connection::server(config)), &input);
    }
    for input in inputs(None) {
        any_split(|| opened(Connection::client(config, [1; 32])), &input);
    }
}
