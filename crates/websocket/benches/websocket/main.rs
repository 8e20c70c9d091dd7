//! The benchmarks of the WebSocket core: `cargo bench -p shockwave-websocket --features deflate`.

#[path = "suite.rs"]
mod suite;

shockwave_bench_kit::main!(suite::register);
