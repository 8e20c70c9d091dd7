//! Any split, same events: every input here is cut at every octet, and into single octets.
//! Then the fuzz functions, over seeded mutations of the same inputs, and seeded noise.

use shockwave_bench_kit::Random;
use shockwave_http11::{Config, Connection, Error, Event, fuzz};
use shockwave_wire::{Content, Fields, Method, RequestHead, ResponseHead, Scratch, Side, Status};

/// Requests, or several, valid and broken.
const REQUESTS: &[&[u8]] = &[
    b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"\r\n\r\nGET /first HTTP/1.1\r\nHost: a\r\n\r\nGET /second HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n0123456789GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;a=\"b\"\r\nhello\r\nA\r\n0123456789\r\n0\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nSum: 1\r\nLeft: 2\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET / HTTP/1.0\r\n\r\nGET /never HTTP/1.0\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET /never HTTP/1.1\r\n\r\n",
    b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\nno tunnel: \0\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    // Broken.
    b"GET / HTTP/1.1\rHost: a\r\n\r\n",
    b"GET / HTTP/1.1\nHost: a\r\n\r\n",
    b"GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET / HTTP/2.0\r\nHost: a\r\n\r\n",
    b"GET / HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n c\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nExpect: more\r\nContent-Length: 1\r\n\r\nx",
    b"\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\n\r\n\rGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX\r\n0\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 3\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nBad Name: 3\r\n\r\n",
];

/// Responses to two GETs.
const RESPONSES: &[&[u8]] = &[
    b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcHTTP/1.1 204 \r\n\r\n",
    b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: 1\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n\r\nup to the end\r\n\r\n",
    b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\naHTTP/1.1 200 never\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nFolded: a\r\n b\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nT: 1\r\n 2\r\nU:\r\n\t3\r\n\r\nHTTP/1.1 204 \r\n\r\n",
    b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nHTTP/1.1 304 Not Modified\r\n\r\nHTTP/1.1 200 unasked\r\n\r\n",
    b"\r\nHTTP/1.1 204 No Content\r\n\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n\r\n",
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
    b"HTTP/1.1 099 Low\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n",
];

/// Events as text, data joined.
fn run(side: Side, input: &[u8], cuts: &[usize]) -> (String, Option<Error>) {
    let mut connection = Connection::new(side, Config::strict());
    if side == Side::Client {
        for _ in 0..2 {
            let mut head = RequestHead::new(Method::Get, b"/", Fields::EMPTY);
            head.authority = Some(b"a");
            connection.send_request(&head, Content::None, &mut Vec::new()).unwrap();
        }
    }
    let mut scratch = Scratch::new();
    let (mut text, mut data, mut at) = (String::new(), Vec::new(), 0);
    for &cut in cuts.iter().chain([&input.len()]) {
        loop {
            let received = match connection.receive(&input[at..cut], &mut scratch) {
                Ok(received) => received,
                Err(error) => {
                    assert_eq!(connection.receive(b"", &mut scratch).unwrap_err(), error);
                    return (text + &format!("{}", data.escape_ascii()), Some(error));
                }
            };
            at += received.consumed;
            match received.event {
                Some(Event::Data { data: more, end }) => {
                    data.extend_from_slice(more);
                    if end {
                        text += &format!("{} end\n", data.escape_ascii());
                        data.clear();
                    }
                }
                Some(event) => text += &format!("{event:?}\n"),
                None if received.consumed == 0 => break,
                None => {}
            }
            if !connection.wants_receive() && connection.in_flight() > 0 {
                // Refused, so that what follows has to be requests.
                while connection.in_flight() > 0 {
                    let head = ResponseHead::new(Status::FORBIDDEN, Fields::EMPTY);
                    connection.send_response(&head, Content::None, &mut Vec::new()).unwrap();
                }
            }
        }
    }
    (text + &format!("{}", data.escape_ascii()), None)
}

fn any_split(side: Side, input: &[u8]) {
    // Broken heads are found to be at the latest when they have doubled.
    let mut padded = input.to_vec();
    padded.resize(input.len() * 2 + 4, b'x');
    let (events, error) = run(side, &padded, &[]);
    let error_is_of_padding =
        error.and_then(Error::offset).is_some_and(|offset| offset >= input.len() as u64);
    let input = if error_is_of_padding { input } else { &padded[..] };
    let whole = if error_is_of_padding { run(side, input, &[]) } else { (events, error) };
    let every: Vec<usize> = (0..input.len()).collect();
    assert_eq!(run(side, input, &every), whole, "octet by octet: {}", input.escape_ascii());
    for cut in 0..input.len() {
        assert_eq!(run(side, input, &[cut]), whole, "cut at {cut}: {}", input.escape_ascii());
    }
}

#[test]
fn requests() {
    for input in REQUESTS {
        any_split(Side::Server, input);
    }
}

#[test]
fn responses() {
    for input in RESPONSES {
        any_split(Side::Client, input);
    }
}

#[test]
fn the_table_has_errors_and_events() {
    let errors = REQUESTS.iter().filter(|input| run(Side::Server, input, &[]).1.is_some()).count();
    assert!(errors >= 14, "{errors}");
    let (events, error) = run(Side::Server, REQUESTS[4], &[]);
    assert_eq!(error, None);
    assert!(events.contains("Trailers") && events.contains("Sum"), "{events}");
}

#[test]
fn mutations_of_the_table() {
    let mut seed = Random::new(0x9E37_79B9_7F4A_7C15);
    let all: Vec<&[u8]> = REQUESTS.iter().chain(RESPONSES).copied().collect();
    let octets = b"\r\n\0 \t:;,=\"x0aF\xff\x7f/HTTP";
    for _ in 0..60_000 {
        let mut input = all[seed.below(all.len())].to_vec();
        for _ in 0..seed.below(4) {
            let at = seed.below(input.len());
            match seed.below(3) {
                0 => input[at] = octets[seed.below(octets.len())],
                1 => input.insert(at, octets[seed.below(octets.len())]),
                _ => drop(input.remove(at)),
            }
        }
        fuzz::fuzz_request_head(&input);
        fuzz::fuzz_response_head(&input);
        let content = input.windows(4).position(|w| w == b"\r\n\r\n").map_or(0, |at| at + 4);
        fuzz::fuzz_chunked(&input[content..]);
        fuzz::fuzz_encode(&input);
        let setup = [octet(&mut seed), octet(&mut seed)];
        fuzz::fuzz_connection(&[&setup[..], &input].concat());
    }
}

#[test]
fn encodings_of_mutated_parts() {
    let mut seed = Random::new(0x5851_F42D_4C95_7F2D);
    let parts: [&[u8]; 8] = [b"GET", b"/a?b", b"Fine", b"Name", b"value", b"TE", b"trailers", b"a"];
    for _ in 0..50_000 {
        let mut data = parts.join(&0);
        for _ in 0..seed.below(4) {
            let at = seed.below(data.len());
            data[at] = octet(&mut seed);
        }
        fuzz::fuzz_encode(&data);
    }
}

#[test]
fn pairs_that_do_anything() {
    let mut seed = Random::new(0xD1B5_4A32_D192_ED03);
    for _ in 0..30_000 {
        let data: Vec<u8> = (0..seed.below(100)).map(|_| octet(&mut seed)).collect();
        fuzz::fuzz_pair(&data);
    }
}

fn octet(seed: &mut Random) -> u8 {
    seed.next().to_le_bytes()[0]
}
