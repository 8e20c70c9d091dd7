//! Connections served in a runtime of one's own, beside its other tasks: no thread is started.
//!
//! A [`Worker`] holds what the connections of a thread share. Who makes one tells it the time.
//! For a single connection, `shockwave::serve_connection` does it all.
//!
//! ```sh
//! cargo run -p shockwave --example embed -- 127.0.0.1:8080
//! curl -i http://127.0.0.1:8080/
//! ```

use std::io;
use std::rc::Rc;
use std::time::{Duration, Instant};

use shockwave::{Config, ConnectionInfo, Request, Worker, signal};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, LocalOptions};
use tokio::task::spawn_local;

async fn hello(request: Request<'_>) -> String {
    format!("hello, {:?}\n", request.peer())
}

/// Tells the worker the time: without it no deadline passes.
async fn keep_time(worker: Rc<Worker>) {
    let mut ticks = tokio::time::interval(worker.config().tick);
    loop {
        worker.tick(ticks.tick().await.into_std());
    }
}

async fn accept(worker: &Rc<Worker>, listener: TcpListener) -> io::Result<()> {
    loop {
        let (socket, peer) = listener.accept().await?;
        socket.set_nodelay(true)?;
        let info = ConnectionInfo::new().with_peer(peer);
        let worker = worker.clone();
        spawn_local(async move { worker.serve_connection(socket, info, &hello).await });
    }
}

async fn serve(address: String) -> io::Result<()> {
    let listener = TcpListener::bind(address).await?;
    println!("listening on {}", listener.local_addr()?);
    let worker = Rc::new(Worker::new(Config::new()));
    spawn_local(keep_time(worker.clone()));
    tokio::select! {
        ended = accept(&worker, listener) => ended?,
        () = signal::ctrl_c_or_term() => {}
    }
    // No more are accepted. Those that are open end with their next response.
    worker.drain();
    let started = Instant::now();
    while worker.connections() != 0 && started.elapsed() < Duration::from_secs(10) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(())
}

fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    // Tasks hold `Rc`s, so the runtime is of one thread.
    let runtime = Builder::new_current_thread().enable_all().build_local(LocalOptions::default())?;
    runtime.block_on(serve(address))
}
