//! What is warm allocates nothing. Counted, not believed: each test first shows that the counter
//! is alive.

use shockwave_bench_kit::count;
use shockwave_memory::{Pool, PoolLimits, Recycler, RecyclerLimits};

shockwave_bench_kit::install_counting_allocator!();

/// Runs `turn` until it is warm, then counts a hundred turns.
fn warm_allocations(mut turn: impl FnMut()) -> u64 {
    let ((), cold) = count(&mut turn);
    assert!(cold.allocs > 0, "the first turn allocates, so the counter must have moved");
    turn();
    let ((), warm) = count(|| (0..100).for_each(|_| turn()));
    warm.allocs
}

#[test]
fn the_counter_counts() {
    let (boxed, counts) = count(|| core::hint::black_box(Box::new(7)));
    assert_eq!((*boxed, counts.allocs), (7, 1));
}

#[test]
fn a_warm_buffer() {
    for class in Pool::CLASS_BYTES {
        let pool = Pool::new(PoolLimits::DEFAULT);
        let turn = || pool.take(class).extend_from_slice(b"GET / HTTP/1.1\r\n");
        assert_eq!(warm_allocations(turn), 0, "{class}");
    }
}

#[test]
fn many_warm_buffers_at_once() {
    let pool = Pool::new(PoolLimits::DEFAULT);
    let turn = || {
        let leases: [_; 32] = core::array::from_fn(|lease| pool.take(lease << 10));
        drop(leases);
    };
    assert_eq!(warm_allocations(turn), 0);
}

#[test]
fn a_warm_scratch() {
    let recycler: Recycler<Vec<u64>> = Recycler::new(RecyclerLimits::DEFAULT);
    let turn = || recycler.take().extend([1; 100]);
    assert_eq!(warm_allocations(turn), 0);
}

#[cfg(feature = "arena")]
#[test]
fn a_warm_arena() {
    use shockwave_memory::{Arena, ArenaError, ArenaLimits, ArenaPool};

    fn request(arena: &Arena) -> Result<(), ArenaError> {
        let mut list = arena.vec();
        for id in 0..200 {
            list.push(arena.alloc_fmt(format_args!("/items/{id}?page={}", id % 7))?)?;
        }
        assert_eq!(list.into_slice()[199], "/items/199?page=3");
        arena.alloc_slice_fill(20_000, 0_u8)?;
        Ok(())
    }

    let pool = ArenaPool::new(ArenaLimits::DEFAULT, RecyclerLimits::DEFAULT);
    assert_eq!(warm_allocations(|| request(&pool.take()).expect("below max_bytes")), 0);
}

/// Near its limit bumpalo alone keeps a small last chunk and frees the large ones, and then
/// allocates for each request.
#[cfg(feature = "arena")]
#[test]
fn a_warm_arena_near_its_limit() {
    use shockwave_memory::{Arena, ArenaLimits};

    let mut limits = ArenaLimits::DEFAULT;
    limits.max_bytes = 64 << 10;
    let mut arena = Arena::new(limits);
    let turn = || {
        (0..3_200).for_each(|_| {
            arena.alloc_slice_fill(16, 0_u8).expect("below max_bytes");
        });
        arena.reset();
    };
    assert_eq!(warm_allocations(turn), 0);
}
