//! The worker's time: looked at on each tick, never for a request.

use core::cell::{Cell, Ref, RefCell};
use core::time::Duration;
use std::time::{Instant, SystemTime};

use shockwave_http11::HttpDate;

/// A clock that stands still between two ticks, and the Date that goes with it.
#[derive(Debug)]
pub(crate) struct Clock {
    now: Cell<Instant>,
    /// When the Date is to be looked at again.
    date_due: Cell<Instant>,
    date: RefCell<HttpDate>,
}

impl Clock {
    pub(crate) fn new() -> Self {
        let now = Instant::now();
        let date = RefCell::new(HttpDate::from_unix(0));
        let clock = Self { now: Cell::new(now), date_due: Cell::new(now), date };
        clock.tick(now);
        clock
    }

    /// Sets the time, and the Date if its second may be over.
    pub(crate) fn tick(&self, now: Instant) {
        self.now.set(now);
        if now < self.date_due.get() {
            return;
        }
        let since_epoch = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        if let Ok(mut date) = self.date.try_borrow_mut() {
            date.update(since_epoch.as_secs());
        }
        let left = 1_000_000_000_u32.saturating_sub(since_epoch.subsec_nanos());
        self.date_due.set(now + Duration::from_nanos(u64::from(left)));
    }

    #[inline]
    pub(crate) fn now(&self) -> Instant {
        self.now.get()
    }

    #[inline]
    pub(crate) fn date(&self) -> Ref<'_, HttpDate> {
        self.date.borrow()
    }
}
