//! The cases that several servers are put to: what is asked of them, what their handlers do, and
//! the answer that is right.

use serde::{Deserialize, Serialize};
use shockwave_bench_kit::corpus::{self, judged};
use shockwave_bench_kit::{Bench, Digest, Engine, Random, Throughput, canonical};

use super::client::Client;

/// One case: an operation of it is the exchange of all its requests.
#[derive(Clone, Copy)]
pub(crate) struct Case {
    /// The middle of its ids: `<operation>/<case>`.
    pub(crate) id: &'static str,
    requests: fn() -> Vec<u8>,
    /// The content of each answer.
    answer: fn() -> Vec<u8>,
    throughput: Throughput,
}

/// All of them. The handler of each is told by [`Route`].
pub(crate) const CASES: [Case; 7] = [
    Case {
        id: "get/plaintext",
        requests: || corpus::message("plaintext-169"),
        answer: || TEXT.into(),
        throughput: Throughput::Elements(1),
    },
    Case {
        id: "get/browser",
        requests: || corpus::message("browser-703"),
        answer: || TEXT.into(),
        throughput: Throughput::Elements(1),
    },
    Case {
        id: "get/pipelined-16",
        requests: || corpus::message("pipelined-16"),
        answer: || TEXT.into(),
        throughput: Throughput::Elements(16),
    },
    Case {
        id: "get/page-10k",
        requests: || get("/page"),
        answer: || PAGE.into(),
        throughput: Throughput::Bytes(PAGE.len() as u64),
    },
    Case {
        id: "get/streamed-10k",
        requests: || get("/pieces"),
        answer: || PAGE.into(),
        throughput: Throughput::Bytes(PAGE.len() as u64),
    },
    Case {
        id: "post/json-1k",
        requests: || post("/orders", "application/json", &order()),
        answer: total_of_order,
        throughput: Throughput::Elements(1),
    },
    Case {
        id: "post/upload-64k",
        requests: || post("/uploads", "application/octet-stream", &upload()),
        answer: sum_of_upload,
        throughput: Throughput::Bytes(UPLOAD as u64),
    },
];

/// What a handler does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route {
    /// Answers [`TEXT`], as text.
    Text,
    /// Answers [`PAGE`], which is there for ever.
    Page,
    /// Answers [`PAGE`] in [`pieces`], its length not announced.
    Pieces,
    /// Reads an [`Order`] and answers its [`Total`].
    Order,
    /// Reads the content piece by piece as it comes and answers its [`Sum`].
    Upload,
    /// 404 without content.
    NotFound,
}

impl Route {
    /// The route of a request: `path` is the target without its query.
    pub(crate) fn of(method: &[u8], path: &str) -> Self {
        match (method, path) {
            (b"GET", "/plaintext") => Self::Text,
            (b"GET", path) if path.starts_with("/gallery/") => Self::Text,
            (b"GET", "/page") => Self::Page,
            (b"GET", "/pieces") => Self::Pieces,
            (b"POST", "/orders") => Self::Order,
            (b"POST", "/uploads") => Self::Upload,
            _ => Self::NotFound,
        }
    }
}

/// The content of a small answer.
pub(crate) const TEXT: &str = "Hello, World!";

/// The content of a large one: letters that do not repeat from piece to piece.
pub(crate) static PAGE: [u8; 10 << 10] = {
    let letters = b"abcdefghijklmnopqrstuvwxyz";
    let mut page = [0; 10 << 10];
    let mut at = 0;
    while at < page.len() {
        page[at] = letters[(at * 7 + at / 26 + at / 1024) % 26];
        at += 1;
    }
    page
};

/// The page in ten pieces of 1 KiB.
pub(crate) fn pieces() -> std::slice::Chunks<'static, u8> {
    PAGE.chunks(1 << 10)
}

/// The most octets of an order that a handler takes.
pub(crate) const ORDER_LIMIT: usize = 4 << 10;

const ITEMS: usize = 20;

/// What is posted as JSON. The note that comes with it is read over.
#[derive(Deserialize)]
pub(crate) struct Order {
    id: u64,
    items: [Item; ITEMS],
}

#[derive(Deserialize)]
struct Item {
    count: u64,
    cents: u64,
}

/// What an order comes to.
#[derive(Serialize)]
pub(crate) struct Total {
    id: u64,
    cents: u64,
}

impl Order {
    pub(crate) fn total(&self) -> Total {
        let cents = self.items.iter().map(|item| item.count * item.cents).sum();
        Total { id: self.id, cents }
    }
}

/// What an upload comes to.
#[derive(Default, Serialize)]
pub(crate) struct Sum {
    octets: u64,
    sum: u64,
}

impl Sum {
    /// Counts a piece of content. In lanes of 16 bits, so that the handler's work does not drown
    /// the server's.
    pub(crate) fn add(&mut self, piece: &[u8]) {
        self.octets += piece.len() as u64;
        for few in piece.chunks(128) {
            self.sum += u64::from(few.iter().map(|&octet| u16::from(octet)).sum::<u16>());
        }
    }
}

/// Count and price of the items of the order that is posted.
fn items() -> [(u64, u64); ITEMS] {
    let mut random = Random::new(1047);
    let mut below = |bound| random.below(bound) as u64;
    std::array::from_fn(|_| (1 + below(9), 100 + below(9900)))
}

/// An order of 1 KiB.
fn order() -> Vec<u8> {
    let item = |(count, cents): (u64, u64)| {
        format!("{{\"count\":{count},\"cents\":{cents},\"gift\":false}}")
    };
    let items = items().map(item).join(",");
    let mut order = format!("{{\"id\":1047,\"items\":[{items}],\"note\":\"");
    order.extend(std::iter::repeat_n('n', (1 << 10) - order.len() - 2));
    order.push_str("\"}");
    order.into_bytes()
}

fn total_of_order() -> Vec<u8> {
    let cents: u64 = items().iter().map(|(count, cents)| count * cents).sum();
    format!("{{\"id\":1047,\"cents\":{cents}}}").into_bytes()
}

const UPLOAD: usize = 64 << 10;

fn upload() -> Vec<u8> {
    let mut random = Random::new(UPLOAD as u64);
    std::iter::repeat_with(|| random.next().to_le_bytes()).take(UPLOAD / 8).flatten().collect()
}

fn sum_of_upload() -> Vec<u8> {
    let sum = upload().into_iter().fold(0, |sum, octet| sum + u64::from(octet));
    format!("{{\"octets\":{UPLOAD},\"sum\":{sum}}}").into_bytes()
}

fn get(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: shop.example.com\r\nUser-Agent: app/5.2\r\n\r\n").into()
}

fn post(path: &str, media_type: &str, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: shop.example.com\r\nUser-Agent: app/5.2\r\n\
         Content-Type: {media_type}\r\nContent-Length: {length}\r\n\r\n"
    );
    [head.as_bytes(), content].concat()
}

/// `server/<operation>/<case>/<engine>`. `client` starts the engine behind a new connection;
/// `accepts` is whether a head gets past its parser to the handler.
pub(crate) fn bench(
    engine: Engine,
    case: Case,
    client: fn(&Case) -> Client,
    accepts: fn(&[u8]) -> bool,
) -> Bench {
    let requests = (case.requests)();
    let source = engine.source(Digest::of(include_str!("cases.rs").as_bytes()).field(&requests));
    let octets = requests.clone();
    let make = move || client(&case).timed(octets.clone());
    Bench::new(format!("server/{}/{}", case.id, engine.name), source, make)
        .throughput(case.throughput)
        .verify(move || {
            let count = canonical::messages_in(&requests);
            let expected = canonical::answer(200, &(case.answer)()).repeat(count);
            let mut client = client(&case);
            client.exchange(&requests); // what must not be seen again
            engine
                .verification(canonical::answers_by_oracle(&client.exchange(&requests)))
                .expecting(expected)
                .judging(judged(&corpus::request_edges()), accepts)
        })
}
