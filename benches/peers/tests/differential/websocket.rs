//! Frames before both cores, tungstenite's and ours: the same messages, and where the verdicts
//! differ, it is known why.

use std::io::{self, Read, Write};

use shockwave_bench_kit::Random;
use shockwave_websocket::{Agreement, Config, Connection, Error, Event, Message, Scratch};
use tungstenite::protocol::{Role, WebSocket};

use super::{Differences, Reasons};

/// What came of a wire: messages and control frames, and whether it was refused.
#[derive(Debug, Default, PartialEq, Eq)]
struct Told {
    events: Vec<(u8, Vec<u8>)>,
    refused: bool,
}

fn ours(wire: &[u8], is_server: bool) -> (Told, Option<Error>) {
    let mut connection = match is_server {
        true => Connection::server(Config::DEFAULT),
        false => Connection::client(Config::DEFAULT, [1; 32]),
    };
    connection.open(&Agreement::NONE).expect("connecting");
    let (mut told, mut scratch) = (Told::default(), Scratch::new());
    let (mut input, mut at) = (wire.to_vec(), 0);
    loop {
        let received = match connection.receive(&mut input[at..], &mut scratch) {
            Ok(received) => received,
            Err(error) => {
                told.refused = true;
                return (told, Some(error));
            }
        };
        at += received.consumed;
        match received.event {
            Some(Event::Message(Message::Text(text))) => told.events.push((1, text.into())),
            Some(Event::Message(Message::Binary(octets))) => told.events.push((2, octets.into())),
            Some(Event::Ping(payload)) => told.events.push((9, payload.into())),
            Some(Event::Pong(payload)) => told.events.push((10, payload.into())),
            Some(Event::Close(close)) => {
                told.events.push((8, close.reason.into()));
                return (told, None);
            }
            Some(Event::Data { .. }) => unreachable!("whole messages were asked for"),
            None if received.consumed == 0 => return (told, None),
            None => {}
        }
    }
}

struct Wire<'w>(&'w [u8]);

impl Read for Wire<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        match self.0.read(room)? {
            0 => Err(io::ErrorKind::WouldBlock.into()),
            octets => Ok(octets),
        }
    }
}

impl Write for Wire<'_> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn theirs(wire: &[u8], is_server: bool) -> Told {
    let role = if is_server { Role::Server } else { Role::Client };
    let mut socket = WebSocket::from_raw_socket(Wire(wire), role, None);
    let mut told = Told::default();
    loop {
        use tungstenite::Message;
        match socket.read() {
            Ok(Message::Text(text)) => told.events.push((1, text.as_bytes().into())),
            Ok(Message::Binary(octets)) => told.events.push((2, octets.into())),
            Ok(Message::Ping(payload)) => told.events.push((9, payload.into())),
            Ok(Message::Pong(payload)) => told.events.push((10, payload.into())),
            Ok(Message::Close(close)) => {
                let reason = close.map(|close| close.reason.as_bytes().to_vec());
                told.events.push((8, reason.unwrap_or_default()));
                return told;
            }
            Ok(Message::Frame(_)) => unreachable!("is never read"),
            Err(tungstenite::Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                return told;
            }
            Err(_) => {
                told.refused = true;
                return told;
            }
        }
    }
}

/// A frame whose length is encoded as it should be, or, rarely, longer.
fn frame(random: &mut Random, first: u8, payload: &[u8], masked: bool) -> Vec<u8> {
    let mut wire = vec![first];
    let bit = if masked { 0x80 } else { 0 };
    match payload.len() {
        length @ ..=125 if random.below(60) > 0 => wire.push(bit | length.to_le_bytes()[0]),
        length => {
            wire.push(bit | 126);
            wire.extend_from_slice(&u16::try_from(length).expect("short").to_be_bytes());
        }
    }
    let key = [random.below(256), 7, 0, 255].map(|octet| octet.to_le_bytes()[0]);
    if masked {
        wire.extend_from_slice(&key);
    }
    let key = if masked { key } else { [0; 4] };
    wire.extend(payload.iter().zip(key.iter().cycle()).map(|(octet, key)| octet ^ key));
    wire
}

fn conversation(random: &mut Random, is_server: bool) -> Vec<u8> {
    let texts: [&[u8]; 8] = [
        b"",
        b"plain",
        "caf\u{e9} \u{1f30a}".as_bytes(),
        b"\xF0\x9F",
        b"\x8C\x8A",
        b"\xED\xA0\x80",
        b"\x03\xE8bye",
        &[b'x'; 200],
    ];
    let firsts = [0x81, 0x82, 0x01, 0x02, 0x00, 0x80, 0x89, 0x8A, 0x88, 0x83, 0x91, 0x09];
    let mut wire = Vec::new();
    for _ in 0..=random.below(6) {
        let kinds = if random.below(4) == 0 { 12 } else { 9 };
        let first = firsts[random.below(kinds)];
        let masked = is_server != (random.below(40) == 0);
        let payload = texts[random.below(8)];
        wire.extend(frame(random, first, payload, masked));
    }
    wire
}

/// Why it accepts what we refuse. (Of a frame that is cut it would accept more, for it waits until
/// the frame is whole; so all are.)
const DIFFERENCES: Reasons = &[
    ("LengthNotMinimal", "RFC 6455 section 5.2"),
    // In a control frame, which has no longer form to begin with.
    ("ControlTooLong", "RFC 6455 section 5.5"),
    // It sends a Close with 1002, as we do, but tells its caller of a Close and of no fault.
    ("InvalidCloseCode", "RFC 6455 section 7.4"),
];

#[test]
fn frames_of_any_kind_and_order() {
    let mut random = Random::new(0x6455_2011);
    let (mut both_accept, mut both_refuse) = (0, 0);
    let mut differences = Differences::default();
    for round in 0..40_000 {
        let is_server = round % 2 == 0;
        let wire = conversation(&mut random, is_server);
        let (ours, error) = ours(&wire, is_server);
        let theirs = theirs(&wire, is_server);
        let shown = wire.escape_ascii();
        match (ours.refused, theirs.refused) {
            (false, false) => {
                assert_eq!(ours, theirs, "round {round}: {shown}");
                both_accept += 1;
            }
            (true, true) => {
                // It may have found the fault later, or refuse a message as a whole; never earlier.
                assert!(theirs.events.starts_with(&ours.events), "round {round}: {shown}");
                both_refuse += 1;
            }
            (true, false) => {
                let Some(Error::Protocol { violation, .. }) = error else { panic!("{error:?}") };
                differences.note(violation, &wire);
            }
            (false, true) => panic!("round {round}: it refuses what we accept: {shown}"),
        }
    }
    assert!(both_accept > 2_000 && both_refuse > 2_000, "{both_accept} {both_refuse}");
    differences.are(DIFFERENCES);
}

/// The same, where nothing is cut: only the lengths and the Close codes are left to differ.
#[test]
fn whole_frames_differ_in_lengths_alone() {
    for (wire, is_server, ours_refuses) in [
        (&b"\x81\xFE\x00\x01\0\0\0\0x"[..], true, true),
        (b"\x81\x7E\x00\x01x", false, true),
        (b"\x81\x01x", false, false),
        (b"\x81\x81\0\0\0\0x", true, false),
    ] {
        assert_eq!(ours(wire, is_server).0.refused, ours_refuses);
        assert!(!theirs(wire, is_server).refused, "{}", wire.escape_ascii());
    }
}
