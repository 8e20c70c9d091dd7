//! Shuts down on ctrl-c and SIGTERM: requests that have come are answered, idle connections close,
//! and what takes longer than ten seconds is broken off.
//!
//! ```sh
//! cargo run -p shockwave --example graceful -- 127.0.0.1:8080
//! curl -i http://127.0.0.1:8080/ & sleep 0.2; kill -TERM $(pidof graceful)
//! ```

use std::time::Duration;

use shockwave::{Request, Server, signal};

async fn slow(_request: Request<'_>) -> &'static str {
    tokio::time::sleep(Duration::from_secs(1)).await;
    "answered in spite of the signal\n"
}

fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    Server::bind(address)
        .shutdown(signal::ctrl_c_or_term(), Duration::from_secs(10))
        .on_listening(|addresses| println!("listening on {}", addresses[0]))
        .run(slow)?;
    println!("bye");
    Ok(())
}
