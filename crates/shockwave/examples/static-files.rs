//! The files of a folder, with media types, conditional requests and ranges. What is below
//! `/files/` comes from the folder; the rest is the handler's.
//!
//! ```sh
//! cargo run -p shockwave --example static-files -- 127.0.0.1:8080 .
//! curl -i http://127.0.0.1:8080/files/README.md -r 0-99
//! ```

use shockwave::{Files, Request, Sent, Server};

async fn app(files: &Files, request: Request<'_>) -> Sent {
    let path = request.path();
    match path.strip_prefix("/files") {
        Some(below) if below.starts_with('/') => files.send_path(request, below).await,
        _ => request.respond().status(404).text("see /files/\n"),
    }
}

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let root = arguments.next().unwrap_or_else(|| ".".to_owned());
    let files = Files::new(root)?.cache_control("max-age=60");
    Server::bind(address)
        .on_listening(|addresses| println!("listening on {}", addresses[0]))
        .run(async move |request: Request<'_>| app(&files, request).await)
}
