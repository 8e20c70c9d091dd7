//! The controls alone: what `cargo xtask bench selftest` holds the harness against.

shockwave_bench_kit::main!(shockwave_bench_kit::controls);
