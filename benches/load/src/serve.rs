//! The runtime that the floor, hyper and Shockwave share: a thread a worker, each with a
//! current-thread runtime of tokio's that accepts and serves.

use std::future::Future;
use std::io;

use tokio::net::{TcpListener, TcpStream};

use crate::contract::{Arguments, announce};

/// Listens, says so, and serves each connection by a task. Ends only with an error.
///
/// # Errors
///
/// Those of the system.
pub fn serve<F>(
    arguments: &Arguments,
    connection: impl Fn(TcpStream) -> F + Clone + Send + 'static,
) -> io::Result<()>
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = arguments.listener()?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    // The workers after the first have threads of their own.
    for _ in 1..arguments.workers {
        let (listener, connection) = (listener.try_clone()?, connection.clone());
        std::thread::Builder::new().spawn(move || work(listener, connection))?;
    }
    announce(address)?;
    work(listener, connection)
}

fn work<F>(listener: std::net::TcpListener, connection: impl Fn(TcpStream) -> F) -> io::Result<()>
where
    F: Future<Output = ()> + Send + 'static,
{
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::from_std(listener)?;
        loop {
            // No file left, or a client that has gone: the next may fare better.
            let Ok((stream, _)) = listener.accept().await else {
                tokio::task::yield_now().await;
                continue;
            };
            stream.set_nodelay(true)?;
            tokio::spawn(connection(stream));
        }
    })
}
