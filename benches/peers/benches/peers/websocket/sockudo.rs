//! sockudo-ws: its protocol without a transport, which is the like of a core.

use std::hint::black_box;

use bytes::{Bytes, BytesMut};
use shockwave_bench_kit::{Checks, Registry};
use sockudo_ws::protocol::Protocol;
use sockudo_ws::{Message, Role};

use crate::websocket_suite::cases::{Engine, RECEIVE, Receive, SEND, Send};

const ENGINE: Engine =
    Engine { name: "sockudo-ws", checks: Checks::Strict, text: include_str!("sockudo.rs") };

pub(super) fn register(registry: &mut Registry) {
    for case in RECEIVE {
        registry.add(case.bench(ENGINE, receive, received));
    }
    for case in SEND {
        registry.add(case.bench(ENGINE, send, sent));
    }
}

const LIMIT: usize = 16 << 20;

fn protocol(is_server: bool) -> Protocol {
    Protocol::new(if is_server { Role::Server } else { Role::Client }, LIMIT, LIMIT)
}

/// As by a read into its buffer, whose memory it gets back when the messages are dropped.
fn receive(case: Receive) -> impl FnMut() -> u64 {
    let (mut protocol, wire) = (protocol(case.masked), case.wire());
    let (mut buffer, mut messages) = (BytesMut::with_capacity(wire.len()), Vec::new());
    move || {
        messages.clear();
        buffer.reserve(wire.len());
        buffer.extend_from_slice(black_box(&wire));
        protocol.process_into(&mut buffer, &mut messages).expect("sound");
        assert_eq!(messages.len(), case.messages);
        black_box(&messages).iter().map(|message| message.as_bytes().len() as u64).sum()
    }
}

fn received(case: Receive, octets: &mut Vec<u8>) {
    let (mut buffer, mut messages) = (BytesMut::from(&case.wire()[..]), Vec::new());
    protocol(case.masked).process_into(&mut buffer, &mut messages).expect("sound");
    for message in messages {
        assert_eq!(message.is_text(), case.payload.is_text());
        octets.extend_from_slice(message.as_bytes());
    }
}

fn send(case: Send) -> impl FnMut(&[u8]) -> u64 {
    let payload = Bytes::from(case.message());
    let (mut protocol, mut out) = (protocol(!case.masked), BytesMut::new());
    move |_| {
        out.clear();
        let message = Message::Binary(black_box(payload.clone()));
        protocol.encode_message(&message, &mut out).expect("it is open");
        black_box(&out).len() as u64
    }
}

fn sent(case: Send) -> Vec<u8> {
    let mut out = BytesMut::new();
    let message = Message::Binary(case.message().into());
    protocol(!case.masked).encode_message(&message, &mut out).expect("it is open");
    out.to_vec()
}
