//! The one mechanism behind [`Pool`](crate::Pool), [`Recycler`](crate::Recycler) and the arenas'
//! pool: bounded stacks of idle items, one a size class, and the lease that brings an item back.
//!
//! Each stack is a `RefCell<Vec<T>>`, borrowed with `try_borrow_mut` for one push or one pop, in
//! which no code runs that is not ours: `reset`, `held_bytes` and the destructors of freed items
//! are called before or after. So a borrow never fails, and if one did, the pool would miss or
//! free an item; it has no panic.
//!
//! Tried and lost: a `Cell<Vec<T>>`, whose vector is taken out, changed and set back. It has no
//! flag to test, but moves the vector's three words twice each way, where a push or a pop in place
//! touches the length and the item. `pooling/buffer-burst` and `pooling/scratch` were slower.

use core::cell::{Cell, RefCell};
use core::fmt;
use core::ops::{Deref, DerefMut};

use crate::stats::Counters;
use crate::{PoolStats, Reset};

/// What idle items may cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds<const N: usize> {
    /// The fewest octets of each class, ascending. An item belongs to the last class that it
    /// fills; one below the first class is freed.
    pub(crate) class_bytes: [usize; N],
    /// The most items that each class holds.
    pub(crate) max_held: [usize; N],
    /// The most octets of one item that is held.
    pub(crate) max_item_bytes: usize,
    /// The most octets that all idle items hold.
    pub(crate) max_held_bytes: usize,
}

/// Bounded stacks of idle items, one a size class.
pub(crate) struct Shelves<T, const N: usize> {
    stacks: [RefCell<Vec<T>>; N],
    held_bytes: Cell<usize>,
    counters: Counters,
    bounds: Bounds<N>,
}

impl<T: Reset, const N: usize> Shelves<T, N> {
    /// Empty; allocates nothing.
    pub(crate) fn new(bounds: Bounds<N>) -> Self {
        Self {
            stacks: core::array::from_fn(|_| RefCell::new(Vec::new())),
            held_bytes: Cell::new(0),
            counters: Counters::default(),
            bounds,
        }
    }

    /// Leases the item of `class` that came in last, or what `make` makes if there is none.
    #[inline]
    pub(crate) fn take(&self, class: usize, make: impl FnOnce() -> T) -> Lease<'_, T, N> {
        let item = if let Some(item) = self.pop(class) {
            self.counters.hits.add_one();
            item
        } else {
            self.counters.misses.add_one();
            make()
        };
        Lease { item: Some(item), home: self }
    }

    /// Takes in an item that no lease covers. Whether it is held; otherwise it was freed.
    pub(crate) fn adopt(&self, item: T) -> bool {
        self.counters.adopted.add_one();
        self.put(item)
    }

    /// Frees idle items, those of the largest class first, until at most `bytes` octets are held.
    pub(crate) fn trim(&self, bytes: usize) {
        for class in (0..N).rev() {
            while self.held_bytes.get() > bytes {
                let Some(item) = self.pop(class) else { break };
                self.counters.dropped.add_one();
                drop(item);
            }
        }
    }

    pub(crate) fn stats(&self) -> PoolStats {
        self.counters.read(self.held_bytes.get())
    }

    /// The first class whose items hold at least `bytes`.
    #[inline]
    pub(crate) fn class_for(&self, bytes: usize) -> Option<usize> {
        self.bounds.class_bytes.iter().position(|&class| class >= bytes)
    }

    /// The last class that an item of `bytes` fills, if it is to be held at all.
    #[inline]
    fn class_of(&self, bytes: usize) -> Option<usize> {
        if bytes > self.bounds.max_item_bytes {
            return None;
        }
        self.bounds.class_bytes.iter().rposition(|&class| class <= bytes)
    }

    /// Resets the item and puts it on its shelf, or frees it if a bound says so.
    #[inline]
    fn put(&self, mut item: T) -> bool {
        item.reset();
        match self.push(item) {
            None => true,
            Some(refused) => {
                self.counters.dropped.add_one();
                drop(refused);
                false
            }
        }
    }

    /// Holds the item, or answers it back.
    #[inline]
    fn push(&self, item: T) -> Option<T> {
        let bytes = item.held_bytes();
        let held = self.held_bytes.get().saturating_add(bytes);
        if held > self.bounds.max_held_bytes {
            return Some(item);
        }
        let Some(class) = self.class_of(bytes) else { return Some(item) };
        let (Some(stack), Some(&max_held)) =
            (self.stacks.get(class), self.bounds.max_held.get(class))
        else {
            return Some(item);
        };
        let Ok(mut items) = stack.try_borrow_mut() else { return Some(item) };
        if items.len() >= max_held {
            return Some(item);
        }
        items.push(item);
        self.held_bytes.set(held);
        None
    }

    #[inline]
    fn pop(&self, class: usize) -> Option<T> {
        let stack = self.stacks.get(class)?;
        let item = stack.try_borrow_mut().ok()?.pop()?;
        self.held_bytes.set(self.held_bytes.get().saturating_sub(item.held_bytes()));
        Some(item)
    }
}

impl<T: Reset, const N: usize> fmt::Debug for Shelves<T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shelves")
            .field("stats", &self.stats())
            .field("bounds", &self.bounds)
            .finish_non_exhaustive()
    }
}

/// An item on loan. It is reset and goes back when the lease is dropped, also when the future that
/// holds it is cancelled or a handler unwinds.
///
/// `N` is the number of size classes of the lender, and of interest to nobody else: see
/// [`Buffer`](crate::Buffer) for a pool's leases.
pub struct Lease<'p, T: Reset, const N: usize = 1> {
    /// `None` only after [`Lease::detach`], which takes the lease with it, and in `drop`.
    item: Option<T>,
    home: &'p Shelves<T, N>,
}

impl<T: Reset, const N: usize> Lease<'_, T, N> {
    /// Ends the lease and keeps the item: it is not reset, and does not go back. Allocates nothing.
    ///
    /// A function, not a method, so that it can hide no method of the item.
    #[must_use]
    pub fn detach(mut lease: Self) -> T {
        let Some(item) = lease.item.take() else { gone() };
        lease.home.counters.detached.add_one();
        item
    }
}

impl<T: Reset, const N: usize> Deref for Lease<'_, T, N> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        let Some(item) = &self.item else { gone() };
        item
    }
}

impl<T: Reset, const N: usize> DerefMut for Lease<'_, T, N> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        let Some(item) = &mut self.item else { gone() };
        item
    }
}

impl<T: Reset, const N: usize> Drop for Lease<'_, T, N> {
    #[inline]
    fn drop(&mut self) {
        if let Some(item) = self.item.take() {
            self.home.counters.returns.add_one();
            self.home.put(item);
        }
    }
}

impl<T: Reset + fmt::Debug, const N: usize> fmt::Debug for Lease<'_, T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Lease").field(&self.item).finish()
    }
}

/// No lease that anyone can name is without its item.
#[cold]
#[inline(never)]
fn gone() -> ! {
    unreachable!("a lease has its item until it ends")
}
