//! 103 (Early Hints): the browser fetches what the page needs while the page is still being made.
//!
//! ```sh
//! cargo run -p shockwave --example early-hints -- 127.0.0.1:8080
//! curl -i http://127.0.0.1:8080/
//! ```

use std::time::Duration;

use shockwave::{Error, Field, Request, Sent, Server};

const LINK: &str = "</style.css>; rel=preload; as=style";

async fn page(request: Request<'_>) -> Result<Sent, Error> {
    request.informational(103, &[Field::new("link", LINK.as_bytes())])?;
    // The hints leave now, while the handler waits for its database.
    tokio::time::sleep(Duration::from_millis(200)).await;
    let responder = request.respond().header("link", LINK);
    Ok(responder.html("<!doctype html><link rel=stylesheet href=/style.css><h1>Hello</h1>\n"))
}

fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    Server::bind(address)
        .on_listening(|addresses| println!("listening on {}", addresses[0]))
        .run(page)
}
