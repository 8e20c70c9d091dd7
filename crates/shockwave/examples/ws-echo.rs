//! Each message comes back as it was. Other requests are answered with what is missing for a
//! WebSocket.
//!
//! ```sh
//! cargo run -p shockwave --features websocket-deflate --example ws-echo -- 127.0.0.1:8080
//! python3 -m websockets ws://127.0.0.1:8080/
//! ```

use std::time::Duration;

use shockwave::websocket::Deflate;
use shockwave::{Error, Request, Sent, Server, signal};

async fn echo(request: Request<'_>) -> Result<Sent, Error> {
    let mut socket = request.upgrade_websocket().deflate(Deflate::DEFAULT).accept()?;
    let (mut receiver, sender) = socket.split();
    while let Some(message) = receiver.receive().await? {
        sender.send(message).await?;
    }
    Ok(socket.finish())
}

fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    Server::bind(address)
        // Peers are told that we go away, by a Close with 1001.
        .shutdown(signal::ctrl_c_or_term(), Duration::from_secs(10))
        .on_listening(|addresses| println!("listening on {}", addresses[0]))
        .run(echo)
}
