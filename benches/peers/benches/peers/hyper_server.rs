//! hyper's HTTP/1.1 server on the cases of Shockwave's: the same connection, runtime and client,
//! and handlers that do the same.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use http_body_util::{BodyExt, Either, Full, Limited, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use shockwave_bench_kit::{Checks, Engine, Registry};
use tokio::io::DuplexStream;

use crate::hyper::accepts;
use crate::server::cases::{self, CASES, Case, ORDER_LIMIT, Order, PAGE, Route, Sum, TEXT, pieces};
use crate::server::client::Client;

const ENGINE: Engine =
    Engine { name: "hyper", checks: Checks::Lenient, text: include_str!("hyper_server.rs") };

type Content = Either<Full<Bytes>, StreamBody<Pieces>>;

type Failed = Box<dyn std::error::Error + Send + Sync>;

pub(super) fn register(registry: &mut Registry) {
    for case in CASES {
        registry.add(cases::bench(ENGINE, case, client, accepts));
    }
}

fn client(case: &Case) -> Client {
    let is_pipelined = case.id.contains("pipelined");
    Client::new(move |connection| serve(connection, is_pipelined))
}

async fn serve(connection: DuplexStream, is_pipelined: bool) {
    let served = http1::Builder::new()
        .pipeline_flush(is_pipelined)
        .serve_connection(TokioIo::new(connection), service_fn(handle))
        .await;
    // The client may go away between two requests.
    drop(served);
}

async fn handle(request: Request<Incoming>) -> Result<Response<Content>, Failed> {
    match Route::of(request.method().as_str().as_bytes(), request.uri().path()) {
        Route::Text => Ok(whole("text/plain; charset=utf-8", Bytes::from_static(TEXT.as_bytes()))),
        Route::Page => Ok(whole("application/octet-stream", Bytes::from_static(&PAGE))),
        Route::Pieces => Ok(Response::new(Either::Right(StreamBody::new(Pieces(pieces()))))),
        Route::Order => {
            let content = Limited::new(request.into_body(), ORDER_LIMIT).collect().await?;
            let order: Order = serde_json::from_slice(&content.to_bytes())?;
            json(&order.total())
        }
        Route::Upload => {
            let mut sum = Sum::default();
            let mut body = request.into_body();
            while let Some(frame) = body.frame().await {
                if let Some(piece) = frame?.data_ref() {
                    sum.add(piece);
                }
            }
            json(&sum)
        }
        Route::NotFound => {
            let mut response = Response::new(Either::Left(Full::default()));
            *response.status_mut() = StatusCode::NOT_FOUND;
            Ok(response)
        }
    }
}

fn json(value: &impl Serialize) -> Result<Response<Content>, Failed> {
    Ok(whole("application/json", serde_json::to_vec(value)?.into()))
}

fn whole(media_type: &'static str, content: Bytes) -> Response<Content> {
    let mut response = Response::new(Either::Left(Full::new(content)));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

/// The page, a piece a frame.
struct Pieces(std::slice::Chunks<'static, u8>);

impl futures_core::Stream for Pieces {
    type Item = Result<Frame<Bytes>, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let piece = self.0.next();
        Poll::Ready(piece.map(|piece| Ok(Frame::data(Bytes::from_static(piece)))))
    }
}
