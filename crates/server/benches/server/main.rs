//! The benchmarks of the server: `cargo bench -p shockwave-server --features json --bench server`.
//!
//! A client and the server at the two ends of an in-memory connection, in one thread, on the kind
//! of runtime that a worker has. Everything between the octets of a request and those of its
//! response is there, and what the kernel does is not. An operation is an exchange on a connection
//! that is kept alive.

#[path = "suite.rs"]
mod suite;

shockwave_bench_kit::main!(suite::register);
