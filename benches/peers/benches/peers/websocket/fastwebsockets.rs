//! fastwebsockets, over its own stream.

use std::hint::black_box;

use fastwebsockets::{FragmentCollector, OpCode, Role, WebSocket};
use shockwave_bench_kit::{Checks, Registry};

use super::{Source, now};
use crate::websocket_suite::cases::{Engine, RECEIVE, Receive};

const ENGINE: Engine = Engine {
    name: "fastwebsockets",
    checks: Checks::Lenient,
    text: include_str!("fastwebsockets.rs"),
};

pub(super) fn register(registry: &mut Registry) {
    for case in RECEIVE {
        registry.add(case.bench(ENGINE, receive, received));
    }
}

fn receiver(case: Receive) -> FragmentCollector<Source> {
    let role = if case.masked { Role::Server } else { Role::Client };
    FragmentCollector::new(WebSocket::after_handshake(Source::new(case.wire()), role))
}

fn receive(case: Receive) -> impl FnMut() -> u64 {
    let mut socket = receiver(case);
    move || {
        now(async {
            let mut sum = 0;
            for _ in 0..case.messages {
                let frame = socket.read_frame().await.expect("sound");
                sum += black_box(&frame.payload).len() as u64;
            }
            sum
        })
    }
}

fn received(case: Receive, octets: &mut Vec<u8>) {
    let mut socket = receiver(case);
    for _ in 0..case.messages {
        let frame = now(socket.read_frame()).expect("sound");
        assert_eq!(frame.opcode == OpCode::Text, case.payload.is_text());
        octets.extend_from_slice(&frame.payload);
    }
}
