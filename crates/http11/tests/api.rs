//! The API as its users meet it: a server's loop, a client's loop, and the two against each other.

use shockwave_bench_kit::Random;
use shockwave_http11::{
    Config, Connection, Error, Event, HttpDate, Misuse, ResponseTemplate, Violation,
};
use shockwave_wire::{
    Content, Field, Fields, Method, RequestHead, ResponseHead, Scratch, Side, Status,
};

fn server() -> Connection {
    Connection::new(Side::Server, Config::strict())
}

fn client() -> Connection {
    Connection::new(Side::Client, Config::strict())
}

/// All events of `input` as lines of text; how much of it was consumed; and the error.
fn receive(connection: &mut Connection, input: &[u8]) -> (Vec<String>, usize, Option<Error>) {
    let (mut scratch, mut events, mut at) = (Scratch::new(), Vec::new(), 0);
    loop {
        let received = match connection.receive(&input[at..], &mut scratch) {
            Ok(received) => received,
            Err(error) => return (events, at, Some(error)),
        };
        at += received.consumed;
        match received.event {
            Some(Event::Upgrade) => {
                events.push("upgrade".to_owned());
                return (events, at, None);
            }
            Some(event) => events.push(text(&event)),
            None if received.consumed == 0 => return (events, at, None),
            None => {}
        }
    }
}

fn text(event: &Event<'_>) -> String {
    let ended = |end: bool| if end { " end" } else { "" };
    match *event {
        Event::Request { head, end } => {
            format!("{} {}{}", head.method, head.target.escape_ascii(), ended(end))
        }
        Event::Response { head, end } => format!("{}{}", head.status.code(), ended(end)),
        Event::Data { data, end } => format!("{}{}", data.escape_ascii(), ended(end)),
        Event::Trailers(fields) => format!("{fields:?}"),
        Event::Upgrade => "upgrade".to_owned(),
    }
}

fn events(connection: &mut Connection, input: impl AsRef<[u8]>) -> Vec<String> {
    let (events, _, error) = receive(connection, input.as_ref());
    assert_eq!(error, None, "{events:?}");
    events
}

fn respond(connection: &mut Connection, status: Status, content: Content) -> String {
    let mut out = Vec::new();
    let head = ResponseHead::new(status, Fields::EMPTY);
    connection.send_response(&head, content, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn misuse<T: core::fmt::Debug>(result: Result<T, Error>) -> Misuse {
    match result {
        Err(Error::Misuse(misuse)) => misuse,
        other => panic!("{other:?}"),
    }
}

fn get(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n")
}

/// Sends a request and answers what was appended.
fn request(connection: &mut Connection, method: Method<'_>, content: Content) -> String {
    let mut head = RequestHead::new(method, b"/", Fields::EMPTY);
    head.authority = Some(b"a");
    let mut out = Vec::new();
    connection.send_request(&head, content, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let mut server = server();
    let input = get("/1") + &get("/2") + "HEAD /3 HTTP/1.1\r\nHost: a\r\n\r\n";
    assert_eq!(events(&mut server, input), ["GET /1 end", "GET /2 end", "HEAD /3 end"]);
    assert_eq!(server.in_flight(), 3);
    let first = respond(&mut server, Status::OK, Content::Length(2));
    assert_eq!(first, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n");
    let mut out = Vec::new();
    // RFC 9112 section 9.3.2: it MUST send the corresponding responses in the same order.
    let head = ResponseHead::new(Status::OK, Fields::EMPTY);
    let early = server.send_response(&head, Content::None, &mut out);
    assert_eq!(misuse(early), Misuse::OutOfOrder);
    assert_eq!(misuse(server.send_data(b"abc", false, &mut out)), Misuse::ContentLengthMismatch);
    assert_eq!(misuse(server.send_data(b"a", true, &mut out)), Misuse::ContentLengthMismatch);
    assert_eq!(server.send_data(b"a", false, &mut out), Ok(1));
    assert_eq!(server.send_data(b"b", true, &mut out), Ok(1));
    assert_eq!(out, b"ab");
    assert!(respond(&mut server, Status::OK, Content::Unknown).contains("chunked"));
    let mut out = Vec::new();
    assert_eq!(server.send_data_header(11, false, &mut out), Ok(&b"\r\n"[..]));
    assert_eq!(server.send_data_header(1, true, &mut out), Ok(&b"\r\n0\r\n\r\n"[..]));
    assert_eq!(out, b"b\r\n1\r\n");
    // RFC 9110 section 9.3.2: HEAD has the fields of GET, and no content.
    assert!(respond(&mut server, Status::OK, Content::Length(5)).contains("Content-Length: 5"));
    assert!(!server.is_sending() && server.is_idle());
    assert_eq!(misuse(server.send_data(b"hello", true, &mut out)), Misuse::OutOfOrder);
}

#[test]
fn no_more_requests_than_may_be_in_flight() {
    let mut server = server();
    let input = get("/").repeat(17);
    let (seen, consumed, _) = receive(&mut server, input.as_bytes());
    assert_eq!((seen.len(), server.in_flight()), (16, 16));
    assert!(!server.wants_receive());
    respond(&mut server, Status::OK, Content::None);
    assert!(server.wants_receive());
    assert_eq!(events(&mut server, &input[consumed..]), ["GET / end"]);
}

#[test]
fn templates_say_what_responses_say() {
    let list = [Field::new("Server", b"s")];
    let head = ResponseHead::new(Status::OK, Fields::from(&list));
    let template = ResponseTemplate::new(&head).unwrap();
    let date = HttpDate::from_unix(0);
    let closing = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let old = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
    let head_request = "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n";
    for input in [&get("/"), closing, old, head_request, "GET / HTTP/1.0\r\n\r\n"] {
        for content in [Content::None, Content::Length(0), Content::Length(3), Content::Unknown] {
            let lines = |use_template: bool| {
                let (mut server, mut out) = (server(), Vec::new());
                let _ = events(&mut server, input);
                let sent = match use_template {
                    true => server.send_template(&template, Some(&date), content, &mut out),
                    false => {
                        let list = [list[0], Field::new("Date", date.as_bytes())];
                        let head = ResponseHead::new(Status::OK, Fields::from(&list));
                        server.send_response(&head, content, &mut out)
                    }
                };
                let text = String::from_utf8(out).unwrap();
                let mut lines: Vec<_> = text.split("\r\n").map(str::to_owned).collect();
                lines.sort();
                (sent, lines, server.is_sending(), server.should_close())
            };
            assert_eq!(lines(true), lines(false), "{input} {content:?}");
        }
    }
}

#[test]
fn after_a_request_with_close_nothing_is_parsed() {
    // RFC 9112 section 9.6: MUST NOT process any further requests received on that connection.
    let mut server = server();
    let input = get("/").replace("\r\n\r\n", "\r\nConnection: x, CLOSE\r\n\r\n") + "\0nothing";
    assert_eq!(events(&mut server, input), ["GET / end"]);
    let response = respond(&mut server, Status::NO_CONTENT, Content::None);
    assert_eq!(response, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
    assert!(server.should_close() && !server.is_closed());
    assert!(events(&mut server, get("/")).is_empty());
    server.receive_eof().unwrap();
    assert!(server.is_closed());
}

#[test]
fn http10_persists_only_if_asked() {
    let mut one = server();
    let _ = events(&mut one, "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n");
    assert!(respond(&mut one, Status::OK, Content::None).contains("\r\nConnection: keep-alive"));
    assert!(!one.should_close());
    let _ = events(&mut one, "GET / HTTP/1.0\r\n\r\n");
    assert!(respond(&mut one, Status::OK, Content::None).contains("\r\nConnection: close"));
    assert!(one.should_close());
    // Content of unknown length ends with the connection.
    let mut two = server();
    let _ = events(&mut two, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    let head = respond(&mut two, Status::OK, Content::Unknown);
    assert_eq!(head, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
    let mut out = Vec::new();
    two.send_data(b"abc", true, &mut out).unwrap();
    assert_eq!(out, b"abc");
    assert!(two.should_close());
}

#[test]
fn what_the_core_writes_the_caller_may_not() {
    let mut server = server();
    let _ = events(&mut server, get("/"));
    let mut out = Vec::new();
    for name in ["content-length", "TRANSFER-ENCODING", "Connection"] {
        let list = [Field::new(name, b"1")];
        let head = ResponseHead::new(Status::OK, Fields::from(&list));
        assert_eq!(
            misuse(server.send_response(&head, Content::None, &mut out)),
            Misuse::FramingField
        );
    }
    let split = [Field::new("X", b"a\r\nSet-Cookie: b")];
    let head = ResponseHead::new(Status::OK, Fields::from(&split));
    let result = server.send_response(&head, Content::None, &mut out);
    assert_eq!(misuse(result), Misuse::InvalidFieldValue);
    let head = ResponseHead::new(Status::EARLY_HINTS, Fields::EMPTY);
    let result = server.send_response(&head, Content::None, &mut out);
    assert_eq!(misuse(result), Misuse::InvalidStatus);
    assert!(out.is_empty());
    assert_eq!(server.in_flight(), 1);
}

#[test]
fn continue_is_sent_or_the_connection_closes() {
    let input = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n";
    let mut refusing = server();
    assert_eq!(events(&mut refusing, input), ["POST /"]);
    assert!(refusing.expects_continue());
    // RFC 9112 section 9.3: MUST read the entire request message body or close.
    let refusal = respond(&mut refusing, Status::EXPECTATION_FAILED, Content::None);
    assert!(refusal.contains("\r\nConnection: close\r\n"), "{refusal}");
    assert!(events(&mut refusing, "ab").is_empty());
    let (mut taking, mut out) = (server(), Vec::new());
    let _ = events(&mut taking, input);
    taking.send_continue(&mut out).unwrap();
    assert_eq!(events(&mut taking, "ab"), ["ab end"]);
    assert!(!respond(&mut taking, Status::OK, Content::None).contains("close"));
    // RFC 9110 section 10.1.1: MAY omit 100 if some of the content was received.
    let mut impatient = server();
    assert_eq!(events(&mut impatient, input.to_owned() + "a"), ["POST /", "a"]);
    assert_eq!(misuse(impatient.send_continue(&mut out)), Misuse::OutOfOrder);
    // RFC 9110 section 10.1.1: MUST ignore it in an HTTP/1.0 request.
    let mut old = server();
    let _ = events(&mut old, input.replace("1.1", "1.0"));
    assert!(!old.expects_continue());
    let mut demanding = server();
    let (_, _, error) = receive(&mut demanding, input.replace("100", "200").as_bytes());
    assert_eq!(error.and_then(Error::code), Some(Status::EXPECTATION_FAILED));
}

#[test]
fn nothing_is_a_tunnel_before_101_is_sent() {
    let input = "GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: chat\r\nConnection: Upgrade\r\n\r\n";
    let smuggled = input.to_owned() + &get("/next");
    let mut refusing = server();
    let (seen, consumed, _) = receive(&mut refusing, smuggled.as_bytes());
    assert_eq!((seen, consumed), (vec!["GET /chat end".to_owned()], input.len()));
    assert!(!refusing.wants_receive());
    respond(&mut refusing, Status::OK, Content::None);
    assert_eq!(events(&mut refusing, &smuggled[consumed..]), ["GET /next end"]);

    let (mut agreeing, mut out) = (server(), Vec::new());
    let (_, consumed, _) = receive(&mut agreeing, smuggled.as_bytes());
    let head = ResponseHead::new(Status::SWITCHING_PROTOCOLS, Fields::EMPTY);
    let bare = agreeing.send_response(&head, Content::None, &mut out);
    assert_eq!(misuse(bare), Misuse::MissingUpgrade);
    let list = [Field::new("Upgrade", b"chat")];
    let head = ResponseHead::new(Status::SWITCHING_PROTOCOLS, Fields::from(&list));
    agreeing.send_response(&head, Content::None, &mut out).unwrap();
    assert!(out.ends_with(b"\r\nUpgrade: chat\r\nConnection: upgrade\r\n\r\n"));
    let rest = &smuggled.as_bytes()[consumed..];
    assert_eq!(receive(&mut agreeing, rest), (vec!["upgrade".to_owned()], 0, None));
    assert!(agreeing.is_upgraded());
    let after = agreeing.receive(rest, &mut Scratch::new()).map(drop);
    assert_eq!(misuse(after), Misuse::Upgraded);

    // Not offered: without the connection option, or in HTTP/1.0.
    for input in [input.replace("Connection: Upgrade", "A: b"), input.replace("1.1", "1.0")] {
        let mut server = server();
        let _ = events(&mut server, input);
        let result = server.send_response(&head, Content::None, &mut out);
        assert_eq!(misuse(result), Misuse::NotOffered);
    }
}

#[test]
fn errors_are_told_after_the_responses_before_them() {
    let mut server = server();
    let input = get("/good") + "BAD\r\n";
    let (seen, _, error) = receive(&mut server, input.as_bytes());
    assert_eq!(seen, ["GET /good end"]);
    let error = error.unwrap();
    assert_eq!(error.offset(), Some(get("/good").len() as u64 + 3), "of all the input");
    let mut out = Vec::new();
    assert_eq!(misuse(server.send_error(error, None, &mut out)), Misuse::OutOfOrder);
    assert!(!respond(&mut server, Status::OK, Content::None).contains("close"));
    let (_, _, again) = receive(&mut server, b"anything");
    assert_eq!(again, Some(error));
    server.send_error(error, None, &mut out).unwrap();
    assert!(out.starts_with(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n"));
    assert!(server.should_close());
    assert!(events(&mut server, "lingering").is_empty());
}

#[test]
fn the_end_of_the_input() {
    let incomplete = |connection: &mut Connection| match connection.receive_eof() {
        Err(Error::Protocol { violation, .. }) => violation == Violation::Incomplete,
        _ => false,
    };
    assert_eq!(server().receive_eof(), Ok(()));
    for input in [
        "GET / HTT",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n",
    ] {
        let mut server = server();
        let _ = events(&mut server, input);
        assert!(incomplete(&mut server), "{input}");
    }
    // RFC 9112 section 9.6: half-closed is not uninterested.
    let mut half = server();
    let _ = events(&mut half, get("/") + "\r\n");
    half.receive_eof().unwrap();
    assert!(respond(&mut half, Status::OK, Content::None).contains("close"));
    assert!(half.is_closed());
    let mut waiting = client();
    request(&mut waiting, Method::Get, Content::None);
    assert!(incomplete(&mut waiting));
    let mut until_close = client();
    request(&mut until_close, Method::Get, Content::None);
    assert_eq!(events(&mut until_close, "HTTP/1.0 200 OK\r\n\r\nabc"), ["200", "abc"]);
    assert_eq!(until_close.receive_eof(), Ok(()));
    assert!(until_close.is_closed());
}

#[test]
fn clients_say_host_first_and_connection_options() {
    let mut client = client();
    let list = [Field::new("Accept", b"*/*"), Field::new("TE", b"trailers")];
    let mut head = RequestHead::new(Method::Post, b"/x", Fields::from(&list));
    let mut out = Vec::new();
    let nowhere = client.send_request(&head, Content::None, &mut out);
    assert_eq!(misuse(nowhere), Misuse::InvalidHost);
    head.authority = Some(b"a:8080");
    client.close_after();
    client.send_request(&head, Content::Unknown, &mut out).unwrap();
    let expected = "POST /x HTTP/1.1\r\nHost: a:8080\r\nAccept: */*\r\nTE: trailers\r\n\
                    Connection: close, TE\r\nTransfer-Encoding: chunked\r\n\r\n";
    assert_eq!(String::from_utf8(out.clone()).unwrap(), expected);
    assert_eq!(misuse(client.send_request(&head, Content::None, &mut out)), Misuse::OutOfOrder);
    client.send_data(b"", true, &mut out).unwrap();
    assert_eq!(misuse(client.send_request(&head, Content::None, &mut out)), Misuse::Closed);
    assert_eq!(events(&mut client, "HTTP/1.1 204 No Content\r\n\r\n"), ["204 end"]);
    assert!(client.is_closed());
}

#[test]
fn clients_reject_what_they_did_not_ask_for() {
    let violation =
        |connection: &mut Connection, input: &str| match receive(connection, input.as_bytes()).2 {
            Some(Error::Protocol { violation, .. }) => violation,
            other => panic!("{other:?}"),
        };
    let mut unasked = client();
    assert!(events(&mut unasked, "\r\n\r\n").is_empty());
    let response = "HTTP/1.1 200 OK\r\n\r\n";
    assert_eq!(violation(&mut unasked, response), Violation::UnexpectedResponse);
    let mut plain = client();
    request(&mut plain, Method::Get, Content::None);
    let switching = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n";
    assert_eq!(violation(&mut plain, switching), Violation::UnexpectedUpgrade);
    // The offset counts the empty lines that were passed over.
    for (input, at) in [("X", 0), ("\r\nX", 2), ("\r\nHTTP/1.1 101 X\r\n\r\n", 2)] {
        let mut broken = client();
        request(&mut broken, Method::Get, Content::None);
        let (_, _, error) = receive(&mut broken, input.as_bytes());
        assert_eq!(error.and_then(Error::offset), Some(at), "{input}");
    }
    let mut flooded = client();
    request(&mut flooded, Method::Get, Content::None);
    let hints = "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(17);
    let (seen, _, error) = receive(&mut flooded, hints.as_bytes());
    assert_eq!(seen.len(), 16);
    assert!(matches!(error, Some(Error::Limit { .. })));
}

/// One side, what came to it and what it said.
struct End {
    connection: Connection,
    scratch: Scratch,
    input: Vec<u8>,
    out: Vec<u8>,
    seen: Vec<String>,
}

impl End {
    fn new(side: Side) -> Self {
        Self {
            connection: Connection::new(side, Config::strict()),
            scratch: Scratch::new(),
            input: Vec::new(),
            out: Vec::new(),
            seen: Vec::new(),
        }
    }

    /// Takes all that can be taken; joins data.
    fn receive(&mut self, react: impl Fn(&mut Connection, &Event<'_>, &mut Vec<u8>)) {
        let (mut at, mut joined) = (0, String::new());
        if self.seen.last().is_some_and(|last| last.starts_with("data ") && !last.ends_with("end"))
        {
            joined = self.seen.pop().unwrap_or_default();
        }
        while !self.connection.is_upgraded() || !self.seen.ends_with(&["upgrade".to_owned()]) {
            let input = &self.input[at..];
            let received = self.connection.receive(input, &mut self.scratch).unwrap();
            at += received.consumed;
            match received.event {
                Some(event @ Event::Data { end, .. }) => {
                    if joined.is_empty() {
                        joined = "data ".to_owned();
                    }
                    joined += &text(&event);
                    if end {
                        self.seen.push(core::mem::take(&mut joined));
                    }
                    react(&mut self.connection, &event, &mut self.out);
                }
                Some(event) => {
                    if !joined.is_empty() {
                        self.seen.push(core::mem::take(&mut joined));
                    }
                    self.seen.push(text(&event));
                    react(&mut self.connection, &event, &mut self.out);
                }
                None if received.consumed == 0 => break,
                None => {}
            }
        }
        if !joined.is_empty() {
            self.seen.push(joined);
        }
        self.input.drain(..at);
    }
}

/// What the server of the pair does.
fn serve(connection: &mut Connection, event: &Event<'_>, out: &mut Vec<u8>) {
    let send = |connection: &mut Connection, status, content, out: &mut Vec<u8>| {
        connection.send_response(&ResponseHead::new(status, Fields::EMPTY), content, out).unwrap();
    };
    match event {
        Event::Request { head, .. } if head.target == b"/chat" => {
            let list = [Field::new("Upgrade", b"chat")];
            let head = ResponseHead::new(Status::SWITCHING_PROTOCOLS, Fields::from(&list));
            connection.send_response(&head, Content::None, out).unwrap();
        }
        Event::Request { head, .. } if head.method == Method::Connect => {
            send(connection, Status::OK, Content::None, out);
        }
        Event::Request { head, end: true } if head.target == b"/chunks" => {
            send(connection, Status::OK, Content::Unknown, out);
            if connection.is_sending() {
                connection.send_data(b"some", false, out).unwrap();
                let list = [Field::new("Sum", b"4")];
                let fields = Fields::from(&list);
                if head.fields.get("TE").is_some() {
                    connection.send_trailers(fields, out).unwrap();
                } else {
                    let result = connection.send_trailers(fields, out);
                    assert_eq!(misuse(result), Misuse::TrailersNotPossible);
                    connection.send_data(b"", true, out).unwrap();
                }
            }
        }
        Event::Request { end: true, .. } => {
            let hints = ResponseHead::new(Status::EARLY_HINTS, Fields::EMPTY);
            connection.send_interim(&hints, out).unwrap();
            send(connection, Status::OK, Content::Length(5), out);
            if connection.is_sending() {
                connection.send_data(b"hello", true, out).unwrap();
            }
        }
        Event::Request { .. } if connection.expects_continue() => {
            connection.send_continue(out).unwrap();
        }
        Event::Data { end: true, .. } | Event::Trailers(_) => {
            send(connection, Status::CREATED, Content::None, out);
        }
        _ => {}
    }
}

fn ask(client: &mut End, method: Method<'_>, target: &str, list: &[Field<'_>], content: Content) {
    let mut head = RequestHead::new(method, target.as_bytes(), Fields::from(list));
    head.authority = Some(b"a:1");
    client.connection.send_request(&head, content, &mut client.out).unwrap();
}

#[test]
fn a_client_and_a_server_understand_each_other() {
    for seed in 1..200_u64 {
        let mut seed = Random::new(seed * 0x9E37_79B9);
        let (mut client, mut server) = (End::new(Side::Client), End::new(Side::Server));
        let te = [Field::new("TE", b"trailers")];
        let expect = [Field::new("Expect", b"100-continue")];
        let upgrade = [Field::new("Upgrade", b"chat")];
        ask(&mut client, Method::Get, "/", &[], Content::None);
        ask(&mut client, Method::Head, "/", &[], Content::None);
        ask(&mut client, Method::Get, "/chunks", &te, Content::None);
        ask(&mut client, Method::Head, "/chunks", &[], Content::None);
        ask(&mut client, Method::Post, "/", &[], Content::Length(5));
        client.connection.send_data(b"12", false, &mut client.out).unwrap();
        client.connection.send_data(b"345", true, &mut client.out).unwrap();
        ask(&mut client, Method::Post, "/", &[], Content::Unknown);
        client.connection.send_data(b"chunk", false, &mut client.out).unwrap();
        let sum = [Field::new("Sum", b"5")];
        client.connection.send_trailers(Fields::from(&sum), &mut client.out).unwrap();
        ask(&mut client, Method::Put, "/", &expect, Content::Length(4));
        let (mut has_continued, mut has_upgraded) = (false, false);
        while !has_upgraded || !client.out.is_empty() || !server.out.is_empty() {
            let count = seed.below(60) + 1;
            let count = count.min(client.out.len());
            server.input.extend(client.out.drain(..count));
            server.receive(serve);
            let count = seed.below(60) + 1;
            let count = count.min(server.out.len());
            client.input.extend(server.out.drain(..count));
            client.receive(|_, _, _| {});
            if !has_continued && !client.connection.expects_continue() {
                has_continued = true;
                client.connection.send_data(b"late", true, &mut client.out).unwrap();
            }
            if has_continued && !has_upgraded && client.connection.is_idle() {
                has_upgraded = true;
                match seed.below(2) {
                    0 => ask(&mut client, Method::Get, "/chat", &upgrade, Content::None),
                    _ => ask(&mut client, Method::Connect, "a:1", &[], Content::None),
                }
                client.out.extend_from_slice(b"not HTTP");
            }
        }
        let last = server.seen.len() - 2;
        assert_eq!(
            server.seen[..last],
            [
                "GET / end",
                "HEAD / end",
                "GET /chunks end",
                "HEAD /chunks end",
                "POST /",
                "data 12345 end",
                "POST /",
                "data chunk",
                "{Sum: 5}",
                "PUT /",
                "data late end",
            ]
        );
        assert_eq!(server.seen.last().map(String::as_str), Some("upgrade"));
        assert_eq!(server.input, b"not HTTP", "left for the other protocol");
        let last = client.seen.len() - 2;
        assert_eq!(
            client.seen[..last],
            [
                "103",
                "200",
                "data hello end",
                "103",
                "200 end",
                "200",
                "data some",
                "{Sum: 4}",
                "200 end",
                "201 end",
                "201 end",
                "100",
                "201 end",
            ]
        );
        assert_eq!(client.seen.last().map(String::as_str), Some("upgrade"));
    }
}
