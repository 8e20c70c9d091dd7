//! Deadlines, from the moments that the caller tells.
//!
//! At any time at most one thing is waited for on the receiving side, the [`Phase`], and one on the
//! sending side. Nothing here looks at a clock: what happens between two ticks happens at the
//! first.

use core::time::Duration;
use std::time::Instant;

use shockwave_wire::Bound;

use crate::Timeouts;

/// What the peer is waited for to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Its first request.
    Start,
    /// Its next message.
    Idle,
    /// The rest of a head.
    Head,
    /// Content.
    Content,
    /// To close.
    Linger,
    /// Nothing: it is not the peer's turn.
    Busy,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Clock {
    /// The last tick.
    now: Option<Instant>,
    /// When the phase began.
    since: Option<Instant>,
    /// In content: from when on the peer is not waited for, because the caller has an event to deal
    /// with.
    paused: Option<Instant>,
    /// From when on the peer took nothing of what is to be written.
    blocked: Option<Instant>,
    /// Octets that are to be written.
    unsent: usize,
    /// Octets of content received in the phase.
    content: u64,
    phase: Phase,
}

impl Clock {
    pub(super) const fn new(phase: Phase) -> Self {
        let (now, since, paused, blocked) = (None, None, None, None);
        Self { now, since, paused, blocked, unsent: 0, content: 0, phase }
    }

    /// Notes the time and answers it: that of the latest tick, for it does not go back.
    pub(super) fn tick(&mut self, now: Instant) -> Instant {
        let now = self.now.map_or(now, |before| before.max(now));
        self.now = Some(now);
        if self.since.is_none() {
            self.since = self.now;
        }
        now
    }

    /// Begins `phase`, if it has not begun.
    #[inline]
    pub(super) fn enter(&mut self, phase: Phase) {
        // The first head of a connection is due from the start on.
        if phase != self.phase && (self.phase, phase) != (Phase::Start, Phase::Head) {
            self.since = self.now;
        }
        self.phase = phase;
    }

    /// Begins content.
    pub(super) const fn enter_content(&mut self) {
        self.phase = Phase::Content;
        self.since = self.now;
        self.paused = self.now;
        self.content = 0;
    }

    /// Notes that `octets` of content came, which the caller is now to deal with.
    #[inline]
    pub(super) fn pause(&mut self, octets: usize, timeouts: &Timeouts) {
        self.content = self.content.saturating_add(octets as u64);
        if self.paused.is_none() {
            self.paused = self.now;
        }
        if timeouts.min_content_rate == 0 {
            self.since = self.now;
            self.paused = self.now;
        }
    }

    /// Notes that the peer is waited for again: the time since the pause does not count. Who has
    /// kept up so far has all of the timeout from here on, and no more: time that was gained is
    /// not saved, or a fast start would pay for days of silence.
    #[inline]
    pub(super) fn resume(&mut self, timeouts: &Timeouts) {
        if let Some(paused) = self.paused.take()
            && let (Some(now), Some(since)) = (self.now, self.since)
        {
            if self.earned(timeouts) >= paused.saturating_duration_since(since) {
                self.since = self.now;
                self.content = 0;
            } else {
                self.since = since.checked_add(now.saturating_duration_since(paused));
            }
        }
    }

    /// Notes that the peer took what was written, but for `unsent` octets.
    pub(super) const fn transmitted(&mut self, unsent: usize) {
        if unsent == 0 {
            self.blocked = None;
            if self.unsent != 0 && self.waits_for_reader() {
                self.since = self.now;
            }
        } else if self.blocked.is_none() || unsent < self.unsent {
            self.blocked = self.now;
        }
        self.unsent = unsent;
    }

    /// The next deadline, and what is late if it passes.
    pub(super) fn deadline(&self, timeouts: &Timeouts) -> Option<(Instant, Bound)> {
        let read = self.read_deadline(timeouts);
        let write = self.blocked.and_then(|since| since.checked_add(timeouts.write));
        let write = write.map(|at| (at, Bound::WriteTime));
        match (read, write) {
            (Some(read), Some(write)) => Some(if write.0 < read.0 { write } else { read }),
            (read, write) => read.or(write),
        }
    }

    fn read_deadline(&self, timeouts: &Timeouts) -> Option<(Instant, Bound)> {
        if self.unsent != 0 && self.waits_for_reader() {
            return None;
        }
        let (after, bound) = match self.phase {
            Phase::Start | Phase::Head => (timeouts.head, Bound::HeadTime),
            Phase::Idle => (timeouts.idle, Bound::IdleTime),
            Phase::Linger => (timeouts.linger, Bound::LingerTime),
            Phase::Content if self.paused.is_none() => {
                (timeouts.content.saturating_add(self.earned(timeouts)), Bound::ContentTime)
            }
            Phase::Content | Phase::Busy => return None,
        };
        Some((self.since?.checked_add(after)?, bound))
    }

    /// Whether the phase begins anew when the peer has taken all that was to be written: until then
    /// it is busy with that.
    const fn waits_for_reader(&self) -> bool {
        matches!(self.phase, Phase::Idle | Phase::Linger)
    }

    /// The time that the content received would have taken at the lowest rate.
    fn earned(&self, timeouts: &Timeouts) -> Duration {
        let milliseconds = self.content.saturating_mul(1000);
        let milliseconds = milliseconds.checked_div(u64::from(timeouts.min_content_rate));
        Duration::from_millis(milliseconds.unwrap_or_default())
    }
}
