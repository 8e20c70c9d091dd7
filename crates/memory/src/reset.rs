//! What can be recycled.

/// A value that a [`Recycler`](crate::Recycler) can hand out again.
///
/// For a type of another crate, which the orphan rule keeps from having this trait, wrap it:
///
/// ```
/// use shockwave_memory::Reset;
///
/// # mod other { #[derive(Default)] pub struct Scratch(Vec<u64>);
/// # impl Scratch { pub fn clear(&mut self) { self.0.clear() }
/// # pub fn capacity_bytes(&self) -> usize { self.0.capacity() * 8 } } }
/// #[derive(Default)]
/// struct Pooled(other::Scratch);
///
/// impl Reset for Pooled {
///     fn reset(&mut self) {
///         self.0.clear();
///     }
///     fn held_bytes(&self) -> usize {
///         self.0.capacity_bytes()
///     }
/// }
/// ```
pub trait Reset {
    /// Forgets the content and keeps the memory, so that the next holder can see nothing of the
    /// last one. Called once for each return, before the value is put away or freed.
    ///
    /// It may give memory back, and should where one use can have made the value huge. It must not
    /// panic: it runs while a lease is dropped.
    fn reset(&mut self);

    /// Octets of heap memory that the value keeps alive. Constant between two uses: what is added
    /// to the pool's total when the value comes in is what is taken off when it leaves.
    #[must_use]
    fn held_bytes(&self) -> usize;
}

impl<T> Reset for Vec<T> {
    /// Drops the elements; keeps the capacity.
    #[inline]
    fn reset(&mut self) {
        self.clear();
    }

    /// The capacity in octets. What the elements themselves own does not outlive [`Self::reset`].
    #[inline]
    fn held_bytes(&self) -> usize {
        self.capacity().saturating_mul(size_of::<T>())
    }
}

/// So that a large value moves in and out of a pool as one pointer.
impl<T: Reset> Reset for Box<T> {
    #[inline]
    fn reset(&mut self) {
        (**self).reset();
    }

    /// The boxed value and what it holds.
    #[inline]
    fn held_bytes(&self) -> usize {
        size_of::<T>().saturating_add((**self).held_bytes())
    }
}
