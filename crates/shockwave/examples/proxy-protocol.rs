//! Behind a load balancer that says by the PROXY protocol who its client is. What it says is
//! believed: nobody else may be able to connect.
//!
//! ```sh
//! cargo run -p shockwave --example proxy-protocol -- 127.0.0.1:8080
//! curl -i --haproxy-protocol http://127.0.0.1:8080/
//! ```

use shockwave::{ProxyProtocol, Request, Server};

async fn who(request: Request<'_>) -> String {
    match request.peer() {
        Some(client) => format!("you are {client}\n"),
        None => "you are nobody\n".to_owned(),
    }
}

fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    Server::bind(address)
        .proxy_protocol(ProxyProtocol::Any)
        .on_listening(|addresses| println!("listening on {}", addresses[0]))
        .run(who)
}
