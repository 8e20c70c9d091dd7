//! A pool of byte buffers in size classes.

use crate::PoolStats;
use crate::shelves::{Bounds, Lease, Shelves};

/// How many size classes there are.
const CLASSES: usize = 4;

/// A byte buffer on loan from a [`Pool`]: a `Vec<u8>` through `Deref`. It comes empty, may grow,
/// and goes back when it is dropped.
pub type Buffer<'p> = Lease<'p, Vec<u8>, CLASSES>;

/// Upper bounds on what a [`Pool`] keeps idle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolLimits {
    /// Octets that all idle buffers hold together, counted by capacity. Default 8 MiB for each
    /// pool, thus for each worker. Stops a burst from costing memory for ever.
    pub max_held_bytes: usize,
    /// Idle buffers of each class of [`Pool::CLASS_BYTES`]. Default 512, 256, 32 and 8, which is
    /// 2, 4, 2 and 2 MiB, so that no class can use up `max_held_bytes` alone.
    pub max_held_per_class: [usize; CLASSES],
}

impl PoolLimits {
    /// The defaults.
    pub const DEFAULT: Self =
        Self { max_held_bytes: 8 << 20, max_held_per_class: [512, 256, 32, 8] };
}

impl Default for PoolLimits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// A pool of byte buffers, for one worker thread.
///
/// | class | capacity | for |
/// |---|---|---|
/// | 0 | 4 KiB | a request head, a short response, a WebSocket message |
/// | 1 | 16 KiB | a read from a socket, a TLS record, an HTTP/2 frame of the default size |
/// | 2 | 64 KiB | a head of the largest default size, a batch of pipelined responses |
/// | 3 | 256 KiB | bulk content |
///
/// - **Last in, first out** in each class: the buffer handed out is the one that is still in the
///   cache.
/// - **Bounded**: [`PoolLimits`] bounds the octets held, and the buffers of each class. What comes
///   back beyond a bound is freed.
/// - **No request pins memory.** A buffer that grew goes to the class that it fills now. One that
///   is larger than the largest class is freed, as is one that was shrunk below the smallest. A
///   larger buffer is never lent for a smaller request.
/// - **No content leaks**: a buffer comes back with length 0, and safe code cannot read beyond it.
/// - **One thread**: neither lock nor atomic. A pool is [`Send`], so that it can be made before its
///   worker, but not [`Sync`]:
///
/// ```compile_fail,E0277
/// fn shared<T: Sync>(_: T) {}
/// shared(shockwave_memory::Pool::new(shockwave_memory::PoolLimits::DEFAULT));
/// ```
///
/// Methods take `&self`, so all tasks of a worker share one pool, and a [`Buffer`] may live across
/// an `await`.
///
/// ```
/// use shockwave_memory::{Pool, PoolLimits};
///
/// let pool = Pool::new(PoolLimits::DEFAULT);
/// {
///     let mut buffer = pool.take(10_000); // a miss: allocates 16 KiB
///     buffer.extend_from_slice(b"GET / HTTP/1.1\r\n");
/// } // goes back here
/// let buffer = pool.take(16 << 10); // a hit: the same memory, empty
/// assert!(buffer.is_empty() && buffer.capacity() >= 16 << 10);
/// assert_eq!(pool.stats().hits, 1);
/// ```
#[derive(Debug)]
pub struct Pool {
    shelves: Shelves<Vec<u8>, CLASSES>,
}

impl Pool {
    /// The capacity in octets of each size class, ascending.
    pub const CLASS_BYTES: [usize; CLASSES] = [4 << 10, 16 << 10, 64 << 10, 256 << 10];

    /// A pool that holds nothing. Allocates nothing.
    #[must_use]
    pub fn new(limits: PoolLimits) -> Self {
        let [.., largest] = Self::CLASS_BYTES;
        Self {
            shelves: Shelves::new(Bounds {
                class_bytes: Self::CLASS_BYTES,
                max_held: limits.max_held_per_class,
                max_item_bytes: largest,
                max_held_bytes: limits.max_held_bytes,
            }),
        }
    }

    /// Leases an empty buffer with a capacity of at least `min_bytes`, of the first class that has
    /// as much.
    ///
    /// Allocates nothing on a hit, and one buffer of the class on a miss. A request beyond the
    /// largest class is always a miss: exactly `min_bytes` are allocated, and freed on return.
    ///
    /// # Panics
    /// As `Vec::with_capacity`, for more than `isize::MAX` octets. Bound what a peer can ask for.
    #[inline]
    #[must_use = "the buffer goes back at once"]
    pub fn take(&self, min_bytes: usize) -> Buffer<'_> {
        // No class: an index that no stack has.
        let class = self.shelves.class_for(min_bytes).unwrap_or(CLASSES);
        self.shelves.take(class, || Self::make(class, min_bytes))
    }

    /// Allocates buffers of the class of `min_bytes` until the pool holds `count` more or a bound
    /// says no. Answers how many were added; 0 beyond the largest class.
    pub fn warm(&self, min_bytes: usize, count: usize) -> usize {
        let Some(class) = self.shelves.class_for(min_bytes) else { return 0 };
        (0..count).take_while(|_| self.shelves.adopt(Self::make(class, min_bytes))).count()
    }

    /// Takes in a buffer that this pool did not lend, or that was detached. It is cleared. Answers
    /// whether it is held; otherwise a bound said no, and it was freed.
    pub fn adopt(&self, buffer: Vec<u8>) -> bool {
        self.shelves.adopt(buffer)
    }

    /// Frees idle buffers, the largest class first, until at most `bytes` octets are held: for a
    /// worker that has been idle for a while.
    pub fn trim(&self, bytes: usize) {
        self.shelves.trim(bytes);
    }

    /// The counters. Costs a few loads.
    #[must_use]
    pub fn stats(&self) -> PoolStats {
        self.shelves.stats()
    }

    #[cold]
    fn make(class: usize, min_bytes: usize) -> Vec<u8> {
        Vec::with_capacity(Self::CLASS_BYTES.get(class).copied().unwrap_or(min_bytes))
    }
}
