//! Request arenas: memory that is handed out by moving a pointer and taken back all at once.
//!
//! Two things that bumpalo leaves to its user are settled here, both in [`Arena::reset`]:
//!
//! - bumpalo keeps the chunk that it allocated last, whatever its size: the memory of the largest
//!   request for ever, or, near an allocation limit, a small chunk while larger ones are freed, so
//!   that every request allocates anew. Here, an arena that needed more than one chunk gets one
//!   that holds as much as all of them, so that the next such request allocates nothing; and one
//!   that is above `max_retained_bytes` gets one of that size.
//! - bumpalo's allocation limit is no limit for an arena that is already above it. Here, what is
//!   retained is never above `max_bytes`.

mod error;
mod pool;
mod string;
mod vec;

use core::fmt;
use core::mem::needs_drop;

use bumpalo::Bump;

pub use error::ArenaError;
pub use pool::ArenaPool;
pub use string::ArenaString;
pub use vec::ArenaVec;

use crate::Reset;

/// bumpalo makes a chunk, with its footer and the allocator's header, a multiple of this.
const PAGE_BYTES: usize = 4 << 10;

/// What bumpalo takes off a multiple of [`PAGE_BYTES`] for footer and header; at least as much as
/// it does on any platform.
const CHUNK_OVERHEAD_BYTES: usize = 64;

/// Upper bounds on what an [`Arena`] holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ArenaLimits {
    /// Octets that one request may make the arena hold. Default 1 MiB. Counts chunks, of which the
    /// last may not be full, without some ten octets of bookkeeping for each. Crossed:
    /// [`ArenaError::Full`]. Stops a request from using up the machine's memory.
    pub max_bytes: usize,
    /// Octets that the arena keeps after a reset. Default 64 KiB; at most `max_bytes` count. Stops
    /// one large request from pinning its memory. A request that needs more pays for two
    /// allocations, so choose it above what is common. Below 4 KiB, nothing is kept of a request
    /// that needed more.
    pub max_retained_bytes: usize,
}

impl ArenaLimits {
    /// The defaults.
    pub const DEFAULT: Self = Self { max_bytes: 1 << 20, max_retained_bytes: 64 << 10 };
}

impl Default for ArenaLimits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// The memory of one request: each allocation moves a pointer, none is freed alone, and
/// [`reset`](Self::reset) takes all of them back.
///
/// Allocating takes `&self`, so that many borrows live side by side; a reset takes `&mut self`, so
/// that none outlives it. Every call that can meet the limit answers a [`Result`]: how much a
/// request needs is for its peer to say, and must not be able to cause a panic. Values with a
/// destructor do not compile, for it would never run.
///
/// The first request of a kind allocates; the ones after it allocate nothing from the global
/// allocator, up to `max_retained_bytes`.
///
/// ```
/// use shockwave_memory::{Arena, ArenaError, ArenaLimits};
///
/// let mut arena = Arena::new(ArenaLimits::DEFAULT);
/// for id in 0..3 {
///     let name = arena.alloc_str("widget")?;
///     let line = arena.alloc_fmt(format_args!("{name}-{id}"))?;
///     let mut list = arena.vec();
///     list.push(line)?;
///     assert_eq!(list.into_slice(), ["widget-".to_owned() + &id.to_string()]);
///     arena.reset();
/// }
/// # Ok::<(), ArenaError>(())
/// ```
///
/// ```compile_fail,E0080
/// # use shockwave_memory::{Arena, ArenaLimits};
/// let arena = Arena::new(ArenaLimits::DEFAULT);
/// let _leak = arena.alloc(String::from("its destructor would never run"));
/// ```
#[derive(Debug)]
pub struct Arena {
    bump: Bump,
    limits: ArenaLimits,
}

impl Arena {
    /// An empty arena. Allocates nothing until it is used.
    #[must_use]
    pub fn new(mut limits: ArenaLimits) -> Self {
        limits.max_retained_bytes = limits.max_retained_bytes.min(limits.max_bytes);
        let arena = Self { bump: Bump::new(), limits };
        arena.bump.set_allocation_limit(Some(limits.max_bytes));
        arena
    }

    /// Moves a value into the arena.
    ///
    /// # Errors
    /// [`ArenaError::Full`].
    #[inline]
    #[allow(clippy::mut_from_ref, reason = "each call borrows memory that no other call has")]
    pub fn alloc<T>(&self, value: T) -> Result<&mut T, ArenaError> {
        const { assert!(!needs_drop::<T>(), "an arena runs no destructors") };
        self.bump.try_alloc(value).map_err(|_| self.full(size_of::<T>()))
    }

    /// Copies a string into the arena.
    ///
    /// # Errors
    /// [`ArenaError::Full`].
    #[inline]
    pub fn alloc_str(&self, text: &str) -> Result<&str, ArenaError> {
        self.bump.try_alloc_str(text).map(|text| &*text).map_err(|_| self.full(text.len()))
    }

    /// Copies a slice into the arena.
    ///
    /// # Errors
    /// [`ArenaError::Full`].
    #[inline]
    #[allow(clippy::mut_from_ref, reason = "each call borrows memory that no other call has")]
    pub fn alloc_slice_copy<T: Copy>(&self, items: &[T]) -> Result<&mut [T], ArenaError> {
        self.bump.try_alloc_slice_copy(items).map_err(|_| self.full(size_of_val(items)))
    }

    /// A slice of `len` times `value` in the arena.
    ///
    /// # Errors
    /// [`ArenaError::Full`].
    #[inline]
    #[allow(clippy::mut_from_ref, reason = "each call borrows memory that no other call has")]
    pub fn alloc_slice_fill<T: Copy>(&self, len: usize, value: T) -> Result<&mut [T], ArenaError> {
        let bytes = len.saturating_mul(size_of::<T>());
        if bytes > self.limits.max_bytes {
            return Err(self.full(bytes));
        }
        self.bump.try_alloc_slice_fill_copy(len, value).map_err(|_| self.full(bytes))
    }

    /// Formats into the arena: `arena.alloc_fmt(format_args!("{a}-{b}"))`. Text with
    /// arguments takes 64 octets or, if it is longer, up to three times its own: its length is
    /// known only at its end.
    ///
    /// # Errors
    /// [`ArenaError::Full`]; [`ArenaError::Format`] if an argument's `Display` fails.
    pub fn alloc_fmt(&self, args: fmt::Arguments<'_>) -> Result<&str, ArenaError> {
        if let Some(text) = args.as_str() {
            return self.alloc_str(text);
        }
        let mut text = self.string();
        text.push_fmt(args)?;
        Ok(text.into_str())
    }

    /// An empty, growing list in the arena. Takes nothing until it is used.
    #[inline]
    #[must_use]
    pub fn vec<T>(&self) -> ArenaVec<'_, T> {
        ArenaVec::new_in(self)
    }

    /// An empty, growing string in the arena. Takes nothing until it is used.
    #[inline]
    #[must_use]
    pub fn string(&self) -> ArenaString<'_> {
        ArenaString::new_in(self)
    }

    /// Takes back all that was allocated, and gives back what is above `max_retained_bytes`.
    ///
    /// Allocates one chunk after a request that needed more than one, so that the next one does
    /// not; otherwise nothing.
    pub fn reset(&mut self) {
        let before = self.bump.allocated_bytes();
        self.bump.reset(); // keeps one chunk: the last
        let kept = self.bump.allocated_bytes();
        let wanted = self.retained_bytes(before).saturating_sub(CHUNK_OVERHEAD_BYTES);
        let several_chunks = before > kept;
        if self.held_bytes() > self.limits.max_retained_bytes || (several_chunks && wanted > kept) {
            self.replace_chunk(wanted);
        }
    }

    /// The bounds. `max_retained_bytes` is at most `max_bytes`.
    #[must_use]
    pub const fn limits(&self) -> ArenaLimits {
        self.limits
    }

    /// Octets of memory that this arena holds on the heap.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.bump.allocated_bytes_including_metadata()
    }

    /// The bumpalo arena within, for what this type does not offer; bumpalo 3 is a public
    /// dependency by this method alone. The allocation limit holds for it too, but its infallible
    /// calls **panic** when they meet it, and it leaks values with destructors. Its limit must not
    /// be changed.
    #[must_use]
    pub const fn as_bump(&self) -> &Bump {
        &self.bump
    }

    /// How much to retain, in whole pages, of an arena that has needed `bytes`.
    fn retained_bytes(&self, bytes: usize) -> usize {
        let needed = bytes.saturating_add(CHUNK_OVERHEAD_BYTES);
        let max = self.limits.max_retained_bytes / PAGE_BYTES * PAGE_BYTES;
        needed.checked_next_multiple_of(PAGE_BYTES).map_or(max, |pages| pages.min(max))
    }

    #[cold]
    fn replace_chunk(&mut self, bytes: usize) {
        self.bump = Bump::new(); // frees first
        if bytes > 0
            && let Ok(bump) = Bump::try_with_capacity(bytes)
            && bump.allocated_bytes_including_metadata() <= self.limits.max_retained_bytes
        {
            self.bump = bump;
        }
        self.bump.set_allocation_limit(Some(self.limits.max_bytes));
    }

    #[cold]
    const fn full(&self, requested_bytes: usize) -> ArenaError {
        ArenaError::Full { requested_bytes, max_bytes: self.limits.max_bytes }
    }
}

impl Default for Arena {
    /// An empty arena with the default limits.
    fn default() -> Self {
        Self::new(ArenaLimits::DEFAULT)
    }
}

impl Reset for Arena {
    fn reset(&mut self) {
        Self::reset(self);
    }

    fn held_bytes(&self) -> usize {
        Self::held_bytes(self)
    }
}
