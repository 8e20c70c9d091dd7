//! Whole cycles of a server over a [`Connection`]: a request received, routed and answered. One
//! connection serves all operations.

use std::hint::black_box;

use shockwave_bench_kit::{Checks, Registry, repeat};
use shockwave_http11::{Config, Connection, Event, HttpDate, ResponseTemplate};
use shockwave_wire::{Content, Field, Fields, ResponseHead, Scratch, Side, Status};

use super::cases::{self, EXCHANGES, Engine, ORDER, PLAINTEXT, Route};

const ENGINE: Engine =
    Engine { name: "shockwave", checks: Checks::Strict, text: include_str!("cycle.rs") };

/// Seconds since 1970: what a clock would say.
const NOW: u64 = 784_111_777;

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
        server.serve(black_box(&requests), black_box(NOW), &mut out);
        black_box(&out).len() as u64
    })
}

fn answers(requests: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let consumed = Server::new().serve(requests, NOW, &mut out);
    assert_eq!(consumed, requests.len(), "every request is answered");
    out
}

/// Whether a new connection answers a request to this.
pub(crate) fn accepts(head: &[u8]) -> bool {
    let mut scratch = Scratch::new();
    let mut connection = Connection::new(Side::Server, Config::strict());
    connection.receive(head, &mut scratch).is_ok_and(|received| received.event.is_some())
}

/// A server with the routes of [`Route`]: what is kept for a connection, and of the handler.
pub(crate) struct Server {
    connection: Connection,
    scratch: Scratch,
    /// Where the request leads whose content is being received.
    route: Route,
    /// Octets of it.
    content: usize,
    date: HttpDate,
    plaintext: ResponseTemplate,
    order: ResponseTemplate,
    not_found: ResponseTemplate,
}

impl Server {
    /// A server with its heads rendered.
    pub(crate) fn new() -> Self {
        Self {
            connection: Connection::new(Side::Server, Config::strict()),
            scratch: Scratch::new(),
            route: Route::NotFound,
            content: 0,
            date: HttpDate::from_unix(0),
            plaintext: template(Status::OK, &[Field::new("Content-Type", b"text/plain")]),
            order: template(Status::OK, &[Field::new("Content-Type", b"application/json")]),
            not_found: template(Status::NOT_FOUND, &[]),
        }
    }

    /// Answers every request that ends in `input`; how many octets were consumed. `now` is the
    /// second for the Date, asked for once for all that was read.
    ///
    /// # Panics
    /// Where a request is malformed: the corpus has sound ones only.
    pub(crate) fn serve(&mut self, input: &[u8], now: u64, out: &mut Vec<u8>) -> usize {
        self.date.update(now);
        let mut consumed = 0;
        loop {
            let received = self.connection.receive(&input[consumed..], &mut self.scratch);
            let received = received.expect("a sound request");
            consumed += received.consumed;
            let end = match received.event {
                Some(Event::Request { head, end }) => {
                    self.route = Route::of(head.method.as_bytes(), head.path_and_query().0);
                    self.content = 0;
                    end
                }
                Some(Event::Data { data, end }) => {
                    self.content += black_box(data).len();
                    end
                }
                Some(other) => panic!("the corpus has no {other:?}"),
                None if received.consumed == 0 => return consumed,
                None => false,
            };
            if end {
                self.answer(out);
            }
        }
    }

    #[inline]
    fn answer(&mut self, out: &mut Vec<u8>) {
        let (template, content) = match self.route.received(self.content) {
            Route::Plaintext => (&self.plaintext, PLAINTEXT),
            Route::Order => (&self.order, ORDER),
            Route::NotFound | Route::NewOrder => (&self.not_found, ""),
        };
        let length = Content::Length(content.len() as u64);
        let sent = self.connection.send_template(template, Some(&self.date), length, out);
        sent.expect("a request waits for it");
        if self.connection.is_sending() {
            let sent = self.connection.send_data(content.as_bytes(), true, out);
            sent.expect("it has the length that was announced");
        }
    }
}

fn template(status: Status, fields: &[Field<'_>]) -> ResponseTemplate {
    ResponseTemplate::new(&ResponseHead::new(status, Fields::from(fields)))
        .expect("the head is sound")
}
