//! The server stays up under abuse: what the peer is told, what it costs, and that others are
//! served meanwhile and afterwards.

#[path = "../common/mod.rs"]
mod common;

mod expect;
mod faults;
mod framing;
mod handlers;
mod oversized;
mod slow;
mod unread;

use core::sync::atomic::AtomicU64;
use core::sync::atomic::Ordering::Relaxed;
use core::time::Duration;

use shockwave_server::{Error, Request, Sent, Server};

use common::{Served, bound, impatient};

/// Requests that are part of what was to be rejected, or came behind it.
static SMUGGLED: AtomicU64 = AtomicU64::new(0);

/// Content that no socket's buffers hold.
static LARGE: [u8; 1 << 20] = [b'x'; 1 << 20];

/// A server that waits for nobody.
fn served() -> Served {
    serve(bound().timeouts(impatient()))
}

/// A server with the usual deadlines.
fn patient() -> Served {
    serve(bound())
}

fn serve(server: Server) -> Served {
    common::start(server, handler)
}

async fn handler(mut request: Request<'_>) -> Result<Sent, Error> {
    match request.path() {
        "/large" => {
            // Of its own for each request, so that it counts.
            let content = LARGE.to_vec();
            Ok(request.respond().bytes(content))
        }
        "/pieces" => {
            let mut stream = request.respond().stream()?;
            loop {
                stream.write(&LARGE[..16 << 10]).await?;
            }
        }
        "/crumbs" => {
            let mut stream = request.respond().stream()?;
            loop {
                stream.write(&LARGE[..100]).await?;
            }
        }
        "/read" => {
            let content = request.body().collect(64 << 10).await?;
            Ok(request.respond().bytes(content))
        }
        "/ignore" => Ok(request.respond().text("ignored")),
        "/smuggled" => {
            SMUGGLED.fetch_add(1, Relaxed);
            Ok(request.respond().text("smuggled"))
        }
        "/panic" => panic!("on purpose"),
        "/panic-late" => {
            let mut stream = request.respond().stream()?;
            stream.write("begun").await?;
            stream.flush().await?;
            panic!("on purpose")
        }
        "/panic-begun" => {
            let mut stream = request.respond().stream()?;
            stream.write("begun").await?;
            panic!("on purpose")
        }
        "/split" => {
            let value = request.query().unwrap_or_default().replace("%0d", "\r");
            Ok(request.respond().header("x-query", value.replace("%0a", "\n")).text("split"))
        }
        "/leak" => {
            let (_, mut body, responder) = request.split();
            let first = body.chunk().await.is_some();
            core::mem::forget(body);
            Ok(responder.text(if first { "leaked a piece" } else { "leaked" }))
        }
        "/leak-unread" => {
            let (_, body, responder) = request.split();
            core::mem::forget(body);
            Ok(responder.text("leaked"))
        }
        path => {
            let text = format!("{} {path}", request.method());
            Ok(request.respond().text(text))
        }
    }
}

/// A pause between octets that is too long.
const SLOWLY: Duration = Duration::from_millis(40);
