//! Whole cycles of a server: a request parsed, routed and answered.

use std::hint::black_box;

use shockwave_bench_kit::{Checks, Registry, repeat};
use shockwave_http11::{Config, Framing, HttpDate, Parsed, ResponseTemplate, parse_request_head};
use shockwave_wire::{Content, Field, Fields, ResponseHead, Scratch, Status};

use super::cases::{self, EXCHANGES, Engine, ORDER, PLAINTEXT, Route};

const ENGINE: Engine =
    Engine { name: "shockwave", checks: Checks::Strict, text: include_str!("cycle.rs") };

pub(super) fn register(registry: &mut Registry) {
    for exchange in EXCHANGES {
        registry.add(cases::exchange(ENGINE, exchange, timed, answers, accepts).budget(0, 0));
    }
}

fn timed(requests: Vec<u8>) -> impl FnMut(u64) -> u64 {
    let mut server = Server::new();
    let mut out = Vec::new();
    repeat(move || {
        out.clear();
        server.serve(black_box(&requests), &mut out);
        black_box(&out).len() as u64
    })
}

fn answers(requests: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let consumed = Server::new().serve(requests, &mut out);
    assert_eq!(consumed, requests.len(), "every request is answered");
    out
}

pub(crate) fn accepts(head: &[u8]) -> bool {
    let mut scratch = Scratch::new();
    matches!(parse_request_head(head, &mut scratch, &Config::strict()), Ok(Parsed::Complete { .. }))
}

/// A server with the routes of [`Route`]: what is kept for a connection.
pub(crate) struct Server {
    config: Config,
    scratch: Scratch,
    date: HttpDate,
    plaintext: ResponseTemplate,
    order: ResponseTemplate,
    not_found: ResponseTemplate,
}

impl Server {
    /// A server with its heads rendered.
    pub(crate) fn new() -> Self {
        Self {
            config: Config::strict(),
            scratch: Scratch::new(),
            date: HttpDate::from_unix(784_111_777),
            plaintext: template(Status::OK, &[Field::new("Content-Type", b"text/plain")]),
            order: template(Status::OK, &[Field::new("Content-Type", b"application/json")]),
            not_found: template(Status::NOT_FOUND, &[]),
        }
    }

    /// Answers every request that is whole in `input`; how many octets those are.
    ///
    /// # Panics
    /// Where a request is malformed: the corpus has sound ones only.
    pub(crate) fn serve(&mut self, input: &[u8], out: &mut Vec<u8>) -> usize {
        let mut consumed = 0;
        while let Some(octets) = self.serve_one(&input[consumed..], out) {
            consumed += octets;
        }
        consumed
    }

    fn serve_one(&mut self, input: &[u8], out: &mut Vec<u8>) -> Option<usize> {
        let parsed = parse_request_head(input, &mut self.scratch, &self.config);
        let (head, framing, consumed) = match parsed.expect("a sound request") {
            Parsed::Complete { value, framing, consumed } => (value, framing, consumed),
            Parsed::Partial => return None,
        };
        let content = match framing {
            Framing::None => &[][..],
            Framing::Length(length) => {
                let length = usize::try_from(length).ok()?;
                input.get(consumed..consumed.checked_add(length)?)?
            }
            other => panic!("the corpus has no request with {other:?}"),
        };
        let (path, _) = head.path_and_query();
        let route = Route::of(head.method.as_bytes(), path, black_box(content).len());
        let (template, answer) = match route {
            Route::Plaintext => (&self.plaintext, PLAINTEXT),
            Route::Order => (&self.order, ORDER),
            Route::NotFound => (&self.not_found, ""),
        };
        let length = Content::Length(answer.len() as u64);
        template.append(Some(&self.date), length, out).expect("the status has content");
        out.extend_from_slice(answer.as_bytes());
        Some(consumed + content.len())
    }
}

fn template(status: Status, fields: &[Field<'_>]) -> ResponseTemplate {
    ResponseTemplate::new(&ResponseHead::new(status, Fields::from(fields)))
        .expect("the head is sound")
}
