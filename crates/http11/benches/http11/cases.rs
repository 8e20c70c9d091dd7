//! The cases that several engines are put to: their inputs, what one operation of them is, and the
//! answer that is right.

use shockwave_bench_kit::corpus::{self, Input, judged};
use shockwave_bench_kit::{Bench, Checks, Digest, Throughput, Verification, canonical};

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

/// The cases of `http11/parse-response`; their inputs are called `response-<case>`.
pub(crate) const RESPONSES: [&str; 3] = ["small", "cdn", "not-modified"];

/// The cases of `http11/chunked` that decode, and their inputs. An operation decodes the whole
/// body.
pub(crate) const CHUNKED: [(&str, &str); 3] =
    [("decode-one", "chunked-one"), ("decode-64k", "chunked-64k"), ("decode-tiny", "chunked-tiny")];

/// An engine as the groups need to know it.
#[derive(Clone, Copy)]
pub(crate) struct Engine {
    /// The last part of its ids.
    pub(crate) name: &'static str,
    /// How strict it is.
    pub(crate) checks: Checks,
    /// The text of the module that registers it.
    pub(crate) text: &'static str,
}

impl Engine {
    /// What the engine gave.
    pub(crate) fn verification(&self, output: impl AsRef<[u8]>) -> Verification {
        match self.checks {
            Checks::Strict => Verification::strict(output),
            Checks::Lenient => Verification::lenient(output),
        }
    }

    /// A benchmark of this engine over one input of the corpus. `operation` is made of the octets,
    /// which it is given again, through a `black_box`, whenever it is to work on them.
    pub(crate) fn bench<F>(
        &self,
        family: &str,
        case: &str,
        input: &Input,
        make: impl Fn() -> F + 'static,
    ) -> Bench
    where
        F: FnMut(&[u8]) -> u64 + 'static,
    {
        let source = Digest::of(self.text.as_bytes()).field(&input.digest().value().to_le_bytes());
        let octets = input.bytes();
        let work = move || {
            let octets = octets.clone();
            let mut operation = make();
            shockwave_bench_kit::repeat(move || operation(std::hint::black_box(&octets)))
        };
        Bench::new(format!("{family}/{case}/{}", self.name), source, work)
            .throughput(Throughput::Bytes(input.length()))
    }
}

/// `http11/parse-request/<case>/<engine>`. `operation` parses the requests in the octets, one after
/// the other, and sums something up; `parse` gives the first request in canonical form and how many
/// octets it was, or `None` where the engine rejects it.
pub(crate) fn parse_request<F>(
    engine: Engine,
    case: &'static str,
    make: impl Fn() -> F + 'static,
    parse: fn(&[u8]) -> Option<(Vec<u8>, usize)>,
) -> Bench
where
    F: FnMut(&[u8]) -> u64 + 'static,
{
    let input = corpus::input(case);
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
    parse: fn(&[u8]) -> Option<(Vec<u8>, usize)>,
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

/// `http11/chunked/<case>/<engine>`. `decode` gives the content.
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
    engine.bench("http11/chunked", case, &input, make).verify(move || {
        let body = input.bytes();
        engine.verification(decode(&body)).expecting(canonical::content_by_oracle(&body))
    })
}

/// The canonical forms of all messages in `octets`.
fn all(mut octets: &[u8], parse: fn(&[u8]) -> Option<(Vec<u8>, usize)>) -> Vec<u8> {
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

/// A well-known name near the end, one that is not well known at the very end, and one that is not
/// there.
pub(crate) const LOOKUPS: [Lookup; 3] = [
    Lookup { case: "known", input: "browser-703", name: "cookie" },
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
