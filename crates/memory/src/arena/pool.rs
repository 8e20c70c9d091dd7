//! Arenas, recycled.

use super::{Arena, ArenaLimits};
use crate::{Lease, PoolStats, Recycler, RecyclerLimits};

/// A pool of [`Arena`]s, one for each request in flight of a worker. A returned arena is reset
/// before it is put away, so idle arenas hold `max_retained_bytes` each at most.
///
/// ```
/// use shockwave_memory::{ArenaLimits, ArenaPool, RecyclerLimits};
///
/// let arenas = ArenaPool::new(ArenaLimits::DEFAULT, RecyclerLimits::DEFAULT);
/// let arena = arenas.take();
/// assert_eq!(arena.alloc_fmt(format_args!("{:02}", 7)).as_deref(), Ok("07"));
/// ```
#[derive(Debug)]
pub struct ArenaPool {
    recycler: Recycler<Arena>,
    arena: ArenaLimits,
}

impl ArenaPool {
    /// A pool that holds nothing and makes arenas with the limits `arena`. Of `pool`, the field
    /// `max_item_bytes` is not used: `max_retained_bytes` says it. Allocates nothing.
    #[must_use]
    pub fn new(arena: ArenaLimits, mut pool: RecyclerLimits) -> Self {
        pool.max_item_bytes = arena.max_retained_bytes;
        Self { recycler: Recycler::new(pool), arena }
    }

    /// Leases the arena that came back last, or a new one. Allocates nothing: a new arena does so
    /// when it is used.
    #[inline]
    #[must_use = "the arena goes back at once"]
    pub fn take(&self) -> Lease<'_, Arena> {
        self.recycler.take_or_else(|| Arena::new(self.arena))
    }

    /// Takes in an arena that this pool did not lend, or that was detached. It is reset. Answers
    /// whether it is held; otherwise a bound said no, and it was freed.
    pub fn adopt(&self, arena: Arena) -> bool {
        self.recycler.adopt(arena)
    }

    /// Frees idle arenas until at most `bytes` octets are held.
    pub fn trim(&self, bytes: usize) {
        self.recycler.trim(bytes);
    }

    /// The counters. Costs a few loads.
    #[must_use]
    pub fn stats(&self) -> PoolStats {
        self.recycler.stats()
    }
}
