//! A walk through the public interface of the pools, as a user would meet it.

use shockwave_memory::{Lease, Pool, PoolLimits, PoolStats, Recycler, RecyclerLimits, Reset};

const KIB: usize = 1 << 10;

fn pool() -> Pool {
    Pool::new(PoolLimits::DEFAULT)
}

#[test]
fn a_buffer_is_of_the_first_class_that_fits() {
    let table = [
        (0, 4 * KIB),
        (1, 4 * KIB),
        (4 * KIB, 4 * KIB),
        (4 * KIB + 1, 16 * KIB),
        (16 * KIB, 16 * KIB),
        (16 * KIB + 1, 64 * KIB),
        (64 * KIB + 1, 256 * KIB),
        (256 * KIB, 256 * KIB),
        (256 * KIB + 1, 256 * KIB + 1),
    ];
    for (asked, capacity) in table {
        let pool = pool();
        let buffer = pool.take(asked);
        assert!(buffer.is_empty());
        assert_eq!(buffer.capacity(), capacity, "asked for {asked}");
    }
}

#[test]
fn the_last_one_in_is_the_first_one_out() {
    let pool = pool();
    let (first, second) = (pool.take(1), pool.take(1));
    let (at_first, at_second) = (first.as_ptr(), second.as_ptr());
    drop(first);
    drop(second);
    let third = pool.take(1);
    assert_eq!(third.as_ptr(), at_second);
    assert_eq!(pool.take(1).as_ptr(), at_first);
}

#[test]
fn a_buffer_comes_back_empty() {
    let pool = pool();
    pool.take(1).extend_from_slice(b"Authorization: Bearer secret");
    let buffer = pool.take(1);
    assert_eq!(pool.stats().hits, 1);
    assert!(buffer.is_empty());
}

#[test]
fn a_buffer_that_grew_goes_to_the_class_that_it_fills() {
    let pool = pool();
    pool.take(1).reserve_exact(20 * KIB);
    assert_eq!(pool.stats().held_bytes, 20 * KIB);
    assert_eq!(pool.take(4 * KIB).capacity(), 4 * KIB, "not lent for less");
    assert_eq!(pool.take(16 * KIB).capacity(), 20 * KIB);
}

#[test]
fn one_large_request_pins_nothing() {
    let pool = pool();
    pool.take(1).resize(256 * KIB + 1, 0);
    drop(pool.take(1 << 20));
    let stats = pool.stats();
    assert_eq!((stats.held_bytes, stats.held_buffers, stats.dropped), (0, 0, 2));
}

#[test]
fn a_buffer_below_the_smallest_class_is_freed() {
    let pool = pool();
    pool.take(1).shrink_to(10);
    assert_eq!(pool.stats().dropped, 1);
}

#[test]
fn max_held_bytes_is_kept() {
    let mut limits = PoolLimits::DEFAULT;
    limits.max_held_bytes = 20 * KIB;
    let pool = Pool::new(limits);
    let (a, b, c) = (pool.take(16 * KIB), pool.take(4 * KIB), pool.take(4 * KIB));
    drop((a, b, c));
    let stats = pool.stats();
    assert_eq!((stats.held_bytes, stats.held_buffers, stats.dropped), (20 * KIB, 2, 1));
}

#[test]
fn max_held_per_class_is_kept() {
    let mut limits = PoolLimits::DEFAULT;
    limits.max_held_per_class = [1, 0, 2, 3];
    let pool = Pool::new(limits);
    for (class, held) in limits.max_held_per_class.into_iter().enumerate() {
        let before = pool.stats().held_buffers;
        let bytes = Pool::CLASS_BYTES[class];
        let leases: Vec<_> = (0..4).map(|_| pool.take(bytes)).collect();
        drop(leases);
        assert_eq!(pool.stats().held_buffers - before, held as u64);
    }
}

#[test]
fn warm_buffers_are_hits() {
    let pool = pool();
    assert_eq!(pool.warm(16 * KIB, 3), 3);
    assert_eq!(pool.warm(1 << 20, 3), 0);
    let _three = (pool.take(16 * KIB), pool.take(16 * KIB), pool.take(16 * KIB));
    let stats = pool.stats();
    assert_eq!((stats.hits, stats.misses, stats.adopted, stats.outstanding), (3, 0, 3, 3));
}

#[test]
fn warm_stops_at_the_bound() {
    let mut limits = PoolLimits::DEFAULT;
    limits.max_held_bytes = 40 * KIB;
    assert_eq!(Pool::new(limits).warm(16 * KIB, usize::MAX), 2);
}

#[test]
fn trim_frees_the_largest_first() {
    let pool = pool();
    pool.warm(4 * KIB, 2);
    pool.warm(64 * KIB, 2);
    pool.trim(70 * KIB);
    assert_eq!(pool.stats().held_bytes, 8 * KIB);
    pool.trim(0);
    let stats = pool.stats();
    assert_eq!((stats.held_bytes, stats.held_buffers, stats.dropped), (0, 0, 4));
}

#[test]
fn a_detached_buffer_is_its_holders() {
    let pool = pool();
    let mut lease = pool.take(1);
    lease.push(7);
    let buffer = Lease::detach(lease);
    assert_eq!(buffer, [7]);
    let stats = pool.stats();
    assert_eq!((stats.detached, stats.returns, stats.outstanding), (1, 0, 0));
    assert!(pool.adopt(buffer));
    assert!(!pool.adopt(Vec::new()));
    assert!(pool.take(1).is_empty());
}

#[test]
fn a_lease_goes_back_when_its_holder_unwinds() {
    let pool = pool();
    let unwound = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let mut lease = pool.take(1);
        lease.push(7);
        panic!("a handler's mistake");
    }));
    assert!(unwound.is_err());
    assert_eq!((pool.stats().returns, pool.stats().held_buffers), (1, 1));
    assert!(pool.take(1).is_empty());
}

#[test]
fn a_pool_moves_to_its_worker() {
    let pool = pool();
    pool.warm(1, 1);
    let hits = std::thread::spawn(move || {
        drop(pool.take(1));
        pool.stats().hits
    });
    assert_eq!(hits.join().expect("the worker ran"), 1);
}

/// A scratch that remembers how it was treated.
#[derive(Debug, Default)]
struct Scratch {
    words: Vec<u64>,
    resets: u32,
}

impl Reset for Scratch {
    fn reset(&mut self) {
        self.words.clear();
        self.resets += 1;
    }
    fn held_bytes(&self) -> usize {
        self.words.held_bytes()
    }
}

#[test]
fn a_recycler_resets_each_item_once_a_return() {
    let recycler: Recycler<Scratch> = Recycler::new(RecyclerLimits::DEFAULT);
    for turn in 0..5 {
        let mut scratch = recycler.take();
        assert_eq!(scratch.resets, turn);
        assert!(scratch.words.is_empty());
        scratch.words.push(1);
    }
    let stats = recycler.stats();
    assert_eq!((stats.misses, stats.hits), (1, 4));
}

#[test]
fn a_recycler_makes_what_it_is_told() {
    let recycler = Recycler::new(RecyclerLimits::DEFAULT);
    let made = recycler.take_or_else(|| Box::new(vec![1_u8; 10]));
    assert_eq!(**made, [1; 10]);
    drop(made);
    assert_eq!(recycler.stats().held_bytes, 10 + size_of::<Vec<u8>>());
    assert!(recycler.take().is_empty());
}

#[test]
fn a_recycler_keeps_its_bounds() {
    let mut limits = RecyclerLimits::DEFAULT;
    limits.max_item_bytes = 100;
    limits.max_held_items = 2;
    limits.max_held_bytes = 150;
    let recycler: Recycler<Vec<u8>> = Recycler::new(limits);
    assert!(!recycler.adopt(Vec::with_capacity(101)), "max_item_bytes");
    assert!(recycler.adopt(Vec::with_capacity(100)));
    assert!(!recycler.adopt(Vec::with_capacity(51)), "max_held_bytes");
    assert!(recycler.adopt(Vec::new()));
    assert!(!recycler.adopt(Vec::new()), "max_held_items");
    recycler.trim(0);
    assert_eq!(recycler.stats().held_bytes, 0);
}

/// An item whose reset and destructor use the pool that it belongs to.
struct Entangled<'a>(&'a Recycler<Vec<u8>>);

impl Reset for Entangled<'_> {
    fn reset(&mut self) {
        self.0.take().push(1);
    }
    fn held_bytes(&self) -> usize {
        0
    }
}

impl Drop for Entangled<'_> {
    fn drop(&mut self) {
        self.0.adopt(Vec::with_capacity(8));
    }
}

#[test]
fn an_item_may_use_other_pools_when_it_goes_back() {
    let inner = Recycler::new(RecyclerLimits::DEFAULT);
    let mut limits = RecyclerLimits::DEFAULT;
    limits.max_held_items = 0;
    let outer = Recycler::new(limits);
    drop(outer.take_or_else(|| Entangled(&inner)));
    assert_eq!((inner.stats().held_buffers, outer.stats().dropped), (2, 1));
}

#[test]
fn a_new_pool_has_done_nothing() {
    assert_eq!(pool().stats(), PoolStats::default());
}
