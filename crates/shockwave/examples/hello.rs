//! The smallest server: every request is answered with one line of text.
//!
//! ```sh
//! cargo run -p shockwave --example hello -- 127.0.0.1:8080
//! curl -i http://127.0.0.1:8080/
//! ```

fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    shockwave::Server::bind(address)
        .on_listening(|addresses| println!("listening on {}", addresses[0]))
        .run(async |_request| "Hello, world!")
}
