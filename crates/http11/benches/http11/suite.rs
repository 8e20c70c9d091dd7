//! What the core registers. The bench target of the peers includes this file too, so that all
//! engines of a group run in one process.

pub(crate) mod cases;
mod chunked;
pub(crate) mod cycle;
mod lookup;
mod parse;
mod write;

use shockwave_bench_kit::Registry;

/// Registers every benchmark of the HTTP/1.1 core.
pub(crate) fn register(registry: &mut Registry) {
    parse::register(registry);
    lookup::register(registry);
    write::register(registry);
    chunked::register(registry);
    cycle::register(registry);
}
