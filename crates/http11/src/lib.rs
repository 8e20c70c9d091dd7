//! A sans-I/O HTTP/1.1 core (RFC 9112), for both sides of a connection.

#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing))]
#![allow(rustdoc::broken_intra_doc_links, dead_code)]

mod chunked;
mod config;
mod content;
mod date;
mod encode;
mod error;
mod event;
mod head;

// The public interface.
pub use chunked::{
    CHUNK_END, ChunkHeader, ChunkedDecoder, Decoded, Piece, encode_chunk, encode_last_chunk,
    encode_last_chunk_with_trailers,
};
pub use config::{Config, Leniency, Limits, Timeouts};
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
pub use head::{Parsed, parse_request_head, parse_response_head};
