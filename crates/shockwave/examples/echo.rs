//! The request's content comes back as it is read, trailers and all. Neither is held: a client that
//! does not read its response is not read from either.
//!
//! ```sh
//! cargo run -p shockwave --example echo -- 127.0.0.1:8080
//! curl http://127.0.0.1:8080/ --data-binary @Cargo.lock | cmp - Cargo.lock
//! ```

use shockwave::{Error, Known, Request, Sent, Server};

async fn echo(request: Request<'_>) -> Result<Sent, Error> {
    let (head, mut body, responder) = request.split();
    // As much as the client likes to send: it is paced, and none of it is kept.
    body.set_limit(u64::MAX);
    let media_type = head.known(Known::CONTENT_TYPE).unwrap_or(b"application/octet-stream");
    let mut response = responder.header("content-type", media_type).stream()?;
    while let Some(chunk) = body.chunk().await {
        response.write(chunk?).await?;
    }
    // Sent to clients that say `TE: trailers`.
    response.finish_with(body.trailers())
}

fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    Server::bind(address)
        .on_listening(|addresses| println!("listening on {}", addresses[0]))
        .run(echo)
}
