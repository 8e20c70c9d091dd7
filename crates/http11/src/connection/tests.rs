//! Deadlines in virtual time, and what the states do not show.

use core::time::Duration;

use shockwave_wire::{Content, Field, Fields, Method, RequestHead, ResponseHead, Status, Version};

use super::exchange::Exchange;
use super::options::Options;
use std::sync::Arc;

use super::*;
use crate::Timeouts;
use crate::head::counter;

const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const POST: &[u8] = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n";

/// A connection, its memory, and a clock that stands unless it is moved.
struct World {
    connection: Connection,
    scratch: Scratch,
    start: Instant,
    now: Instant,
    out: Vec<u8>,
}

impl World {
    fn new(side: Side) -> Self {
        let start = Instant::now();
        let mut connection = Connection::new(side, Config::strict());
        connection.tick(start).unwrap();
        Self { connection, scratch: Scratch::new(), start, now: start, out: Vec::new() }
    }

    fn pass(&mut self, seconds: u64) -> Result<(), Error> {
        self.now += Duration::from_secs(seconds);
        self.connection.tick(self.now)
    }

    /// All events of `input`, of which nothing may be left.
    fn receive(&mut self, mut input: &[u8]) -> usize {
        let mut events = 0;
        loop {
            let received = self.connection.receive(input, &mut self.scratch).unwrap();
            input = &input[received.consumed..];
            if received.event.is_none() && received.consumed == 0 {
                return events;
            }
            events += usize::from(received.event.is_some());
        }
    }

    fn respond(&mut self) {
        let head = ResponseHead::new(Status::NO_CONTENT, Fields::EMPTY);
        self.connection.send_response(&head, Content::None, &mut self.out).unwrap();
    }

    fn due(&self) -> Option<u64> {
        self.connection.deadline().map(|at| (at - self.start).as_secs())
    }
}

fn bound(result: Result<(), Error>) -> Bound {
    match result {
        Err(Error::Limit { bound, .. }) => bound,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_new_connection_has_the_head_timeout() {
    let mut world = World::new(Side::Server);
    assert_eq!(world.due(), Some(15));
    world.pass(10).unwrap();
    // The first octets do not begin it anew.
    world.receive(b"GET / HT");
    assert_eq!(world.due(), Some(15));
    let error = world.pass(5);
    assert_eq!(bound(error), Bound::HeadTime);
    assert_eq!(world.connection.receive(GET, &mut world.scratch).map(drop), error);
    world.connection.send_error(error.unwrap_err(), None, &mut world.out).unwrap();
    assert!(world.out.starts_with(b"HTTP/1.1 408 "));
    assert!(world.connection.should_close());
}

#[test]
fn idle_after_the_first_response_and_head_from_its_first_octet() {
    let mut world = World::new(Side::Server);
    world.receive(GET);
    assert_eq!(world.due(), None, "it is the server's turn");
    world.pass(100).unwrap();
    world.respond();
    assert_eq!(world.due(), Some(160));
    world.pass(59).unwrap();
    // Empty lines begin no head.
    world.receive(b"\r\n");
    assert_eq!(world.due(), Some(160));
    world.receive(b"GET / HT");
    assert_eq!(world.due(), Some(159 + 15));
    world.pass(14).unwrap();
    assert_eq!(bound(world.pass(1)), Bound::HeadTime);
}

#[test]
fn a_message_has_a_deadline_whatever_its_rate() {
    let mut world = World::new(Side::Server);
    Arc::make_mut(&mut world.connection.config).timeouts.message = Duration::from_secs(40);
    world.pass(5).unwrap();
    world.receive(b"POST / HT");
    assert_eq!(world.due(), Some(15), "the head is due before the message");
    world.receive(POST);
    assert_eq!(world.due(), Some(25), "content is due before the message");
    // Fast enough, and still too long in all: counted from the first octet, not the head's end.
    for due in [35, 45, 45] {
        world.pass(10).unwrap();
        world.receive(&[b'x'; 20_000]);
        assert_eq!(world.due(), Some(due));
    }
    let error = world.pass(10);
    assert_eq!(bound(error), Bound::MessageTime);
    world.connection.send_error(error.unwrap_err(), None, &mut world.out).unwrap();
    assert!(world.out.starts_with(b"HTTP/1.1 408 "));
}

#[test]
fn a_message_that_has_ended_is_not_late_and_the_next_has_its_own_time() {
    let mut world = World::new(Side::Server);
    Arc::make_mut(&mut world.connection.config).timeouts.message = Duration::from_secs(10);
    world.receive(GET);
    world.pass(100).unwrap();
    world.respond();
    world.connection.transmitted(0);
    world.pass(30).unwrap();
    world.receive(POST);
    assert_eq!(world.due(), Some(140));
    world.receive(&[b'x'; 100_000]);
    world.pass(100).unwrap();
    assert_eq!(world.connection.messages(), 2);
    let octets = u64::try_from(GET.len() + POST.len() + 100_000).unwrap();
    assert_eq!(world.connection.received(), octets);
}

#[test]
fn an_idle_connection_is_closed_without_a_word() {
    let mut world = World::new(Side::Server);
    world.receive(GET);
    world.respond();
    world.out.clear();
    let error = world.pass(60);
    assert_eq!(bound(error), Bound::IdleTime);
    world.connection.send_error(error.unwrap_err(), None, &mut world.out).unwrap();
    assert!(world.out.is_empty() && world.connection.should_close());
}

#[test]
fn content_must_keep_up_the_lowest_rate() {
    let mut world = World::new(Side::Server);
    world.receive(POST);
    assert_eq!(world.due(), Some(20));
    world.pass(10).unwrap();
    world.receive(&[b'a'; 2400]);
    // Ten seconds' worth of content came.
    assert_eq!(world.due(), Some(30));
    world.pass(19).unwrap();
    assert_eq!(bound(world.pass(1)), Bound::ContentTime);
}

#[test]
fn the_time_that_the_caller_takes_is_not_the_peers() {
    let mut world = World::new(Side::Server);
    world.receive(POST);
    let event = world.connection.receive(b"a", &mut world.scratch).unwrap().event;
    assert!(event.is_some());
    assert_eq!(world.due(), None);
    world.pass(1000).unwrap();
    assert_eq!(world.receive(b""), 0);
    assert_eq!(world.due(), Some(1020));
}

#[test]
fn who_waits_for_100_is_not_late() {
    let mut world = World::new(Side::Server);
    world.receive(
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-Continue\r\n\r\n",
    );
    assert!(world.connection.expects_continue());
    assert_eq!(world.due(), None);
    world.pass(1000).unwrap();
    world.connection.send_continue(&mut world.out).unwrap();
    assert_eq!(world.out, b"HTTP/1.1 100 Continue\r\n\r\n");
    let again = world.connection.send_continue(&mut world.out);
    assert_eq!(again, Err(Error::Misuse(Misuse::OutOfOrder)));
    world.receive(b"");
    assert_eq!(world.due(), Some(1020));
}

#[test]
fn a_peer_must_take_what_is_written() {
    let mut world = World::new(Side::Server);
    world.receive(GET);
    world.connection.transmitted(100);
    assert_eq!(world.due(), Some(30));
    world.pass(20).unwrap();
    world.connection.transmitted(100);
    assert_eq!(world.due(), Some(30));
    world.connection.transmitted(99);
    assert_eq!(world.due(), Some(50));
    world.connection.transmitted(0);
    assert_eq!(world.due(), None);
    world.connection.transmitted(50);
    assert_eq!(bound(world.pass(30)), Bound::WriteTime);
}

#[test]
fn who_is_still_reading_the_response_is_neither_idle_nor_lingering() {
    for close in [false, true] {
        let mut world = World::new(Side::Server);
        world.receive(GET);
        if close {
            world.connection.close();
        }
        world.respond();
        world.connection.transmitted(1000);
        assert_eq!(world.due(), Some(30), "to take some");
        world.pass(29).unwrap();
        world.connection.transmitted(500);
        world.pass(29).unwrap();
        world.connection.transmitted(0);
        assert_eq!(world.due(), Some(58 + if close { 5 } else { 60 }));
    }
}

#[test]
fn a_closing_connection_lingers() {
    let mut world = World::new(Side::Server);
    world.receive(GET);
    world.connection.close();
    assert!(!world.connection.should_close());
    world.respond();
    assert!(String::from_utf8_lossy(&world.out).contains("\r\nConnection: close\r\n"));
    assert!(world.connection.should_close() && !world.connection.is_closed());
    assert_eq!(world.due(), Some(5));
    assert_eq!(world.receive(GET), 0, "discarded");
    assert_eq!(bound(world.pass(5)), Bound::LingerTime);
    assert!(world.connection.is_closed());
}

#[test]
fn lingering_is_bounded_in_octets() {
    for cut in [1, 1000, 1 << 18] {
        let mut world = World::new(Side::Server);
        world.connection.close();
        let flood = vec![b'x'; (256 << 10) + 1];
        let mut result = Ok(());
        for piece in flood.chunks(cut) {
            result = world.connection.receive(piece, &mut world.scratch).map(|received| {
                assert_eq!((received.consumed, received.event.is_none()), (piece.len(), true));
            });
        }
        let offset = 256 << 10;
        assert_eq!(result, Err(Error::Limit { bound: Bound::LingerBytes, offset }));
    }
}

/// However a head of 64 KiB comes, the parser is asked a number of times that grows with the
/// logarithm of its octets, about at most twice as many octets as a last look has, and once more.
#[test]
fn the_work_on_a_head_in_pieces_is_linear() {
    let line = |name: usize, octets: usize| format!("F{name}: {}\r\n", "v".repeat(octets));
    let long: String = (0..4).map(|name| line(name, 16_000)).collect();
    let short: String = (0..90).map(|name| line(name, 700)).collect();
    let start = "GET / HTTP/1.1\r\nHost: a\r\n";
    for head in [
        format!("{start}{long}\r\n"),
        format!("{start}{short}\r\n"),
        format!("{}{start}{short}\r\n", "\r\n".repeat(8)),
    ] {
        assert!(head.len() > 60_000 && head.len() < 65_536 + 16);
        for piece in [1, 2, 3, 7, 1_000] {
            let mut world = World::new(Side::Server);
            counter::take();
            let cuts = (piece..head.len()).step_by(piece).chain([head.len()]);
            for end in cuts {
                let received =
                    world.connection.receive(&head.as_bytes()[..end], &mut world.scratch).unwrap();
                assert_eq!(received.event.is_some(), end == head.len());
            }
            let (times, octets) = counter::take();
            // Empty lines before the head are no part of it: each is asked about, and they are few.
            assert!(times <= 16 + 2 + 17, "{times} times in pieces of {piece}");
            assert!(octets <= 3 * head.len() + 17 * 16, "{octets} octets in pieces of {piece}");
        }
    }
}

#[test]
fn the_work_on_trailers_in_pieces_is_linear() {
    let start = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n";
    let trailers: String = (0..30).map(|n| format!("T{n}: {}\r\n", "v".repeat(250))).collect();
    let trailers = trailers + "\r\n";
    let mut world = World::new(Side::Server);
    world.receive(start);
    counter::take();
    for end in 1..=trailers.len() {
        let input = &trailers.as_bytes()[..end];
        let received = world.connection.receive(input, &mut world.scratch).unwrap();
        assert_eq!(received.event.is_some(), end == trailers.len());
    }
    let (times, octets) = counter::take();
    assert!(times <= 13 + 2 && octets <= 3 * trailers.len(), "{times} times, {octets} octets");
}

#[test]
fn a_connection_without_ticks_has_no_deadlines() {
    let mut connection = Connection::new(Side::Server, Config::strict());
    assert_eq!(connection.deadline(), None);
    let _ = connection.receive(b"GET", &mut Scratch::new()).unwrap();
    assert_eq!(connection.deadline(), None);
    let now = Instant::now();
    connection.tick(now).unwrap();
    assert_eq!(connection.deadline(), Some(now + Timeouts::DEFAULT.head));
}

#[test]
fn a_client_is_idle_between_exchanges_and_waits_for_content() {
    let mut world = World::new(Side::Client);
    assert_eq!(world.due(), Some(60));
    let mut head = RequestHead::new(Method::Get, b"/", Fields::EMPTY);
    head.authority = Some(b"a");
    world.connection.send_request(&head, Content::None, &mut world.out).unwrap();
    assert_eq!(world.due(), None, "how long to wait for a response is the caller's to know");
    world.receive(b"HTTP/1.1 2");
    assert_eq!(world.due(), Some(15));
    world.pass(1).unwrap();
    world.receive(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n");
    assert_eq!(world.due(), Some(21));
    world.receive(b"a");
    assert_eq!(world.due(), Some(61));
    assert_eq!(bound(world.pass(60)), Bound::IdleTime);
    assert!(world.connection.is_closed());
}

#[test]
fn without_a_lowest_rate_content_must_not_stall() {
    let mut world = World::new(Side::Server);
    Arc::make_mut(&mut world.connection.config).timeouts.min_content_rate = 0;
    world.receive(POST);
    world.pass(19).unwrap();
    world.receive(b"a");
    assert_eq!(world.due(), Some(39));
    assert_eq!(bound(world.pass(20)), Bound::ContentTime);
}

#[test]
fn more_octets_than_may_linger_are_no_reason_to_keep_the_connection() {
    let mut world = World::new(Side::Server);
    Arc::make_mut(&mut world.connection.config).limits.max_linger_bytes = 4;
    world.receive(GET);
    world.connection.close();
    let error = world.connection.receive(b"12345", &mut world.scratch).map(drop);
    assert_eq!(bound(error), Bound::LingerBytes);
    world.respond();
    assert!(String::from_utf8_lossy(&world.out).contains("Connection: close"));
}

#[test]
fn a_request_that_breaks_after_its_answer_gets_no_second_one() {
    let mut world = World::new(Side::Server);
    let chunked = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    world.receive(chunked);
    world.respond();
    world.out.clear();
    let error = world.connection.receive(b"broken", &mut world.scratch).map(drop).unwrap_err();
    world.connection.send_error(error, None, &mut world.out).unwrap();
    assert!(world.out.is_empty() && world.connection.should_close());
}

#[test]
fn a_head_that_has_begun_is_still_answered_when_closing() {
    let mut world = World::new(Side::Server);
    let (first, rest) = GET.split_at(9);
    world.receive(first);
    world.connection.close();
    assert!(!world.connection.should_close());
    assert_eq!(world.receive(&[first, rest].concat()), 1);
    world.respond();
    assert!(String::from_utf8_lossy(&world.out).contains("Connection: close"));
    assert!(world.connection.should_close());
}

#[test]
fn content_of_an_answered_request_is_given_up_by_closing() {
    let mut world = World::new(Side::Server);
    world.receive(POST);
    world.respond();
    assert!(!world.connection.is_idle() && !world.connection.should_close());
    world.connection.close();
    assert!(world.connection.should_close());
    assert_eq!(world.receive(b"discarded"), 0);
}

#[test]
fn exchanges_are_a_ring() {
    let mut exchanges = Exchanges::new();
    for round in 0..40_u32 {
        assert_eq!((exchanges.first(), exchanges.last()), (None, None));
        for count in 0..16 {
            assert!(!exchanges.is_full(u32::MAX));
            assert_eq!(exchanges.is_full(0), count > 0, "one is always allowed");
            let is_head = (round + count) % 3 == 0;
            let exchange = if is_head { Exchange::HEAD } else { Exchange::CONNECT };
            exchanges.push(exchange);
            assert_eq!(exchanges.last(), Some(exchange));
        }
        assert!(exchanges.is_full(u32::MAX));
        for count in 0..16 - round % 5 {
            let first = exchanges.first().unwrap();
            assert_eq!(first.has(Exchange::HEAD), (round + count) % 3 == 0);
            exchanges.pop();
        }
        exchanges.clear();
    }
}

#[test]
fn connection_options_are_a_list_without_case() {
    let options = |values: &[&[u8]]| {
        let list: Vec<Field<'_>> =
            values.iter().map(|value| Field::new("connection", value)).collect();
        let options = Options::of(Fields::from(&list[..]));
        let names = [Options::CLOSE, Options::KEEP_ALIVE, Options::UPGRADE];
        names.map(|name| options.has(name))
    };
    assert_eq!(options(&[]), [false, false, false]);
    for value in [&b"close"[..], b"Close", b"CLOSE", b" x,\tclose", b"close,", b",,close ,a"] {
        assert_eq!(options(&[value]), [true, false, false], "{}", value.escape_ascii());
    }
    for value in [&b"keep-alive"[..], b"Keep-Alive", b"KEEP-alive"] {
        assert_eq!(options(&[value]), [false, true, false], "{}", value.escape_ascii());
    }
    assert_eq!(options(&[b"Upgrade, Keep-Alive", b"close"]), [true, true, true]);
    assert_eq!(options(&[b"closed, not-close, close=1, \"close\""]), [false, false, false]);
}

#[test]
fn persistence() {
    // RFC 9112 section 9.3, in its order.
    let persists = |value: &'static [u8], version| {
        let list = [Field::new("Connection", value)];
        Options::of(Fields::from(&list)).persists(version)
    };
    for version in [Version::Http10, Version::Http11] {
        assert!(!persists(b"keep-alive, close", version));
        assert!(persists(b"keep-alive", version));
        assert_eq!(persists(b"te", version), version == Version::Http11);
    }
}
