//! A growing list in an arena.

use core::mem::needs_drop;
use core::ops::{Deref, DerefMut};

use super::{Arena, ArenaError};

/// A growing list in an [`Arena`]. What `Vec` is to the heap, with growth that answers an error
/// instead of panicking. The old memory of a list that moved while it grew is free again only at
/// the reset: give a capacity where it is known.
#[derive(Debug)]
pub struct ArenaVec<'a, T> {
    items: bumpalo::collections::Vec<'a, T>,
    arena: &'a Arena,
}

impl<'a, T> ArenaVec<'a, T> {
    /// An empty list. Takes nothing of the arena until it is used.
    #[inline]
    #[must_use]
    pub fn new_in(arena: &'a Arena) -> Self {
        const { assert!(!needs_drop::<T>(), "an arena runs no destructors") };
        Self { items: bumpalo::collections::Vec::new_in(arena.as_bump()), arena }
    }

    /// Makes room for `additional` items more, at least.
    ///
    /// # Errors
    /// [`ArenaError::Full`]; the list is as before.
    #[inline]
    pub fn reserve(&mut self, additional: usize) -> Result<(), ArenaError> {
        self.items
            .try_reserve(additional)
            .map_err(|_| self.arena.full(additional.saturating_mul(size_of::<T>())))
    }

    /// Appends an item.
    ///
    /// # Errors
    /// [`ArenaError::Full`]; the list is as before.
    #[inline]
    pub fn push(&mut self, item: T) -> Result<(), ArenaError> {
        self.reserve(1)?;
        self.items.push(item);
        Ok(())
    }

    /// Appends copies of the items of a slice.
    ///
    /// # Errors
    /// [`ArenaError::Full`]; the list is as before.
    #[inline]
    pub fn extend_from_slice(&mut self, items: &[T]) -> Result<(), ArenaError>
    where
        T: Copy,
    {
        self.reserve(items.len())?;
        self.items.extend_from_slice_copy(items);
        Ok(())
    }

    /// Removes the last item.
    #[inline]
    pub fn pop(&mut self) -> Option<T> {
        self.items.pop()
    }

    /// Removes all items; the room stays.
    #[inline]
    pub fn clear(&mut self) {
        self.items.clear();
    }

    /// Items that fit before the list grows.
    #[inline]
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.items.capacity()
    }

    /// The items, for as long as the arena is not reset.
    #[inline]
    #[must_use]
    pub fn into_slice(self) -> &'a mut [T] {
        self.items.into_bump_slice_mut()
    }
}

impl<T> Deref for ArenaVec<'_, T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        &self.items
    }
}

impl<T> DerefMut for ArenaVec<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.items
    }
}
