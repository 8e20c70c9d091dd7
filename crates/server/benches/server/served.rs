//! Shockwave: a connection of a worker, with every limit and deadline of the defaults. Nobody tells
//! the worker the time while it is measured: a server does, four times a second.

use std::cell::Cell;
use std::rc::Rc;

use shockwave_bench_kit::{Checks, Engine, Registry};
use shockwave_server::{Config, ConnectionInfo, Error, Reply, Request, ResponseBody, Sent, Worker};
use tokio::io::DuplexStream;

use super::cases::{self, CASES, ORDER_LIMIT, Order, PAGE, Route, Sum, TEXT, pieces};
use super::client::Client;

const ENGINE: Engine =
    Engine { name: "shockwave", checks: Checks::Strict, text: include_str!("served.rs") };

/// Registers every benchmark of the server.
pub(crate) fn register(registry: &mut Registry) {
    for case in CASES {
        let client = |_: &_| Client::new(|connection| serve(connection, handle));
        registry.add(cases::bench(ENGINE, case, client, accepts).budget(0, 0));
    }
}

async fn serve<R: Reply>(connection: DuplexStream, handler: impl AsyncFn(Request<'_>) -> R) {
    let worker = Rc::new(Worker::new(Config::new()));
    worker.serve_connection(connection, ConnectionInfo::new(), &handler).await;
}

async fn handle(mut request: Request<'_>) -> Result<Sent, Error> {
    match Route::of(request.method().as_bytes(), request.path()) {
        Route::Text => Ok(request.respond().text(ResponseBody::from_static(TEXT.as_bytes()))),
        Route::Page => Ok(request.respond().bytes(ResponseBody::from_static(&PAGE))),
        Route::Pieces => {
            let mut stream = request.respond().stream()?;
            for piece in pieces() {
                stream.write(piece).await?;
            }
            stream.finish()
        }
        Route::Order => {
            let order: Order = request.body().json(ORDER_LIMIT).await?;
            Ok(request.respond().json(&order.total()))
        }
        Route::Upload => {
            let mut sum = Sum::default();
            while let Some(piece) = request.body().chunk().await {
                sum.add(piece?);
            }
            Ok(request.respond().json(&sum))
        }
        Route::NotFound => Ok(request.respond().status(404).empty()),
    }
}

/// Whether a request with this head is handed to the handler.
fn accepts(head: &[u8]) -> bool {
    let handled = Rc::new(Cell::new(false));
    let flag = handled.clone();
    let handler = async move |_: Request<'_>| flag.set(true);
    Client::new(|connection| serve(connection, handler)).send_and_end(head);
    handled.get()
}
