//! tungstenite, with its default buffers and with ones that suit the case.

use std::hint::black_box;

use bytes::Bytes;
use shockwave_bench_kit::{Checks, Registry};
use tungstenite::Message;
use tungstenite::protocol::{Role, WebSocket, WebSocketConfig};

use super::Source;
use crate::websocket_suite::cases::{Engine, RECEIVE, Receive, SEND, Send};

const TEXT: &str = include_str!("tungstenite.rs");
const DEFAULT: Engine = Engine { name: "tungstenite", checks: Checks::Lenient, text: TEXT };
const TUNED: Engine = Engine { name: "tungstenite-tuned", checks: Checks::Lenient, text: TEXT };

pub(super) fn register(registry: &mut Registry) {
    for case in RECEIVE {
        registry.add(case.bench(DEFAULT, |case| receive(case, false), received));
        registry.add(case.bench(TUNED, |case| receive(case, true), received));
    }
    for case in SEND {
        registry.add(case.bench(DEFAULT, send, sent));
    }
}

/// Before each read it fills what is free of its buffer with zeros: 128 KiB by default, however
/// little comes. With 16 KiB a text of 64 KiB takes it two thirds of the time that it takes with
/// 64 KiB, and small ones as long.
const READ_BUFFER: usize = 16 << 10;

fn receiver(case: Receive, tuned: bool) -> WebSocket<Source> {
    let role = if case.masked { Role::Server } else { Role::Client };
    let config = WebSocketConfig::default();
    let config = if tuned { config.read_buffer_size(READ_BUFFER) } else { config };
    WebSocket::from_raw_socket(Source::new(case.wire()), role, Some(config))
}

fn receive(case: Receive, tuned: bool) -> impl FnMut() -> u64 {
    let mut socket = receiver(case, tuned);
    move || {
        let mut sum = 0;
        for _ in 0..case.messages {
            sum += black_box(socket.read().expect("sound")).len() as u64;
        }
        sum
    }
}

fn received(case: Receive, octets: &mut Vec<u8>) {
    let mut socket = receiver(case, true);
    for _ in 0..case.messages {
        let message = socket.read().expect("sound");
        assert_eq!(message.is_text(), case.payload.is_text());
        octets.extend_from_slice(&message.into_data());
    }
}

fn sender(case: Send, sink: Source) -> WebSocket<Source> {
    let role = if case.masked { Role::Client } else { Role::Server };
    WebSocket::from_raw_socket(sink, role, None)
}

/// The payload is in a `Bytes` already, so that it is handed over without a copy.
fn send(case: Send) -> impl FnMut(&[u8]) -> u64 {
    let payload = Bytes::from(case.message());
    let mut socket = sender(case, Source::new(Vec::new()));
    move |_| {
        socket.send(Message::Binary(black_box(payload.clone()))).expect("it is open");
        1
    }
}

fn sent(case: Send) -> Vec<u8> {
    let mut socket = sender(case, Source::keeping());
    socket.send(Message::binary(case.message())).expect("it is open");
    socket.get_ref().written().to_vec()
}
