//! permessage-deflate between two endpoints, and what is done to it.

#![cfg(feature = "deflate")]

mod common;

use std::io::Write as _;

use common::{Log, drain, frame, transmitted};
use shockwave_websocket::{
    Agreement, CloseCode, Coders, Config, Connection, Deflate, Delivery, Error, Kind, Message,
    Prepared, Scratch, Violation,
};
use shockwave_wire::Bound;

const KEY: Option<[u8; 4]> = Some([0x37, 0xFA, 0x21, 0x3D]);

fn deflate(takeover: bool, bits: u8) -> Deflate {
    let mut deflate = if takeover { Deflate::DEFAULT } else { Deflate::NO_CONTEXT_TAKEOVER };
    deflate.server_max_window_bits = bits;
    deflate.client_max_window_bits = bits;
    deflate
}

/// Both sides, with everything compressed that has a length.
fn pair(agreed: Deflate, delivery: Delivery) -> (Connection, Connection) {
    let mut config = Config::DEFAULT;
    config.delivery = delivery;
    config.compression.min_message_bytes = 0;
    let mut client = Connection::client(config, [3; 32]);
    let mut server = Connection::server(config);
    for connection in [&mut client, &mut server] {
        connection.open(&Agreement::with_deflate(agreed)).unwrap();
        assert!(connection.is_compressing());
    }
    (client, server)
}

fn messages() -> Vec<Vec<u8>> {
    let text = "{\"id\":17,\"name\":\"caf\u{e9} \u{1f30a}\",\"tags\":[\"a\",\"b\"]}";
    let mut seed = 7_u32;
    let mut noise = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        seed.to_be_bytes()[0]
    };
    vec![
        Vec::new(),
        b"Hello".to_vec(),
        text.into(),
        text.into(),
        text.repeat(3_000).into_bytes(),
        std::iter::repeat_with(&mut noise).take(100_000).collect(),
        vec![0; 300_000],
        Vec::new(),
        b"Hello".to_vec(),
    ]
}

fn message(octets: &[u8]) -> Message<'_> {
    std::str::from_utf8(octets).map_or(Message::Binary(octets), Message::Text)
}

#[test]
fn every_window_with_and_without_takeover_both_ways() {
    for delivery in [Delivery::Messages, Delivery::Pieces] {
        for (takeover, bits) in [(true, 15), (true, 9), (true, 8), (false, 15), (false, 10)] {
            let (mut client, mut server) = pair(deflate(takeover, bits), delivery);
            for octets in messages() {
                for fragments in [1, 3] {
                    let message = message(&octets);
                    let mut wire = Vec::new();
                    for client_sends in [true, false] {
                        let (from, to) = match client_sends {
                            true => (&mut client, &mut server),
                            false => (&mut server, &mut client),
                        };
                        if fragments == 1 {
                            from.send_message(message, &mut wire).unwrap();
                        } else {
                            let size = octets.len() / fragments + 1;
                            for (at, part) in octets.chunks(size).enumerate() {
                                let end = (at + 1) * size >= octets.len();
                                from.send_fragment(message.kind(), part, end, &mut wire).unwrap();
                            }
                        }
                        if bits == 8 {
                            assert!(wire.len() >= octets.len(), "zlib has no such window");
                        }
                        let log = drain(to, &mut wire);
                        assert_eq!(log.error, None);
                        assert!(wire.is_empty());
                        assert!(log.octets == octets, "{takeover} {bits} {delivery:?}");
                    }
                }
            }
        }
    }
}

/// Compresses with flate2 alone, ended as the RFC says.
fn compressed(octets: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(octets).unwrap();
    encoder.flush().unwrap();
    let mut out = encoder.get_ref().clone();
    assert!(out.ends_with(&[0, 0, 0xFF, 0xFF]));
    out.truncate(out.len() - 4);
    out
}

fn server_of(agreed: Deflate) -> Connection {
    pair(agreed, Delivery::Messages).1
}

#[test]
fn the_examples_of_rfc_7692_section_7_2_3() {
    let hello = b"\xf2\x48\xcd\xc9\xc9\x07\x00";
    let mut server = server_of(Deflate::DEFAULT);
    let (mut log, mut scratch) = (Log::default(), Scratch::new());
    let mut feed = |input: Vec<Vec<u8>>| {
        log.log.clear();
        log.feed(&mut server, &mut input.concat(), &mut scratch);
        assert_eq!(log.error, None);
        log.log.clone()
    };
    // 7.2.3.1: one block; in one frame and in two.
    assert_eq!(feed(vec![frame(0xC1, hello, KEY)]), "text \"Hello\"\n");
    let parts = vec![frame(0x41, &hello[..3], KEY), frame(0x80, &hello[3..], KEY)];
    assert_eq!(feed(parts), "text \"Hello\"\n");
    // 7.2.3.2: the window is shared.
    let shared = vec![frame(0xC1, b"\xf2\x00\x11\x00\x00", KEY)];
    assert_eq!(feed(shared), "text \"Hello\"\n");
    // 7.2.3.3: a block without compression.
    let stored = vec![frame(0xC1, b"\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00", KEY)];
    assert_eq!(feed(stored), "text \"Hello\"\n");
    // 7.2.3.4: BFINAL; with the octet that the RFC has behind it, and without.
    let last = vec![frame(0xC1, b"\xf3\x48\xcd\xc9\xc9\x07\x00\x00", KEY)];
    assert_eq!(feed(last), "text \"Hello\"\n");
    let last = vec![frame(0xC1, b"\xf3\x48\xcd\xc9\xc9\x07\x00", KEY)];
    assert_eq!(feed(last), "text \"Hello\"\n");
    // 7.2.3.5: two blocks.
    let two = b"\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00";
    assert_eq!(feed(vec![frame(0xC1, two, KEY)]), "text \"Hello\"\n");
    // 7.2.3.6: an empty message; and none at all.
    assert_eq!(feed(vec![frame(0xC1, b"\x00", KEY)]), "text \"\"\n");
    assert_eq!(feed(vec![frame(0xC1, b"", KEY)]), "text \"\"\n");
    assert_eq!(feed(vec![frame(0xC1, b"\x02\x00", KEY)]), "text \"\"\n");
}

#[test]
fn a_final_block_in_mid_message_and_before_another_message() {
    let mut server = server_of(Deflate::DEFAULT);
    let hello_final = b"\xf3\x48\xcd\xc9\xc9\x07\x00";
    let hello = b"\xf2\x48\xcd\xc9\xc9\x07\x00";
    let twice = [&hello_final[..], hello].concat();
    let mut input = [
        frame(0xC1, &twice, KEY),
        frame(0x41, hello_final, KEY),
        frame(0x00, hello_final, KEY),
        frame(0x80, hello, KEY),
        frame(0xC1, hello, KEY),
    ]
    .concat();
    let log = drain(&mut server, &mut input);
    assert_eq!(log.error, None);
    assert_eq!(log.log, "text \"HelloHello\"\ntext \"HelloHelloHello\"\ntext \"Hello\"\n");
}

#[test]
fn a_compressed_message_may_be_cut_anywhere() {
    let text = "caf\u{e9} \u{1f30a} ".repeat(20);
    let payload = compressed(text.as_bytes());
    let (a, b) = payload.split_at(payload.len() / 2);
    let input = [
        frame(0x41, a, KEY),
        frame(0x89, b"between", KEY),
        frame(0x00, b"", KEY),
        frame(0x80, b, KEY),
        frame(0x81, b"plain", KEY),
        frame(0xC2, &payload, KEY),
    ]
    .concat();
    for delivery in [Delivery::Messages, Delivery::Pieces] {
        let run = |cuts: &[usize]| {
            let mut server = pair(Deflate::NO_CONTEXT_TAKEOVER, delivery).1;
            let (mut log, mut scratch, mut at) = (Log::default(), Scratch::new(), 0);
            let mut input = input.clone();
            for &cut in cuts.iter().chain([&input.len().clone()]) {
                at += log.feed(&mut server, &mut input[at..cut], &mut scratch);
            }
            assert_eq!((at, log.error), (input.len(), None));
            log.octets
        };
        let whole = run(&[]);
        assert!(whole.len() > 2 * text.len());
        for cut in 0..input.len() {
            assert_eq!(run(&[cut]), whole, "{delivery:?}, cut at {cut}");
        }
        let every: Vec<usize> = (0..input.len()).collect();
        assert_eq!(run(&every), whole, "{delivery:?}, octet by octet");
    }
}

#[test]
fn a_bomb_ends_with_1009_and_bounded_memory() {
    // 64 MiB of zeros in 64 KiB.
    let bomb = compressed(&vec![0; 64 << 20]);
    assert!(bomb.len() < 70_000);
    for delivery in [Delivery::Messages, Delivery::Pieces] {
        for first in [0xC1, 0xC2] {
            let mut server = pair(Deflate::DEFAULT, delivery).1;
            let (mut log, mut scratch) = (Log::default(), Scratch::new());
            log.feed(&mut server, &mut frame(first, &bomb, KEY), &mut scratch);
            let error = Error::Limit { bound: Bound::MessageBytes, offset: 0 };
            assert_eq!(log.error, Some(error), "{delivery:?}");
            let close = [0x88, 2, 0x03, 0xF1];
            assert_eq!(transmitted(&mut server), close, "{}", CloseCode::MESSAGE_TOO_BIG.as_u16());
            assert!(scratch.capacity_bytes() <= 33 << 20, "{}", scratch.capacity_bytes());
        }
    }
}

#[test]
fn a_bomb_in_fragments_and_by_the_window() {
    let mut config = Config::DEFAULT;
    config.limits.max_message_bytes = 100_000;
    let mut server = Connection::server(config);
    server.open(&Agreement::with_deflate(Deflate::DEFAULT)).unwrap();
    let (mut log, mut scratch) = (Log::default(), Scratch::new());
    // What is in the window already makes the next ones small; each is within the limit.
    let fill = compressed(&vec![b'x'; 90_000]);
    log.feed(&mut server, &mut frame(0xC2, &fill, KEY), &mut scratch);
    assert_eq!(log.error, None);
    // Now in fragments, which together are not.
    let mut parts = fill;
    parts.extend_from_slice(&[0, 0, 0xFF, 0xFF]);
    log.feed(&mut server, &mut frame(0x42, &parts, KEY), &mut scratch);
    assert_eq!(log.error, None);
    log.feed(&mut server, &mut frame(0x80, &parts, KEY), &mut scratch);
    assert!(matches!(log.error, Some(Error::Limit { bound: Bound::MessageBytes, .. })));
    assert!(scratch.capacity_bytes() <= 300_000);
}

#[test]
fn what_is_no_deflate() {
    for (payload, violation) in [
        (&b"\xFF\xFF\xFF"[..], Violation::InvalidDeflate),
        (b"\x07", Violation::InvalidDeflate),
        // A stored block whose lengths contradict each other.
        (b"\x00\x05\x00\x00\x00Hello", Violation::InvalidDeflate),
        // A reference to what never was: "Hello" of section 7.2.3.2 as the first message.
        (b"\xf2\x00\x11\x00\x00", Violation::InvalidDeflate),
        // Sound, but no UTF-8.
        (b"\x00\x02\x00\xfd\xff\xC3\x28\x00", Violation::InvalidUtf8),
        (b"\x00\x01\x00\xfe\xff\xC3\x00", Violation::InvalidUtf8),
    ] {
        for delivery in [Delivery::Messages, Delivery::Pieces] {
            let mut server = pair(Deflate::DEFAULT, delivery).1;
            let log = drain(&mut server, &mut frame(0xC1, payload, KEY));
            let error = Error::Protocol { violation, offset: 0 };
            assert_eq!(log.error, Some(error), "{}", payload.escape_ascii());
            assert_eq!(transmitted(&mut server), b"\x88\x02\x03\xEF", "1007");
        }
    }
}

#[test]
fn the_bit_on_continuations_and_control_frames() {
    for input in [
        [frame(0x41, b"", KEY), frame(0xC0, b"", KEY)].concat(),
        [frame(0x01, b"", KEY), frame(0x40, b"", KEY)].concat(),
        frame(0xC9, b"", KEY),
        frame(0xC8, b"", KEY),
        frame(0xA1, b"", KEY),
        frame(0x91, b"", KEY),
    ] {
        let log = drain(&mut server_of(Deflate::DEFAULT), &mut input.clone());
        let violation = log.error.map(|error| {
            matches!(error, Error::Protocol { violation: Violation::ReservedBits, .. })
        });
        assert_eq!(violation, Some(true), "{}", input.escape_ascii());
    }
}

#[test]
fn what_is_small_or_not_to_be_compressed_is_not() {
    let mut server = Connection::server(Config::DEFAULT);
    server.open(&Agreement::with_deflate(Deflate::DEFAULT)).unwrap();
    let first = |server: &mut Connection, length: usize, plain: bool| {
        let (mut out, text) = (Vec::new(), "a".repeat(length));
        match plain {
            true => server.send_message_plain(text.as_str(), &mut out).unwrap(),
            false => server.send_message(text.as_str(), &mut out).unwrap(),
        }
        out[0]
    };
    assert_eq!(first(&mut server, 255, false), 0x81);
    assert_eq!(first(&mut server, 256, false), 0xC1);
    assert_eq!(first(&mut server, 1_000, true), 0x81);
    let mut out = Vec::new();
    server.send_fragment(Kind::Text, b"a", false, &mut out).unwrap();
    assert_eq!(out[0], 0x41, "how long it will be is not known");
}

#[test]
fn what_grows_is_sent_as_it_is_without_takeover() {
    let noise = &messages()[5];
    let mut out = Vec::new();
    let mut server = server_of(Deflate::NO_CONTEXT_TAKEOVER);
    server.send_message(&noise[..], &mut out).unwrap();
    assert_eq!((out[0], out.len()), (0x82, noise.len() + 10));
}

#[test]
fn prepared_messages_leave_the_windows_in_step() {
    let text = "the same news for all ".repeat(50);
    let news = Prepared::compressed(text.as_str(), 6, 15);
    let narrow = Prepared::compressed(text.as_str(), 6, 9);
    for agreed in [deflate(true, 15), deflate(true, 9), deflate(false, 12)] {
        let (mut client, mut server) = pair(agreed, Delivery::Messages);
        let mut down = Vec::new();
        for _ in 0..2 {
            server.send_message(text.as_str(), &mut down).unwrap();
            server.send_prepared(&news, &mut down).unwrap();
            let lent = server.lend_prepared(&narrow).unwrap();
            assert_eq!(lent[0], 0xC1, "a window of 512 octets fits all");
            down.extend_from_slice(lent);
            server.send_message(text.as_str(), &mut down).unwrap();
        }
        let log = drain(&mut client, &mut down);
        assert_eq!((log.error, log.log), (None, format!("text {text:?}\n").repeat(8)));
        let mut up = Vec::new();
        client.send_prepared(&news, &mut up).unwrap();
        client.send_message(text.as_str(), &mut up).unwrap();
        let log = drain(&mut server, &mut up);
        assert_eq!((log.error, log.log), (None, format!("text {text:?}\n").repeat(2)));
    }
    // Noise does not get shorter; and who did not agree gets it plain.
    assert_eq!(Prepared::compressed("x", 6, 15), Prepared::new("x"));
    assert_eq!(common::server().lend_prepared(&news).unwrap()[0], 0x81);
}

#[test]
fn coders_are_shared_where_no_window_is_kept() {
    let text = "shared between connections ".repeat(40);
    let mut coders = Coders::default();
    for round in 0..4 {
        let (mut client, mut server) = pair(Deflate::NO_CONTEXT_TAKEOVER, Delivery::Messages);
        server.lend_coders(&mut coders);
        assert!(coders.deflater.is_none() && coders.inflater.is_none());
        let mut up = Vec::new();
        client.send_message(text.as_str(), &mut up).unwrap();
        let (half, rest) = up.split_at(up.len() / 2);
        let (mut log, mut scratch) = (Log::default(), Scratch::new());
        let mut half = half.to_vec();
        let used = log.feed(&mut server, &mut half, &mut scratch);
        assert!(server.release_coders().inflater.is_none(), "in the middle of a message");
        let mut rest = [&half[used..], rest].concat();
        log.feed(&mut server, &mut rest, &mut scratch);
        assert_eq!(log.log, format!("text {text:?}\n"), "round {round}");
        let mut down = Vec::new();
        server.send_message(text.as_str(), &mut down).unwrap();
        assert_eq!(drain(&mut client, &mut down).log, log.log);
        coders = server.release_coders();
        assert!(coders.deflater.is_some() && coders.inflater.is_some());
    }
    let (mut client, mut server) = pair(Deflate::DEFAULT, Delivery::Messages);
    let mut up = Vec::new();
    client.send_message(text.as_str(), &mut up).unwrap();
    drain(&mut server, &mut up);
    assert!(server.release_coders().inflater.is_none(), "the window is the connection's");
    let mut plain = common::server();
    plain.lend_coders(&mut coders);
    assert!(coders.inflater.is_some(), "of no use there");
}
