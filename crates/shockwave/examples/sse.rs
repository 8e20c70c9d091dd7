//! Server-sent events: one response that never ends, with a line each half second.
//!
//! ```sh
//! cargo run -p shockwave --example sse -- 127.0.0.1:8080
//! curl -N http://127.0.0.1:8080/
//! ```

use std::time::Duration;

use shockwave::{Error, Request, Sent, Server};

async fn events(request: Request<'_>) -> Result<Sent, Error> {
    let responder = request.respond().header("content-type", "text/event-stream");
    let mut stream = responder.header("cache-control", "no-store").stream()?;
    if !stream.has_content() {
        return stream.finish(); // HEAD: nobody would ever say that the client is gone
    }
    let mut ticks = tokio::time::interval(Duration::from_millis(500));
    for number in 0_u64.. {
        // What was written leaves while the handler waits: no flush is needed.
        ticks.tick().await;
        // An error once the client is gone, which ends the handler.
        stream.write(format!("id: {number}\ndata: tick {number}\n\n")).await?;
    }
    stream.finish()
}

fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    Server::bind(address)
        .on_listening(|addresses| println!("listening on {}", addresses[0]))
        .run(events)
}
