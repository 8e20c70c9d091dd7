//! JSON in and out, and routes by a `match` on method and path.
//!
//! ```sh
//! cargo run -p shockwave --example json --features json -- 127.0.0.1:8080
//! curl -i http://127.0.0.1:8080/greeting -d '{"name":"Ada"}'
//! curl -i http://127.0.0.1:8080/health
//! ```

use serde::{Deserialize, Serialize};
use shockwave::{Error, Json, Method, Request, Sent, Server};

#[derive(Deserialize)]
struct Guest {
    name: String,
}

#[derive(Serialize)]
struct Greeting {
    text: String,
}

#[derive(Serialize)]
struct Health {
    ok: bool,
    version: &'static str,
}

/// An [`Error`] is a reply, too: 400 for what is no JSON, 413 for more than 64 KiB of it.
async fn greet(mut request: Request<'_>) -> Result<Json<Greeting>, Error> {
    let guest: Guest = request.body().json(64 << 10).await?;
    Ok(Json(Greeting { text: format!("Hello, {}!", guest.name) }))
}

async fn health(_request: Request<'_>) -> Json<Health> {
    Json(Health { ok: true, version: env!("CARGO_PKG_VERSION") })
}

/// The arms reply with different types: `reply_with` makes each a [`Sent`].
async fn app(request: Request<'_>) -> Sent {
    match (request.method(), request.path()) {
        (Method::Post, "/greeting") => request.reply_with(greet).await,
        (Method::Get | Method::Head, "/health") => request.reply_with(health).await,
        (_, "/greeting") => request.respond().status(405).header("allow", "POST").empty(),
        (_, "/health") => request.respond().status(405).header("allow", "GET, HEAD").empty(),
        (_, path) => request.respond().status(404).json(&format_args!("nothing at {path}")),
    }
}

fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    Server::bind(address)
        .on_listening(|addresses| println!("listening on {}", addresses[0]))
        .run(app)
}
