//! A pool of values of one type.

use crate::shelves::{Bounds, Lease, Shelves};
use crate::{PoolStats, Reset};

/// Upper bounds on what a [`Recycler`] keeps idle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecyclerLimits {
    /// Octets that all idle items hold together. Default 4 MiB. Stops a burst from costing memory
    /// for ever.
    pub max_held_bytes: usize,
    /// Idle items. Default 256. Bounds what items cost that hold little on the heap.
    pub max_held_items: usize,
    /// Octets that one idle item holds, after its reset. Default 64 KiB: an item that one huge
    /// request has made larger is freed.
    pub max_item_bytes: usize,
}

impl RecyclerLimits {
    /// The defaults.
    pub const DEFAULT: Self =
        Self { max_held_bytes: 4 << 20, max_held_items: 256, max_item_bytes: 64 << 10 };
}

impl Default for RecyclerLimits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// A pool of values of one type: parse scratches, arenas, whatever a request needs and forgets.
///
/// Last in, first out, so that the item handed out is the one whose memory is still in the cache.
/// One for each worker thread: it has neither lock nor atomic, and is not [`Sync`]. Shared by `&`
/// among the tasks of its thread. [`take`](Self::take) allocates nothing while items are idle;
/// returning one allocates nothing once the stack of idle items has had its largest size.
///
/// Items move in and out by value: box those above some hundred octets, and pool the boxes.
///
/// ```
/// use shockwave_memory::{Recycler, RecyclerLimits};
///
/// let spans: Recycler<Vec<u32>> = Recycler::new(RecyclerLimits::DEFAULT);
/// for _request in 0..3 {
///     let mut lease = spans.take();
///     assert!(lease.is_empty());
///     lease.extend([1, 2, 3]);
/// }
/// assert_eq!((spans.stats().misses, spans.stats().hits), (1, 2));
/// ```
#[derive(Debug)]
pub struct Recycler<T: Reset> {
    shelves: Shelves<T, 1>,
}

impl<T: Reset> Recycler<T> {
    /// A recycler that holds nothing. Allocates nothing.
    #[must_use]
    pub fn new(limits: RecyclerLimits) -> Self {
        Self {
            shelves: Shelves::new(Bounds {
                class_bytes: [0],
                max_held: [limits.max_held_items],
                max_item_bytes: limits.max_item_bytes,
                max_held_bytes: limits.max_held_bytes,
            }),
        }
    }

    /// Leases the item that came back last, or a default one if none is idle.
    #[inline]
    #[must_use = "the item goes back at once"]
    pub fn take(&self) -> Lease<'_, T>
    where
        T: Default,
    {
        self.take_or_else(T::default)
    }

    /// Leases the item that came back last, or what `make` makes if none is idle. Allocates what
    /// `make` does.
    #[inline]
    #[must_use = "the item goes back at once"]
    pub fn take_or_else(&self, make: impl FnOnce() -> T) -> Lease<'_, T> {
        self.shelves.take(0, make)
    }

    /// Takes in an item that this recycler did not lend, or that was detached. It is reset. Answers
    /// whether it is held; otherwise a bound said no, and it was freed.
    pub fn adopt(&self, item: T) -> bool {
        self.shelves.adopt(item)
    }

    /// Frees idle items until at most `bytes` octets are held: for a worker that has been idle for
    /// a while. Items that hold nothing stay.
    pub fn trim(&self, bytes: usize) {
        self.shelves.trim(bytes);
    }

    /// The counters. Costs a few loads.
    #[must_use]
    pub fn stats(&self) -> PoolStats {
        self.shelves.stats()
    }
}
