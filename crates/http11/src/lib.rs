//! A sans-I/O HTTP/1.1 core (RFC 9112), for both sides of a connection.

#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing))]
#![allow(rustdoc::broken_intra_doc_links, dead_code)]

mod chunked;
mod config;
mod content;
mod encode;
mod error;
mod event;

// The public interface.
pub use config::{Config, Leniency, Limits, Timeouts};
pub use error::{Error, Misuse, Violation};
pub use event::Event;
