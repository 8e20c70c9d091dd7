//! One HTTP/1.1 connection: the order of things (RFC 9112 section 9). Parses no octets itself.
//!
//! The connection is two states, [`Receive`] and [`Send`], and a short list of [`Exchanges`] that
//! ties them together: requests that have no complete response yet. A head that is received moves
//! the one state, a head that is sent the other, and the end of a message decides what may follow
//! it. What is decided is always written into a state, so that the next call need not decide again.

mod client;
mod clock;
mod content;
mod exchange;
mod options;
mod sending;
mod server;

use std::sync::Arc;
use std::time::Instant;

use shockwave_wire::{Bound, Received, Scratch, Side};

use crate::head::{Progress, skip_empty_lines};
use crate::state::{Next, Receive, Send, Step};
use crate::{Config, Error, Event, Limits, Misuse, Violation};
use clock::{Clock, Phase};
use exchange::Exchanges;

/// One side of an HTTP/1.1 connection (RFC 9112). Does no I/O, allocates nothing, knows no clock.
///
/// Octets from the peer go through [`receive`](Self::receive), one event a call. Commands, the
/// `send_*` methods, append octets for the peer to the caller's buffer; a command that fails
/// appends nothing and changes nothing. The moments that deadlines are counted from come with
/// [`tick`](Self::tick).
///
/// # When a server is done
///
/// After the last response ([`should_close`](Self::should_close)) flush what is to be written, shut
/// down the writing half, and go on receiving, which now discards, until
/// [`is_closed`](Self::is_closed) or an error: closed at once, a TCP connection can lose the
/// response on its way (RFC 9112 section 9.6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    receive: Receive,
    send: Send,
    exchanges: Exchanges,
    side: Side,
    /// Server: no further request is taken. Client: no further request is sent.
    closing: bool,
    /// The response that is being sent, or received, is the connection's last.
    last: bool,
    /// A server is receiving the youngest exchange's request.
    receiving: bool,
    /// The youngest exchange's request waits for 100 (Continue).
    expects_continue: bool,
    /// A client's next request is its last.
    last_request: bool,
    /// The peer's half has ended.
    eof: bool,
    switch: Switch,
    /// Interim responses since the last final one.
    interims: u32,
    /// Of the head or trailer section that is incomplete.
    progress: Progress,
    /// Octets received.
    received: u64,
    /// Messages received.
    messages: u64,
    clock: Clock,
    config: Arc<Config>,
}

const _: () = assert!(size_of::<Connection>() <= 200);

/// How it stands with the other protocol that the connection may be given to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Switch {
    /// There is none.
    No,
    /// A request that a server has not answered offers it: by Upgrade or CONNECT.
    Offered,
    /// It was agreed on: by 101, or 2xx to CONNECT.
    Agreed,
}

/// Nothing consumed, nothing received.
const NOTHING: Received<Event<'static>> = Received { consumed: 0, event: None };

impl Connection {
    /// A connection that was just opened. A server hands the same `Arc<Config>` to all of its
    /// connections, which then share it; a [`Config`] by value is allocated anew.
    #[must_use]
    pub fn new(side: Side, config: impl Into<Arc<Config>>) -> Self {
        let phase = match side {
            Side::Server => Phase::Start,
            Side::Client => Phase::Idle,
        };
        Self {
            receive: Receive::Head,
            send: Send::Ready,
            exchanges: Exchanges::new(),
            side,
            closing: false,
            last: false,
            receiving: false,
            expects_continue: false,
            last_request: false,
            eof: false,
            switch: Switch::No,
            interims: 0,
            progress: Progress::START,
            received: 0,
            messages: 0,
            clock: Clock::new(phase),
            config: config.into(),
        }
    }

    /// Takes octets from the peer and answers one event at most. `input` starts with the first
    /// octet that was not consumed before. To be called again until `event` is `None`; then, unless
    /// octets were consumed, only more input brings another event, or, where
    /// [`wants_receive`](Self::wants_receive) is false, a command.
    ///
    /// Events come in the order of the octets (RFC 9112 sections 2.1 and 9.3.2), borrow `input` and
    /// `scratch`, and are the same however the input is cut, but for the pieces of data. Nothing is
    /// copied or allocated, but that the scratch grows to the largest head. What must be held of an
    /// incomplete head is bounded by `max_head_bytes`, of trailers by `max_trailer_bytes`; content
    /// and chunk framing are consumed as they come.
    ///
    /// What is left of the input when the connection was given to another protocol
    /// ([`Event::Upgrade`]) is that protocol's. What comes when the connection is closing is
    /// discarded, up to `max_linger_bytes`.
    ///
    /// # Errors
    ///
    /// [`Error::Protocol`] and [`Error::Limit`], with an offset in all of the connection's input.
    /// They stay: every later call answers the same, until a server has told its client by
    /// [`send_error`](Self::send_error), from when on input is discarded. [`Misuse::Upgraded`]
    /// after [`Event::Upgrade`].
    #[inline]
    pub fn receive<'b>(
        &mut self,
        input: &'b [u8],
        scratch: &'b mut Scratch,
    ) -> Result<Received<Event<'b>>, Error> {
        match self.receive {
            Receive::Head => match self.side {
                Side::Server => self.receive_request(input, scratch),
                Side::Client => self.receive_response(input, scratch),
            },
            Receive::Length(left) => Ok(self.receive_length(left, input)),
            Receive::Chunked(decoder) => self.receive_chunked(decoder, input, scratch),
            Receive::Trailers => self.receive_trailers(input, scratch),
            Receive::UntilClose(length) => self.receive_until_close(length, input),
            Receive::Paused => Ok(NOTHING),
            Receive::Switching => {
                self.receive = self.receive.after(Step::Switched);
                Ok(Received { consumed: 0, event: Some(Event::Upgrade) })
            }
            Receive::Switched => Err(Misuse::Upgraded.into()),
            Receive::Closing(discarded) => self.discard(discarded, input),
            Receive::Failed(error) => Err(error),
        }
    }

    /// Takes note that nothing more comes from the peer. All input before it has to have gone
    /// through [`receive`](Self::receive): what that had no use for yet, because
    /// [`wants_receive`](Self::wants_receive) is false, is lost by this. Appends nothing, allocates
    /// nothing; to be told twice changes nothing.
    ///
    /// The content of a response that is delimited by the end of the connection is complete with
    /// this. A client that shuts down its half may still wait for the responses to its requests
    /// (RFC 9112 section 9.6), so a server sends them, the last with `Connection: close`.
    ///
    /// # Errors
    ///
    /// [`Violation::Incomplete`]: the connection ended inside a message, or a response did not
    /// come. And the error that the connection has failed with.
    pub fn receive_eof(&mut self) -> Result<(), Error> {
        self.eof = true;
        let is_complete = match self.receive {
            Receive::Failed(error) => return Err(error),
            Receive::Head if self.progress != Progress::START => false,
            Receive::Head => self.side == Side::Server || self.exchanges.is_empty(),
            // RFC 9112 section 8: A message body that uses the chunked transfer coding is
            // incomplete if the zero-sized chunk that terminates the encoding has not been
            // received. A message that uses a valid Content-Length is incomplete if the size of the
            // message body received (in octets) is less than the value given by Content-Length.
            Receive::Length(_) | Receive::Chunked(_) | Receive::Trailers => false,
            // RFC 9112 section 8: A response that has neither chunked transfer coding nor
            // Content-Length is terminated by closure of the connection and, if the header section
            // was received intact, is considered complete.
            Receive::UntilClose(_) => {
                self.response_received();
                true
            }
            Receive::Switching | Receive::Switched => return Ok(()),
            Receive::Paused | Receive::Closing(_) => true,
        };
        if !is_complete {
            return Err(self.fail(Error::Protocol { violation: Violation::Incomplete, offset: 0 }));
        }
        self.closing = true;
        if self.receive != Receive::Paused {
            self.receive = self.receive.after(Step::Close);
        }
        match self.side {
            Side::Server => self.close_if_done(),
            // Whatever it is still sending, there is nobody to answer it.
            Side::Client => self.send = Send::Closed,
        }
        self.enter_phase();
        Ok(())
    }

    /// Takes note of the time. To be called before input is given, and when
    /// [`deadline`](Self::deadline) has come. Deadlines are counted from the last tick before what
    /// they are counted from. A deadline has passed when `now` is equal to it. A `now` before that
    /// of an earlier call counts as that one: time does not go back.
    ///
    /// A connection that is never told the time has no deadlines (see
    /// [`Timeouts`](crate::Timeouts)).
    ///
    /// # Errors
    ///
    /// [`Error::Limit`] with the bound that was crossed: a deadline has passed, and the connection
    /// has failed.
    pub fn tick(&mut self, now: Instant) -> Result<(), Error> {
        self.clock.tick(now);
        match self.clock.late(&self.config.timeouts) {
            Some(bound) if !self.receive.is_switched() => match self.receive {
                Receive::Failed(error) => Err(error),
                _ => Err(self.fail(Error::Limit { bound, offset: 0 })),
            },
            _ => Ok(()),
        }
    }

    /// Takes note that octets were written to the peer, and that `remaining` are still to be. To be
    /// called after each write, and before more is appended; from then on the peer has
    /// [`Timeouts::write`](crate::Timeouts::write) to take some of them. Without this call there is
    /// no such deadline, and a peer that reads slowly counts as idle, or lingers, from the moment
    /// that its response was encoded.
    pub const fn transmitted(&mut self, remaining: usize) {
        self.clock.transmitted(remaining);
    }

    /// Closes gracefully. A server takes no further request, but for one whose head has begun to
    /// come, and says so in its last response (RFC 9112 section 9.6); it closes now if no request
    /// waits for one, and then discards what is left of a request that was answered early. A client
    /// sends no further request, and closes after the last response: a request that was answered
    /// before it was sent to its end is not finished. Has no effect on a connection that was given
    /// to another protocol.
    pub fn close(&mut self) {
        if self.receive.is_switched() {
            return;
        }
        self.closing = true;
        let (is_head, has_begun) =
            (self.receive == Receive::Head, self.progress != Progress::START);
        let is_unanswered = !self.exchanges.is_empty();
        let ends_now = match self.side {
            // Between requests, or in one that was answered early.
            Side::Server => !(is_head && has_begun) && (is_head || !is_unanswered),
            Side::Client => is_head && !has_begun && !is_unanswered,
        };
        if ends_now {
            self.receive = self.receive.after(Step::Close);
        }
        self.close_if_done();
        self.enter_phase();
    }
}

/// Getters.
impl Connection {
    /// Which side of the connection this is.
    #[must_use]
    pub const fn side(&self) -> Side {
        self.side
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Whether [`receive`](Self::receive) has a use for input. While it has not, none need be read
    /// from the transport: as many requests wait for responses as are allowed to, or one whose
    /// answer decides to whom the input belongs.
    #[inline]
    #[must_use]
    pub fn wants_receive(&self) -> bool {
        match self.receive {
            Receive::Head => self.side == Side::Client || !self.is_full(),
            Receive::Paused | Receive::Switching | Receive::Switched | Receive::Failed(_) => false,
            _ => !self.eof,
        }
    }

    /// When [`tick`](Self::tick) is due, if nothing happens before. To be asked again after each
    /// call that receives or sends. A connection that has failed and still owes responses has the
    /// deadline of its writes, until that has passed.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        match self.receive {
            Receive::Switching | Receive::Switched => None,
            // What is late once is not waited for again.
            Receive::Failed(Error::Limit { bound: Bound::WriteTime, .. }) => None,
            _ => self.clock.deadline(&self.config.timeouts).map(|(at, _)| at),
        }
    }

    /// Whether no message is in progress in either direction and no request waits for a response.
    /// Of a server's connection: whether it can be closed without harm.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.exchanges.is_empty()
            && self.send == Send::Ready
            && self.receive == Receive::Head
            && self.progress == Progress::START
    }

    /// Whether nothing more is to be sent: when all is written, shut down the writing half.
    #[must_use]
    pub const fn should_close(&self) -> bool {
        matches!(self.send, Send::Closed)
    }

    /// Octets consumed from the peer in all: where the offsets of errors are counted from 0 to.
    #[must_use]
    pub const fn received(&self) -> u64 {
        self.received
    }

    /// Messages received to their end: requests by a server, final responses by a client.
    #[must_use]
    pub const fn messages(&self) -> u64 {
        self.messages
    }

    /// Whether nothing more is to be sent or received: the transport can be closed.
    #[must_use]
    pub const fn is_closed(&self) -> bool {
        self.should_close()
            && (self.eof
                || matches!(self.side, Side::Client)
                || matches!(self.receive, Receive::Failed(_)))
    }

    /// Whether the connection was given to another protocol: after 101, or 2xx to CONNECT.
    #[must_use]
    pub const fn is_upgraded(&self) -> bool {
        self.receive.is_switched()
    }

    /// Server: whether the request that is being received waits for 100 (Continue) before its
    /// content comes. Client: whether the request that was sent does, so that it is too early for
    /// its content; how long to wait is up to the client (RFC 9110 section 10.1.1).
    #[inline]
    #[must_use]
    pub const fn expects_continue(&self) -> bool {
        self.expects_continue
    }

    /// Requests without a complete response, at most `max_pipelined_requests`. Those of a client
    /// that no response will come to, because an earlier one was the last of the connection (RFC
    /// 9112 section 9.6), do not count: whether they may be sent again is up to the caller.
    #[must_use]
    pub const fn in_flight(&self) -> usize {
        self.exchanges.len()
    }

    /// Whether content is to be sent: a head went out that did not end its message. After the head
    /// of a response to HEAD, and of 204 and 304, that is false.
    #[must_use]
    pub const fn is_sending(&self) -> bool {
        matches!(self.send, Send::Length(_) | Send::Chunked | Send::UntilClose)
    }
}

/// What calls have in common.
impl Connection {
    /// Counts octets as received and answers them.
    #[inline]
    fn taken<'b>(&mut self, consumed: usize, event: Option<Event<'b>>) -> Received<Event<'b>> {
        self.received = self.received.wrapping_add(consumed as u64);
        Received { consumed, event }
    }

    #[inline]
    fn is_full(&self) -> bool {
        self.exchanges.is_full(self.config.limits.max_pipelined_requests)
    }

    #[inline]
    fn data_received(&mut self, octets: usize) {
        if self.side == Side::Server && self.expects_continue {
            // RFC 9110 section 10.1.1: A server MAY omit sending a 100 response if it has already
            // received some or all of the content.
            self.expects_continue = false;
            self.clock.enter_content();
        }
        self.clock.pause(octets, &self.config.timeouts);
    }

    /// A message that had content was received to its end.
    #[inline]
    fn message_received(&mut self) {
        match self.side {
            Side::Server => self.request_received(),
            Side::Client => self.response_received(),
        }
    }

    /// Notes that `input` has no complete head.
    #[cold]
    fn head_is_partial(&mut self, input: &[u8], asked: bool) -> Received<Event<'static>> {
        // Empty lines are no beginning of a head.
        if !input.is_empty() && !matches!(skip_empty_lines(input, &self.config), Ok(None)) {
            let Limits { max_head_bytes, max_leading_empty_lines, .. } = self.config.limits;
            let most = max_head_bytes.saturating_add(max_leading_empty_lines.saturating_mul(2));
            self.progress.note_partial(input, asked.then_some(most));
            self.enter_phase();
        }
        NOTHING
    }

    /// Fails, with an error whose offset is relative to the first octet that was not consumed.
    #[cold]
    #[inline(never)]
    fn fail(&mut self, error: Error) -> Error {
        let error = error.shifted(self.received);
        self.closing = true;
        self.receive = self.receive.after(Step::Fail(error));
        self.clock.enter(Phase::Busy);
        self.clock.end_message();
        if self.side == Side::Client {
            // Nobody is to be told.
            self.send = Send::Closed;
        }
        error
    }

    /// Closes the sending side if no further message is sent on it.
    fn close_if_done(&mut self) {
        let is_last = matches!(self.receive, Receive::Closing(_));
        let is_done = match self.side {
            Side::Server => self.send == Send::Ready,
            // RFC 9112 section 9.5: a request that was answered early need not be finished.
            Side::Client => self.send == Send::Ready || self.is_sending(),
        };
        if is_last && self.exchanges.is_empty() && is_done {
            self.send = Send::Closed;
        }
    }

    /// Tells the clock whose turn it is.
    fn enter_phase(&mut self) {
        let is_partial = self.progress != Progress::START;
        let phase = match self.receive {
            Receive::Head if is_partial => Phase::Head,
            Receive::Head if self.exchanges.is_empty() && self.send == Send::Ready => {
                match self.received {
                    0 if self.side == Side::Server => Phase::Start,
                    _ => Phase::Idle,
                }
            }
            Receive::Closing(_) if self.should_close() && !self.eof => Phase::Linger,
            Receive::Head | Receive::Closing(_) => Phase::Busy,
            Receive::Length(_)
            | Receive::Chunked(_)
            | Receive::Trailers
            | Receive::UntilClose(_) => return,
            Receive::Paused | Receive::Switching | Receive::Switched | Receive::Failed(_) => {
                Phase::Busy
            }
        };
        self.clock.enter(phase);
    }

    /// What may follow a message that was received to its end.
    #[inline]
    const fn next(&self) -> Next {
        match (self.switch, self.side) {
            (Switch::Agreed, _) => Next::Protocol,
            (Switch::Offered, _) => Next::Answer,
            (Switch::No, Side::Server) if self.closing => Next::Nothing,
            (Switch::No, Side::Client) if self.last => Next::Nothing,
            (Switch::No, _) => Next::Message,
        }
    }
}

#[cfg(test)]
mod tests;
