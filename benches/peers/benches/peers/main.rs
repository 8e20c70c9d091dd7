//! Shockwave and its peers, every engine of a group in one process with the same settings.
//!
//! The settings of each peer, and why, are in `benches/peers/peers.toml`.

mod duplex;
mod httparse;
mod hyper;
mod hyper_server;
#[path = "../../../../crates/server/benches/server/suite.rs"]
mod server;
#[path = "../../../../crates/http11/benches/http11/suite.rs"]
mod suite;
mod websocket;
#[path = "../../../../crates/websocket/benches/websocket/suite.rs"]
mod websocket_suite;

shockwave_bench_kit::main!(
    suite::register,
    httparse::register,
    hyper::register,
    duplex::register,
    server::register,
    hyper_server::register,
    websocket_suite::register,
    websocket::register,
);
