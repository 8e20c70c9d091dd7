//! Listeners, workers, and one handler for all protocols, over Shockwave's sans-I/O cores.

#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing))]

mod access;
mod body;
mod clock;
mod config;
mod content;
mod embed;
mod error;
mod exchange;
mod files;
#[doc(hidden)]
pub mod fuzz;
mod http1;
mod info;
mod lines;
mod proxy;
mod race;
mod reply;
mod request;
mod responder;
mod roster;
mod routes;
mod server;
pub mod signal;
mod socket;
mod stats;
mod stream;
mod templates;
mod trace;
mod transport;
#[cfg(feature = "websocket")]
#[cfg_attr(docsrs, doc(cfg(feature = "websocket")))]
pub mod websocket;
mod worker;

// The public interface.
pub use access::Access;
pub use body::Body;
pub use config::{Config, Http1Config, Http1Limits, Leniency, Limits, Timeouts};
pub use content::ResponseBody;
pub use embed::serve_connection;
pub use error::Error;
pub use files::{DotFiles, Files};
pub use info::ConnectionInfo;
pub use proxy::ProxyProtocol;
#[cfg(feature = "json")]
pub use reply::Json;
pub use reply::Reply;
pub use request::{Head, Request};
pub use responder::{IntoStatus, Responder, Sent};
#[doc(hidden)]
pub use routes::{Params, Route, Routes};
pub use server::{Distribution, Running, Server};
pub use socket::{Keepalive, TcpOptions};
pub use stats::{Monitor, Stats};
pub use stream::ResponseStream;
pub use worker::Worker;

pub use bytes::Bytes;
pub use shockwave_wire::{Field, Fields, Known, Method, Status, Version};
