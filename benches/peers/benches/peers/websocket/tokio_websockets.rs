//! tokio-websockets, over its own stream.

use std::future::poll_fn;
use std::hint::black_box;
use std::pin::Pin;

use futures_core::Stream as _;
use shockwave_bench_kit::{Checks, Registry};
use tokio_websockets::{Limits, Message, ServerBuilder, WebSocketStream};

use super::{Source, now};
use crate::websocket_suite::cases::{Engine, RECEIVE, Receive};

const ENGINE: Engine = Engine {
    name: "tokio-websockets",
    checks: Checks::Lenient,
    text: include_str!("tokio_websockets.rs"),
};

pub(super) fn register(registry: &mut Registry) {
    // As a server: the client's side is behind a feature that brings a resolver.
    for case in RECEIVE.into_iter().filter(|case| case.masked) {
        registry.add(case.bench(ENGINE, receive, received));
    }
}

fn receiver(case: Receive) -> WebSocketStream<Source> {
    ServerBuilder::new().limits(Limits::default()).serve(Source::new(case.wire()))
}

async fn next(socket: &mut WebSocketStream<Source>) -> Message {
    let message = poll_fn(|context| Pin::new(&mut *socket).poll_next(context)).await;
    message.expect("the source does not end").expect("sound")
}

fn receive(case: Receive) -> impl FnMut() -> u64 {
    let mut socket = receiver(case);
    move || {
        now(async {
            let mut sum = 0;
            for _ in 0..case.messages {
                sum += black_box(next(&mut socket).await).as_payload().len() as u64;
            }
            sum
        })
    }
}

fn received(case: Receive, octets: &mut Vec<u8>) {
    let mut socket = receiver(case);
    for _ in 0..case.messages {
        let message = now(next(&mut socket));
        assert_eq!(message.is_text(), case.payload.is_text());
        octets.extend_from_slice(message.as_payload());
    }
}
