//! The public interface, as a user meets it: two endpoints and the octets between them.

use shockwave_websocket::{
    Agreement, Close, CloseCode, Config, Connection, Delivery, Error, Event, Kind, Message, Misuse,
    Prepared, Scratch, Violation,
};
use shockwave_wire::Side;

mod common;
use common::{Log, client, drain, frame, server};

#[test]
fn a_conversation() {
    let (mut client, mut server) = (client(), server());
    let (mut up, mut down) = (Vec::new(), Vec::new());
    client.send_message("h\u{e9}llo", &mut up).unwrap();
    client.send_message(&b"\xFF\x00"[..], &mut up).unwrap();
    client.send_ping(b"p", &mut up).unwrap();
    assert_eq!(drain(&mut server, &mut up).log, "text \"h\u{e9}llo\"\nbinary \\xff\\x00\nping p\n");
    assert!(up.is_empty());
    server.transmit(&mut down);
    assert_eq!(down, b"\x8A\x01p");
    server.send_message("bye", &mut down).unwrap();
    assert_eq!(drain(&mut client, &mut down).log, "pong p\ntext \"bye\"\n");

    client.close(Close { code: Some(CloseCode::NORMAL), reason: "done" }, &mut up).unwrap();
    assert!(!client.is_open() && !client.should_close());
    assert_eq!(drain(&mut server, &mut up).log, "close 1000 done\n");
    server.transmit(&mut down);
    assert_eq!(down, b"\x88\x02\x03\xE8");
    assert!(server.should_close() && !server.is_closed());
    assert_eq!(drain(&mut client, &mut down).log, "close 1000 \n");
    assert!(!client.should_close(), "the server closes its transport first");
    assert_eq!(client.receive_eof(), Ok(()));
    assert_eq!(server.receive_eof(), Ok(()));
    assert!(client.is_closed() && server.is_closed());
}

#[test]
fn a_message_is_lent_from_the_input() {
    let mut server = server();
    let mut input = frame(0x81, b"text", Some([1, 2, 3, 4]));
    let range = input.as_ptr_range();
    let mut scratch = Scratch::new();
    let received = server.receive(&mut input, &mut scratch).unwrap();
    let Some(Event::Message(Message::Text(text))) = received.event else { panic!("{received:?}") };
    assert_eq!(text, "text");
    assert!(range.contains(&text.as_ptr()));
    assert_eq!(scratch.capacity_bytes(), 0);
    assert!(!server.holds_scratch());
}

#[test]
fn fragments_and_what_stands_between_them() {
    let mut server = server();
    let key = Some([9, 8, 7, 6]);
    let mut input = [
        frame(0x01, b"a\xE2", key),
        frame(0x89, b"ping", key),
        frame(0x00, b"", key),
        frame(0x00, b"\x82\xAC", key),
        frame(0x8A, b"pong", key),
        frame(0x80, b"z", key),
        frame(0x82, b"", key),
    ]
    .concat();
    let log = drain(&mut server, &mut input).log;
    assert_eq!(log, "ping ping\npong pong\ntext \"a\u{20ac}z\"\nbinary \n");
}

#[test]
fn pieces_are_lent_as_they_come() {
    let mut config = Config::DEFAULT;
    config.delivery = Delivery::Pieces;
    let mut server = Connection::server(config);
    server.open(&Agreement::NONE).unwrap();
    let mut input = [frame(0x01, b"one", Some([1; 4])), frame(0x80, b"two", Some([2; 4]))].concat();
    let mut scratch = Scratch::new();
    let mut log = Log::default();
    log.feed(&mut server, &mut input[..8], &mut scratch);
    log.feed(&mut server, &mut input[8..], &mut scratch);
    assert_eq!(log.log, "text on\ntext e\ntext two end\n");
    assert_eq!(scratch.capacity_bytes(), 0);
}

#[test]
fn fragments_are_sent() {
    let (mut client, mut server) = (client(), server());
    let mut up = Vec::new();
    client.send_fragment(Kind::Text, b"\xE2\x82", false, &mut up).unwrap();
    assert_eq!(client.send_message("x", &mut up), Err(Misuse::OutOfOrder));
    assert_eq!(client.send_fragment(Kind::Binary, b"", false, &mut up), Err(Misuse::OutOfOrder));
    assert_eq!(client.send_fragment(Kind::Text, b"!", true, &mut up), Err(Misuse::InvalidUtf8));
    client.send_ping(b"", &mut up).unwrap();
    client.send_fragment(Kind::Text, b"\xAC", true, &mut up).unwrap();
    client.send_fragment(Kind::Binary, b"b", true, &mut up).unwrap();
    let log = drain(&mut server, &mut up).log;
    assert_eq!(log, "ping \ntext \"\u{20ac}\"\nbinary b\n");
}

#[test]
fn a_header_alone_for_what_is_written_from_elsewhere() {
    let (mut client, mut server) = (client(), server());
    let (mut up, mut down) = (Vec::new(), Vec::new());
    let mut payload = *b"not copied";
    let key = client.send_header(Kind::Text, payload.len(), &mut up).unwrap();
    let _ = shockwave_websocket::Mask::new(key.expect("a client masks")).apply(&mut payload);
    up.extend_from_slice(&payload);
    assert_eq!(drain(&mut server, &mut up).log, "text \"not copied\"\n");
    assert_eq!(server.send_header(Kind::Binary, 70_000, &mut down), Ok(None));
    assert_eq!(down, b"\x82\x7F\x00\x00\x00\x00\x00\x01\x11\x70");
}

#[test]
fn prepared_messages() {
    let news = Prepared::new("news");
    let (mut client, mut server) = (client(), server());
    let (mut up, mut down) = (Vec::new(), Vec::new());
    server.send_prepared(&news, &mut down).unwrap();
    assert_eq!(server.lend_prepared(&news), Ok(&b"\x81\x04news"[..]));
    client.send_prepared(&news, &mut up).unwrap();
    assert_eq!(drain(&mut client, &mut down).log, "text \"news\"\n");
    assert_eq!(drain(&mut server, &mut up).log, "text \"news\"\n");
    assert!(client.lend_prepared(&news).is_err(), "a client must mask");
}

#[test]
fn misuse_changes_nothing() {
    let mut connection = Connection::server(Config::DEFAULT);
    let mut out = Vec::new();
    let mut scratch = Scratch::new();
    assert_eq!(connection.side(), Side::Server);
    assert_eq!(connection.send_message("x", &mut out), Err(Misuse::NotOpen));
    assert_eq!(connection.close(Close::default(), &mut out), Err(Misuse::NotOpen));
    let refused = connection.receive(&mut [0x81], &mut scratch).unwrap_err();
    assert_eq!(refused, Error::Misuse(Misuse::NotOpen));
    connection.open(&Agreement::NONE).unwrap();
    assert_eq!(connection.open(&Agreement::NONE), Err(Misuse::NotConnecting));
    assert_eq!(connection.send_ping(&[0; 126], &mut out), Err(Misuse::ControlTooLong));
    assert_eq!(connection.send_pong(&[0; 126], &mut out), Err(Misuse::ControlTooLong));
    let reason = "x".repeat(124);
    let long = Close { code: Some(CloseCode::NORMAL), reason: &reason };
    assert_eq!(connection.close(long, &mut out), Err(Misuse::ControlTooLong));
    let no_code = Close { code: None, reason: "why" };
    assert_eq!(connection.close(no_code, &mut out), Err(Misuse::InvalidClose));
    assert!(out.is_empty() && connection.is_open());
    connection.close(Close { code: Some(CloseCode::NORMAL), reason: "x" }, &mut out).unwrap();
    let length = out.len();
    assert_eq!(connection.close(Close::default(), &mut out), Err(Misuse::Closed));
    assert_eq!(connection.send_message("x", &mut out), Err(Misuse::Closed));
    assert_eq!(connection.send_ping(b"", &mut out), Err(Misuse::Closed));
    assert_eq!(out.len(), length);
}

#[test]
fn a_failure_is_told_once_and_stays() {
    let mut server = server();
    let mut scratch = Scratch::new();
    let mut out = Vec::new();
    let error = server.receive(&mut [0x83], &mut scratch).unwrap_err();
    assert_eq!(error, Error::Protocol { violation: Violation::ReservedOpcode, offset: 0 });
    assert_eq!(server.receive(&mut [0x81], &mut scratch).unwrap_err(), error);
    assert!(server.wants_transmit() && !server.should_close());
    server.transmit(&mut out);
    assert_eq!(out, b"\x88\x02\x03\xEA");
    assert!(server.should_close() && !server.is_closed());
    server.transmit(&mut out);
    assert_eq!(out.len(), 4, "told once");
    assert_eq!(server.receive_eof(), Err(error));
    assert!(server.is_closed());
    assert_eq!(server.error(), Some(error));
    assert!(error.to_string().contains("octet 0"), "{error}");
}

#[test]
fn a_transport_that_ends_without_a_close() {
    let mut client = client();
    let error = Error::Protocol { violation: Violation::Incomplete, offset: 0 };
    assert_eq!(client.receive_eof(), Err(error));
    assert!(client.is_closed() && !client.wants_transmit());
    assert_eq!(error.code(), None, "1006 is never sent");
}
