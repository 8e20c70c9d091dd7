//! Memory that lives as long as the request: what a handler makes up on the way costs no call of
//! the allocator once the worker is warm.
//!
//! ```sh
//! cargo run -p shockwave --example arena --features arena -- 127.0.0.1:8080
//! curl 'http://127.0.0.1:8080/?c=3&a=1&b=2'
//! ```

use shockwave::memory::{Arena, ArenaError};
use shockwave::{Request, Sent, Server};

/// The query's pairs, sorted. Arena calls answer a `Result`: a request can use up its limit.
fn sorted<'a>(arena: &'a Arena, query: &str) -> Result<&'a str, ArenaError> {
    let mut pairs = arena.vec();
    for pair in query.split('&') {
        pairs.push(pair.split_once('=').unwrap_or((pair, "")))?;
    }
    pairs.sort_unstable();
    let mut text = arena.string();
    for (name, value) in pairs.iter() {
        text.push_fmt(format_args!("{name} = {value}\n"))?;
    }
    Ok(text.into_str())
}

async fn query(request: Request<'_>) -> Sent {
    match sorted(request.arena(), request.query().unwrap_or_default()) {
        Ok(text) => request.respond().text(text),
        Err(_full) => request.respond().status(414).empty(),
    }
}

fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    Server::bind(address)
        .on_listening(|addresses| println!("listening on {}", addresses[0]))
        .run(query)
}
