//! The connections of a worker: when each wants to be woken, and how to wake it.
//!
//! Deadlines are seconds and the tick is a quarter of one, so a connection needs no timer of its
//! own: it notes when it is due, and each tick looks through the list, at two loads a connection. A
//! timer wheel would take a lock and change a list for each request.

use core::cell::RefCell;
use core::task::Waker;
use std::rc::Rc;
use std::time::Instant;

#[derive(Debug, Default)]
pub(crate) struct Roster {
    inner: RefCell<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    entries: Vec<Entry>,
    /// Entries that no connection has.
    free: Vec<u32>,
}

#[derive(Debug, Default)]
struct Entry {
    due: Option<Instant>,
    waker: Option<Waker>,
}

impl Roster {
    /// Adds a connection.
    pub(crate) fn enter(self: &Rc<Self>) -> Place {
        let mut inner = self.inner.borrow_mut();
        let at = inner.free.pop().unwrap_or_else(|| {
            inner.entries.push(Entry::default());
            u32::try_from(inner.entries.len().saturating_sub(1)).unwrap_or(u32::MAX)
        });
        Place { roster: self.clone(), at }
    }

    /// How many connections there are.
    pub(crate) fn len(&self) -> usize {
        let inner = self.inner.borrow();
        inner.entries.len().saturating_sub(inner.free.len())
    }

    /// Wakes those that are due. A connection that was woken notes anew when it is.
    pub(crate) fn wake_due(&self, now: Instant) {
        self.wake(|entry| entry.due.is_some_and(|due| due <= now));
    }

    /// Wakes all.
    pub(crate) fn wake_all(&self) {
        self.wake(|_| true);
    }

    fn wake(&self, is_chosen: impl Fn(&Entry) -> bool) {
        for entry in &mut self.inner.borrow_mut().entries {
            if is_chosen(entry) {
                entry.due = None;
                // Waking a task of this thread queues it; it runs nothing here.
                if let Some(waker) = &entry.waker {
                    waker.wake_by_ref();
                }
            }
        }
    }
}

/// A connection's entry. It leaves with the connection.
#[derive(Debug)]
pub(crate) struct Place {
    roster: Rc<Roster>,
    at: u32,
}

impl Place {
    /// Notes when the connection is to be woken, at the latest.
    #[inline]
    pub(crate) fn park(&self, due: Option<Instant>, waker: &Waker) {
        let mut inner = self.roster.inner.borrow_mut();
        if let Some(entry) = inner.entries.get_mut(self.at as usize) {
            entry.due = due;
            match &mut entry.waker {
                Some(known) if known.will_wake(waker) => {}
                known => *known = Some(waker.clone()),
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut inner = self.roster.inner.borrow_mut();
        let old = inner.entries.get_mut(self.at as usize).map(core::mem::take);
        inner.free.push(self.at);
        drop(inner);
        // A waker's destructor is not ours: it may drop a task.
        drop(old);
    }
}

#[cfg(test)]
mod tests {
    use core::task::Waker;
    use core::time::Duration;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    use super::*;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn a_connection_is_woken_when_due_and_once() {
        let roster = Rc::new(Roster::default());
        let place = roster.enter();
        let count = Arc::new(Count::default());
        let waker = Waker::from(count.clone());
        let start = Instant::now();
        place.park(Some(start + Duration::from_secs(1)), &waker);
        for (seconds, woken) in [(0, 0), (1, 1), (2, 1)] {
            roster.wake_due(start + Duration::from_secs(seconds));
            assert_eq!(count.0.load(Ordering::Relaxed), woken, "after {seconds} s");
        }
        roster.wake_all();
        assert_eq!(count.0.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn places_are_used_again() {
        let roster = Rc::new(Roster::default());
        let (first, second) = (roster.enter(), roster.enter());
        assert_eq!(roster.len(), 2);
        drop(first);
        assert_eq!(roster.len(), 1);
        let third = roster.enter();
        assert_eq!((third.at, second.at, roster.inner.borrow().entries.len()), (0, 1, 2));
    }
}
