//! axum, as its documentation shows it: a router, extractors, `axum::serve`.

use axum::Json;
use axum::Router;
use axum::routing::get;
use axum::serve::ListenerExt as _;
use shockwave_bench_load_peers::contract::{self, Arguments, Order, Receipt};

fn main() -> std::io::Result<()> {
    let arguments = Arguments::of_process();
    // One worker is a thread with a runtime of its own, as with the others.
    let mut builder = match arguments.workers {
        1 => tokio::runtime::Builder::new_current_thread(),
        _ => tokio::runtime::Builder::new_multi_thread(),
    };
    if arguments.workers > 1 {
        builder.worker_threads(arguments.workers);
    }
    builder.enable_all().build()?.block_on(serve(&arguments))
}

async fn serve(arguments: &Arguments) -> std::io::Result<()> {
    let listener = arguments.listener()?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let listener = tokio::net::TcpListener::from_std(listener)?.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    let app = Router::new()
        .route(contract::PLAINTEXT_PATH, get(async || contract::PLAINTEXT))
        .route(contract::LONG_PATH, get(async || contract::LONG.as_str()))
        .route(contract::JSON_PATH, get(async || Json(contract::MESSAGE)).post(post));
    contract::announce(address)?;
    axum::serve(listener, app).await
}

async fn post(Json(order): Json<Order>) -> Json<Receipt> {
    Json(order.receipt())
}
