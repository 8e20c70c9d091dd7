//! Deadlines, from the moments that the caller tells.
//!
//! Nothing here looks at a clock: what happens between two ticks happens at the first.

use core::num::NonZeroU64;
use core::time::Duration;
use std::time::Instant;

use shockwave_wire::Bound;

use crate::Timeouts;

/// What the peer is waited for to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waiting {
    /// To finish the opening handshake.
    Handshake,
    /// To send anything.
    Frame,
    /// To send a Close, or to end the transport.
    Close,
    /// Nothing: it is our turn.
    Nothing,
}

/// What a deadline that has passed is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    /// A Ping is to be sent.
    Ping,
    /// The peer is late.
    Late(Bound),
}

/// A moment, as nanoseconds since the first tick, plus one. It wraps after 584 years.
type Moment = Option<NonZeroU64>;

#[derive(Debug)]
pub(super) struct Clock {
    /// The first tick, which is moment 1.
    start: Option<Instant>,
    /// The last tick.
    now: Moment,
    /// When something last came, or the connection began.
    heard: Moment,
    /// Since when the answer to a Ping is waited for.
    pinged: Moment,
    /// Since when a Close, or the end, is waited for.
    closing: Moment,
    /// When the message began that is being received.
    begun: Moment,
    /// From when on the peer took nothing of what is to be written.
    blocked: Moment,
    /// Octets that are to be written.
    unsent: usize,
    /// When the second began in which control frames are counted, and how many they are.
    second: Moment,
    controls: u32,
}

impl Clock {
    pub(super) const fn new() -> Self {
        let (heard, pinged, closing, begun, blocked) = (None, None, None, None, None);
        Self {
            start: None,
            now: None,
            heard,
            pinged,
            closing,
            begun,
            blocked,
            unsent: 0,
            second: None,
            controls: 0,
        }
    }

    /// Notes the time, which does not go back.
    pub(super) fn tick(&mut self, now: Instant) {
        let start = *self.start.get_or_insert(now);
        let nanoseconds = now.saturating_duration_since(start).as_nanos();
        let moment = u64::try_from(nanoseconds).unwrap_or(u64::MAX).saturating_add(1);
        self.now = self.now.max(NonZeroU64::new(moment));
        if self.heard.is_none() {
            self.heard = self.now;
        }
        let counted = self.second.zip(self.now).map(|(since, now)| between(since, now));
        if counted.is_none_or(|counted| counted >= Duration::from_secs(1)) {
            self.second = self.now;
            self.controls = 0;
        }
    }

    /// The handshake is over.
    pub(super) const fn opened(&mut self) {
        self.heard = self.now;
    }

    /// Something came.
    #[inline]
    pub(super) const fn heard(&mut self) {
        self.heard = self.now;
        self.pinged = None;
    }

    /// A Ping is owed.
    pub(super) const fn pinged(&mut self) {
        self.pinged = self.now;
    }

    /// A Close, or the end of the transport, is waited for from now on.
    pub(super) const fn closing(&mut self) {
        self.closing = self.now;
        self.begun = None;
    }

    /// A message begins that does not come whole.
    pub(super) const fn begin_message(&mut self) {
        self.begun = self.now;
    }

    /// It ended.
    #[inline]
    pub(super) const fn end_message(&mut self) {
        self.begun = None;
    }

    /// Counts a control frame; whether there are more than `most` in this second. None is counted
    /// while the time is not known.
    #[inline]
    pub(super) const fn control(&mut self, most: u32) -> bool {
        if self.now.is_some() {
            self.controls = self.controls.saturating_add(1);
        }
        self.controls > most
    }

    /// Notes that the peer took what was written, but for `unsent` octets.
    pub(super) const fn transmitted(&mut self, unsent: usize) {
        if unsent == 0 {
            self.blocked = None;
        } else if self.blocked.is_none() || unsent < self.unsent {
            self.blocked = self.now;
        }
        self.unsent = unsent;
    }

    /// The next deadline.
    pub(super) fn deadline(&self, waiting: Waiting, timeouts: &Timeouts) -> Option<Instant> {
        let (since, after, _) = self.next(waiting, timeouts)?;
        let since_start = Duration::from_nanos(since.get().saturating_sub(1));
        self.start?.checked_add(since_start.checked_add(after)?)
    }

    /// What is due now, if anything is.
    pub(super) fn due(&self, waiting: Waiting, timeouts: &Timeouts) -> Option<Due> {
        let (since, after, due) = self.next(waiting, timeouts)?;
        (between(since, self.now?) >= after).then_some(due)
    }

    /// Whether the peer is late with what is waited for.
    pub(super) fn is_late(&self, waiting: Waiting, timeouts: &Timeouts) -> bool {
        matches!(self.due(waiting, timeouts), Some(Due::Late(_)))
    }

    /// The wait that ends first: from when on, how long, and what for.
    fn next(&self, waiting: Waiting, timeouts: &Timeouts) -> Option<(NonZeroU64, Duration, Due)> {
        let late = |since: Moment, after, bound| Some((since?, after, Due::Late(bound)));
        let read = match (waiting, self.pinged) {
            (Waiting::Handshake, _) => late(self.heard, timeouts.handshake, Bound::HandshakeTime),
            (Waiting::Frame, None) => self.heard.map(|since| (since, timeouts.idle, Due::Ping)),
            (Waiting::Frame, pinged) => late(pinged, timeouts.pong, Bound::PongTime),
            (Waiting::Close, _) => late(self.closing, timeouts.close, Bound::CloseTime),
            (Waiting::Nothing, _) => None,
        };
        let message = late(self.begun, timeouts.message, Bound::MessageTime);
        let write = late(self.blocked, timeouts.write, Bound::WriteTime);
        let end = |&(since, after, _): &(NonZeroU64, Duration, Due)| {
            Duration::from_nanos(since.get()).saturating_add(after)
        };
        [read, message, write].into_iter().flatten().min_by_key(end)
    }
}

/// The time from one moment to a later one.
const fn between(from: NonZeroU64, to: NonZeroU64) -> Duration {
    Duration::from_nanos(to.get().saturating_sub(from.get()))
}
