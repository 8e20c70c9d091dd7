//! What recycling costs, against the global allocator on the same work.
//!
//! The engine `malloc` is the program's global allocator: a fresh `Vec` (or `String`, or what the
//! request needs) each time, dropped at the end. Both engines write the same octets into what they
//! got, so that neither is measured on memory that nobody touches.

mod buffers;
#[cfg(feature = "arena")]
mod requests;
mod scratches;

use shockwave_bench_kit::{Digest, Registry};

fn register(registry: &mut Registry) {
    buffers::register(registry);
    scratches::register(registry);
    #[cfg(feature = "arena")]
    requests::register(registry);
}

/// The digest of what defines a benchmark: the text of its file, and its case.
fn source(text: &str, case: &str) -> Digest {
    Digest::new().field(text.as_bytes()).field(case.as_bytes())
}

shockwave_bench_kit::main!(register);
