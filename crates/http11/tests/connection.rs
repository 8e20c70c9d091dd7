//! Attempts to make a connection take one message for another, answer out of turn, or wait for
//! ever: RFC 9112 sections 2.2, 6 to 9, and what of RFC 9110 those lean on.

use core::time::Duration;
use std::time::Instant;

use shockwave_http11::{
    Config, Connection, Error, Event, Misuse, ResponseTemplate, Timeouts, Violation,
};
use shockwave_wire::{
    Bound, Content, Field, Fields, Method, RequestHead, ResponseHead, Scratch, Side, Status,
};

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const EXPECT: &str = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n";
const POST: &str = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n";
const UPGRADE: &str = "POST / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n";

/// A connection and what it needs; `out` is what it has sent.
struct End {
    connection: Connection,
    out: Vec<u8>,
}

impl End {
    fn with(side: Side, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::strict();
        change(&mut config);
        Self { connection: Connection::new(side, config), out: Vec::new() }
    }

    fn server() -> Self {
        Self::with(Side::Server, |_| ())
    }

    fn client(methods: &[Method<'_>]) -> Self {
        let mut end = Self::with(Side::Client, |_| ());
        methods.iter().for_each(|&method| end.request(method, Content::None).unwrap());
        end
    }

    /// The events of `input` as words, with what was not consumed at the end, or the error.
    fn receive(&mut self, input: &str) -> String {
        let (mut rest, mut scratch) = (input.as_bytes(), Scratch::new());
        let mut words = Vec::new();
        loop {
            let received = match self.connection.receive(rest, &mut scratch) {
                Ok(received) => received,
                Err(error) => {
                    words.push(name(error));
                    return words.join(" ");
                }
            };
            rest = &rest[received.consumed..];
            match received.event {
                Some(event) => words.push(word(&event)),
                None if received.consumed == 0 => break,
                None => {}
            }
        }
        if !rest.is_empty() {
            words.push(format!("left:{}", rest.len()));
        }
        words.join(" ")
    }

    fn respond(&mut self, code: u16, content: Content) -> Result<(), Error> {
        let list = [Field::new("Upgrade", b"x")];
        let fields = if code == 101 { Fields::from(&list) } else { Fields::EMPTY };
        let head = ResponseHead::new(Status::new(code).unwrap(), fields);
        self.connection.send_response(&head, content, &mut self.out)
    }

    fn request(&mut self, method: Method<'_>, content: Content) -> Result<(), Error> {
        let target: &[u8] = if method == Method::Connect { b"a:1" } else { b"/" };
        let mut head = RequestHead::new(method, target, Fields::EMPTY);
        head.authority = Some(target).filter(|_| method == Method::Connect).or(Some(b"a"));
        self.connection.send_request(&head, content, &mut self.out)
    }

    fn data(&mut self, data: &[u8], end: bool) -> Result<usize, Error> {
        self.connection.send_data(data, end, &mut self.out)
    }

    fn sent(&mut self) -> String {
        String::from_utf8(core::mem::take(&mut self.out)).unwrap()
    }
}

fn word(event: &Event<'_>) -> String {
    let ended = |end: bool| if end { "." } else { "" };
    match *event {
        Event::Request { head, end } => format!("{}{}", head.method, ended(end)),
        Event::Response { head, end } => format!("{}{}", head.status.code(), ended(end)),
        Event::Data { data, end } => format!("[{}]{}", data.escape_ascii(), ended(end)),
        Event::Trailers(_) => "trailers".to_owned(),
        Event::Upgrade => "upgrade".to_owned(),
    }
}

fn name(error: Error) -> String {
    match error {
        Error::Protocol { violation, .. } => format!("{violation:?}"),
        Error::Limit { bound, .. } => format!("{bound:?}"),
        Error::Misuse(misuse) => format!("{misuse:?}"),
        other => panic!("{other:?}"),
    }
}

fn refused<T: core::fmt::Debug>(result: Result<T, Error>, misuse: Misuse) {
    assert_eq!(result.map(drop), Err(Error::Misuse(misuse)));
}

// RFC 9110 section 10.1.1 and RFC 9112 section 9.3: expectations, early responses.

#[test]
fn content_without_data_ends_the_expectation() {
    let mut server = End::server();
    let post = format!("{EXPECT}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    assert_eq!(server.receive(&post), "POST []."); // all of it came unasked
    assert!(!server.connection.expects_continue());
    refused(server.connection.send_continue(&mut server.out), Misuse::OutOfOrder);
    server.respond(200, Content::None).unwrap();
    assert!(!server.sent().contains("close"), "nothing is in doubt");
    assert_eq!(server.receive(GET), "GET.");
}

#[test]
fn behind_an_early_response_to_an_expectation_nothing_is_parsed() {
    let mut server = End::server();
    assert_eq!(server.receive(&format!("{EXPECT}Content-Length: 5\r\n\r\n")), "POST");
    server.respond(417, Content::None).unwrap();
    assert!(server.sent().contains("\r\nConnection: close\r\n"));
    // Whether this is content or a request, nobody can tell.
    assert_eq!(server.receive(GET), "");
    refused(server.respond(200, Content::None), Misuse::Closed);
    server.connection.receive_eof().unwrap();
    assert!(server.connection.is_closed());
}

#[test]
fn an_early_response_leaves_the_content_to_be_read() {
    let mut server = End::server();
    assert_eq!(server.receive(POST), "POST");
    server.respond(413, Content::None).unwrap();
    assert!(!server.sent().contains("close"));
    // What looks like a request is content.
    assert_eq!(server.receive(&format!("GET /{GET}")), "[GET /]. GET.");
    assert_eq!(server.connection.in_flight(), 1);
}

// RFC 9110 section 7.8 and 9.3.6: other protocols.

#[test]
fn content_comes_before_another_protocol() {
    let offer = format!("{UPGRADE}Content-Length: 5\r\n\r\n");
    for early in [true, false] {
        let mut server = End::server();
        assert_eq!(server.receive(&offer), "POST");
        if early {
            server.respond(101, Content::None).unwrap();
            assert_eq!(server.receive("helloGET /"), "[hello]. upgrade Upgraded");
        } else {
            assert_eq!(server.receive("helloGET /"), "[hello]. left:5");
            server.respond(101, Content::None).unwrap();
            assert_eq!(server.receive("GET /"), "upgrade Upgraded");
        }
        assert!(server.connection.is_upgraded());
        refused(server.respond(200, Content::None), Misuse::Upgraded);
    }
}

#[test]
fn a_refused_offer_leaves_requests() {
    for early in [true, false] {
        let mut server = End::server();
        let offer = format!("{UPGRADE}Transfer-Encoding: chunked\r\n\r\n5\r\nhel");
        assert_eq!(server.receive(&offer), "POST [hel]");
        if early {
            server.respond(200, Content::None).unwrap();
            assert_eq!(server.receive(&format!("lo\r\n0\r\n\r\n{GET}")), "[lo] []. GET.");
        } else {
            assert_eq!(server.receive(&format!("lo\r\n0\r\n\r\n{GET}")), "[lo] []. left:27");
            server.respond(200, Content::None).unwrap();
            assert_eq!(server.receive(GET), "GET.");
        }
    }
}

#[test]
fn connect_with_every_class_of_answer() {
    let connect = "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n";
    for (code, after) in [(200, "upgrade Upgraded"), (204, "upgrade Upgraded"), (407, "GET.")] {
        let mut server = End::server();
        assert_eq!(server.receive(&format!("{connect}{GET}")), "CONNECT. left:27");
        server.respond(code, Content::None).unwrap();
        assert_eq!(server.receive(GET), after, "{code}");
    }
    let mut client = End::client(&[Method::Connect]);
    refused(client.request(Method::Get, Content::None), Misuse::OutOfOrder);
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n";
    assert_eq!(client.receive(answer), "200. upgrade Upgraded");
    let mut client = End::client(&[Method::Connect]);
    let answer = "HTTP/1.1 407 Who\r\nContent-Length: 2\r\n\r\nno";
    assert_eq!(client.receive(answer), "407 [no].");
    client.request(Method::Get, Content::None).unwrap();
}

/// RFC 9110 section 7.8: A sender of Upgrade MUST also send an "Upgrade" connection option.
#[test]
fn upgrade_never_goes_without_its_option() {
    let list = [Field::new("Upgrade", b"x")];
    let head = ResponseHead::new(Status::new(103).unwrap(), Fields::from(&list));
    let mut server = End::server();
    server.receive(GET);
    server.connection.send_interim(&head, &mut server.out).unwrap();
    let expected = "HTTP/1.1 103 Early Hints\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n";
    assert_eq!(server.sent(), expected);
    let template = ResponseTemplate::new(&ResponseHead::new(Status::OK, Fields::from(&list)));
    assert_eq!(template, Err(Misuse::FramingField));
}

// RFC 9112 section 9.3 and 9.6: persistence and closing.

#[test]
fn http10_persists_by_request_and_by_length() {
    let old = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
    let mut server = End::server();
    assert_eq!(server.receive(&old.repeat(2)), "GET. GET.");
    server.respond(200, Content::Length(0)).unwrap();
    assert!(server.sent().contains("Connection: keep-alive\r\nContent-Length: 0\r\n"));
    // RFC 9112 section 6.1: no chunks for HTTP/1.0, so the end of the connection is the length.
    server.respond(200, Content::Unknown).unwrap();
    assert_eq!(server.sent(), "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
    assert_eq!(server.receive(old), "", "discarded");
    server.data(b"hello", true).unwrap();
    assert_eq!(server.sent(), "hello");
    assert!(server.connection.should_close());
    let chunked = "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    assert_eq!(End::server().receive(chunked), "TransferEncodingInHttp10");
}

#[test]
fn a_request_that_has_begun_is_answered_before_the_close() {
    let mut server = End::server();
    let (begun, rest) = GET.split_at(9);
    assert_eq!(server.receive(&format!("{GET}{begun}")), "GET. left:9");
    server.connection.close();
    server.respond(200, Content::None).unwrap();
    assert!(!server.sent().contains("close"), "there is one to come");
    assert_eq!(server.receive(&format!("{begun}{rest}{GET}")), "GET.");
    server.respond(200, Content::None).unwrap();
    assert!(server.sent().contains("\r\nConnection: close\r\n"));
    assert!(server.connection.should_close());
}

#[test]
fn a_flood_behind_the_last_request_does_not_change_its_response() {
    let mut server = End::with(Side::Server, |config| config.limits.max_linger_bytes = 10);
    server.receive(GET);
    server.connection.close();
    assert_eq!(server.receive("0123456789"), "");
    assert_eq!(server.receive("x"), "LingerBytes");
    server.respond(200, Content::None).unwrap();
    assert!(server.sent().contains("\r\nConnection: close\r\n"));
    assert!(server.connection.should_close());
}

#[test]
fn lingering_ends_at_its_bound() {
    for (length, expected) in [(10, ""), (11, "LingerBytes")] {
        let mut server = End::with(Side::Server, |config| config.limits.max_linger_bytes = 10);
        server.connection.close();
        assert!(server.connection.should_close() && !server.connection.is_closed());
        assert_eq!(server.receive(&"x".repeat(length)), expected);
        assert_eq!(server.connection.is_closed(), length == 11);
    }
}

#[test]
fn after_the_end_nothing_is_sent() {
    let mut server = End::server();
    server.receive(GET);
    server.connection.close();
    server.respond(200, Content::None).unwrap();
    let error = Error::Protocol { violation: Violation::BareLf, offset: 0 };
    server.sent();
    refused(server.respond(200, Content::None), Misuse::Closed);
    refused(server.data(b"x", true), Misuse::Closed);
    refused(server.connection.send_error(error, None, &mut server.out), Misuse::Closed);
    refused(server.connection.send_continue(&mut server.out), Misuse::Closed);
    refused(server.connection.send_trailers(Fields::EMPTY, &mut server.out), Misuse::Closed);
    assert_eq!(server.sent(), "");
    let mut client = End::client(&[]);
    client.connection.close();
    refused(client.request(Method::Get, Content::None), Misuse::Closed);
    assert!(client.connection.is_closed() && client.sent().is_empty());
}

#[test]
fn a_client_need_not_finish_what_was_answered() {
    let answer = "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n";
    for by_eof in [true, false] {
        let mut client = End::client(&[]);
        client.request(Method::Post, Content::Length(10)).unwrap();
        client.data(b"12345", false).unwrap();
        assert_eq!(client.receive(answer), "403.");
        assert!(client.connection.is_sending(), "it may");
        match by_eof {
            true => client.connection.receive_eof().unwrap(),
            false => client.connection.close(),
        }
        assert!(client.connection.is_closed(), "{by_eof}");
        refused(client.data(b"67890", true), Misuse::Closed);
    }
}

#[test]
fn an_error_is_not_told_inside_a_response() {
    let mut server = End::server();
    server.receive(POST);
    server.respond(200, Content::Unknown).unwrap();
    server.data(b"part", false).unwrap();
    server.connection.receive_eof().unwrap_err();
    let sent = server.sent();
    let error = Error::Protocol { violation: Violation::Incomplete, offset: 0 };
    refused(server.connection.send_error(error, None, &mut server.out), Misuse::OutOfOrder);
    // Once it has ended there is nobody to be told either, but the connection closes.
    server.data(b"", true).unwrap();
    server.connection.send_error(error, None, &mut server.out).unwrap();
    assert_eq!((server.sent().as_str(), sent.ends_with("4\r\npart\r\n")), ("0\r\n\r\n", true));
    assert!(server.connection.is_closed());
}

// RFC 9112 section 6.3 and 9.2: which response is whose, and how long it is.

#[test]
fn responses_without_content_whatever_their_fields_say() {
    let fields = ["Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", ""];
    for field in fields {
        let mut client = End::client(&[Method::Head, Method::Get, Method::Get, Method::Get]);
        let [head, empty, same] =
            [200, 204, 304].map(|code| format!("HTTP/1.1 {code} x\r\n{field}\r\n"));
        let last = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx";
        let all = format!("{head}{empty}{same}{last}");
        assert_eq!(client.receive(&all), "200. 204. 304. 200 [x].", "{field}");
        assert!(client.connection.is_idle());
    }
}

#[test]
fn interim_responses_are_counted_for_each_final_one() {
    let interim = "HTTP/1.1 103 Early Hints\r\nContent-Length: 5\r\nConnection: close\r\n\r\n";
    let done = "HTTP/1.1 204 No Content\r\n\r\n";
    let mut client = End::client(&[Method::Get, Method::Get, Method::Get]);
    for _ in 0..2 {
        let seen = client.receive(&(interim.repeat(16) + done));
        assert_eq!(seen, "103 ".repeat(16) + "204.");
    }
    let seen = client.receive(&(interim.repeat(17) + done));
    assert_eq!(seen, "103 ".repeat(16) + "InterimCount");
}

#[test]
fn what_nobody_asked_for_is_no_response() {
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(End::client(&[]).receive(answer), "UnexpectedResponse");
    let mut client = End::client(&[Method::Get]);
    assert_eq!(client.receive(&answer.repeat(2)), "200. UnexpectedResponse");
    let mut client = End::client(&[Method::Get]);
    assert_eq!(client.receive(&format!("{answer}\r\n\r\n")), "200. left:4");
    client.request(Method::Get, Content::None).unwrap();
    assert_eq!(client.receive(&format!("\r\n\r\n{answer}")), "200.");
    // RFC 9112 section 9.6: behind the last response nothing counts.
    let mut client = End::client(&[Method::Get, Method::Get]);
    let last = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    assert_eq!(client.receive(&format!("{last}{answer}")), "200.");
    assert_eq!((client.connection.in_flight(), client.connection.is_closed()), (0, true));
}

#[test]
fn the_ring_of_requests_goes_round() {
    let mut server = End::server();
    let head = "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n";
    for turn in 0..40 {
        let count = 1 + turn % 16;
        let input = format!("{}{head}", GET.repeat(count - 1));
        assert_eq!(server.receive(&input).matches("GET.").count(), count - 1);
        for left in (0..count).rev() {
            server.respond(200, Content::Length(5)).unwrap();
            assert_eq!(server.connection.is_sending(), left > 0, "the last one is to HEAD");
            let _ = server.data(b"hello", true);
        }
        assert!(server.connection.is_idle());
    }
    let all = server.receive(&GET.repeat(18));
    assert_eq!(all, "GET. ".repeat(16) + "left:54");
}

/// RFC 9112 section 2.2: a server SHOULD ignore at least one empty line before the request line,
/// which then is checked as any other, however long it is.
#[test]
fn empty_lines_do_not_change_how_a_target_is_read() {
    for lines in 0..=8 {
        let before = "\r\n".repeat(lines);
        for length in (1..300).step_by(7) {
            let target = "x".repeat(length);
            let get = |target: &str| format!("{before}GET /{target} HTTP/1.1\r\nHost: a\r\n\r\n");
            assert_eq!(End::server().receive(&get(&target)), "GET.", "{lines} {length}");
            for octet in ["\"", "#", "\u{7f}"] {
                let seen = End::server().receive(&get(&format!("{target}{octet}")));
                assert_eq!(seen, "InvalidTarget", "{lines} {length}");
            }
        }
    }
}

/// RFC 9112 section 3.2.2: a server MUST ignore the received Host of an absolute-form target.
#[test]
fn the_authority_of_the_target_wins() {
    let input = b"GET http://b:8/x HTTP/1.1\r\nHost: a\r\n\r\n";
    let (mut server, mut scratch) = (End::server(), Scratch::new());
    let event = server.connection.receive(input, &mut scratch).unwrap().event;
    let Some(Event::Request { head, .. }) = event else { panic!("{event:?}") };
    assert_eq!((head.authority, head.path_and_query()), (Some(&b"b:8"[..]), (&b"/x"[..], None)));
    assert_eq!(End::server().receive("GET http://b/ HTTP/1.1\r\n\r\n"), "MissingHost");
}

// RFC 9112 section 8: the end of the input.

#[test]
fn the_end_in_every_state_of_a_server() {
    let chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    let upgrade = format!("{UPGRADE}\r\n");
    let table = [
        (String::new(), true),
        ("\r\n".to_owned(), true),
        ("GET".to_owned(), false),
        (GET.to_owned(), true),
        (format!("{GET}G"), false),
        (POST.to_owned(), false),
        (format!("{POST}hell"), false),
        (format!("{POST}hello"), true),
        (chunked.to_owned(), false),
        (format!("{chunked}1\r\nx\r\n"), false),
        (format!("{chunked}0\r\n"), false),
        (format!("{chunked}0\r\nA: b\r\n"), false),
        (format!("{chunked}0\r\n\r\n"), true),
        (upgrade, true),
    ];
    for (input, complete) in table {
        let mut server = End::server();
        server.receive(&input);
        let ended = server.connection.receive_eof();
        assert_eq!(ended.is_ok(), complete, "{input:?}");
        assert_eq!(server.connection.receive_eof().is_ok(), complete, "{input:?}: twice");
        while server.connection.in_flight() > 0 && server.respond(200, Content::None).is_ok() {}
        if let Err(error) = ended {
            let _ = server.connection.send_error(error, None, &mut server.out);
        }
        assert!(server.connection.is_closed(), "{input:?}");
        let sent = server.sent();
        assert!(sent.is_empty() || sent.contains("\r\nConnection: close\r\n"), "{sent}");
    }
}

#[test]
fn the_end_in_every_state_of_a_client() {
    let table = [
        ("", false),
        ("HTTP/1.1 200", false),
        ("HTTP/1.1 103 x\r\n\r\n", false),
        ("HTTP/1.1 200 OK\r\n\r\n", true),
        ("HTTP/1.1 200 OK\r\n\r\nabc", true),
        ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", false),
        ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", true),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc", false),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", false),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", true),
    ];
    for (input, complete) in table {
        let mut client = End::client(&[Method::Get]);
        client.receive(input);
        assert_eq!(client.connection.receive_eof().is_ok(), complete, "{input:?}");
        // Nobody is left to be told anything.
        assert!(client.connection.is_closed(), "{input:?}");
    }
}

// Limits and deadlines.

#[test]
fn content_up_to_its_bound() {
    let limited = |side| End::with(side, |config| config.limits.max_content_bytes = 5);
    let post = |field: &str| format!("POST / HTTP/1.1\r\nHost: a\r\n{field}\r\n\r\n");
    let length = |length| post(&format!("Content-Length: {length}"));
    let chunked = |body: &str| post("Transfer-Encoding: chunked") + body;
    let table = [
        (length(5) + "hello", "POST [hello]."),
        (length(6), "ContentBytes"),
        (chunked("5\r\nhello\r\n0\r\n\r\n"), "POST [hello] []."),
        (chunked("3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"), "POST [hel] [lo] []."),
        (chunked("3\r\nhel\r\n3\r\nlo!\r\n0\r\n\r\n"), "POST [hel] ContentBytes"),
        (chunked("6\r\nhello!\r\n"), "POST ContentBytes"),
    ];
    for (input, expected) in table {
        let mut server = limited(Side::Server);
        assert_eq!(server.receive(&input), expected, "{input:?}");
    }
    for (body, expected) in [("hello", "200 [hello]"), ("hello!", "200 [hello] ContentBytes")] {
        let mut client = limited(Side::Client);
        client.request(Method::Get, Content::None).unwrap();
        assert_eq!(client.receive(&format!("HTTP/1.1 200 OK\r\n\r\n{body}")), expected);
    }
}

/// What is held of a head, or of trailers, that grow for ever is little more than the bound.
#[test]
fn endless_sections_are_refused_at_their_bound() {
    let head = format!("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n{}", "A: b\r\n".repeat(400));
    let chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n";
    let trailers = "A: b\r\n".repeat(400);
    for (before, section, bound) in
        [("", head.as_str(), Bound::HeadBytes), (chunked, &trailers, Bound::TrailerBytes)]
    {
        let mut server = End::with(Side::Server, |config| {
            config.limits.max_field_count = 1000;
            config.limits.max_trailer_count = 1000;
            config.limits.max_head_bytes = 1100;
            config.limits.max_trailer_bytes = 1100;
        });
        server.receive(before);
        let mut scratch = Scratch::new();
        let held = (1..section.len()).find(|&held| {
            let received = server.connection.receive(&section.as_bytes()[..held], &mut scratch);
            matches!(received, Err(Error::Limit { bound: crossed, .. }) if crossed == bound)
        });
        assert!(held.is_some_and(|held| (1101..=1120).contains(&held)), "{bound:?}: {held:?}");
    }
}

#[test]
fn data_of_no_octets() {
    let mut server = End::server();
    server.receive(&GET.repeat(3));
    server.respond(200, Content::Unknown).unwrap();
    server.sent();
    // RFC 9112 section 7.1: a chunk of size 0 would end the content.
    assert_eq!(server.data(b"", false), Ok(0));
    assert_eq!(server.connection.send_data_header(0, false, &mut server.out), Ok(&b""[..]));
    assert_eq!(server.sent(), "");
    assert_eq!(server.connection.send_data_header(0, true, &mut server.out), Ok(&b""[..]));
    assert_eq!(server.sent(), "0\r\n\r\n");
    server.respond(200, Content::Length(2)).unwrap();
    server.data(b"", false).unwrap();
    refused(server.data(b"", true), Misuse::ContentLengthMismatch);
    server.data(b"ab", false).unwrap();
    // All of the content is there, but it was not said to end.
    refused(server.respond(200, Content::None), Misuse::OutOfOrder);
    server.data(b"", true).unwrap();
    server.respond(200, Content::None).unwrap();
    assert!(server.connection.is_idle());
}

#[test]
fn deadlines_are_met_exactly_and_time_does_not_go_back() {
    let (start, second) = (Instant::now(), Duration::from_secs(1));
    let mut server = End::server();
    server.connection.tick(start + second * 10).unwrap();
    let due = start + second * 10 + Timeouts::DEFAULT.head;
    assert_eq!(server.connection.deadline(), Some(due));
    server.connection.tick(start).unwrap();
    assert_eq!(server.connection.deadline(), Some(due));
    // A phase that begins now does not begin in the past.
    server.receive(GET);
    server.respond(200, Content::None).unwrap();
    let due = start + second * 10 + Timeouts::DEFAULT.idle;
    assert_eq!(server.connection.deadline(), Some(due));
    server.connection.tick(due - Duration::from_nanos(1)).unwrap();
    let late = server.connection.tick(due).unwrap_err();
    assert_eq!(name(late), "IdleTime");
    assert_eq!(server.connection.tick(start).map_err(name), Ok(()));
    assert_eq!(server.receive(GET), "IdleTime", "it stays");
}

/// A fast start does not buy silence: who sent a day's worth of content in a second is still to
/// go on within the timeout.
#[test]
fn content_that_came_fast_may_not_stall() {
    let start = Instant::now();
    let mut server = End::server();
    server.connection.tick(start).unwrap();
    server.receive("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n");
    let second = Duration::from_secs(1);
    server.connection.tick(start + second).unwrap();
    server.receive(&"x".repeat(20_000_000));
    assert_eq!(server.connection.deadline(), Some(start + second + Timeouts::DEFAULT.content));
    assert_eq!(
        server.connection.tick(start + second * 21).map_err(name),
        Err("ContentTime".into())
    );
}

/// A peer that sends an error behind its requests and then takes no response is not waited for.
#[test]
fn writes_have_a_deadline_after_an_error() {
    let start = Instant::now();
    let mut server = End::server();
    server.connection.tick(start).unwrap();
    assert_eq!(server.receive(&format!("{GET}GET\r\n\r\n")), "GET. InvalidMethod");
    server.respond(200, Content::None).unwrap();
    server.connection.transmitted(100);
    let due = start + Timeouts::DEFAULT.write;
    assert_eq!(server.connection.deadline(), Some(due));
    assert!(server.connection.tick(due).is_err());
}
