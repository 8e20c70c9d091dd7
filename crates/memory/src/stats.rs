//! What a pool has done and what it holds.

use core::cell::Cell;

/// A reading of a pool's counters. They count from the pool's creation and wrap never in practice:
/// each is 64 bits.
///
/// Two laws hold at every reading:
///
/// ```text
/// hits + misses     == returns + detached + outstanding
/// returns + adopted == hits + dropped + held_buffers
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct PoolStats {
    /// Takes that were answered with a recycled item: no allocation.
    pub hits: u64,
    /// Takes that had to make a new item.
    pub misses: u64,
    /// Leases that ended and brought their item back, whether it was then held or freed.
    pub returns: u64,
    /// Leases that ended with [`Lease::detach`](crate::Lease::detach): the item left for good.
    pub detached: u64,
    /// Items that came in without a lease: by `adopt` or `warm`, whether held or freed.
    pub adopted: u64,
    /// Items freed: over a bound when they came in, or trimmed later.
    pub dropped: u64,
    /// Octets that the idle items hold now. Never above `max_held_bytes`.
    pub held_bytes: usize,
    /// Idle items now.
    pub held_buffers: u64,
    /// Leases alive now.
    pub outstanding: u64,
}

/// The counters that the hot path touches; the others of [`PoolStats`] follow from the laws.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) hits: Count,
    pub(crate) misses: Count,
    pub(crate) returns: Count,
    pub(crate) detached: Count,
    pub(crate) adopted: Count,
    pub(crate) dropped: Count,
}

impl Counters {
    /// The reading, given what is held.
    pub(crate) fn read(&self, held_bytes: usize) -> PoolStats {
        let (hits, misses) = (self.hits.read(), self.misses.read());
        let (returns, detached) = (self.returns.read(), self.detached.read());
        let (adopted, dropped) = (self.adopted.read(), self.dropped.read());
        PoolStats {
            hits,
            misses,
            returns,
            detached,
            adopted,
            dropped,
            held_bytes,
            held_buffers: (returns + adopted).saturating_sub(hits + dropped),
            outstanding: (hits + misses).saturating_sub(returns + detached),
        }
    }
}

/// A number that goes up by one.
#[derive(Debug, Default)]
pub(crate) struct Count(Cell<u64>);

impl Count {
    #[inline]
    pub(crate) fn add_one(&self) {
        self.0.set(self.0.get().wrapping_add(1));
    }

    fn read(&self) -> u64 {
        self.0.get()
    }
}
