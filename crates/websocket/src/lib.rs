//! A sans-I/O WebSocket core (RFC 6455), for both sides of a connection, with permessage-deflate
//! (RFC 7692).
//!
//! A [`Connection`] is given octets and answers events that borrow them; it is given commands and
//! appends octets to a buffer. Sockets, buffers, the clock and randomness are the caller's. Once
//! warm it allocates nothing, whatever the peer sends, and all that a peer can make it do has a
//! bound: [`Limits`] and [`Timeouts`] are on by default. Every failure has a Close code for the
//! peer.
//!
//! The handshake works on the heads of an HTTP core. Here is a server behind it that sends back
//! what it gets, but for its sockets (`input` is what came and was not consumed, `out` what is to
//! be written):
//!
//! ```
//! use shockwave_websocket::{Config, Connection, Error, Event, Scratch, Terms, accept};
//! use shockwave_wire::{Field, Fields, Method, RequestHead};
//!
//! fn serve(
//!     connection: &mut Connection,
//!     scratch: &mut Scratch,
//!     input: &mut [u8],
//!     out: &mut Vec<u8>,
//! ) -> usize {
//!     let mut consumed = 0;
//!     loop {
//!         let received = connection.receive(&mut input[consumed..], scratch);
//!         match received {
//!             Ok(received) => {
//!                 consumed += received.consumed;
//!                 match received.event {
//!                     Some(Event::Message(message)) => {
//!                         let _ = connection.send_message(message, out); // fails after a Close
//!                     }
//!                     Some(_) => {} // Ping, Pong, Close: `transmit` answers
//!                     None if received.consumed == 0 => break,
//!                     None => {}
//!                 }
//!             }
//!             Err(_) => break, // `transmit` tells the peer
//!         }
//!     }
//!     connection.transmit(out);
//!     consumed // to be closed when all of `out` is written, if `connection.should_close()`
//! }
//!
//! let list = [
//!     Field::new("Host", b"example.com"),
//!     Field::new("Upgrade", b"websocket"),
//!     Field::new("Connection", b"Upgrade"),
//!     Field::new("Sec-WebSocket-Key", b"dGhlIHNhbXBsZSBub25jZQ=="),
//!     Field::new("Sec-WebSocket-Version", b"13"),
//! ];
//! let head = RequestHead::new(Method::Get, b"/chat", Fields::from(&list));
//! let acceptance = accept(&head, &Terms::DEFAULT)?; // send its status and fields
//!
//! let mut connection = Connection::server(Config::DEFAULT);
//! connection.open(acceptance.agreement()).expect("it was connecting");
//! let (mut scratch, mut out) = (Scratch::new(), Vec::new());
//! let mut input = *b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58\x81\x85\x37";
//! let consumed = serve(&mut connection, &mut scratch, &mut input, &mut out);
//! assert_eq!((consumed, &out[..]), (11, &b"\x81\x05Hello"[..]));
//! # Ok::<_, shockwave_websocket::Refusal>(())
//! ```
//!
//! A client asks for something, closes, and is done:
//!
//! ```
//! use shockwave_websocket::{Agreement, Close, CloseCode, Config, Connection, Event, Scratch};
//!
//! let seed = [7; 32]; // 32 octets of the system's randomness, in truth
//! let mut connection = Connection::client(Config::DEFAULT, seed);
//! connection.open(&Agreement::NONE).expect("it was connecting"); // see `Offer` for the handshake
//! let (mut scratch, mut out) = (Scratch::new(), Vec::new());
//! connection.send_message("what time is it?", &mut out).expect("it is open");
//!
//! let mut input = *b"\x81\x0512:34";
//! let received = connection.receive(&mut input, &mut scratch)?;
//! assert!(matches!(received.event, Some(Event::Message(answer)) if answer == "12:34".into()));
//! connection
//!     .close(Close { code: Some(CloseCode::NORMAL), reason: "" }, &mut out)
//!     .expect("it is open");
//!
//! let mut input = *b"\x88\x02\x03\xe8";
//! let received = connection.receive(&mut input, &mut scratch)?;
//! assert!(matches!(received.event, Some(Event::Close(_))));
//! connection.receive_eof()?; // the server closes its transport first
//! assert!(connection.is_closed());
//! # Ok::<_, shockwave_websocket::Error>(())
//! ```
//!
//! # Features
//!
//! | feature | adds | default |
//! |---|---|---|
//! | `deflate` | permessage-deflate, over flate2 and zlib-rs | no |
//!
//! It is off because who does not compress should not compile it, and because compression is a
//! decision: it takes up to 300 KiB a connection, and the length of what is compressed tells about
//! it (CRIME, BREACH). With the feature it is still off, until [`Terms`] or [`Offer`] ask for it.

#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing))]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod close;
mod config;
mod connection;
#[cfg_attr(not(feature = "deflate"), path = "deflate/absent.rs")]
mod deflate;
mod error;
mod event;
mod frame;
#[doc(hidden)]
pub mod fuzz;
mod handshake;
mod mask;
mod message;
mod prepared;
mod state;

// The public interface.
pub use close::{Close, CloseCode, MAX_REASON_BYTES};
pub use config::{Compression, Config, Delivery, Limits, Timeouts};
pub use connection::Connection;
#[cfg(feature = "deflate")]
pub use deflate::{Coders, Deflate, Deflater, Inflater};
pub use error::{Error, Misuse, Violation};
pub use event::Event;
pub use frame::{MAX_CONTROL_BYTES, MAX_HEADER_BYTES};
pub use handshake::{
    Acceptance, Agreed, Agreement, BadResponse, HandshakeFields, InvalidProtocol, Offer, Origins,
    Refusal, Terms, accept, accept_connect, is_same_origin,
};
pub use message::{Kind, Message, Scratch};
pub use prepared::Prepared;
pub use shockwave_simd::Mask;
