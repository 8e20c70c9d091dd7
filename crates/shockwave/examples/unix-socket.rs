//! Serves on a Unix socket, as behind a proxy on the same machine.
//!
//! ```sh
//! cargo run -p shockwave --example unix-socket -- /tmp/shockwave.sock
//! curl -i --unix-socket /tmp/shockwave.sock http://localhost/
//! ```

#[cfg(unix)]
fn main() -> std::io::Result<()> {
    use shockwave::{Request, Server};

    let path = std::env::args().nth(1).unwrap_or_else(|| "/tmp/shockwave.sock".to_owned());
    let shown = path.clone();
    Server::bind_unix(path)
        .on_listening(move |_| println!("listening on {shown}"))
        // A Unix socket has no addresses: `request.peer()` is `None`.
        .run(async |request: Request<'_>| format!("peer: {:?}\n", request.peer()))
}

#[cfg(not(unix))]
fn main() {
    eprintln!("there are no Unix sockets here");
}
