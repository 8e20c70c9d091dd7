//! What a worker counts.

use core::sync::atomic::AtomicU64;
use core::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, OnceLock};

/// A number that one thread writes and any may read. Adding is a load and a store: no lock, and no
/// locked instruction.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    #[inline]
    pub(crate) fn add(&self, n: u64) {
        self.0.store(self.0.load(Relaxed).wrapping_add(n), Relaxed);
    }

    #[inline]
    pub(crate) fn set(&self, n: u64) {
        self.0.store(n, Relaxed);
    }

    fn read(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

macro_rules! stats {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// The counters of a worker, or of all of a server's. They count from the start and are
        /// each exact; a reading of all is not of one instant.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Stats {
            $($(#[$doc])* pub $name: u64,)*
        }

        /// The counters themselves: written by their worker, read by all.
        #[derive(Debug, Default)]
        pub(crate) struct Counters {
            $(pub(crate) $name: Counter,)*
        }

        impl Counters {
            pub(crate) fn read(&self) -> Stats {
                Stats { $($name: self.$name.read(),)* }
            }
        }

        impl core::ops::AddAssign for Stats {
            fn add_assign(&mut self, other: Self) {
                $(self.$name = self.$name.wrapping_add(other.$name);)*
            }
        }

        impl Stats {
            /// Name and value of each counter, for an exporter of metrics.
            pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> + use<> {
                [$((stringify!($name), self.$name),)*].into_iter()
            }
        }
    };
}

stats! {
    /// Connections accepted.
    accepted_connections,
    /// Connections that are over.
    closed_connections,
    /// Times that accepting failed: the open-file limit, most often.
    accept_errors,
    /// Requests handed to a handler.
    requests,
    /// Octets read from clients.
    bytes_received,
    /// Octets written to clients.
    bytes_sent,
    /// Responses from 400 to 499, those included that were sent without asking a handler.
    client_error_responses,
    /// Responses from 500 on.
    server_error_responses,
    /// Connections that ended because the peer broke the protocol.
    protocol_errors,
    /// Connections that ended because a limit was crossed.
    limit_errors,
    /// Connections that ended because a deadline passed, idle ones apart.
    timeouts,
    /// Connections that were closed because they were idle.
    idle_timeouts,
    /// Connections whose transport failed.
    transport_errors,
    /// Handlers that panicked.
    panics,
    /// Responses that their handler gave up or made wrongly.
    misused_responses,
    /// Octets that the worker's pool holds in idle buffers, at the last tick.
    pool_held_bytes,
    /// Buffers that the worker had to allocate, at the last tick.
    pool_misses,
    /// Milliseconds by which the last tick came too late: how long something blocked the worker.
    tick_lag_ms,
}

impl Stats {
    /// Connections that are open.
    #[must_use]
    pub const fn open_connections(&self) -> u64 {
        self.accepted_connections.saturating_sub(self.closed_connections)
    }
}

/// Reads the counters of a server, from wherever it was handed to: a handler, say. All are 0 before
/// the server starts. From [`Server::monitor`](crate::Server::monitor).
#[derive(Debug, Clone, Default)]
pub struct Monitor {
    /// Of each worker, and last of the thread that accepts, where one does.
    counters: Arc<OnceLock<Vec<Arc<Counters>>>>,
}

impl Monitor {
    /// Sets whose counters are read; once.
    pub(crate) fn watch(&self, counters: Vec<Arc<Counters>>) {
        let _ = self.counters.set(counters);
    }

    /// The counters, over all threads.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let mut sum = Stats::default();
        for counters in self.counters.get().into_iter().flatten() {
            sum += counters.read();
        }
        sum
    }

    /// The counters of each worker.
    pub fn worker_stats(&self) -> impl Iterator<Item = Stats> + '_ {
        let (_, workers) = self.counters.get().and_then(|all| all.split_last()).unzip();
        workers.into_iter().flatten().map(|counters: &Arc<Counters>| counters.read())
    }
}
