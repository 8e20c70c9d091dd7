//! One WebSocket: the order of things. Parses no octets itself.
//!
//! A connection is a [`State`], which the opening and closing handshakes move, the frame and
//! message that are being received ([`Incoming`]), and what it owes to its peer: one Pong, one
//! Ping, one Close.

mod clock;
mod owed;
mod receive;
mod sending;

use std::sync::Arc;
use std::time::Instant;

use shockwave_wire::{Bound, Received, Side};

use crate::deflate::Coders;
use crate::mask::MaskKeys;
use crate::state::{State, Step};
use crate::{Agreement, Config, Error, Event, Misuse, Scratch, Violation};
use clock::{Clock, Due};
use owed::Owed;
use receive::Incoming;
use sending::Outgoing;

/// One side of a WebSocket (RFC 6455). Does no I/O, allocates nothing, knows no clock.
///
/// Octets from the peer go through [`receive`](Self::receive), one event a call. Commands, the
/// `send_*` methods and [`close`](Self::close), append octets for the peer to the caller's buffer;
/// a command that fails appends nothing and changes nothing. What the connection owes its peer
/// unasked, [`transmit`](Self::transmit) appends. The moments that deadlines are counted from come
/// with [`tick`](Self::tick).
///
/// It knows nothing of the transport: the same connection runs over an upgraded HTTP/1.1 connection
/// and over a stream of HTTP/2 (RFC 8441) or HTTP/3 (RFC 9220).
///
/// # When it is done
///
/// After an error, and after [`Event::Close`], call [`transmit`](Self::transmit) and write what it
/// appends. When [`should_close`](Self::should_close) is true and all is written, shut down the
/// writing half, and read and throw away what still comes until the peer's half ends: a TCP
/// connection that is closed with octets unread can lose the Close on its way.
#[derive(Debug)]
pub struct Connection {
    state: State,
    side: Side,
    /// The transport has ended, or its end is no longer waited for.
    ended: bool,
    incoming: Incoming,
    outgoing: Outgoing,
    owed: Owed,
    /// Why it failed, if it did.
    error: Option<Error>,
    /// Octets received.
    received: u64,
    clock: Clock,
    coders: Coders,
    /// A client's.
    keys: Option<MaskKeys>,
    config: Arc<Config>,
}

const _: () = assert!(size_of::<Connection>() <= 480);

/// Nothing consumed, nothing received.
const NOTHING: Received<Event<'static>> = Received { consumed: 0, event: None };

impl Connection {
    /// A server's side, before its handshake is over. A server hands the same `Arc<Config>` to all
    /// of its connections, which then share it; a [`Config`] by value is allocated anew.
    #[must_use]
    pub fn server(config: impl Into<Arc<Config>>) -> Self {
        Self::new(Side::Server, None, config.into())
    }

    /// A client's side, before its handshake is over. The masking keys (RFC 6455 section 5.3) are
    /// made from `seed`, which must be unpredictable and of this connection alone: 32 octets of the
    /// system's randomness. Allocates 320 octets for them.
    #[must_use]
    pub fn client(config: impl Into<Arc<Config>>, seed: [u8; 32]) -> Self {
        Self::new(Side::Client, Some(MaskKeys::new(seed)), config.into())
    }

    fn new(side: Side, keys: Option<MaskKeys>, config: Arc<Config>) -> Self {
        Self {
            state: State::Connecting,
            side,
            ended: false,
            incoming: Incoming::new(),
            outgoing: Outgoing::new(),
            owed: Owed::new(),
            error: None,
            received: 0,
            clock: Clock::new(),
            coders: Coders::new(),
            keys,
            config,
        }
    }

    /// The opening handshake is over, with this outcome. What follows the handshake's head in the
    /// transport is the first input.
    ///
    /// # Errors
    /// [`Misuse::NotConnecting`]: it was over before.
    pub fn open(&mut self, agreement: &Agreement) -> Result<(), Misuse> {
        if self.state != State::Connecting {
            return Err(Misuse::NotConnecting);
        }
        // RFC 6455 section 5.8: extensions are settled by the opening handshake, and then only.
        self.coders.open(self.side, agreement);
        self.state = self.state.after(Step::Open);
        self.clock.opened();
        Ok(())
    }

    /// Takes octets from the peer and answers one event at most. `input` starts with the first
    /// octet that was not consumed before. To be called again until `event` is `None`; then, unless
    /// octets were consumed, only more input brings another event.
    ///
    /// Payload is unmasked where it stands. A message that is whole in `input` is lent from there;
    /// any other is collected in `scratch` as it comes (see [`Delivery`](crate::Delivery)), and its
    /// octets are consumed at once. What is left unconsumed is less than the header of a frame, or
    /// than a control frame, and at most 138 octets: those must come again, as they are.
    ///
    /// Events come in the order of the octets, and are the same however the input is cut, but for
    /// pieces of messages. Text is checked as it comes: a wrong octet fails the connection although
    /// its frame is incomplete (RFC 6455 section 8.1). Where the peer has closed, input is
    /// discarded.
    ///
    /// # Errors
    /// [`Error::Protocol`] and [`Error::Limit`], with the offset of the frame at fault in all of
    /// the connection's input. They stay, and [`transmit`](Self::transmit) has a Close for the
    /// peer. [`Misuse::NotOpen`] before [`open`](Self::open).
    #[inline]
    pub fn receive<'b>(
        &mut self,
        input: &'b mut [u8],
        scratch: &'b mut Scratch,
    ) -> Result<Received<Event<'b>>, Error> {
        if !self.state.receives() {
            return self.discard(input.len());
        }
        if input.is_empty() {
            return Ok(NOTHING);
        }
        self.clock.heard();
        if self.incoming.is_in_frame() {
            return self.receive_payload(0, input, scratch);
        }
        self.receive_frame(input, scratch)
    }

    /// Takes note that nothing more comes from the peer. To be told twice changes nothing.
    ///
    /// # Errors
    /// [`Violation::Incomplete`]: there was no Close frame, so messages may be lost (RFC 6455
    /// section 7.1.5, "1006"). And the error that the connection has failed with.
    pub fn receive_eof(&mut self) -> Result<(), Error> {
        self.ended = true;
        if let Some(error) = self.error {
            return Err(error);
        }
        if self.state.receives() {
            return Err(self.fail_at_end(Violation::Incomplete));
        }
        // A Close that was received and not answered is not answered any more.
        self.state = self.state.after(Step::End);
        Ok(())
    }

    /// Takes note of the time. To be called before input is given, and when
    /// [`deadline`](Self::deadline) has come: then something is owed, or late. A `now` before that
    /// of an earlier call counts as that one.
    ///
    /// A connection that is never told the time has no deadlines, sends no Pings of its own, and
    /// does not count control frames.
    ///
    /// # Errors
    /// [`Error::Limit`] with the bound that was crossed: a deadline has passed, and the connection
    /// has failed.
    pub fn tick(&mut self, now: Instant) -> Result<(), Error> {
        self.clock.tick(now);
        if let Some(error) = self.error {
            self.ended |= self.clock.is_late(self.waiting(), &self.config.timeouts);
            return Err(error);
        }
        match self.clock.due(self.waiting(), &self.config.timeouts) {
            None => Ok(()),
            Some(Due::Ping) => {
                self.clock.pinged();
                self.owed.ping = true;
                Ok(())
            }
            // A client has waited long enough for its server to close.
            Some(Due::Late(_)) if self.state == State::Closed => {
                self.ended = true;
                Ok(())
            }
            Some(Due::Late(bound)) => Err(self.fail_late(bound)),
        }
    }

    /// Takes note that octets were written to the peer, and that `remaining` are still to be. To be
    /// called after each write, and before more is appended; from then on the peer has
    /// [`Timeouts::write`](crate::Timeouts::write) to take some of them. Without this call there is
    /// no such deadline.
    pub const fn transmitted(&mut self, remaining: usize) {
        self.clock.transmitted(remaining);
    }

    /// Hands out the coders that are not bound to the connection now: no message is incomplete, and
    /// none is to be coded with the window of earlier ones. For a pool; without it they stay with
    /// the connection for its life.
    #[cfg(feature = "deflate")]
    pub fn release_coders(&mut self) -> Coders {
        self.coders.release()
    }

    /// Takes from `coders` what the connection lacks, if it has agreed on permessage-deflate;
    /// otherwise they are allocated when they are first needed. What it has no use for is left.
    #[cfg(feature = "deflate")]
    pub fn lend_coders(&mut self, coders: &mut Coders) {
        self.coders.lend(coders);
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

    /// Whether messages may be sent: the handshake is over and no Close was sent or received.
    #[inline]
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self.state, State::Open)
    }

    /// Whether [`receive`](Self::receive) has a use for input.
    #[must_use]
    pub const fn wants_receive(&self) -> bool {
        self.state.receives()
    }

    /// Whether [`transmit`](Self::transmit) has anything to append.
    #[inline]
    #[must_use]
    pub const fn wants_transmit(&self) -> bool {
        match self.state {
            State::Open => self.owed.is_any(),
            State::CloseReceived | State::Failed => true,
            _ => false,
        }
    }

    /// Whether the next [`receive`](Self::receive) needs the scratch of the last one: a message is
    /// incomplete. While it is not, an idle connection needs none.
    #[inline]
    #[must_use]
    pub const fn holds_scratch(&self) -> bool {
        self.incoming.is_in_message()
    }

    /// When [`tick`](Self::tick) is due, if nothing happens before. To be asked again after each
    /// call that receives or sends.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        if self.is_closed() {
            return None;
        }
        self.clock.deadline(self.waiting(), &self.config.timeouts)
    }

    /// Whether nothing more is to be sent, and the transport is this side's to close: when all is
    /// written, shut down the writing half. RFC 6455 section 7.1.1: a server closes first; a client
    /// waits for it, for [`Timeouts::close`](crate::Timeouts::close) at the most.
    #[must_use]
    pub fn should_close(&self) -> bool {
        match self.state {
            State::Closed => self.side == Side::Server || self.ended,
            State::Told => true,
            _ => false,
        }
    }

    /// Whether all is over: nothing is to be sent or received, and the transport has ended or need
    /// not be waited for.
    #[must_use]
    pub const fn is_closed(&self) -> bool {
        matches!(self.state, State::Closed | State::Told) && self.ended
    }

    /// The error that the connection has failed with.
    #[must_use]
    pub const fn error(&self) -> Option<Error> {
        self.error
    }

    /// Whether permessage-deflate was agreed on: RFC 7692.
    #[must_use]
    pub const fn is_compressing(&self) -> bool {
        self.coders.is_agreed()
    }

    /// Octets consumed from the peer in all: where the offsets of errors are counted from 0 to.
    #[must_use]
    pub const fn received(&self) -> u64 {
        self.received
    }
}

/// What calls have in common.
impl Connection {
    /// What is waited for.
    const fn waiting(&self) -> clock::Waiting {
        match self.state {
            State::Connecting => clock::Waiting::Handshake,
            State::Open => clock::Waiting::Frame,
            State::CloseSent | State::Closed | State::Told => clock::Waiting::Close,
            State::CloseReceived | State::Failed => clock::Waiting::Nothing,
        }
    }

    /// Input that is not received.
    #[cold]
    fn discard<'b>(&mut self, octets: usize) -> Result<Received<Event<'b>>, Error> {
        match (self.error, self.state) {
            (Some(error), _) => Err(error),
            (None, State::Connecting) => Err(Misuse::NotOpen.into()),
            (None, _) => Ok(self.taken(octets, None)),
        }
    }

    /// Counts octets as received and answers them.
    #[inline]
    const fn taken<'b>(
        &mut self,
        consumed: usize,
        event: Option<Event<'b>>,
    ) -> Received<Event<'b>> {
        self.received = self.received.wrapping_add(consumed as u64);
        Received { consumed, event }
    }

    /// RFC 6455 sections 7.2.1 and 7.2.2: whichever side finds the fault, it fails the connection.
    ///
    /// Fails because of the frame at the first octet that was not consumed, or, within a frame,
    /// because of that one.
    #[cold]
    #[inline(never)]
    fn fail(&mut self, violation: Violation) -> Error {
        let offset = self.incoming.frame_start(self.received);
        self.fail_with(Error::Protocol { violation, offset })
    }

    /// Fails because the transport has ended: there is nobody to be told.
    fn fail_at_end(&mut self, violation: Violation) -> Error {
        let error = Error::Protocol { violation, offset: self.received };
        self.fail_with(error);
        self.state = State::Told;
        error
    }

    /// The same for a limit.
    #[cold]
    #[inline(never)]
    fn fail_limit(&mut self, bound: Bound) -> Error {
        let offset = self.incoming.frame_start(self.received);
        self.fail_with(Error::Limit { bound, offset })
    }

    /// The same for a deadline.
    #[cold]
    fn fail_late(&mut self, bound: Bound) -> Error {
        self.fail_with(Error::Limit { bound, offset: self.received })
    }

    fn fail_with(&mut self, error: Error) -> Error {
        self.error = Some(error);
        self.state = self.state.after(Step::Fail);
        if error.code().is_none() && self.state == State::Failed {
            self.state = self.state.after(Step::SendClose); // nobody is to be told
        }
        self.clock.closing();
        self.incoming.stop();
        error
    }
}
