//! The benchmarks of the HTTP/1.1 core: `cargo bench -p shockwave-http11`.

#[path = "suite.rs"]
mod suite;

shockwave_bench_kit::main!(suite::register);
