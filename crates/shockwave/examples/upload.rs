//! An upload goes to a temporary file, piece by piece, up to a limit, and is counted.
//!
//! ```sh
//! cargo run -p shockwave --example upload -- 127.0.0.1:8080
//! curl -i http://127.0.0.1:8080/ -T Cargo.lock
//! ```

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use shockwave::{Body, Error, Method, Request, Sent, Server};
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;

/// More is answered with 413, before any of it is read where the client announces its length.
const MAX_UPLOAD_BYTES: u64 = 64 << 20;

/// Removed when the handler is over, however it ends.
struct Temporary(PathBuf);

impl Temporary {
    fn new() -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("shockwave-upload-{}-{number}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Writes the content to a file. How many octets it is.
async fn save(body: &mut Body<'_>, path: &Path) -> Result<u64, Error> {
    body.set_limit(MAX_UPLOAD_BYTES);
    let mut file = File::create_new(path).await?;
    let mut octets = 0;
    while let Some(chunk) = body.chunk().await {
        let chunk = chunk?;
        file.write_all(chunk).await?;
        octets += chunk.len() as u64;
    }
    file.flush().await?;
    Ok(octets)
}

async fn upload(request: Request<'_>) -> Result<Sent, Error> {
    let (head, mut body, responder) = request.split();
    if !matches!(head.method(), Method::Put | Method::Post) {
        return Ok(responder.status(405).header("allow", "PUT, POST").empty());
    }
    let file = Temporary::new();
    let octets = save(&mut body, &file.0).await?;
    Ok(responder.status(201).text(format!("{octets} octets\n")))
}

fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    Server::bind(address)
        .on_listening(|addresses| println!("listening on {}", addresses[0]))
        .run(upload)
}
