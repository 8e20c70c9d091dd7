//! Deadlines, from the moments that the caller tells.
//!
//! At any time at most one thing is waited for on the receiving side, the [`Phase`], and one on the
//! sending side. Nothing here looks at a clock: what happens between two ticks happens at the
//! first.

use core::num::NonZeroU64;
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

/// A moment, as nanoseconds since the first tick: half of an `Instant`, of which there are five.
/// It wraps after 584 years.
type Moment = Option<NonZeroU64>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Clock {
    /// The first tick, which is moment 1.
    start: Option<Instant>,
    /// The last tick.
    now: Moment,
    /// When the phase began.
    since: Moment,
    /// In content: from when on the peer is not waited for, because the caller has an event to deal
    /// with.
    paused: Moment,
    /// From when on the peer took nothing of what is to be written.
    blocked: Moment,
    /// When the message began that is being received.
    begun: Moment,
    /// Octets that are to be written.
    unsent: usize,
    /// Octets of content received in the phase.
    content: u64,
    phase: Phase,
}

impl Clock {
    pub(super) const fn new(phase: Phase) -> Self {
        let (now, since, paused, blocked, begun) = (None, None, None, None, None);
        Self { start: None, now, since, paused, blocked, begun, unsent: 0, content: 0, phase }
    }

    /// Notes the time, which does not go back.
    pub(super) fn tick(&mut self, now: Instant) {
        let start = *self.start.get_or_insert(now);
        let nanoseconds = now.saturating_duration_since(start).as_nanos();
        let moment = u64::try_from(nanoseconds).unwrap_or(u64::MAX).saturating_add(1);
        self.now = self.now.max(NonZeroU64::new(moment));
        if self.since.is_none() {
            self.since = self.now;
        }
    }

    /// Begins `phase`, if it has not begun.
    #[inline]
    pub(super) fn enter(&mut self, phase: Phase) {
        // The first head of a connection is due from the start on.
        if phase != self.phase && (self.phase, phase) != (Phase::Start, Phase::Head) {
            self.since = self.now;
        }
        self.phase = phase;
        match phase {
            Phase::Head => self.begin_message(),
            Phase::Idle | Phase::Linger => self.begun = None,
            Phase::Start | Phase::Content | Phase::Busy => {}
        }
    }

    /// Begins content.
    pub(super) fn enter_content(&mut self) {
        self.begin_message();
        self.phase = Phase::Content;
        self.since = self.now;
        self.paused = self.now;
        self.content = 0;
    }

    /// Notes that a message is being received, if it was not noted.
    pub(super) fn begin_message(&mut self) {
        self.begun = self.begun.or(self.now);
    }

    /// Notes that none is, any more.
    #[inline]
    pub(super) const fn end_message(&mut self) {
        self.begun = None;
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
            if self.earned(timeouts) >= between(since, paused) {
                self.since = self.now;
                self.content = 0;
            } else {
                self.since = Some(since.saturating_add(now.get().saturating_sub(paused.get())));
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
        let (moment, after, bound) = self.next(timeouts)?;
        let since_start = Duration::from_nanos(moment.get().saturating_sub(1));
        Some((self.start?.checked_add(since_start.checked_add(after)?)?, bound))
    }

    /// What is late now, if anything is.
    pub(super) fn late(&self, timeouts: &Timeouts) -> Option<Bound> {
        let (moment, after, bound) = self.next(timeouts)?;
        (between(moment, self.now?) >= after).then_some(bound)
    }

    /// The wait that ends first: from when on, how long, and for what.
    fn next(&self, timeouts: &Timeouts) -> Option<(NonZeroU64, Duration, Bound)> {
        let write = self.blocked.map(|since| (since, timeouts.write, Bound::WriteTime));
        let message = self.begun.map(|since| (since, timeouts.message, Bound::MessageTime));
        let end = |&(since, after, _): &(NonZeroU64, Duration, Bound)| {
            Duration::from_nanos(since.get()).saturating_add(after)
        };
        [self.read_deadline(timeouts), write, message].into_iter().flatten().min_by_key(end)
    }

    fn read_deadline(&self, timeouts: &Timeouts) -> Option<(NonZeroU64, Duration, Bound)> {
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
        Some((self.since?, after, bound))
    }

    /// Whether the phase begins anew when the peer has taken all that was to be written: until then
    /// it is busy with that, and who has to write first does not read the rest of a head.
    const fn waits_for_reader(&self) -> bool {
        matches!(self.phase, Phase::Idle | Phase::Head | Phase::Linger)
    }

    /// The time that the content received would have taken at the lowest rate.
    fn earned(&self, timeouts: &Timeouts) -> Duration {
        let milliseconds = self.content.saturating_mul(1000);
        let milliseconds = milliseconds.checked_div(u64::from(timeouts.min_content_rate));
        Duration::from_millis(milliseconds.unwrap_or_default())
    }
}

/// The time from one moment to a later one.
const fn between(from: NonZeroU64, to: NonZeroU64) -> Duration {
    Duration::from_nanos(to.get().saturating_sub(from.get()))
}
