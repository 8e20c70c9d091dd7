//! What the core registers. The bench target of the peers includes this file too, so that all
//! engines of a group run in one process.

pub(crate) mod cases;
mod coding;
mod messages;
pub(crate) mod octets;

use shockwave_bench_kit::Registry;

/// Registers every benchmark of the WebSocket core.
pub(crate) fn register(registry: &mut Registry) {
    octets::register(registry);
    messages::register(registry);
    coding::register(registry);
}
