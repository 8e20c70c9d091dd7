//! actix-web, as its documentation shows it: an `App` with routes and extractors.

use actix_web::web::{Json, PayloadConfig, get, post};
use actix_web::{App, HttpResponse, HttpServer};
use shockwave_bench_load_peers::contract::{self, Arguments, Order};

fn main() -> std::io::Result<()> {
    actix_web::rt::System::new().block_on(serve(&Arguments::of_process()))
}

async fn serve(arguments: &Arguments) -> std::io::Result<()> {
    let app = || {
        App::new()
            .app_data(PayloadConfig::new(contract::MAX_ORDER_BYTES))
            .route(contract::PLAINTEXT_PATH, get().to(async || text(contract::PLAINTEXT)))
            .route(contract::LONG_PATH, get().to(async || text(contract::LONG.as_str())))
            .route(contract::JSON_PATH, get().to(async || Json(contract::MESSAGE)))
            .route(contract::JSON_PATH, post().to(receipt))
    };
    let server = HttpServer::new(app).workers(arguments.workers).tcp_nodelay(true);
    let server = server.bind(arguments.address())?;
    let address = server.addrs().first().copied();
    let running = server.run();
    contract::announce(address.ok_or(std::io::ErrorKind::AddrNotAvailable)?)?;
    running.await
}

fn text(text: &'static str) -> HttpResponse {
    HttpResponse::Ok().content_type(contract::TEXT).body(text)
}

async fn receipt(Json(order): Json<Order>) -> Json<contract::Receipt> {
    Json(order.receipt())
}
