//! Shockwave's core behind an in-memory connection: what hyper is to be held against, for hyper
//! cannot be had without a transport and an executor.

use std::time::SystemTime;

use shockwave_bench_kit::{Checks, Registry};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

use crate::server::client::{BUFFER, Client};
use crate::suite::cases::{self, EXCHANGES, Engine};
use crate::suite::cycle::{Server, accepts};

const ENGINE: Engine =
    Engine { name: "shockwave-tokio", checks: Checks::Strict, text: include_str!("duplex.rs") };

/// [`EXCHANGES`] through the connection and the executor.
pub(crate) fn served() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    EXCHANGES.into_iter().map(|(_, case, input)| ("http11/serve", case, input))
}

pub(super) fn register(registry: &mut Registry) {
    for exchange in served() {
        let make = |requests| Client::new(serve).timed(requests);
        let answers = |requests: &[u8]| Client::new(serve).exchange(requests);
        registry.add(cases::exchange(ENGINE, exchange, make, answers, accepts));
    }
}

async fn serve(mut connection: DuplexStream) {
    let mut server = Server::new();
    let mut input = Vec::with_capacity(BUFFER);
    let mut out = Vec::with_capacity(BUFFER);
    while connection.read_buf(&mut input).await.is_ok_and(|octets| octets != 0) {
        let consumed = server.serve(&input, now(), &mut out);
        input.drain(..consumed);
        if connection.write_all(&out).await.is_err() {
            return;
        }
        out.clear();
    }
}

/// Seconds since 1970, for the Date: asked for once a read, as hyper does.
fn now() -> u64 {
    SystemTime::UNIX_EPOCH.elapsed().map_or(0, |time| time.as_secs())
}
