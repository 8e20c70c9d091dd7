//! The words that HTTP/1.1, HTTP/2 and HTTP/3 share.
//!
//! A core of Shockwave parses bytes into the types of this crate and encodes from them, so that one
//! handler can be compiled once for every protocol:
//!
//! - [`RequestHead`] and [`ResponseHead`]: a start line and its [`Fields`], borrowed from the
//!   caller's buffers.
//! - [`Fields`]: an ordered list of field lines. As parsed, it is a slice of compact [`FieldSpan`]s
//!   over the received bytes, with the well-known names interned to a [`Known`] id on the way in;
//!   as sent, it is any slice of [`Field`]s.
//! - [`Scratch`]: the caller-owned memory that a parse writes its spans to. Cleared, not freed; one
//!   for each request in flight.
//! - [`Method`], [`Status`], [`Version`], [`Side`], [`Content`]: RFC 9110's vocabulary.
//! - [`Bound`]: the vocabulary of limits, one word for each thing that is bounded.
//!
//! Nothing here allocates, except a [`Scratch`] that grows to the largest head it has seen.
//!
//! ```
//! use shockwave_wire::{Field, Fields, Known};
//!
//! let list = [Field::new("Content-Type", b"text/plain"), Field::new("X-Trace", b"7")];
//! let fields = Fields::from(&list);
//! assert_eq!(fields.known(Known::CONTENT_TYPE), Some(&b"text/plain"[..]));
//! assert_eq!(fields.get("x-trace"), Some(&b"7"[..]));
//! ```

#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing))]

mod bound;
mod content;
mod field;
mod head;
mod known;
mod method;
mod received;
mod scratch;
mod status;

// The public interface.
pub use bound::Bound;
pub use content::Content;
pub use field::{Field, FieldSpan, Fields, FieldsIter};
pub use head::{RequestHead, ResponseHead, Version};
pub use known::Known;
pub use method::Method;
pub use received::{Received, Side};
pub use scratch::{FieldIndex, Parts, Scratch, Spans};
pub use status::Status;
