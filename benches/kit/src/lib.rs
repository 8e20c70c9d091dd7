//! The bench kit: a benchmark is registered once, and the same binary lists it, checks it, counts
//! its allocations, times it with criterion, serves paired comparisons and runs under profilers.
//!
//! A bench target is `harness = false` and consists of registrations:
//!
//! ```no_run
//! use shockwave_bench_kit::{Bench, Digest, Registry, Verification, repeat};
//!
//! fn register(registry: &mut Registry) {
//!     registry.add(
//!         Bench::new("kit/add/one/std", Digest::of(b"text and input"), || {
//!             let mut sum = 0_u64;
//!             repeat(move || {
//!                 sum += std::hint::black_box(1);
//!                 sum
//!             })
//!         })
//!         .budget(0, 0)
//!         .verify(|| Verification::strict((1_u64 + 1).to_string()).expecting(b"2")),
//!     );
//! }
//!
//! shockwave_bench_kit::main!(register);
//! ```
//!
//! # Modes
//!
//! | arguments | what it does |
//! |---|---|
//! | none of ours | criterion: filters, `--list`, `--test`, `--save-baseline` and so on |
//! | `--kit list` | one JSON line a benchmark |
//! | `--kit alloc` | allocations per operation; needs the feature `count-allocations` |
//! | `--kit verify` | checks every answer, and the engines of a group against each other |
//! | `--kit once ID N` | N operations inside `shockwave_bench_region`, for callgrind and dhat |
//! | `--kit serve` | reads `ID n`, answers `ns checksum`: a child of a paired comparison |
//!
//! `list`, `alloc` and `verify` take `--filter REGEX`. Exit codes: 0, 1 when a benchmark failed (it
//! is named and the rest goes on), 2 when the arguments or the build are not what the mode needs.

mod allocator;
mod bench;
pub mod canonical;
mod control;
pub mod corpus;
mod digest;
mod engine;
mod modes;
mod mutate;
mod region;
mod registry;
mod verification;

// The public interface.
#[doc(hidden)]
pub use allocator::VariantsAllocator;
pub use allocator::{CountingAllocator, Counts, count, count_process};
pub use bench::{Bench, Budget, Id, Throughput, Work, repeat};
pub use control::{INJECT, controls};
pub use digest::Digest;
pub use engine::Engine;
pub use modes::run;
pub use mutate::{Random, mutate};
pub use registry::Registry;
pub use verification::{Checks, Verification};

/// The `main` function of a bench target: registers what the functions register and runs the mode
/// that the arguments ask for.
///
/// A target that is to be measured over another global allocator than the system's names it, and
/// installs none itself: the build that counts puts the counter before it.
///
/// ```no_run
/// # use shockwave_bench_kit::Registry;
/// # fn register(_: &mut Registry) {}
/// shockwave_bench_kit::main!(allocator = std::alloc::System; register);
/// ```
#[macro_export]
macro_rules! main {
    (allocator = $allocator:path; $($register:path),+ $(,)?) => {
        $crate::install_allocator!($allocator);
        fn main() -> ::std::process::ExitCode {
            $crate::run(&[$($register),+])
        }
    };
    ($($register:path),+ $(,)?) => {
        $crate::install_allocator!();
        fn main() -> ::std::process::ExitCode {
            $crate::run(&[$($register),+])
        }
    };
}
