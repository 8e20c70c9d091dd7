//! The server's counters as text, on a port of their own, which the world need not see.
//!
//! ```sh
//! cargo run -p shockwave --example metrics -- 127.0.0.1:8080 127.0.0.1:8081
//! curl http://127.0.0.1:8080/ && curl http://127.0.0.1:8081/
//! ```

use std::fmt::Write as _;

use shockwave::{Request, Running, Server};

/// In the text format of Prometheus.
fn text(running: &Running) -> String {
    let stats = running.stats();
    let mut text = format!("shockwave_open_connections {}\n", stats.open_connections());
    for (name, value) in stats.iter() {
        let _ = writeln!(text, "shockwave_{name} {value}");
    }
    for (worker, stats) in running.worker_stats().enumerate() {
        let _ =
            writeln!(text, "shockwave_worker_requests{{worker=\"{worker}\"}} {}", stats.requests);
    }
    text
}

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let metrics = arguments.next().unwrap_or_else(|| "127.0.0.1:8081".to_owned());
    // `start` answers a handle, which reads the counters and ends the server when it is dropped.
    let running = Server::bind(address).start(async |_request| "Hello, world!")?;
    println!("listening on {}", running.local_addrs()[0]);
    Server::bind(metrics)
        .workers(1)
        .on_listening(|addresses| println!("metrics on {}", addresses[0]))
        .run(async move |_request: Request<'_>| text(&running))
}
