//! A global allocator that counts: how often memory was asked for, how much, and how much was live.
//!
//! # How it counts
//!
//! Every call is handed on to the wrapped allocator and noted twice: in counters of the thread, for
//! tests that run beside others, and in counters of the process, for benchmarks. The thread's
//! counters are a `const`-initialised thread-local without a destructor, so that counting never
//! allocates and works while a thread starts and ends.
//!
//! A reallocation counts as an allocation as well: growing a `Vec` asks for memory, and whoever
//! claims to allocate nothing must not do it.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::Cell;
use core::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};
use std::alloc::System;

/// Counts allocations and hands them on to `A`.
///
/// ```
/// use shockwave_bench_kit::count;
///
/// shockwave_bench_kit::install_counting_allocator!();
///
/// let (boxed, counts) = count(|| Box::new([0_u8; 64]));
/// assert_eq!((counts.allocs, counts.bytes), (1, 64));
/// # drop(boxed);
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct CountingAllocator<A = System>(A);

impl CountingAllocator {
    /// Counts over the system's allocator.
    #[must_use]
    pub const fn new() -> Self {
        Self(System)
    }

    /// Whether a counting allocator is the global one. One that is has counted something already.
    #[must_use]
    pub fn is_installed() -> bool {
        if PROCESS.allocs.load(Relaxed) != 0 {
            return true;
        }
        drop(core::hint::black_box(Box::new(0_u8)));
        PROCESS.allocs.load(Relaxed) != 0
    }
}

impl<A> CountingAllocator<A> {
    /// Counts over `inner`.
    #[must_use]
    pub const fn over(inner: A) -> Self {
        Self(inner)
    }
}

/// What was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, serde::Serialize)]
#[non_exhaustive]
pub struct Counts {
    /// Calls that asked for memory: allocations and reallocations.
    pub allocs: u64,
    /// Octets asked for; of a reallocation, those by which it grew.
    pub bytes: u64,
    /// How many of the calls were reallocations.
    pub reallocs: u64,
    /// Calls that gave memory back.
    pub frees: u64,
    /// The most that was live at once, above what was live at the start.
    pub peak_live: u64,
    /// What is still live at the end, above what was live at the start.
    pub retained: u64,
}

/// Runs `f` and counts what this thread allocates meanwhile.
///
/// # Panics
/// Where no counting allocator is installed: nothing would be counted, and zero would be a lie.
pub fn count<R>(f: impl FnOnce() -> R) -> (R, Counts) {
    assert_installed();
    let before = THREAD.get();
    THREAD.set(Tally { peak: before.live, ..before });
    let result = f();
    let after = THREAD.get();
    THREAD.set(Tally { peak: after.peak.max(before.peak), ..after });
    (result, after.since(&before))
}

/// Runs `f` and counts what all threads of the process allocate meanwhile.
///
/// # Panics
/// Where no counting allocator is installed, as [`count`] does.
pub fn count_process<R>(f: impl FnOnce() -> R) -> (R, Counts) {
    assert_installed();
    let before = PROCESS.read();
    PROCESS.peak.store(before.live, Relaxed);
    let result = f();
    let after = PROCESS.read();
    PROCESS.peak.fetch_max(before.peak, Relaxed);
    (result, after.since(&before))
}

fn assert_installed() {
    assert!(
        CountingAllocator::is_installed(),
        "no counting allocator: `install_counting_allocator!()` in the crate's root"
    );
}

/// Makes the counting allocator the global one: for tests that count. Bench targets have it from
/// [`main!`](crate::main), in the build with the feature `count-allocations`.
#[macro_export]
macro_rules! install_counting_allocator {
    () => {
        #[global_allocator]
        static COUNTING: $crate::CountingAllocator = $crate::CountingAllocator::new();
    };
}

/// The global allocator of a bench target: the one that it asks for, or this variant's, if any.
#[cfg(not(feature = "count-allocations"))]
#[doc(hidden)]
#[macro_export]
macro_rules! install_allocator {
    () => {
        $crate::install_variants_allocator!();
    };
    ($allocator:path) => {
        #[global_allocator]
        static ALLOCATOR: $allocator = $allocator;
    };
}

/// The global allocator of a bench target that counts: over the one that it asks for, or this
/// variant's, if any.
#[cfg(feature = "count-allocations")]
#[doc(hidden)]
#[macro_export]
macro_rules! install_allocator {
    () => {
        $crate::install_allocator!($crate::VariantsAllocator);
    };
    ($allocator:path) => {
        #[global_allocator]
        static COUNTING: $crate::CountingAllocator<$allocator> =
            $crate::CountingAllocator::over($allocator);
    };
}

/// The global allocator of the build's variant: the standard one is there without an installation.
#[cfg(not(feature = "mimalloc"))]
#[doc(hidden)]
#[macro_export]
macro_rules! install_variants_allocator {
    () => {};
}

/// The global allocator of the build's variant.
#[cfg(feature = "mimalloc")]
#[doc(hidden)]
#[macro_export]
macro_rules! install_variants_allocator {
    () => {
        $crate::install_allocator!($crate::VariantsAllocator);
    };
}

#[cfg(feature = "mimalloc")]
#[doc(hidden)]
pub use mimalloc::MiMalloc as VariantsAllocator;
#[cfg(not(feature = "mimalloc"))]
#[doc(hidden)]
pub use std::alloc::System as VariantsAllocator;

#[cfg(test)]
#[global_allocator]
static COUNTING: CountingAllocator = CountingAllocator::new();

#[derive(Debug, Clone, Copy)]
struct Tally {
    allocs: u64,
    bytes: u64,
    reallocs: u64,
    frees: u64,
    live: i64,
    peak: i64,
}

impl Tally {
    const ZERO: Self = Self { allocs: 0, bytes: 0, reallocs: 0, frees: 0, live: 0, peak: 0 };

    fn since(&self, before: &Self) -> Counts {
        Counts {
            allocs: self.allocs.wrapping_sub(before.allocs),
            bytes: self.bytes.wrapping_sub(before.bytes),
            reallocs: self.reallocs.wrapping_sub(before.reallocs),
            frees: self.frees.wrapping_sub(before.frees),
            peak_live: u64::try_from(self.peak.saturating_sub(before.live)).unwrap_or(0),
            retained: u64::try_from(self.live.saturating_sub(before.live)).unwrap_or(0),
        }
    }
}

struct Process {
    allocs: AtomicU64,
    bytes: AtomicU64,
    reallocs: AtomicU64,
    frees: AtomicU64,
    live: AtomicI64,
    peak: AtomicI64,
}

impl Process {
    fn read(&self) -> Tally {
        Tally {
            allocs: self.allocs.load(Relaxed),
            bytes: self.bytes.load(Relaxed),
            reallocs: self.reallocs.load(Relaxed),
            frees: self.frees.load(Relaxed),
            live: self.live.load(Relaxed),
            peak: self.peak.load(Relaxed),
        }
    }
}

static PROCESS: Process = Process {
    allocs: AtomicU64::new(0),
    bytes: AtomicU64::new(0),
    reallocs: AtomicU64::new(0),
    frees: AtomicU64::new(0),
    live: AtomicI64::new(0),
    peak: AtomicI64::new(0),
};

thread_local! {
    static THREAD: Cell<Tally> = const { Cell::new(Tally::ZERO) };
}

/// Notes a call: `allocs`, `reallocs` and `frees` are 0 or 1, `grown` the octets that it asked for
/// (negative: gave back).
fn note(allocs: u64, reallocs: u64, frees: u64, grown: i64) {
    let bytes = u64::try_from(grown).unwrap_or(0);
    PROCESS.allocs.fetch_add(allocs, Relaxed);
    PROCESS.bytes.fetch_add(bytes, Relaxed);
    PROCESS.reallocs.fetch_add(reallocs, Relaxed);
    PROCESS.frees.fetch_add(frees, Relaxed);
    let live = PROCESS.live.fetch_add(grown, Relaxed).wrapping_add(grown);
    PROCESS.peak.fetch_max(live, Relaxed);
    // An error means that the thread is ending; its counters are of no use to anybody then.
    let _ = THREAD.try_with(|tally| {
        let old = tally.get();
        let live = old.live.wrapping_add(grown);
        tally.set(Tally {
            allocs: old.allocs.wrapping_add(allocs),
            bytes: old.bytes.wrapping_add(bytes),
            reallocs: old.reallocs.wrapping_add(reallocs),
            frees: old.frees.wrapping_add(frees),
            live,
            peak: old.peak.max(live),
        });
    });
}

/// A size as a difference. A `Layout` is at most `isize::MAX` octets.
fn signed(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

#[allow(unsafe_code, reason = "GlobalAlloc is an unsafe trait; every call is handed on as it came")]
// SAFETY: each method hands its arguments on unchanged to `A`, which is a `GlobalAlloc`, and
// answers what `A` answers; counting neither allocates nor unwinds.
unsafe impl<A: GlobalAlloc> GlobalAlloc for CountingAllocator<A> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(1, 0, 0, signed(layout.size()));
        // SAFETY: the caller keeps `alloc`'s contract, which is the same for `A`.
        unsafe { self.0.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(1, 0, 0, signed(layout.size()));
        // SAFETY: the caller keeps `alloc_zeroed`'s contract, which is the same for `A`.
        unsafe { self.0.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        note(0, 0, 1, signed(layout.size()).wrapping_neg());
        // SAFETY: `block` came from this allocator, hence from `A`, with this layout.
        unsafe { self.0.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        note(1, 1, 0, signed(new_size).wrapping_sub(signed(layout.size())));
        // SAFETY: `block` came from this allocator, hence from `A`, with this layout, and the
        // caller has checked `new_size`.
        unsafe { self.0.realloc(block, layout, new_size) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::hint::black_box;

    #[test]
    fn the_counter_is_alive_and_exact() {
        let ((), none) = count(|| {
            black_box(1_u64);
        });
        assert_eq!(none, Counts::default());
        let ((), one) = count(|| drop(black_box(Box::new([0_u8; 48]))));
        let mut expected = Counts { allocs: 1, bytes: 48, frees: 1, peak_live: 48, ..none };
        assert_eq!(one, expected);
        let (boxed, one) = count(|| black_box(Box::new([0_u8; 48])));
        (expected.frees, expected.retained) = (0, 48);
        assert_eq!(one, expected);
        drop(boxed);
    }

    #[test]
    fn a_reallocation_is_an_allocation() {
        let (_, counts) = count(|| {
            let mut bytes: Vec<u8> = Vec::with_capacity(10);
            bytes.extend_from_slice(black_box(&[1; 10]));
            bytes.reserve_exact(20);
            bytes.shrink_to(15);
            bytes
        });
        assert_eq!((counts.allocs, counts.reallocs, counts.frees), (3, 2, 0));
        assert_eq!((counts.bytes, counts.peak_live), (30, 30));
    }

    #[test]
    fn zeroed_memory_counts() {
        let (_, counts) = count(|| black_box(vec![0_u8; 100]));
        assert_eq!((counts.allocs, counts.bytes), (1, 100));
    }

    #[test]
    fn counts_nest() {
        let ((_, inner), outer) = count(|| {
            drop(black_box(Box::new([0_u8; 100])));
            count(|| black_box(Box::new([0_u8; 10])))
        });
        assert_eq!((inner.allocs, inner.peak_live), (1, 10));
        assert_eq!((outer.allocs, outer.peak_live), (2, 100));
    }

    #[test]
    fn other_threads_count_for_the_process_only() {
        let work = || {
            std::thread::spawn(|| drop(black_box(Box::new([0_u8; 1 << 12])))).join().unwrap();
        };
        let ((), of_process) = count_process(work);
        assert!(of_process.bytes >= 1 << 12);
        let ((), of_thread) = count(work);
        assert!(of_thread.bytes < 1 << 12, "{of_thread:?}");
    }
}
