//! Random histories of a pool: the bounds are kept, the laws of the counters hold, the model
//! agrees, and no buffer comes with content.

use shockwave_memory::{Buffer, Lease, Pool, PoolLimits, Recycler, RecyclerLimits};

/// Xorshift: a seed, and the same history on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(bound).expect("64 bits")).expect("below a usize")
    }
}

/// What the pool should hold: capacities of the idle buffers of each class.
struct Model {
    classes: [Vec<usize>; 4],
    limits: PoolLimits,
}

impl Model {
    fn held_bytes(&self) -> usize {
        self.classes.iter().flatten().sum()
    }

    fn takes(&mut self, min_bytes: usize) -> Option<usize> {
        let class = Pool::CLASS_BYTES.iter().position(|&bytes| bytes >= min_bytes)?;
        self.classes[class].pop()
    }

    fn holds(&mut self, capacity: usize) -> bool {
        let class = Pool::CLASS_BYTES.iter().rposition(|&bytes| bytes <= capacity);
        let Some(class) = class.filter(|_| capacity <= 256 << 10) else { return false };
        let room = self.held_bytes() + capacity <= self.limits.max_held_bytes
            && self.classes[class].len() < self.limits.max_held_per_class[class];
        if room {
            self.classes[class].push(capacity);
        }
        room
    }
}

struct History<'p> {
    pool: &'p Pool,
    model: Model,
    leases: Vec<Buffer<'p>>,
    detached: Vec<Vec<u8>>,
    random: Random,
}

impl History<'_> {
    fn take(&mut self) {
        let min_bytes = self.random.below(300 << 10) >> self.random.below(8);
        let before = self.pool.stats();
        let mut buffer = self.pool.take(min_bytes);
        assert!(buffer.is_empty(), "stale content");
        assert!(buffer.capacity() >= min_bytes);
        match self.model.takes(min_bytes) {
            Some(capacity) => {
                assert_eq!(buffer.capacity(), capacity, "last in, first out");
                assert_eq!(self.pool.stats().hits, before.hits + 1);
            }
            None => assert_eq!(self.pool.stats().misses, before.misses + 1),
        }
        buffer.extend_from_slice(b"content of an earlier request");
        self.leases.push(buffer);
    }

    fn end_one(&mut self) {
        if self.leases.is_empty() {
            return;
        }
        let at = self.random.below(self.leases.len());
        let mut lease = self.leases.swap_remove(at);
        match self.random.below(8) {
            0 => lease.shrink_to(self.random.below(8 << 10)),
            1 => lease.reserve(self.random.below(600 << 10)),
            2 => return self.detached.push(Lease::detach(lease)),
            _ => {}
        }
        let capacity = lease.capacity();
        drop(lease);
        self.model.holds(capacity);
    }

    fn adopt_one(&mut self) {
        if let Some(buffer) = self.detached.pop() {
            let held = self.model.holds(buffer.capacity());
            assert_eq!(self.pool.adopt(buffer), held);
        }
    }

    fn trim(&mut self) {
        let bytes = self.random.below(self.model.limits.max_held_bytes);
        self.pool.trim(bytes);
        while self.model.held_bytes() > bytes {
            let class = self.model.classes.iter_mut().rev().find(|class| !class.is_empty());
            class.expect("what holds bytes has buffers").pop();
        }
    }

    fn check(&self) {
        let stats = self.pool.stats();
        assert_eq!(stats.hits + stats.misses, stats.returns + stats.detached + stats.outstanding);
        assert_eq!(stats.returns + stats.adopted, stats.hits + stats.dropped + stats.held_buffers);
        assert_eq!(stats.outstanding, self.leases.len() as u64);
        assert_eq!(stats.held_bytes, self.model.held_bytes());
        assert!(stats.held_bytes <= self.model.limits.max_held_bytes);
        let idle: usize = self.model.classes.iter().map(Vec::len).sum();
        assert_eq!(stats.held_buffers, idle as u64);
    }
}

fn run(seed: u64, steps: usize) {
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let mut limits = PoolLimits::DEFAULT;
    limits.max_held_bytes = 1 + random.below(2 << 20);
    limits.max_held_per_class = core::array::from_fn(|_| random.below(12));
    let pool = Pool::new(limits);
    let model = Model { classes: Default::default(), limits };
    let (leases, detached) = (Vec::new(), Vec::new());
    let mut history = History { pool: &pool, model, leases, detached, random };
    for _ in 0..steps {
        match history.random.below(16) {
            0..7 => history.take(),
            7..14 => history.end_one(),
            14 => history.adopt_one(),
            _ => history.trim(),
        }
        history.check();
    }
    while !history.leases.is_empty() {
        history.end_one();
        history.check();
    }
    assert_eq!(pool.stats().outstanding, 0);
}

#[test]
fn any_history_keeps_the_bounds_and_the_laws() {
    for seed in 1..=if cfg!(miri) { 2 } else { 200 } {
        run(seed, if cfg!(miri) { 50 } else { 400 });
    }
}

#[test]
fn any_history_of_a_recycler_keeps_the_bounds() {
    let mut random = Random(0x5EED);
    let mut limits = RecyclerLimits::DEFAULT;
    limits.max_held_bytes = 40_000;
    limits.max_held_items = 20;
    limits.max_item_bytes = 5_000;
    let recycler: Recycler<Vec<u16>> = Recycler::new(limits);
    let mut leases = Vec::new();
    for _ in 0..if cfg!(miri) { 200 } else { 20_000 } {
        if leases.is_empty() || random.below(2) == 0 {
            let mut lease = recycler.take();
            assert!(lease.is_empty(), "stale content");
            lease.resize(random.below(4_000), 0xBEEF);
            leases.push(lease);
        } else {
            leases.swap_remove(random.below(leases.len()));
        }
        let stats = recycler.stats();
        assert!(stats.held_bytes <= 40_000 && stats.held_buffers <= 20);
        assert_eq!(stats.outstanding, leases.len() as u64);
        assert_eq!(stats.hits + stats.misses, stats.returns + stats.outstanding);
        assert_eq!(stats.returns, stats.hits + stats.dropped + stats.held_buffers);
    }
}
