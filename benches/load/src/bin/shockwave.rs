//! Shockwave's server, as its guide shows it.

#![forbid(unsafe_code)]

use std::io;

use shockwave::{Method, Request, Sent, Server};
use shockwave_bench_load::contract::{self, Arguments, Order};

fn main() -> io::Result<()> {
    let arguments = Arguments::of_process();
    let server = Server::bind(arguments.address()).workers(arguments.workers).start(answer)?;
    let address = server.local_addrs().first().copied();
    contract::announce(address.ok_or(io::ErrorKind::AddrNotAvailable)?)?;
    server.join()
}

async fn answer(request: Request<'_>) -> Sent {
    match (request.method(), request.path()) {
        (Method::Get, contract::PLAINTEXT_PATH) => request.respond().text(contract::PLAINTEXT),
        (Method::Get, contract::LONG_PATH) => request.respond().text(contract::LONG.as_str()),
        (Method::Get, contract::JSON_PATH) => request.respond().json(&contract::MESSAGE),
        (Method::Post, contract::JSON_PATH) => post(request).await,
        _ => request.respond().status(404).empty(),
    }
}

async fn post(request: Request<'_>) -> Sent {
    let (_, mut body, responder) = request.split();
    match body.json::<Order>(contract::MAX_ORDER_BYTES).await {
        Ok(order) => responder.json(&order.receipt()),
        Err(error) => responder.status(error.status()).empty(),
    }
}
