//! What the connections of one thread share.

use core::cell::{Cell, RefCell};
use core::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

#[cfg(feature = "arena")]
use shockwave_memory::{ArenaLimits, ArenaPool};
use shockwave_memory::{Pool, PoolLimits, Recycler, RecyclerLimits, Reset as _};

use crate::access::Access;
use crate::clock::Clock;
use crate::config::{Config, Http1Config};
use crate::lines::Lines;
use crate::roster::Roster;
use crate::stats::{Counters, Stats};
use crate::templates::Templates;

/// What is called after each response.
pub(crate) type AccessHook = Arc<dyn Fn(&Access<'_>) + Send + Sync>;

/// The state that all connections of one thread share: buffers, time, counters. A server has one
/// for each of its threads; with [`Worker::serve_connection`](crate::Worker::serve_connection) you
/// serve connections of your own.
pub struct Worker {
    pub(crate) config: Arc<Config>,
    /// Shared by the cores of all connections.
    pub(crate) http1: Arc<Http1Config>,
    /// Shared by all WebSockets.
    #[cfg(feature = "websocket")]
    pub(crate) websocket: Arc<shockwave_websocket::Config>,
    pub(crate) clock: Clock,
    pub(crate) roster: Rc<Roster>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) templates: RefCell<Templates>,
    pub(crate) access: Option<AccessHook>,
    #[cfg(feature = "arena")]
    pub(crate) arenas: ArenaPool,
    /// For messages that come in pieces.
    #[cfg(feature = "websocket")]
    pub(crate) scratches: Recycler<crate::websocket::Collected>,
    pool: Pool,
    lines: Recycler<Box<Lines>>,
    /// What the last connection gave back: the next one to run takes it, past the pool.
    spare: [Cell<Vec<u8>>; 2],
    spare_lines: Cell<Option<Box<Lines>>>,
    draining_since: Cell<Option<Instant>>,
}

impl Worker {
    /// A worker of this thread. Allocates little until it is used.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self::with_counters(Arc::new(config), Arc::default(), None)
    }

    pub(crate) fn with_counters(
        config: Arc<Config>,
        counters: Arc<Counters>,
        access: Option<AccessHook>,
    ) -> Self {
        let mut limits = PoolLimits::DEFAULT;
        limits.max_held_bytes = config.limits.max_pooled_bytes;
        Self {
            http1: Arc::new(config.http1),
            #[cfg(feature = "websocket")]
            websocket: Arc::new(config.websocket),
            config,
            clock: Clock::new(),
            roster: Rc::default(),
            counters,
            templates: RefCell::default(),
            access,
            #[cfg(feature = "arena")]
            arenas: ArenaPool::new(ArenaLimits::DEFAULT, RecyclerLimits::DEFAULT),
            #[cfg(feature = "websocket")]
            scratches: Recycler::new(crate::websocket::SCRATCHES),
            pool: Pool::new(limits),
            lines: Recycler::new(RecyclerLimits::DEFAULT),
            spare: Default::default(),
            spare_lines: Cell::new(None),
            draining_since: Cell::new(None),
        }
    }

    /// Tells the worker the time. A server's workers do so themselves; who serves connections of
    /// its own calls this every [`tick`](Config#structfield.tick), or nothing will ever be late.
    pub fn tick(&self, now: Instant) {
        self.clock.tick(now);
        self.roster.wake_due(now);
        let pool = self.pool.stats();
        self.counters.pool_held_bytes.set(pool.held_bytes as u64);
        self.counters.pool_misses.set(pool.misses);
    }

    /// Lets connections end: idle ones at once, the others with their next response. Requests that
    /// have come are answered.
    pub fn drain(&self) {
        // Not the clock's time: it stands still where there are no connections, and one that has
        // just come would be out of its grace at once.
        self.draining_since.set(self.draining_since.get().or_else(|| Some(Instant::now())));
        self.roster.wake_all();
    }

    /// The counters.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.counters.read()
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// How many connections are being served.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.roster.len()
    }

    #[inline]
    pub(crate) fn draining_since(&self) -> Option<Instant> {
        self.draining_since.get()
    }

    /// An empty buffer with room for `bytes` octets. It leaves the pool; [`Self::give`] brings it
    /// back. (A lease would borrow from the worker, and the connection's state lives beside it.)
    #[inline]
    pub(crate) fn take(&self, bytes: usize) -> Vec<u8> {
        for spare in &self.spare {
            let buffer = spare.take();
            // One for reading is too large for a response: it would be gone for the next read.
            if buffer.capacity() >= bytes && buffer.capacity() / 4 <= bytes {
                return buffer;
            }
            spare.set(buffer);
        }
        shockwave_memory::Lease::detach(self.pool.take(bytes))
    }

    /// Takes a buffer back. One that was never allocated costs nothing.
    #[inline]
    pub(crate) fn give(&self, mut buffer: Vec<u8>) {
        if buffer.capacity() == 0 {
            return;
        }
        if buffer.capacity() <= MOST_SPARE_BYTES {
            buffer.clear();
            for spare in &self.spare {
                buffer = spare.replace(buffer);
                if buffer.capacity() == 0 {
                    return;
                }
            }
        }
        self.pool.adopt(buffer);
    }

    #[cfg(feature = "arena")]
    pub(crate) fn take_arena(&self) -> shockwave_memory::Arena {
        shockwave_memory::Lease::detach(self.arenas.take())
    }

    /// An empty list of fields, or memory for a parse.
    #[inline]
    pub(crate) fn take_lines(&self) -> Box<Lines> {
        match self.spare_lines.take() {
            Some(lines) => lines,
            None => shockwave_memory::Lease::detach(self.lines.take()),
        }
    }

    #[inline]
    pub(crate) fn give_lines(&self, mut lines: Box<Lines>) {
        lines.reset();
        if let Some(lines) = self.spare_lines.replace(Some(lines)) {
            self.lines.adopt(lines);
        }
    }
}

/// The largest buffer that is kept past the pool: one for reading.
const MOST_SPARE_BYTES: usize = 16 << 10;

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker")
            .field("config", &self.config)
            .field("pool", &self.pool)
            .field("draining_since", &self.draining_since)
            .finish_non_exhaustive()
    }
}
