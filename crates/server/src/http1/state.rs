//! What is kept of a connection.

use core::time::Duration;
use std::io;
use std::time::Instant;

use shockwave_http11 as http11;
use shockwave_http11::Connection;
use shockwave_wire::{Bound, Side, Status};

use crate::Error;
use crate::content::Payload;
use crate::lines::Lines;
use crate::worker::Worker;

/// How long a connection that has not sent anything is waited for when the server drains: its first
/// request may be on the way.
const FIRST_OCTET_GRACE: Duration = Duration::from_secs(1);

/// The client does not even read why its connection ends.
const UNREAD: Failure = Failure::Core(http11::Error::Limit { bound: Bound::WriteTime, offset: 0 });

pub(super) struct State<T> {
    pub(super) io: T,
    pub(super) core: Connection,
    /// Octets read and not yet looked at. The slot that answers them has it meanwhile.
    pub(super) input: Vec<u8>,
    /// The last read took all that there was.
    pub(super) is_drained: bool,
    /// Nothing was sent since the last write that took all.
    pub(super) is_flushed: bool,
    /// Encoded and not yet written, from `written` on.
    pub(super) out: Vec<u8>,
    pub(super) written: usize,
    /// What is to be written after `out`, and how much of it is.
    pub(super) payload: Option<Payload<'static>>,
    pub(super) payload_written: u64,
    /// Whether the client was found to be slow in reading.
    pub(super) is_blocked: bool,
    /// Octets read while a handler held the buffer that the head lies in, from `used` on.
    pub(super) buffer: Vec<u8>,
    pub(super) used: usize,
    /// The buffer is with the request's body.
    pub(super) is_lent: bool,
    /// For receiving content: its framing is no head, but trailers may come.
    pub(super) lines: Option<Box<Lines>>,
    pub(super) trailers: Option<Box<Lines>>,
    pub(super) current: Current,
    pub(super) failure: Option<Failure>,
    /// A request was answered since the task last waited.
    pub(super) has_answered: bool,
    /// The client sends nothing more.
    pub(super) is_ended: bool,
    /// The connection's octets are another protocol's.
    pub(super) tunnel: Option<Box<Tunnelled>>,
    /// The last time that the core was told.
    seen: Instant,
}

/// A connection that was given to another protocol.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tunnelled {
    /// When that wants to be woken; when it is over, when the client is late.
    pub(super) due: Option<Instant>,
    /// It has ended in order.
    pub(super) is_shut: bool,
}

/// Of the request that is being answered.
#[derive(Debug, Default)]
pub(super) struct Current {
    /// Octets of what came with the head that were received as content.
    pub(super) tail_used: usize,
    /// All of the request was received.
    pub(super) is_received: bool,
    /// Its content is not to be read to the end, whatever is left of it.
    pub(super) is_given_up: bool,
    /// The client waited for 100 (Continue) when the response began: its content will not come.
    pub(super) is_cut: bool,
    /// It asks for a tunnel.
    pub(super) is_connect: bool,
    /// The handler will read no more of its content.
    pub(super) is_left: bool,
    /// The handler streams a response and can read the content meanwhile.
    pub(super) is_read_on: bool,
    /// Octets of content: announced, and received.
    pub(super) length: Option<u64>,
    pub(super) received: u64,
    /// The response that was begun.
    pub(super) status: Option<Status>,
    pub(super) sent: u64,
    /// Octets of a piece of content that were announced and not yet written.
    pub(super) owed: usize,
}

/// Why a connection ends before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The peer's fault, by the core.
    Core(http11::Error),
    /// The transport's.
    Io(io::ErrorKind),
    /// Ours: a response that was begun cannot be ended as it was announced.
    Broken,
}

/// The connection has failed, and [`State::failure`] says why. The reason itself is three words
/// with a tag of an octet. Moved up through every return, also by those that went well, it was
/// stored by the octet and loaded by the word, for which the processor waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Failed;

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Core(error) => Self::Http1(error),
            Failure::Io(kind) => Self::Disconnected(kind),
            Failure::Broken => Self::AlreadyResponded,
        }
    }
}

impl Failure {
    /// Whether the client can still be told why.
    pub(super) const fn can_be_told(self) -> bool {
        match self {
            Self::Core(http11::Error::Limit { bound: Bound::WriteTime, .. }) => false,
            Self::Core(_) => true,
            Self::Io(_) | Self::Broken => false,
        }
    }
}

impl<T> State<T> {
    pub(super) fn new(io: T, worker: &Worker) -> Self {
        let mut core = Connection::new(Side::Server, worker.http1.clone());
        let seen = worker.clock.now();
        // Nothing can be late on the first tick.
        let _ = core.tick(seen);
        Self {
            io,
            core,
            input: Vec::new(),
            is_drained: false,
            is_flushed: true,
            out: Vec::new(),
            written: 0,
            payload: None,
            payload_written: 0,
            is_blocked: false,
            buffer: Vec::new(),
            used: 0,
            is_lent: false,
            lines: None,
            trailers: None,
            current: Current::default(),
            failure: None,
            has_answered: false,
            is_ended: false,
            tunnel: None,
            seen,
        }
    }

    /// Tells the core the time, if it has changed.
    #[inline]
    pub(super) fn observe(&mut self, worker: &Worker) -> Result<(), Failed> {
        let now = worker.clock.now();
        if now != self.seen {
            self.tick(now);
        }
        match self.failure {
            None => Ok(()),
            Some(_) => Err(Failed),
        }
    }

    #[cold]
    fn tick(&mut self, now: Instant) {
        self.seen = now;
        if let Err(error) = self.core.tick(now) {
            // A connection that has failed waits for one thing only: that the client reads why.
            match self.failure {
                None => self.failure = Some(Failure::Core(error)),
                Some(_) => self.failure = Some(UNREAD),
            }
        }
    }

    /// [`Self::observe`], for who tells the handler.
    #[inline]
    pub(super) fn check(&mut self, worker: &Worker) -> Result<(), Error> {
        self.observe(worker).map_err(|Failed| self.error())
    }

    /// Why the connection has failed, for the handler.
    #[cold]
    pub(super) fn error(&self) -> Error {
        self.failure.map_or(Error::AlreadyResponded, Error::from)
    }

    /// Whether the client can still be told why the connection has failed, if it has.
    #[inline]
    pub(super) fn can_write(&self) -> bool {
        self.failure.is_none_or(Failure::can_be_told)
    }

    /// When the task is to be woken.
    #[inline]
    pub(super) fn due(&mut self, worker: &Worker) -> Option<Instant> {
        if let Some(tunnel) = &self.tunnel {
            return tunnel.due;
        }
        // The usual case, without asking the core: it has begun to wait for the next request.
        if core::mem::take(&mut self.has_answered) && self.core.is_idle() && !self.is_blocked {
            return self.seen.checked_add(worker.config.http1.timeouts.idle);
        }
        self.deadline(worker)
    }

    fn deadline(&self, worker: &Worker) -> Option<Instant> {
        let deadline = self.core.deadline();
        match worker.draining_since() {
            Some(since) if self.is_fresh() => {
                let grace = since + FIRST_OCTET_GRACE;
                Some(deadline.map_or(grace, |deadline| deadline.min(grace)))
            }
            _ => deadline,
        }
    }

    /// Gives a client that was spoken to in another protocol its time to hear the end of it.
    pub(super) fn leave_tunnel(&mut self, worker: &Worker) {
        if let Some(tunnel) = &mut self.tunnel {
            tunnel.due = worker.clock.now().checked_add(worker.config.http1.timeouts.linger);
        }
    }

    /// Whether that time is over.
    pub(super) fn is_tunnel_late(&self, now: Instant) -> bool {
        self.tunnel.as_ref().is_some_and(|tunnel| tunnel.due.is_some_and(|due| due <= now))
    }

    /// Closes, if the server drains, what waits for no answer. Whether the connection is to end.
    pub(super) fn drain(&mut self, worker: &Worker) -> bool {
        if let Some(since) = worker.draining_since()
            && (!self.is_fresh() || worker.clock.now() >= since + FIRST_OCTET_GRACE)
        {
            self.core.close();
        }
        self.core.should_close()
    }

    /// Whether the client has not sent anything yet.
    fn is_fresh(&self) -> bool {
        self.core.received() == 0 && self.core.is_idle()
    }

    /// Notes why the connection ends. The first reason stays.
    #[cold]
    pub(super) fn fail(&mut self, failure: Failure) -> Failed {
        self.failure.get_or_insert(failure);
        Failed
    }

    /// Octets that are to be written.
    pub(super) fn unwritten(&self) -> u64 {
        let payload = self.payload.as_ref().map_or(0, Payload::length);
        let head = self.out.len().saturating_sub(self.written) as u64;
        head.saturating_add(payload.saturating_sub(self.payload_written))
    }
}
