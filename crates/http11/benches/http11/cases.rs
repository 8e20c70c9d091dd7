//! The cases that several engines are put to: their inputs, what one operation of them is, and the
//! answer that is right.

pub(crate) use shockwave_bench_kit::Engine;
use shockwave_bench_kit::corpus::{self, judged};
use shockwave_bench_kit::{Bench, Throughput, canonical};

/// The inputs of `http11/parse-request`. An operation parses all messages of the input: one for
/// most, 16 and 64 where the name says so.
pub(crate) const REQUESTS: [&str; 11] = [
    "get-27",
    "get-37",
    "get-107",
    "plaintext-169",
    "browser-703",
    "fields-10",
    "fields-20",
    "fields-32",
    "fields-64",
    "pipelined-16",
    "distinct-64",
];

/// A case of `http11/parse-request` and its input: the head comes octet by octet, and after each
/// the engine is asked for a request.
pub(crate) const FRAGMENTED: (&str, &str) = ("fragmented", "browser-703");

/// The cases of `http11/parse-response`; their inputs are called `response-<case>`.
pub(crate) const RESPONSES: [&str; 3] = ["small", "cdn", "not-modified"];

/// The cases of `http11/chunked` that decode, and their inputs. An operation decodes the whole
/// body.
pub(crate) const CHUNKED: [(&str, &str); 3] =
    [("decode-one", "chunked-one"), ("decode-64k", "chunked-64k"), ("decode-tiny", "chunked-tiny")];

/// Gives the first message of the octets in canonical form and how many octets it was; `None` where
/// the engine rejects it, or finds it incomplete.
pub(crate) type Parse = fn(&[u8]) -> Option<(Vec<u8>, usize)>;

/// `http11/parse-request/<case>/<engine>`. `make` gives what parses the requests in the octets, one
/// after the other, and sums something up; `parse` is the same code for the check.
pub(crate) fn parse_request<F>(
    engine: Engine,
    (case, input): (&'static str, &'static str),
    make: impl Fn() -> F + 'static,
    parse: Parse,
) -> Bench
where
    F: FnMut(&[u8]) -> u64 + 'static,
{
    let input = corpus::input(input);
    engine.bench("http11/parse-request", case, &input, make).verify(move || {
        let expected: Vec<u8> = input
            .messages
            .iter()
            .flat_map(|message| canonical::request_by_oracle(message))
            .collect();
        engine
            .verification(all(&input.bytes(), parse))
            .expecting(expected)
            .judging(judged(&corpus::request_edges()), |head| parse(head).is_some())
    })
}

/// `http11/parse-response/<case>/<engine>`, as [`parse_request`].
pub(crate) fn parse_response<F>(
    engine: Engine,
    case: &'static str,
    make: impl Fn() -> F + 'static,
    parse: Parse,
) -> Bench
where
    F: FnMut(&[u8]) -> u64 + 'static,
{
    let input = corpus::input(&format!("response-{case}"));
    engine.bench("http11/parse-response", case, &input, make).verify(move || {
        engine
            .verification(all(&input.bytes(), parse))
            .expecting(canonical::response_by_oracle(&input.bytes()))
            .judging(judged(&corpus::response_edges()), |head| parse(head).is_some())
    })
}

/// `http11/chunked/<case>/<engine>`. `decode` gives the content. Nothing is said of octets a
/// second, since those of the chunks' data are not looked at.
pub(crate) fn chunked_decode<F>(
    engine: Engine,
    (case, input): (&'static str, &'static str),
    make: impl Fn() -> F + 'static,
    decode: fn(&[u8]) -> Vec<u8>,
) -> Bench
where
    F: FnMut(&[u8]) -> u64 + 'static,
{
    let input = corpus::input(input);
    let bench = engine.bench("http11/chunked", case, &input, make);
    bench.throughput(Throughput::Elements(1)).verify(move || {
        let body = input.bytes();
        engine.verification(decode(&body)).expecting(canonical::content_by_oracle(&body))
    })
}

/// The canonical forms of all messages in `octets`.
fn all(mut octets: &[u8], parse: Parse) -> Vec<u8> {
    let mut output = Vec::new();
    while !octets.is_empty() {
        let (canonical, consumed) = parse(octets).expect("a sound message is accepted");
        output.extend(canonical);
        octets = &octets[consumed..];
    }
    output
}

/// One look-up of `http11/header-lookup`.
#[derive(Clone, Copy)]
pub(crate) struct Lookup {
    /// The case of its id.
    pub(crate) case: &'static str,
    /// The request that is looked through.
    pub(crate) input: &'static str,
    /// The name that is looked for, in lower case.
    pub(crate) name: &'static str,
}

/// A well-known name near the end that is known when the caller is compiled: by the engine's own
/// constant for it.
pub(crate) const KNOWN: Lookup = Lookup { case: "known", input: "browser-703", name: "cookie" };

/// Names that are strings when the program runs: the same well-known one, one that is not well
/// known at the very end, and one that is not there.
pub(crate) const LOOKUPS: [Lookup; 3] = [
    Lookup { case: "known-by-name", input: "browser-703", name: "cookie" },
    Lookup { case: "unknown", input: "fields-20", name: "x-meta-19" },
    Lookup { case: "absent", input: "fields-20", name: "x-meta-99" },
];

impl Lookup {
    /// The canonical answer, by the plainest reading of the head.
    pub(crate) fn expected(&self) -> String {
        let head = String::from_utf8(canonical::request_by_oracle(&corpus::message(self.input)));
        let head = head.expect("canonical heads are ASCII");
        let mut fields = head.lines().skip(1).filter_map(|line| line.split_once(": "));
        let found = fields.find(|(name, _)| name.eq_ignore_ascii_case(self.name));
        Self::answer(found.map(|(_, value)| value.as_bytes()))
    }

    /// The canonical form of an answer.
    pub(crate) fn answer(value: Option<&[u8]>) -> String {
        value.map_or_else(|| "absent".to_owned(), |value| value.escape_ascii().to_string())
    }
}

/// What a server answers on one connection that is kept alive: family, case, input. An operation
/// answers all messages of the input, without a transport and without an executor.
pub(crate) const EXCHANGES: [(&str, &str, &str); 4] = [
    ("http11/keep-alive", "get", "get-107"),
    ("http11/keep-alive", "post", "post-json"),
    ("http11/cycle", "plaintext", "plaintext-169"),
    ("http11/cycle", "pipelined-16", "pipelined-16"),
];

/// What every server answers to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route {
    /// 200, text/plain, [`PLAINTEXT`].
    Plaintext,
    /// 200, application/json, [`ORDER`].
    Order,
    /// [`Route::Order`] if there was content.
    NewOrder,
    /// 404 without content.
    NotFound,
}

/// The content of [`Route::Plaintext`].
pub(crate) const PLAINTEXT: &str = "Hello, World!";
/// The content of [`Route::Order`].
pub(crate) const ORDER: &str = "{\"id\":1047}";

impl Route {
    /// The route of a request: `path` is the target without its query.
    pub(crate) fn of(method: &[u8], path: &[u8]) -> Self {
        match (method, path) {
            (b"GET", b"/plaintext") => Self::Plaintext,
            (b"GET", b"/v1/orders/1047") => Self::Order,
            (b"POST", b"/v1/orders") => Self::NewOrder,
            _ => Self::NotFound,
        }
    }

    /// What is answered once the request, with so many octets of content, was received.
    pub(crate) const fn received(self, content: usize) -> Self {
        match (self, content) {
            (Self::NewOrder, 0) => Self::NotFound,
            (Self::NewOrder, _) => Self::Order,
            (route, _) => route,
        }
    }
}

/// `<family>/<case>/<engine>` for one of [`EXCHANGES`], in that family or in another that does
/// more.
/// `make` gives what answers the octets n times; `answers` gives the octets of the responses to
/// them; `accepts` whether a head gets past the engine's parser to the handler.
pub(crate) fn exchange<W>(
    engine: Engine,
    (family, case, input): (&'static str, &'static str, &'static str),
    make: impl Fn(Vec<u8>) -> W + 'static,
    answers: impl Fn(&[u8]) -> Vec<u8> + 'static,
    accepts: fn(&[u8]) -> bool,
) -> Bench
where
    W: FnMut(u64) -> u64 + 'static,
{
    let input = corpus::input(input);
    let octets = input.bytes();
    let id = format!("{family}/{case}/{}", engine.name);
    Bench::new(id, engine.source(input.digest()), move || make(octets.clone()))
        .throughput(Throughput::Elements(input.messages.len() as u64))
        .verify(move || {
            let content = if matches!(case, "get" | "post") { ORDER } else { PLAINTEXT };
            let expected = canonical::answer(200, content.as_bytes()).repeat(input.messages.len());
            engine
                .verification(canonical::answers_by_oracle(&answers(&input.bytes())))
                .expecting(expected)
                .judging(judged(&corpus::request_edges()), accepts)
        })
}
