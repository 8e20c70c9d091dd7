//! hyper's HTTP/1.1 server over tokio: as its guides show it, and with `--pipeline-flush` as it is
//! told to gather the answers to pipelined requests into one write.

#![forbid(unsafe_code)]

use std::convert::Infallible;
use std::process::ExitCode;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1::Builder;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use shockwave_bench_load::contract::{self, Arguments, Order};
use shockwave_bench_load::serve::serve;

fn main() -> ExitCode {
    let arguments = Arguments::of_process();
    let pipeline_flush = arguments.has("--pipeline-flush");
    let connection = move |stream| async move {
        let mut builder = Builder::new();
        if pipeline_flush {
            builder.pipeline_flush(true);
        }
        // A client that goes away in the middle is no concern of a benchmark.
        let _ = builder.serve_connection(TokioIo::new(stream), service_fn(answer)).await;
    };
    match serve(&arguments, connection) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    Ok(match (request.method(), request.uri().path()) {
        (&Method::GET, contract::PLAINTEXT_PATH) => {
            text(Bytes::from_static(contract::PLAINTEXT.as_bytes()))
        }
        (&Method::GET, contract::LONG_PATH) => text(Bytes::from_static(contract::LONG.as_bytes())),
        (&Method::GET, contract::JSON_PATH) => json(&contract::MESSAGE),
        (&Method::POST, contract::JSON_PATH) => post(request).await,
        _ => status(StatusCode::NOT_FOUND),
    })
}

async fn post(request: Request<Incoming>) -> Response<Full<Bytes>> {
    let body = Limited::new(request.into_body(), contract::MAX_ORDER_BYTES);
    let Ok(content) = body.collect().await else { return status(StatusCode::PAYLOAD_TOO_LARGE) };
    match serde_json::from_slice::<Order>(&content.to_bytes()) {
        Ok(order) => json(&order.receipt()),
        Err(_) => status(StatusCode::BAD_REQUEST),
    }
}

fn text(content: Bytes) -> Response<Full<Bytes>> {
    with_type(contract::TEXT, content)
}

fn json(value: &impl serde::Serialize) -> Response<Full<Bytes>> {
    match serde_json::to_vec(value) {
        Ok(content) => with_type(contract::JSON, content.into()),
        Err(_) => status(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

fn with_type(media_type: &'static str, content: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(content));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

fn status(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}
