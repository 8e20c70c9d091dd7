//! WebSocket (RFC 6455): sessions in the handler of a request.
//!
//! A [`WebSocket`] is the core's [`Connection`] over a transport that carries octets both ways. A
//! server's comes from [`Request::upgrade_websocket`](crate::Request::upgrade_websocket). The types
//! of the core, `shockwave-websocket`, are all here.
//!
//! - `upgrade`: the handshake of a server.
//! - `session`: what is kept of a WebSocket, and its two halves.
//! - `tunnel`: what a session asks of its transport. Nothing of it is HTTP/1.1's.

mod session;
mod tunnel;
mod upgrade;

pub use session::{Receiver, Sender, WebSocket};
pub(crate) use tunnel::Tunnel;
pub use upgrade::Upgrade;
pub(crate) use upgrade::refuse;

pub use shockwave_websocket::*;

use shockwave_memory::{RecyclerLimits, Reset};

/// What a worker keeps of memory for messages that come in pieces.
pub(crate) const SCRATCHES: RecyclerLimits = {
    let mut limits = RecyclerLimits::DEFAULT;
    limits.max_item_bytes = 256 << 10;
    limits
};

/// Memory for messages that come in pieces, or compressed.
#[derive(Debug, Default)]
pub(crate) struct Collected(pub(crate) Scratch);

impl Reset for Collected {
    fn reset(&mut self) {}

    fn held_bytes(&self) -> usize {
        self.0.capacity_bytes()
    }
}
