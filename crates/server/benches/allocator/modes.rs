//! What is done in each mode: a page of formatted lines, a form whose strings are kept for the time
//! of the request, and a head parsed, which allocates in no mode.

use std::hint::black_box;
use std::rc::Rc;

use serde::{Deserialize, Serialize};
use shockwave_bench_kit::{Bench, Checks, Digest, Engine, Registry, canonical, corpus};
use shockwave_http11::{Config as Http1Config, Parsed, parse_request_head};
#[cfg(feature = "arena")]
use shockwave_memory::ArenaString;
use shockwave_server::{Config, ConnectionInfo, Request, Sent, Worker};
use shockwave_wire::Scratch;
use tokio::io::DuplexStream;

use crate::client::Client;

/// An allocation mode.
#[derive(Clone, Copy)]
pub(crate) struct Mode {
    /// The last part of its ids.
    pub(crate) name: &'static str,
    pub(crate) memory: Memory,
}

/// Where a handler gets memory.
#[derive(Clone, Copy, PartialEq, Eq)]
#[allow(dead_code, reason = "a binary has its own modes")]
pub(crate) enum Memory {
    /// From the global allocator.
    Heap,
    /// From the request's arena.
    #[cfg(feature = "arena")]
    Arena,
}

/// One request and its response.
struct Exchange {
    /// The middle of its ids: `<operation>/<case>`.
    id: &'static str,
    request: fn() -> Vec<u8>,
    /// The content of the answer.
    answer: fn() -> String,
}

const EXCHANGES: [Exchange; 2] = [
    Exchange { id: "respond/16-lines", request: lines_request, answer: page },
    Exchange { id: "receive-json/16-strings", request: form_request, answer: octets_of_form },
];

/// Registers what is done in one mode.
pub(crate) fn register(registry: &mut Registry, mode: Mode) {
    for case in EXCHANGES {
        registry.add(within_budget(exchange(mode, case), mode));
    }
    // A parse has no use for an arena, so that it would be `standard` under another name.
    if mode.memory == Memory::Heap {
        registry.add(parse_head(mode));
    }
}

fn engine(mode: Mode) -> Engine {
    Engine { name: mode.name, checks: Checks::Strict, text: include_str!("modes.rs") }
}

/// Nothing is to be allocated with an arena. What the others allocate is the handlers' affair.
fn within_budget(bench: Bench, mode: Mode) -> Bench {
    match mode.memory {
        Memory::Heap => bench,
        #[cfg(feature = "arena")]
        Memory::Arena => bench.budget(0, 0),
    }
}

/// One exchange on a connection that is kept alive.
fn exchange(mode: Mode, case: Exchange) -> Bench {
    let engine = engine(mode);
    let request = (case.request)();
    let client = move || Client::new(move |connection| serve(connection, mode.memory));
    let octets = request.clone();
    let make = move || client().timed(octets.clone());
    let id = format!("allocator/{}/{}", case.id, mode.name);
    Bench::new(id, engine.source(Digest::of(&request)), make).verify(move || {
        let mut client = client();
        client.exchange(&request); // what must not be seen again
        let answers = canonical::answers_by_oracle(&client.exchange(&request));
        engine.verification(answers).expecting(canonical::answer(200, (case.answer)().as_bytes()))
    })
}

async fn serve(connection: DuplexStream, memory: Memory) {
    let worker = Rc::new(Worker::new(Config::new()));
    let handler = async |request: Request<'_>| handle(request, memory).await;
    worker.serve_connection(connection, ConnectionInfo::new(), &handler).await;
}

async fn handle(request: Request<'_>, memory: Memory) -> Option<Sent> {
    match (request.path(), memory) {
        ("/lines", Memory::Heap) => Some(lines_on_heap(request)),
        #[cfg(feature = "arena")]
        ("/lines", Memory::Arena) => lines_in_arena(request),
        ("/forms", Memory::Heap) => form_on_heap(request).await,
        #[cfg(feature = "arena")]
        ("/forms", Memory::Arena) => form_in_arena(request).await,
        _ => None,
    }
}

/// Lines of the page.
const LINES: u32 = 16;
const NAME: &str = "Hypertext Transfer Protocol";

fn lines_request() -> Vec<u8> {
    b"GET /lines HTTP/1.1\r\nHost: docs.example.org\r\nUser-Agent: app/5.2\r\n\r\n".into()
}

fn page() -> String {
    (0..LINES).map(|id| format!("{NAME}, line {id}\n")).collect()
}

fn lines_on_heap(request: Request<'_>) -> Sent {
    let mut lines = Vec::new();
    for id in 0..black_box(LINES) {
        lines.push(format!("{}, line {id}\n", black_box(NAME)));
    }
    request.respond().text(lines.concat())
}

#[cfg(feature = "arena")]
fn lines_in_arena(request: Request<'_>) -> Option<Sent> {
    let arena = request.arena();
    let mut lines = arena.vec();
    for id in 0..black_box(LINES) {
        lines.push(arena.alloc_fmt(format_args!("{}, line {id}\n", black_box(NAME))).ok()?).ok()?;
    }
    let mut page = ArenaString::new_in(arena);
    page.reserve(lines.iter().map(|line| line.len()).sum()).ok()?;
    for line in lines.iter() {
        page.push_str(line).ok()?;
    }
    Some(request.respond().text(page.into_str()))
}

/// Strings of the form.
const STRINGS: usize = 16;

#[derive(Deserialize)]
struct Form<S> {
    strings: [S; STRINGS],
}

#[derive(Serialize)]
struct Octets {
    octets: usize,
}

/// What is written into the form: of 8 to 68 octets.
fn strings() -> [String; STRINGS] {
    std::array::from_fn(|at| format!("value-{at:02}{}", "-and-more".repeat(at / 2)))
}

fn form_request() -> Vec<u8> {
    let content = format!("{{\"strings\":{:?}}}", strings());
    let length = content.len();
    let head = format!(
        "POST /forms HTTP/1.1\r\nHost: docs.example.org\r\nUser-Agent: app/5.2\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    );
    (head + &content).into()
}

fn octets_of_form() -> String {
    let octets: usize = strings().iter().map(String::len).sum();
    format!("{{\"octets\":{octets}}}")
}

async fn form_on_heap(mut request: Request<'_>) -> Option<Sent> {
    let form: Form<String> = request.body().json(4 << 10).await.ok()?;
    let strings = black_box(&form.strings);
    let octets = strings.iter().map(String::len).sum();
    Some(request.respond().json(&Octets { octets }))
}

/// The strings are found in the content, which has come in one piece, and copied into the arena.
#[cfg(feature = "arena")]
async fn form_in_arena(mut request: Request<'_>) -> Option<Sent> {
    let arena = request.arena();
    let content = request.body().chunk().await?.ok()?;
    let form: Form<&str> = serde_json::from_slice(content).ok()?;
    let mut strings = [""; STRINGS];
    for (own, found) in strings.iter_mut().zip(form.strings) {
        *own = arena.alloc_str(found).ok()?;
    }
    let octets = black_box(&strings).iter().map(|own| own.len()).sum();
    Some(request.respond().json(&Octets { octets }))
}

fn parse_head(mode: Mode) -> Bench {
    let engine = engine(mode);
    let input = corpus::input("browser-703");
    let make = || {
        let mut scratch = Scratch::new();
        let config = Http1Config::strict();
        move |octets: &[u8]| match parse_request_head(octets, &mut scratch, &config) {
            Ok(Parsed::Complete { value, consumed, .. }) => {
                (black_box(&value).fields.len() + consumed) as u64
            }
            _ => panic!("the request was not accepted"),
        }
    };
    engine.bench("allocator/parse-head", "browser-703", &input, make).budget(0, 0).verify(
        move || {
            let octets = input.bytes();
            let mut scratch = Scratch::new();
            let parsed = parse_request_head(&octets, &mut scratch, &Http1Config::strict());
            let Ok(Parsed::Complete { value: head, .. }) = parsed else {
                panic!("the request was not accepted");
            };
            let fields = head.fields.iter().map(|field| (field.name, field.value));
            let canonical = canonical::request(head.method.as_bytes(), head.target, 1, fields);
            engine.verification(canonical).expecting(canonical::request_by_oracle(&octets))
        },
    )
}
