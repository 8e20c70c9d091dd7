//! Memory that a warm server recycles instead of allocating.
//!
//! A core of Shockwave borrows its input, appends to the caller's buffer and parses into the
//! caller's scratch. This crate is where a caller gets those from. It knows no protocol and depends
//! on none:
//!
//! - [`Pool`]: byte buffers in four size classes. A connection takes one when its socket is
//!   readable and gives it back when it is drained, so that an idle connection holds none.
//! - [`Recycler`]: the same for any type that is [`Reset`]: parse scratches, or your own.
//! - `Arena` and `ArenaPool` (feature `arena`): the memory of one request, taken back all at once.
//! - `MiMalloc` (feature `mimalloc`): a faster global allocator, for a binary to install.
//!
//! All three pools are one mechanism: bounded stacks, last in first out, without lock or atomic,
//! one pool a worker thread. Their leases give back when they are dropped, and nothing of the last
//! holder can be seen. What is idle is bounded in octets and in number, and counted:
//! [`PoolStats`].
//!
//! ```
//! use shockwave_memory::{Pool, PoolLimits};
//!
//! /// One connection's turn: the socket is readable.
//! fn serve(pool: &Pool, received: &[u8], socket: &mut Vec<u8>) {
//!     let mut input = pool.take(16 << 10);
//!     let mut output = pool.take(4 << 10);
//!     input.extend_from_slice(received); // read from the socket
//!     output.extend_from_slice(&input); // parse, handle, encode
//!     socket.extend_from_slice(&output); // write
//! } // both go back: idle again
//!
//! let pool = Pool::new(PoolLimits::DEFAULT);
//! let mut socket = Vec::new();
//! for turn in 0..100 {
//!     serve(&pool, &[turn], &mut socket);
//! }
//! let stats = pool.stats();
//! assert_eq!((stats.misses, stats.hits, stats.outstanding), (2, 198, 0));
//! ```
//!
//! # Features
//!
//! A feature adds API and changes nothing else: code that compiles without it compiles and behaves
//! the same with it, whoever in the dependency tree has turned it on.
//!
//! | feature | adds | default |
//! |---|---|---|
//! | `arena` | `Arena`, `ArenaPool` and their types, over bumpalo 3 | no |
//! | `mimalloc` | the type `MiMalloc`; building it needs a C compiler | no |
//!
//! That is why `mimalloc` does not install the allocator. A program has one global allocator, which
//! its binary chooses; a library that chose it, because some crate in the tree asked for a feature,
//! would take that choice away and break the build of whoever had chosen another. It takes two
//! lines, and those are the binary's:
//!
#![cfg_attr(feature = "mimalloc", doc = "```standalone_crate")]
#![cfg_attr(not(feature = "mimalloc"), doc = "```text")]
//! #[global_allocator]
//! static GLOBAL: shockwave_memory::MiMalloc = shockwave_memory::MiMalloc;
//! ```
//!
//! # What allocates
//!
//! | call | allocates |
//! |---|---|
//! | `new` of any type | nothing |
//! | a `take` that hits | nothing |
//! | a `take` that misses | the item |
//! | a return | nothing, or the stack of idle items when it has its largest size so far |
//! | an arena's `alloc` | nothing, or a chunk while the arena is smaller than the request needs |
//! | an arena's reset | nothing, or one chunk after a request that needed several |

#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing))]

#[cfg(feature = "arena")]
mod arena;
mod pool;
mod recycler;
mod reset;
mod shelves;
mod stats;

// The public interface.
#[cfg(feature = "arena")]
pub use arena::{Arena, ArenaError, ArenaLimits, ArenaPool, ArenaString, ArenaVec};
pub use pool::{Buffer, Pool, PoolLimits};
pub use recycler::{Recycler, RecyclerLimits};
pub use reset::Reset;
pub use shelves::Lease;
pub use stats::PoolStats;

/// The mimalloc allocator, for a binary to install as its `#[global_allocator]`: two lines, shown
/// in the crate's documentation. mimalloc 0.1 is a public dependency by this type.
#[cfg(feature = "mimalloc")]
pub use mimalloc::MiMalloc;
