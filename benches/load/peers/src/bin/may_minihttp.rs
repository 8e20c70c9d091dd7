//! may_minihttp, as its example for the TechEmpower benchmark shows it.

use std::io::{self, Read as _};

use bytes::BufMut as _;
use may_minihttp::{HttpService, HttpServiceFactory, Request, Response};
use shockwave_bench_load_peers::contract::{self, Arguments, Order};

const TEXT: &str = "Content-Type: text/plain; charset=utf-8";
const JSON: &str = "Content-Type: application/json";

struct Service;

impl HttpService for Service {
    fn call(&mut self, request: Request, response: &mut Response) -> io::Result<()> {
        match (request.method(), request.path()) {
            ("GET", contract::PLAINTEXT_PATH) => response.header(TEXT).body(contract::PLAINTEXT),
            ("GET", contract::LONG_PATH) => response.header(TEXT).body(contract::LONG.as_str()),
            ("GET", contract::JSON_PATH) => {
                response.header(JSON);
                serde_json::to_writer(response.body_mut().writer(), &contract::MESSAGE)?;
            }
            ("POST", contract::JSON_PATH) => {
                let mut content = Vec::with_capacity(contract::MAX_ORDER_BYTES);
                request.body().take(contract::MAX_ORDER_BYTES as u64).read_to_end(&mut content)?;
                let order: Order = serde_json::from_slice(&content)?;
                response.header(JSON);
                serde_json::to_writer(response.body_mut().writer(), &order.receipt())?;
            }
            _ => drop(response.status_code(404, "Not Found")),
        }
        Ok(())
    }
}

struct Factory;

impl HttpServiceFactory for Factory {
    type Service = Service;

    fn new_service(&self, _connection: usize) -> Service {
        Service
    }
}

fn main() -> io::Result<()> {
    let arguments = Arguments::of_process();
    may::config().set_workers(arguments.workers).set_pool_capacity(500);
    // It takes an address and does not tell the port, so one that is free is looked for first.
    let address = arguments.listener()?.local_addr()?;
    let server = Factory.start(address)?;
    contract::announce(address)?;
    server.join().map_err(|_| io::Error::other("the server panicked"))
}
