//! The same work under the allocation modes: `standard`, the system's allocator, and `arena`, the
//! same with a request's memory from the worker's arenas. `mimalloc` has a binary of its own, since
//! a binary has one global allocator: see `benches/allocator-mimalloc`, which is this file but for
//! that.
//!
//! Everywhere else the server allocates nothing, and the modes make no difference.

#[allow(dead_code, reason = "heads are judged by the server's own benchmarks")]
#[path = "../server/client.rs"]
mod client;
#[path = "modes.rs"]
mod modes;

use modes::{Memory, Mode};
use shockwave_bench_kit::Registry;

fn register(registry: &mut Registry) {
    modes::register(registry, Mode { name: "standard", memory: Memory::Heap });
    #[cfg(feature = "arena")]
    modes::register(registry, Mode { name: "arena", memory: Memory::Arena });
}

shockwave_bench_kit::main!(register);
