//! The examples, each run as a process and asked by real clients.
//!
//! A client of the standard library's sockets asks always; curl, Python and wrk where they are
//! installed, and a line says where they are not. Every wait has a bound, and every process is
//! ended with its test.

mod client;
mod found;
mod life;
mod process;
mod simple;
mod streams;
mod suites;
#[cfg(feature = "websocket-deflate")]
mod websocket;
