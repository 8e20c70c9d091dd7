//! What is done to WebSocket endpoints, one test each: the right code, bounded memory, no panic.

mod common;

use std::time::{Duration, Instant};

use common::{Log, client, drain, frame, opened, server, transmitted};
use shockwave_websocket::{
    Close, CloseCode, Config, Connection, Delivery, Error, Misuse, Scratch, Violation,
};
use shockwave_wire::Bound;

const KEY: Option<[u8; 4]> = Some([0x37, 0xFA, 0x21, 0x3D]);

/// Gives `input` to a connection: it fails with `violation` and tells `code`, whole, octet by
/// octet, and cut anywhere.
#[track_caller]
fn refused(make: fn() -> Connection, input: &[u8], violation: Violation, code: CloseCode) {
    let failed = |cuts: &[usize]| {
        let mut connection = make();
        let (mut log, mut scratch, mut at) = (Log::default(), Scratch::new(), 0);
        let mut input = input.to_vec();
        for &cut in cuts {
            at += log.feed(&mut connection, &mut input[at..cut], &mut scratch);
        }
        let close = transmitted(&mut connection);
        // A client's Close is masked, with a key that is not looked at here.
        assert_eq!(close[0], 0x88, "a Close is sent");
        let body: Vec<u8> = match close.len() {
            4 => close[2..].to_vec(),
            _ => close[6..].iter().zip(&close[2..6]).map(|(octet, key)| octet ^ key).collect(),
        };
        assert_eq!(body, code.as_u16().to_be_bytes(), "{}", input.escape_ascii());
        assert!(connection.should_close());
        log
    };
    let whole = failed(&[input.len()]);
    let found = match whole.error {
        Some(Error::Protocol { violation, .. }) => violation,
        other => panic!("{other:?} for {}", input.escape_ascii()),
    };
    assert_eq!(found, violation, "{}", input.escape_ascii());
    let every: Vec<usize> = (1..=input.len()).collect();
    assert_eq!(failed(&every), whole, "octet by octet: {}", input.escape_ascii());
    for cut in 0..input.len() {
        assert_eq!(failed(&[cut, input.len()]), whole, "cut at {cut}: {}", input.escape_ascii());
    }
}

const PROTOCOL: CloseCode = CloseCode::PROTOCOL_ERROR;
const PAYLOAD: CloseCode = CloseCode::INVALID_PAYLOAD;

#[test]
fn lengths_that_are_not_minimal() {
    refused(server, b"\x82\xFE\x00\x7D", Violation::LengthNotMinimal, PROTOCOL);
    refused(server, b"\x82\xFE\x00\x00", Violation::LengthNotMinimal, PROTOCOL);
    refused(server, b"\x81\xFF\0\0\0\0\0\0\xFF\xFF", Violation::LengthNotMinimal, PROTOCOL);
    refused(client, b"\x82\x7E\x00\x7D", Violation::LengthNotMinimal, PROTOCOL);
}

#[test]
fn a_length_with_its_most_significant_bit() {
    refused(server, b"\x82\xFF\x80\0\0\0\0\0\0\0", Violation::LengthTooLarge, PROTOCOL);
    refused(
        server,
        b"\x82\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
        Violation::LengthTooLarge,
        PROTOCOL,
    );
}

#[test]
fn declared_lengths_cost_nothing() {
    for length in [(16 << 20) + 1, u64::from(u32::MAX) + 2, 1 << 40, (1 << 63) - 1] {
        for first in [0x82, 0x02, 0x01] {
            let mut input = vec![first, 0xFF];
            input.extend_from_slice(&length.to_be_bytes());
            input.extend_from_slice(b"keyyx");
            let (mut connection, mut scratch, mut log) = (server(), Scratch::new(), Log::default());
            log.feed(&mut connection, &mut input, &mut scratch);
            let error = Error::Limit { bound: Bound::FrameBytes, offset: 0 };
            assert_eq!(log.error, Some(error), "{length}");
            assert_eq!(transmitted(&mut connection), b"\x88\x02\x03\xF1", "1009");
            assert_eq!(scratch.capacity_bytes(), 0);
        }
    }
    // And within the limits no more than what came is held.
    let mut config = Config::DEFAULT;
    config.limits.max_frame_bytes = u64::MAX;
    config.limits.max_message_bytes = u64::MAX;
    let mut connection = opened(Connection::server(config));
    let mut scratch = Scratch::new();
    let mut input = *b"\x82\xFF\0\0\x01\0\0\0\0\0keyyx";
    Log::default().feed(&mut connection, &mut input, &mut scratch);
    assert!(connection.holds_scratch() && scratch.capacity_bytes() <= 64);
}

#[test]
fn control_frames_that_are_too_long_or_fragmented() {
    for first in [0x88, 0x89, 0x8A] {
        refused(server, &[first, 0xFE, 0x00, 0x7E], Violation::ControlTooLong, PROTOCOL);
        refused(server, &[first, 0xFF], Violation::ControlTooLong, PROTOCOL);
        refused(server, &[first & 0x0F, 0x80], Violation::FragmentedControl, PROTOCOL);
        refused(client, &[first & 0x0F], Violation::FragmentedControl, PROTOCOL);
    }
}

#[test]
fn reserved_opcodes_and_bits() {
    for opcode in (3..=7).chain(11..=15) {
        refused(server, &[0x80 | opcode, 0x80], Violation::ReservedOpcode, PROTOCOL);
        refused(client, &[opcode], Violation::ReservedOpcode, PROTOCOL);
    }
    for bits in [0x40, 0x20, 0x10, 0x70] {
        refused(server, &[0x81 | bits, 0x80], Violation::ReservedBits, PROTOCOL);
        refused(client, &[0x89 | bits], Violation::ReservedBits, PROTOCOL);
    }
}

#[test]
fn masks_by_role() {
    refused(server, b"\x81\x05Hello", Violation::Unmasked, PROTOCOL);
    refused(server, b"\x89\x00", Violation::Unmasked, PROTOCOL);
    refused(client, &frame(0x81, b"Hello", KEY), Violation::Masked, PROTOCOL);
}

#[test]
fn a_masking_key_cannot_be_foretold() {
    // Two connections, a seed each: no key comes twice, and none is of the other's.
    let mut keys = std::collections::HashSet::new();
    for seed in [[1; 32], [2; 32]] {
        let mut connection = opened(Connection::client(Config::DEFAULT, seed));
        for _ in 0..500 {
            let mut out = Vec::new();
            connection.send_message("x", &mut out).unwrap();
            keys.insert(out[2..6].to_vec());
        }
    }
    assert_eq!(keys.len(), 1_000);
}

#[test]
fn continuations_and_interleaved_messages() {
    refused(server, &[0x80, 0x80], Violation::UnexpectedContinuation, PROTOCOL);
    refused(server, &[0x00], Violation::UnexpectedContinuation, PROTOCOL);
    let begun = frame(0x01, b"a", KEY);
    for first in [0x01, 0x81, 0x02, 0x82] {
        let input = [&begun[..], &[first]].concat();
        refused(server, &input, Violation::ExpectedContinuation, PROTOCOL);
    }
    let ended = [&begun[..], &frame(0x80, b"b", KEY), &[0x80]].concat();
    refused(server, &ended, Violation::UnexpectedContinuation, PROTOCOL);
}

/// Texts that are none, and after how many of their octets that shows.
const BROKEN: &[(&[u8], usize)] = &[
    (b"\x80", 1),
    (b"\xC0\x80", 1),
    (b"\xC1\xBF", 1),
    (b"\xC2\x41", 2),
    (b"\xE0\x80\x80", 2),
    (b"\xED\xA0\x80", 2),
    (b"\xF0\x80\x80\x80", 2),
    (b"\xF4\x90\x80\x80", 2),
    (b"\xF5\x80\x80\x80", 1),
    (b"\xE2\x82\x41", 3),
    (b"\xF0\x9F\x98\x41", 4),
    (b"\xFF", 1),
];

#[test]
fn text_that_is_no_utf8_at_every_split() {
    for (broken, _) in BROKEN {
        for before in [0, 3, 61, 62, 63, 64, 125] {
            let text = [&b"x".repeat(before)[..], broken, b"yy"].concat();
            refused(server, &frame(0x81, &text, KEY), Violation::InvalidUtf8, PAYLOAD);
            refused(client, &frame(0x81, &text, None), Violation::InvalidUtf8, PAYLOAD);
            for cut in 0..=text.len() {
                let (a, b) = text.split_at(cut);
                // The second fragment may come too late to matter, but not for the cut ones.
                let input = [frame(0x01, a, KEY), frame(0x80, b, KEY)].concat();
                refused(server, &input, Violation::InvalidUtf8, PAYLOAD);
            }
        }
    }
}

#[test]
fn text_that_ends_inside_a_character() {
    for cut in [&b"\xC3"[..], b"\xE2\x82", b"\xF0\x9F\x98"] {
        refused(server, &frame(0x81, cut, KEY), Violation::InvalidUtf8, PAYLOAD);
        let input = [frame(0x01, cut, KEY), frame(0x80, b"", KEY)].concat();
        refused(server, &input, Violation::InvalidUtf8, PAYLOAD);
    }
}

#[test]
fn a_wrong_octet_fails_although_its_frame_is_not_there() {
    for delivery in [Delivery::Messages, Delivery::Pieces] {
        for (broken, shows) in BROKEN {
            let mut config = Config::DEFAULT;
            config.delivery = delivery;
            let mut connection = opened(Connection::server(config));
            let text = [&b"x".repeat(100)[..], broken, &b"y".repeat(5_000)].concat();
            let mut input = frame(0x01, &text, KEY);
            let (mut log, mut scratch, mut at) = (Log::default(), Scratch::new(), 0);
            let last = 8 + 100 + shows;
            for end in 1..last {
                at += log.feed(&mut connection, &mut input[at..end], &mut scratch);
                assert_eq!(log.error, None, "{}: too early", broken.escape_ascii());
            }
            log.feed(&mut connection, &mut input[at..last], &mut scratch);
            let violation = Violation::InvalidUtf8;
            assert_eq!(log.error, Some(Error::Protocol { violation, offset: 0 }), "{delivery:?}");
        }
    }
}

#[test]
fn close_frames_with_wrong_bodies() {
    refused(server, &frame(0x88, b"\x03", KEY), Violation::InvalidCloseBody, PROTOCOL);
    for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535_u16] {
        let input = frame(0x88, &code.to_be_bytes(), KEY);
        refused(server, &input, Violation::InvalidCloseCode, PROTOCOL);
    }
    refused(server, &frame(0x88, b"\x03\xE8\xC3\x28", KEY), Violation::InvalidUtf8, PAYLOAD);
    refused(server, &frame(0x88, b"\x03\xE8\xE2\x82", KEY), Violation::InvalidUtf8, PAYLOAD);
}

#[test]
fn data_and_a_second_close_behind_a_close() {
    let mut connection = server();
    let mut input = [
        frame(0x01, b"never ended", KEY),
        frame(0x88, b"\x0F\xA0bye", KEY),
        frame(0x81, b"ignored", KEY),
        frame(0x89, b"no pong", KEY),
        frame(0x88, b"\x03", KEY),
        b"\xFF\xFF\xFF".to_vec(),
    ]
    .concat();
    let log = drain(&mut connection, &mut input);
    assert_eq!((log.log.as_str(), log.error), ("close 4000 bye\n", None));
    assert!(input.is_empty() && !connection.holds_scratch());
    assert_eq!(transmitted(&mut connection), b"\x88\x02\x0F\xA0");
    assert!(connection.should_close());
    assert_eq!(transmitted(&mut connection), b"");
    let mut out = Vec::new();
    assert_eq!(connection.send_message("late", &mut out), Err(Misuse::Closed));
}

#[test]
fn a_peer_that_never_closes() {
    let start = Instant::now();
    let mut connection = server();
    connection.tick(start).unwrap();
    let mut out = Vec::new();
    connection.close(Close { code: Some(CloseCode::GOING_AWAY), reason: "" }, &mut out).unwrap();
    let five = Duration::from_secs(5);
    assert_eq!(connection.deadline(), Some(start + five));
    // What it sends instead does not help it.
    drain(&mut connection, &mut frame(0x81, b"more", KEY));
    connection.tick(start + five - Duration::from_millis(1)).unwrap();
    let late = Error::Limit { bound: Bound::CloseTime, offset: 10 };
    assert_eq!(connection.tick(start + five), Err(late));
    assert!(connection.should_close() && !connection.wants_transmit(), "no second Close");
}

#[test]
fn fragments_without_end() {
    let mut config = Config::DEFAULT;
    config.limits.max_message_bytes = 10_000;
    let mut connection = opened(Connection::server(config));
    let (mut log, mut scratch) = (Log::default(), Scratch::new());
    log.feed(&mut connection, &mut frame(0x02, &[7; 1_000], KEY), &mut scratch);
    for _ in 0..9 {
        log.feed(&mut connection, &mut frame(0x00, &[7; 1_000], KEY), &mut scratch);
        assert_eq!(log.error, None);
    }
    // The header is enough.
    log.feed(&mut connection, &mut frame(0x00, b"x", KEY)[..6], &mut scratch);
    assert!(matches!(log.error, Some(Error::Limit { bound: Bound::MessageBytes, .. })));
    assert_eq!(transmitted(&mut connection), b"\x88\x02\x03\xF1");
    assert!(scratch.capacity_bytes() <= 20_000);
}

#[test]
fn empty_fragments_by_the_hundred_thousand() {
    let mut connection = server();
    let (mut log, mut scratch) = (Log::default(), Scratch::new());
    log.feed(&mut connection, &mut frame(0x01, b"", KEY), &mut scratch);
    let mut many = frame(0x00, b"", KEY).repeat(1_000);
    for _ in 0..131 {
        let mut again = many.clone();
        log.feed(&mut connection, &mut again, &mut scratch);
        assert_eq!(log.error, None);
        assert_eq!(scratch.capacity_bytes(), 0);
    }
    log.feed(&mut connection, &mut many, &mut scratch);
    let error = Error::Limit { bound: Bound::FragmentCount, offset: (1 << 17) * 6 };
    assert_eq!(log.error, Some(error), "the {}th frame", (1 << 17) + 1);
    assert_eq!(transmitted(&mut connection), b"\x88\x02\x03\xF0", "1008");
}

#[test]
fn a_flood_of_pings_to_which_only_the_last_is_answered() {
    let mut connection = server();
    let (mut log, mut scratch) = (Log::default(), Scratch::new());
    for number in 0..100_000_u32 {
        let mut ping = frame(0x89, &number.to_be_bytes(), KEY);
        log.feed(&mut connection, &mut ping, &mut scratch);
        log.log.clear();
    }
    assert_eq!((log.error, scratch.capacity_bytes()), (None, 0));
    assert_eq!(transmitted(&mut connection), frame(0x8A, &99_999_u32.to_be_bytes(), None));
    assert_eq!(transmitted(&mut connection), b"");
}

#[test]
fn control_frames_beyond_the_rate() {
    let start = Instant::now();
    let mut connection = server();
    let (mut log, mut scratch) = (Log::default(), Scratch::new());
    for second in 0..3 {
        connection.tick(start + Duration::from_secs(second)).unwrap();
        for _ in 0..1_000 {
            log.feed(&mut connection, &mut frame(0x8A, b"", KEY), &mut scratch);
        }
        assert_eq!(log.error, None, "in second {second}");
    }
    log.feed(&mut connection, &mut frame(0x89, b"", KEY), &mut scratch);
    assert!(matches!(log.error, Some(Error::Limit { bound: Bound::ControlCount, .. })));
    assert_eq!(transmitted(&mut connection), b"\x88\x02\x03\xF0");
}

#[test]
fn a_peer_that_never_reads() {
    let start = Instant::now();
    let mut connection = server();
    connection.tick(start).unwrap();
    connection.transmitted(60_000);
    let later = start + Duration::from_secs(29);
    drain(&mut connection, &mut frame(0x81, b"it still sends", KEY));
    connection.tick(later).unwrap();
    connection.transmitted(59_999); // it took an octet: 30 seconds more
    drain(&mut connection, &mut frame(0x81, b"it still sends", KEY));
    connection.tick(later + Duration::from_secs(29)).unwrap();
    drain(&mut connection, &mut frame(0x81, b"it still sends", KEY));
    let error = connection.tick(later + Duration::from_secs(30)).unwrap_err();
    assert!(matches!(error, Error::Limit { bound: Bound::WriteTime, .. }), "{error}");
    assert!(connection.should_close() && !connection.wants_transmit(), "nobody reads a Close");
}

#[test]
fn a_handshake_that_trickles() {
    let start = Instant::now();
    let mut connection = Connection::server(Config::DEFAULT);
    connection.tick(start).unwrap();
    let ten = Duration::from_secs(10);
    assert_eq!(connection.deadline(), Some(start + ten));
    let late = Error::Limit { bound: Bound::HandshakeTime, offset: 0 };
    assert_eq!(connection.tick(start + ten), Err(late));
    assert!(connection.should_close() && !connection.wants_transmit());
}

#[test]
fn a_message_that_trickles() {
    let mut config = Config::DEFAULT;
    config.timeouts.message = Duration::from_secs(60);
    let mut connection = opened(Connection::server(config));
    let start = Instant::now();
    let (mut log, mut scratch) = (Log::default(), Scratch::new());
    connection.tick(start).unwrap();
    let mut input = frame(0x81, &[b'x'; 100], KEY);
    let mut at = log.feed(&mut connection, &mut input[..7], &mut scratch);
    for second in 1..60 {
        connection.tick(start + Duration::from_secs(second)).unwrap();
        at += log.feed(&mut connection, &mut input[at..at + 1], &mut scratch);
    }
    let late = connection.tick(start + Duration::from_secs(60)).unwrap_err();
    assert!(matches!(late, Error::Limit { bound: Bound::MessageTime, .. }));
    assert_eq!(transmitted(&mut connection), b"\x88\x02\x03\xF0");
}

#[test]
fn a_peer_that_is_gone() {
    let start = Instant::now();
    let mut connection = server();
    connection.tick(start).unwrap();
    let (idle, pong) = (Duration::from_secs(30), Duration::from_secs(20));
    assert_eq!(connection.deadline(), Some(start + idle));
    connection.tick(start + idle).unwrap();
    assert_eq!(transmitted(&mut connection), b"\x89\x00");
    assert_eq!(connection.deadline(), Some(start + idle + pong));
    // Anything that comes counts, not only the Pong.
    drain(&mut connection, &mut frame(0x81, b"here", KEY));
    assert_eq!(connection.deadline(), Some(start + idle + idle));
    connection.tick(start + idle + idle).unwrap();
    let late = connection.tick(start + idle + idle + pong).unwrap_err();
    assert!(matches!(late, Error::Limit { bound: Bound::PongTime, .. }));
    assert_eq!(transmitted(&mut connection), b"\x88\x02\x03\xF0");
}

#[test]
fn compression_that_was_not_agreed_on() {
    refused(server, &frame(0xC1, b"\xF2\x48\x00", KEY), Violation::ReservedBits, PROTOCOL);
    refused(client, &frame(0xC2, b"\xF2\x48\x00", None), Violation::ReservedBits, PROTOCOL);
}

#[test]
fn calls_may_stop_anywhere() {
    // A caller that is cancelled between any two octets has lost nothing.
    let mut input: Vec<u8> = [
        frame(0x01, "sp\u{e9}".as_bytes(), KEY),
        frame(0x89, b"ping", KEY),
        frame(0x80, "\u{1f30a}".as_bytes(), KEY),
        frame(0x82, &[0; 300], KEY),
    ]
    .concat();
    let whole = drain(&mut server(), &mut input.clone());
    let (mut connection, mut log, mut scratch) = (server(), Log::default(), Scratch::new());
    let mut at = 0;
    for end in 0..=input.len() {
        at += log.feed(&mut connection, &mut input[at..end], &mut scratch);
        log.feed(&mut connection, &mut [], &mut scratch);
        assert!(end - at <= 138, "{} octets are left", end - at);
    }
    assert_eq!((log, at), (whole, input.len()));
}
