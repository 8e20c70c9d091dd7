//! The work of `benches/allocator`, over mimalloc.

#[allow(dead_code, reason = "heads are judged by the server's own benchmarks")]
#[path = "../server/client.rs"]
mod client;
#[path = "../allocator/modes.rs"]
mod modes;

use modes::{Memory, Mode};
use shockwave_bench_kit::Registry;

fn register(registry: &mut Registry) {
    modes::register(registry, Mode { name: "mimalloc", memory: Memory::Heap });
}

shockwave_bench_kit::main!(allocator = shockwave_memory::MiMalloc; register);
