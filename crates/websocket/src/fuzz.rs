//! What fuzzers call: a function for each thing to be broken, fed with any octets. They panic where
//! a promise is not kept.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "fuzzers panic")]
#![allow(missing_docs, reason = "named after what they break")]

use shockwave_simd::Mask;
use shockwave_wire::{Field, Fields, Method, RequestHead, ResponseHead, Side, Status};

use crate::frame::{First, Header, Rest};
use crate::{
    Agreement, Config, Connection, Delivery, Error, Event, Kind, Message, Offer, Scratch, Terms,
    accept,
};

/// A header that is decoded is encoded to the same octets, and no part of it is a header.
pub fn fuzz_frame(data: &[u8]) {
    let Some(&octet) = data.first() else { return };
    for side in [Side::Client, Side::Server] {
        let Ok(first) = First::decode(octet, true) else { return };
        let Ok(Some(rest)) = Rest::decode(data, first, side) else { continue };
        let key = (side == Side::Server).then(|| rest.mask.key());
        let Ok(length) = usize::try_from(rest.length) else { continue };
        let (octets, header) = Header { first, length, key }.encode();
        assert_eq!(octets[..header], data[..rest.header]);
        for cut in 0..rest.header {
            assert_eq!(Rest::decode(&data[..cut], first, side), Ok(None));
        }
    }
}

/// What a connection has told: whole messages, joined pieces, control frames.
#[derive(Debug, Default, PartialEq, Eq)]
struct Told {
    messages: Vec<(Kind, Vec<u8>)>,
    controls: Vec<(u8, Vec<u8>)>,
    error: Option<Error>,
}

/// Gives `input` to a connection in pieces of `size`, for ever from where it has consumed to.
fn told(mut connection: Connection, agreement: &Agreement, input: &[u8], size: usize) -> Told {
    connection.open(agreement).unwrap();
    let (mut told, mut scratch, mut input) = (Told::default(), Scratch::new(), input.to_vec());
    let (mut at, mut seen, mut piece) = (0, 0, Vec::new());
    let mut out = Vec::new();
    loop {
        let received = match connection.receive(&mut input[at..seen], &mut scratch) {
            Ok(received) => received,
            Err(error) => {
                assert_eq!(connection.receive(&mut [], &mut scratch), Err(error), "it stays");
                connection.transmit(&mut out);
                assert_eq!(out.is_empty(), error.code().is_none());
                assert!(connection.should_close());
                told.error = Some(error);
                return told;
            }
        };
        let (consumed, event) = (received.consumed, received.event);
        let is_none = event.is_none();
        match event {
            Some(Event::Message(Message::Text(text))) => {
                told.messages.push((Kind::Text, text.as_bytes().to_vec()));
            }
            Some(Event::Message(Message::Binary(octets))) => {
                told.messages.push((Kind::Binary, octets.to_vec()));
            }
            Some(Event::Data { kind, data, end }) => {
                piece.extend_from_slice(data);
                if end {
                    assert!(kind == Kind::Binary || core::str::from_utf8(&piece).is_ok());
                    told.messages.push((kind, core::mem::take(&mut piece)));
                }
            }
            Some(Event::Ping(payload)) => told.controls.push((9, payload.to_vec())),
            Some(Event::Pong(payload)) => told.controls.push((10, payload.to_vec())),
            Some(Event::Close(close)) => told.controls.push((8, close.reason.into())),
            None => {}
        }
        at += consumed;
        assert!(at <= seen);
        if is_none && consumed == 0 {
            assert!(seen - at <= 138, "{} octets are held back", seen - at);
            if seen == input.len() {
                return told;
            }
            seen = (seen + size).min(input.len());
        }
    }
}

fn config(delivery: Delivery) -> Config {
    let mut config = Config::DEFAULT;
    config.delivery = delivery;
    // Low enough to be crossed by what a fuzzer makes.
    config.limits.max_message_bytes = 1 << 16;
    config.limits.max_frame_bytes = 1 << 15;
    config.limits.max_fragment_count = 40;
    config
}

/// The same messages, control frames and error, however the input is cut and handed over.
///
/// The first octet says which side and how the messages are to be had; the rest is input.
pub fn fuzz_message(data: &[u8]) {
    let [setup, rest @ ..] = data else { return };
    any_cut(*setup, rest, &Agreement::NONE);
}

fn any_cut(setup: u8, input: &[u8], agreement: &Agreement) {
    let make = |delivery| match setup & 1 {
        0 => Connection::server(config(delivery)),
        _ => Connection::client(config(delivery), [7; 32]),
    };
    let whole = told(make(Delivery::Messages), agreement, input, usize::MAX >> 1);
    for delivery in [Delivery::Messages, Delivery::Pieces] {
        for size in [1, 2, 7, 64] {
            let cut = told(make(delivery), agreement, input, size);
            assert_eq!(cut, whole, "{delivery:?} in pieces of {size}");
        }
    }
}

/// Frames with a sound header are made of the input, so that the fuzzer is soon behind it: what a
/// client sends in fragments, with control frames between them, its server gets.
pub fn fuzz_pair(data: &[u8]) {
    let (mut sender, mut receiver) = (
        Connection::client(config(Delivery::Messages), [1; 32]),
        Connection::server(config(Delivery::Messages)),
    );
    if data.first().is_some_and(|octet| octet & 1 == 1) {
        core::mem::swap(&mut sender, &mut receiver);
    }
    sender.open(&Agreement::NONE).unwrap();
    let (mut wire, mut expected, mut message) = (Vec::new(), Vec::new(), Vec::new());
    for part in data.chunks(9) {
        let [how, data @ ..] = part else { break };
        let kind = if how & 1 == 0 { Kind::Text } else { Kind::Binary };
        let before = wire.len();
        match how >> 6 {
            0 => drop(sender.send_ping(data, &mut wire)),
            1 if message.is_empty() => {
                let data = Message::from(data);
                if sender.send_message(data, &mut wire).is_ok() {
                    expected.push((Kind::Binary, data.as_bytes().to_vec()));
                }
            }
            _ => {
                let end = how & 2 == 0;
                if sender.send_fragment(kind, data, end, &mut wire).is_ok() {
                    message.extend_from_slice(data);
                    if end {
                        expected.push((kind, core::mem::take(&mut message)));
                    }
                } else {
                    assert_eq!(wire.len(), before, "what is refused leaves no trace");
                }
            }
        }
    }
    let received = told(receiver, &Agreement::NONE, &wire, 5);
    let too_many = matches!(received.error, Some(Error::Limit { .. }));
    assert!(received.error.is_none() || too_many, "{:?}", received.error);
    if !too_many {
        assert_eq!(received.messages, expected);
    }
}

/// The same with compressed messages, sound and broken. The first octet also says which windows are
/// kept; frames are given their masks here, so that their payload is the fuzzer's to choose.
#[cfg(feature = "deflate")]
pub fn fuzz_deflate(data: &[u8]) {
    use crate::frame::Opcode;

    let [setup, rest @ ..] = data else { return };
    let agreed = match setup & 2 {
        0 => crate::Deflate::DEFAULT,
        _ => crate::Deflate::NO_CONTEXT_TAKEOVER,
    };
    let agreement = Agreement::with_deflate(agreed);
    if setup & 4 == 0 {
        return any_cut(*setup, rest, &agreement);
    }
    // As one message in two fragments.
    let mut input = Vec::new();
    let (a, b) = rest.split_at(rest.len() / 2);
    for (payload, opcode, fin) in [(a, Opcode::Binary, false), (b, Opcode::Continuation, true)] {
        let compressed = opcode == Opcode::Binary;
        let first = First { opcode, fin, compressed };
        let key = (setup & 1 == 0).then_some([1, 2, 3, 4]);
        Header { first, length: payload.len(), key }.append_frame(payload, &mut input);
    }
    any_cut(*setup, &input, &agreement);
    // And what is compressed here is understood.
    let mut sender = Connection::server(Config::DEFAULT);
    let receiver = Connection::client(Config::DEFAULT, [0; 32]);
    sender.open(&agreement).unwrap();
    let mut wire = Vec::new();
    for part in [a, b, a] {
        sender.send_message(part, &mut wire).unwrap();
        sender.send_fragment(Kind::Binary, part, false, &mut wire).unwrap();
        sender.send_fragment(Kind::Binary, b, true, &mut wire).unwrap();
    }
    let received = told(receiver, &agreement, &wire, 100);
    assert_eq!(received.error, None);
    let expected = [a, b, a].map(|part| [part.to_vec(), [part, b].concat()]).concat();
    assert!(received.messages.into_iter().map(|(_, octets)| octets).eq(expected));
}

/// Heads of any fields are accepted or refused, by both sides; what a server accepts of a client's
/// offer, the client does.
///
/// Lines of the input are field values, the first octet of each says of which field.
pub fn fuzz_handshake(data: &[u8]) {
    const NAMES: [&str; 9] = [
        "Host",
        "Upgrade",
        "Connection",
        "Sec-WebSocket-Key",
        "Sec-WebSocket-Version",
        "Sec-WebSocket-Protocol",
        "Sec-WebSocket-Extensions",
        "Origin",
        "Sec-WebSocket-Accept",
    ];
    let lines = data.split(|&octet| octet == b'\n').filter_map(<[u8]>::split_first);
    let list: Vec<Field<'_>> = lines
        .map(|(which, value)| Field::new(NAMES[usize::from(*which) % 9], value.trim_ascii()))
        .collect();
    let protocols = ["chat", "superchat"];
    let mut terms = Terms::DEFAULT;
    terms.protocols = &protocols;
    #[cfg(feature = "deflate")]
    {
        terms.deflate = Some(crate::Deflate::DEFAULT);
    }
    let fields = Fields::from(&list[..]);
    let request = RequestHead::new(Method::Get, b"/", fields);
    let offer = Offer::new(*b"the sample nonce", &protocols).unwrap();
    #[cfg(feature = "deflate")]
    let offer = offer.with_deflate(crate::Deflate::DEFAULT);
    let _ = offer.verify(&ResponseHead::new(Status::SWITCHING_PROTOCOLS, fields));
    match accept(&request, &terms) {
        Ok(acceptance) => {
            assert!(acceptance.fields().as_slice().len() >= 2);
            assert!(acceptance.protocol().is_none_or(|protocol| protocols.contains(&protocol)));
        }
        Err(refusal) => assert!(refusal.status().code() >= 400),
    }
}

/// The mask of a payload that is cut, by every implementation, as of the whole one; and text.
pub fn fuzz_mask(data: &[u8]) {
    let [a, b, c, d, cut, rest @ ..] = data else { return };
    let (mask, cut) = (Mask::new([*a, *b, *c, *d]), usize::from(*cut).min(rest.len()));
    let (mut whole, mut parts) = (rest.to_vec(), rest.to_vec());
    let _ = mask.apply(&mut whole);
    let (first, second) = parts.split_at_mut(cut);
    let _ = mask.apply(first).apply(second);
    assert_eq!(whole, parts);
    let text = shockwave_simd::from_masked_utf8(&mut whole, mask);
    assert_eq!(text.ok(), core::str::from_utf8(rest).ok());
}
