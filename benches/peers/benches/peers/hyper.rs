//! hyper's HTTP/1.1 server over an in-memory connection, and the field map that it hands out.

use std::convert::Infallible;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, COOKIE, HeaderMap, HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use shockwave_bench_kit::{
    Bench, Checks, Digest, Registry, Verification, canonical, corpus, repeat,
};
use tokio::io::DuplexStream;

use crate::duplex::served;
use crate::server::client::Client;
use crate::suite::cases::{self, Engine, KNOWN, LOOKUPS, Lookup, ORDER, PLAINTEXT, Route};

const ENGINE: Engine =
    Engine { name: "hyper", checks: Checks::Lenient, text: include_str!("hyper.rs") };

pub(super) fn register(registry: &mut Registry) {
    for exchange in served() {
        let (_, case, _) = exchange;
        let serve = move || {
            let pipelined = case.starts_with("pipelined");
            Client::new(move |connection| serve(connection, pipelined))
        };
        let make = move |requests| serve().timed(requests);
        let answers = move |requests: &[u8]| serve().exchange(requests);
        registry.add(cases::exchange(ENGINE, exchange, make, answers, accepts));
    }
    registry.add(header_lookup(KNOWN, |fields, _| fields.get(black_box(COOKIE))));
    for lookup in LOOKUPS {
        registry.add(header_lookup(lookup, |fields, name| fields.get(name)));
    }
}

async fn serve(connection: DuplexStream, pipelined: bool) {
    let served = http1::Builder::new()
        .pipeline_flush(pipelined)
        .serve_connection(TokioIo::new(connection), service_fn(handle))
        .await;
    // The client may go away between two requests.
    drop(served);
}

async fn handle(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let content = if body.is_end_stream() {
        Bytes::new()
    } else {
        body.collect().await.map_or_else(|_| Bytes::new(), |body| body.to_bytes())
    };
    let path = head.uri.path().as_bytes();
    let route = Route::of(head.method.as_str().as_bytes(), path);
    let (status, kind, content) = match route.received(black_box(content).len()) {
        Route::Plaintext => (StatusCode::OK, Some("text/plain"), PLAINTEXT),
        Route::Order => (StatusCode::OK, Some("application/json"), ORDER),
        Route::NotFound | Route::NewOrder => (StatusCode::NOT_FOUND, None, ""),
    };
    let mut response = Response::new(Full::new(Bytes::from_static(content.as_bytes())));
    *response.status_mut() = status;
    if let Some(kind) = kind {
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    Ok(response)
}

/// Whether hyper hands a request with this head to its handler.
pub(super) fn accepts(head: &[u8]) -> bool {
    let handled = Arc::new(AtomicBool::new(false));
    let flag = handled.clone();
    Client::new(move |connection| async move {
        let handler = service_fn(move |_: Request<Incoming>| {
            flag.store(true, Relaxed);
            async { Ok::<_, Infallible>(Response::new(Full::new(Bytes::new()))) }
        });
        drop(http1::Builder::new().serve_connection(TokioIo::new(connection), handler).await);
    })
    .send_and_end(head);
    handled.load(Relaxed)
}

fn header_lookup(
    lookup: Lookup,
    find: impl for<'m> Fn(&'m HeaderMap, &str) -> Option<&'m HeaderValue> + Copy + 'static,
) -> Bench {
    let source = Digest::of(ENGINE.text.as_bytes()).field(&corpus::message(lookup.input));
    let id = format!("http11/header-lookup/{}/{}", lookup.case, ENGINE.name);
    Bench::new(id, source, move || {
        let fields = map_of(lookup.input);
        repeat(move || {
            let value = find(black_box(&fields), black_box(lookup.name));
            black_box(value).map_or(0, |value| value.as_bytes().len() as u64)
        })
    })
    .verify(move || {
        let fields = map_of(lookup.input);
        let value = find(&fields, lookup.name).map(HeaderValue::as_bytes);
        Verification::lenient(Lookup::answer(value)).expecting(lookup.expected())
    })
}

/// The map that hyper's handlers get, of a request of the corpus.
fn map_of(input: &str) -> HeaderMap {
    let canonical = canonical::request_by_oracle(&corpus::message(input));
    let canonical = String::from_utf8(canonical).expect("canonical heads are ASCII");
    let fields = canonical.lines().skip(1).filter_map(|line| line.split_once(": "));
    fields
        .map(|(name, value)| {
            let name = HeaderName::from_bytes(name.as_bytes()).expect("the name is a token");
            (name, HeaderValue::from_str(value).expect("the value is ASCII"))
        })
        .collect()
}
