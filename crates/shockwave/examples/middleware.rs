//! Middleware is a function from handler to handler: no trait, no box. State is what a closure
//! captures, of its own type.
//!
//! ```sh
//! cargo run -p shockwave --example middleware -- 127.0.0.1:8080
//! curl -i http://127.0.0.1:8080/
//! curl -i http://127.0.0.1:8080/ -H 'Authorization: Bearer sesame'
//! ```

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use shockwave::{Known, Reply, Request, Sent, Server};

/// The application's state.
struct App {
    visits: AtomicU64,
}

async fn visit(app: &App, request: Request<'_>) -> String {
    let number = app.visits.fetch_add(1, Ordering::Relaxed) + 1;
    format!("visit {number}, at {}\n", request.path())
}

/// Runs before and after the handler, and lets its reply through, whatever that is.
fn logged<F, R>(handler: F) -> impl AsyncFn(Request<'_>) -> R
where
    F: AsyncFn(Request<'_>) -> R,
{
    async move |request: Request<'_>| {
        let (head, started) = (request.head(), Instant::now());
        let reply = handler(request).await;
        println!("{} {} took {:?}", head.method(), head.path(), started.elapsed());
        reply
    }
}

/// Answers in place of the handler, or lends it the request.
fn authorised<F, R>(secret: &'static str, handler: F) -> impl AsyncFn(Request<'_>) -> Sent
where
    F: AsyncFn(Request<'_>) -> R,
    R: Reply,
{
    async move |request: Request<'_>| {
        if request.known(Known::AUTHORIZATION) != Some(secret.as_bytes()) {
            let responder = request.respond().status(401);
            return responder.header("www-authenticate", "Bearer").text("who are you?\n");
        }
        request.reply_with(&handler).await
    }
}

fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let app = Arc::new(App { visits: AtomicU64::new(0) });
    let handler = async move |request: Request<'_>| visit(&app, request).await;
    Server::bind(address)
        .on_listening(|addresses| println!("listening on {}", addresses[0]))
        .run(logged(authorised("Bearer sesame", handler)))
}
