//! ntex, as its documentation shows it: an `App` with routes and extractors.

use ntex::web::types::Json;
use ntex::web::{App, HttpResponse, HttpServer, get, post};
use shockwave_bench_load_peers::contract::{self, Arguments, Order};

#[ntex::main]
async fn main() -> std::io::Result<()> {
    let arguments = Arguments::of_process();
    let app = async || App::new().service((plaintext, long, message, receipt));
    let listener = arguments.listener()?;
    let address = listener.local_addr()?;
    let running = HttpServer::new(app).workers(arguments.workers).listen(listener)?.run();
    contract::announce(address)?;
    running.await
}

fn text(text: &'static str) -> HttpResponse {
    HttpResponse::Ok().content_type(contract::TEXT).body(text)
}

#[get("/plaintext")]
async fn plaintext() -> HttpResponse {
    text(contract::PLAINTEXT)
}

#[get("/10k")]
async fn long() -> HttpResponse {
    text(contract::LONG.as_str())
}

#[get("/json")]
async fn message() -> HttpResponse {
    HttpResponse::Ok().json(&contract::MESSAGE)
}

#[post("/json")]
async fn receipt(order: Json<Order>) -> HttpResponse {
    HttpResponse::Ok().json(&order.receipt())
}
