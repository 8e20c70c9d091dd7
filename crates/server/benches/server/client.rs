//! A client at one end of an in-memory connection, with the runtime on which the server's task at
//! the other end runs: a current-thread runtime whose tasks stay there, as a worker has. Both sides
//! of a comparison have the same.

use std::future::Future;

use shockwave_bench_kit::canonical;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::runtime::{Builder, LocalOptions, LocalRuntime};
use tokio::task::JoinHandle;

/// Octets that the connection holds in each direction before a write waits.
pub(crate) const BUFFER: usize = 64 << 10;

/// The client's end, with the runtime on which the server's task runs.
pub(crate) struct Client {
    runtime: LocalRuntime,
    connection: DuplexStream,
    server: JoinHandle<()>,
}

impl Client {
    /// Starts `serve` at the other end of a new connection.
    pub(crate) fn new<F>(serve: impl FnOnce(DuplexStream) -> F) -> Self
    where
        F: Future<Output = ()> + 'static,
    {
        let runtime = Builder::new_current_thread().build_local(LocalOptions::default());
        let runtime = runtime.expect("a runtime starts");
        let (connection, server) = tokio::io::duplex(BUFFER);
        let server = runtime.spawn_local(serve(server));
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
