//! A sans-I/O HTTP/1.1 core (RFC 9112), for both sides of a connection.
//!
//! A [`Connection`] is given octets and answers events that borrow them; it is given commands and
//! appends octets to a buffer. Sockets, buffers and the clock are the caller's. Once warm it
//! allocates nothing, whatever the peer sends, and all that a peer can make it do has a bound:
//! [`Limits`] and [`Timeouts`] are on by default.
//!
//! A server, but for its sockets (`input` is what came and was not consumed, `out` what is to be
//! written):
//!
//! ```
//! use shockwave_http11::{Config, Connection, Error, Event};
//! use shockwave_wire::{Content, Field, Fields, ResponseHead, Scratch, Side, Status};
//!
//! fn serve(
//!     connection: &mut Connection,
//!     scratch: &mut Scratch,
//!     mut input: &[u8],
//!     out: &mut Vec<u8>,
//! ) -> Result<usize, Error> {
//!     let length = input.len();
//!     loop {
//!         let received = connection.receive(input, scratch)?;
//!         input = &input[received.consumed..];
//!         match received.event {
//!             Some(Event::Request { head, end: true }) => {
//!                 let list = [Field::new("Content-Type", b"text/plain")];
//!                 let response = ResponseHead::new(Status::OK, Fields::from(&list));
//!                 let content = Content::Length(head.target.len() as u64);
//!                 connection.send_response(&response, content, out)?;
//!                 if connection.is_sending() {
//!                     connection.send_data(head.target, true, out)?;
//!                 }
//!             }
//!             Some(_) => connection.close(), // content, which this server does not take
//!             None => return Ok(length - input.len()),
//!         }
//!     }
//! }
//!
//! let mut connection = Connection::new(Side::Server, Config::strict());
//! let (mut scratch, mut out) = (Scratch::new(), Vec::new());
//! let input = b"GET /hello HTTP/1.1\r\nHost: example.com\r\n\r\nGET /he";
//! let consumed = serve(&mut connection, &mut scratch, input, &mut out)?;
//! assert_eq!(&input[consumed..], b"GET /he");
//! assert!(out.starts_with(b"HTTP/1.1 200 OK\r\n") && out.ends_with(b"\r\n\r\n/hello"));
//! # Ok::<_, Error>(())
//! ```
//!
//! The parsers and encoders that a connection is made of can be used alone:
//! [`parse_request_head`], [`ChunkedDecoder`], [`framing`], [`ResponseTemplate`].

#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing))]

mod chunked;
mod config;
mod connection;
mod content;
mod date;
mod encode;
mod error;
mod event;
#[doc(hidden)]
pub mod fuzz;
mod head;
mod state;

// The public interface.
pub use chunked::{
    CHUNK_END, ChunkHeader, ChunkedDecoder, Decoded, Piece, encode_chunk, encode_last_chunk,
    encode_last_chunk_with_trailers,
};
pub use config::{Config, Leniency, Limits, Timeouts};
pub use connection::Connection;
pub use content::{
    ContentLength, Framing, LengthField, Message, RequestKind, TransferEncoding, framing,
};
pub use date::HttpDate;
pub use encode::{
    ResponseTemplate, encode_error_response, encode_field_line, encode_fields, encode_length,
    encode_request_line, encode_status_line, encode_trailers, error_response,
};
pub use error::{Error, Misuse, Violation};
pub use event::Event;
pub use head::{Parsed, is_http2_preface, parse_request_head, parse_response_head};
