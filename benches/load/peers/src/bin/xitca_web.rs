//! xitca-web, as its documentation shows it: an `App` with routes, handlers and extractors.

use shockwave_bench_load_peers::contract::{self, Arguments, Order};
use xitca_web::App;
use xitca_web::bytes::Bytes;
use xitca_web::handler::{handler_service, json::Json};
use xitca_web::http::WebResponse;
use xitca_web::http::header::{CONTENT_TYPE, HeaderValue};
use xitca_web::route::get;

fn main() -> std::io::Result<()> {
    let arguments = Arguments::of_process();
    let listener = arguments.listener()?;
    let address = listener.local_addr()?;
    let running = App::new()
        .at(contract::PLAINTEXT_PATH, get(handler_service(plaintext)))
        .at(contract::LONG_PATH, get(handler_service(long)))
        .at(contract::JSON_PATH, get(handler_service(message)).post(handler_service(receipt)))
        .serve()
        .worker_threads(arguments.workers)
        .listen(listener)?
        .run();
    contract::announce(address)?;
    running.wait()
}

async fn plaintext() -> WebResponse {
    text(contract::PLAINTEXT)
}

async fn long() -> WebResponse {
    text(contract::LONG.as_str())
}

async fn message() -> Json<contract::Message> {
    Json(contract::MESSAGE)
}

async fn receipt(Json(order): Json<Order>) -> Json<contract::Receipt> {
    Json(order.receipt())
}

fn text(text: &'static str) -> WebResponse {
    let mut response = WebResponse::new(Bytes::from_static(text.as_bytes()).into());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(contract::TEXT));
    response
}
