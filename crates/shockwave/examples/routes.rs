//! Handlers by path and method, with the macro `routes!`: handlers of different types, no boxes.
//!
//! ```sh
//! cargo run -p shockwave --example routes -- 127.0.0.1:8080
//! curl -i http://127.0.0.1:8080/users/7
//! curl -i http://127.0.0.1:8080/notes -d 'a note'
//! curl -i http://127.0.0.1:8080/notes
//! ```

use std::sync::{Arc, Mutex};

use shockwave::{Error, Request, Sent, Server, routes};

/// State that handlers capture. A lock is held for a moment only, never across an `await`.
#[derive(Default)]
struct Notes(Mutex<Vec<String>>);

async fn index(_request: Request<'_>) -> &'static str {
    "welcome\n"
}

/// A parameter is what stood in the path, not decoded.
async fn user(request: Request<'_>) -> Sent {
    match request.param("id").and_then(|id| id.parse::<u32>().ok()) {
        Some(id) => request.respond().text(format!("user {id}\n")),
        None => request.respond().status(400).text("an id is a number\n"),
    }
}

async fn add(notes: &Notes, mut request: Request<'_>) -> Result<(u16, String), Error> {
    let note = String::from_utf8_lossy(&request.body().collect(4 << 10).await?).into_owned();
    if let Ok(mut notes) = notes.0.lock() {
        notes.push(note);
        return Ok((201, format!("{} notes\n", notes.len())));
    }
    Ok((500, String::new()))
}

async fn list(notes: &Notes) -> String {
    notes.0.lock().map(|notes| notes.join("\n")).unwrap_or_default()
}

fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let notes = Arc::new(Notes::default());
    Server::bind(address).on_listening(|addresses| println!("listening on {}", addresses[0])).run(
        routes! {
            GET "/" => index,
            GET "/users/{id}" => user,
            GET "/notes" => async |_request: Request<'_>| list(&notes).await,
            POST "/notes" => async |request: Request<'_>| add(&notes, request).await,
            GET "/rest/{*path}" => async |request: Request<'_>| {
                request.param("path").map(str::to_owned)
            },
            _ => async |_request: Request<'_>| (404, "there is nothing here\n"),
        },
    )
}
