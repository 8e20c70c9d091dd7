//! A client at one end of an in-memory connection, and Shockwave's core at the other: what hyper is
//! to be held against, for hyper cannot be had without a transport and an executor.

use std::future::Future;
use std::time::SystemTime;

use shockwave_bench_kit::{Checks, Registry, canonical};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

use crate::suite::cases::{self, EXCHANGES, Engine};
use crate::suite::cycle::{Server, accepts};

const ENGINE: Engine =
    Engine { name: "shockwave-tokio", checks: Checks::Strict, text: include_str!("duplex.rs") };

/// Octets that the connection holds in each direction before a write waits.
const BUFFER: usize = 64 << 10;

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

/// The client's end, with the executor on which the server's task runs.
pub(crate) struct Client {
    runtime: Runtime,
    connection: DuplexStream,
    server: JoinHandle<()>,
}

impl Client {
    /// Starts `serve` at the other end of a new connection.
    pub(crate) fn new<F>(serve: impl FnOnce(DuplexStream) -> F) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let runtime =
            tokio::runtime::Builder::new_current_thread().build().expect("a runtime starts");
        let (connection, server) = tokio::io::duplex(BUFFER);
        let server = runtime.spawn(serve(server));
        Self { runtime, connection, server }
    }

    /// Sends `requests` once and reads until all of them are answered.
    pub(crate) fn exchange(&mut self, requests: &[u8]) -> Vec<u8> {
        let count = canonical::messages_in(requests);
        let Self { runtime, connection, .. } = self;
        runtime.block_on(async {
            connection.write_all(requests).await.expect("the server reads");
            let mut answers = Vec::new();
            while canonical::messages_in(&answers) < count {
                let octets = connection.read_buf(&mut answers).await;
                assert!(octets.is_ok_and(|octets| octets != 0), "the server answers");
            }
            answers
        })
    }

    /// What sends `requests` n times and reads the answers, which always have the same length.
    pub(crate) fn timed(mut self, requests: Vec<u8>) -> impl FnMut(u64) -> u64 {
        let mut answers = self.exchange(&requests);
        move |n| {
            let Self { runtime, connection, .. } = &mut self;
            let mut sum = 0_u64;
            runtime.block_on(async {
                for _ in 0..n {
                    let requests = std::hint::black_box(requests.as_slice());
                    connection.write_all(requests).await.expect("the server reads");
                    connection.read_exact(&mut answers).await.expect("the server answers");
                    sum += std::hint::black_box(&answers).len() as u64;
                }
            });
            sum
        }
    }

    /// Sends `octets` and nothing more, and waits for the server to end.
    pub(crate) fn send_and_end(self, octets: &[u8]) {
        let Self { runtime, mut connection, server } = self;
        runtime.block_on(async {
            // A server that has given up reading has answered all the same.
            let _ = connection.write_all(octets).await;
            let _ = connection.shutdown().await;
            let _ = connection.read_to_end(&mut Vec::new()).await;
            drop(connection);
            let _ = server.await;
        });
    }
}
