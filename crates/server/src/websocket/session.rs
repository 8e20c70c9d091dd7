//! What is kept of a WebSocket, and its two halves.
//!
//! What is sent is encoded into the transport's buffer and leaves when the receiver has looked at
//! all that came, when the buffer is full, or when the handler waits: what answers one read leaves
//! with one write. Where the peer does not read, senders wait, and the receiver reads no more.

use core::cell::RefCell;
use core::fmt;
use core::future::poll_fn;
use core::task::{Context, Poll, ready};
use std::time::Instant;

use shockwave_websocket::{
    Close, CloseCode, Connection, Error as CoreError, Event, Message, Misuse, Prepared,
};

use super::Collected;
use super::tunnel::Held;
use crate::{Error, Sent};

/// Octets that may wait for the peer before senders do, where no server says otherwise.
const MAX_BATCH_BYTES: usize = 64 << 10;

/// A WebSocket. Messages are received and sent by its two halves, which [`split`](Self::split)
/// lends; a server's handler ends it by [`finish`](Self::finish).
///
/// Pings are answered, idle peers are asked whether they are there, and Closes are exchanged, while
/// the handler waits in [`Receiver::receive`]. When a server shuts down, the peer gets a Close with
/// 1001, and what it still sends is received until its own.
///
/// Every failure sends its Close. Dropped while it is open, the session ends with 1011. Nothing is
/// allocated for a message once the worker is warm, and an idle session holds no buffer.
pub struct WebSocket<'a> {
    session: RefCell<Session<'a>>,
    incoming: Incoming,
    protocol: Option<&'a str>,
}

/// What both halves use. Borrowed for a poll or a command.
struct Session<'a> {
    core: Connection,
    tunnel: Held<'a>,
    /// The last time that the core was told.
    seen: Instant,
    /// The peer's Close.
    code: Option<CloseCode>,
    max_batch_bytes: usize,
}

/// What came and was not looked at.
struct Incoming {
    input: Vec<u8>,
    start: usize,
    collected: Collected,
}

/// Where the next message is.
enum Step {
    /// Whole in the input.
    Lent,
    Collected,
    /// There is none: more must come.
    Starved,
    /// There is none, and none comes.
    Ended,
}

impl<'a> WebSocket<'a> {
    /// A session of an open connection. `input` is what came behind the handshake.
    pub(super) fn new(
        mut core: Connection,
        tunnel: Held<'a>,
        input: Vec<u8>,
        protocol: Option<&'a str>,
    ) -> Self {
        let seen = tunnel.now();
        let _ = core.tick(seen); // nothing can be late on the first
        let worker = tunnel.worker();
        let max_batch_bytes =
            worker.map_or(MAX_BATCH_BYTES, |worker| worker.config.limits.max_batch_bytes);
        Self {
            session: RefCell::new(Session { core, tunnel, seen, code: None, max_batch_bytes }),
            incoming: Incoming { input, start: 0, collected: Collected::default() },
            protocol,
        }
    }

    /// The subprotocol that was agreed on.
    #[must_use]
    pub const fn protocol(&self) -> Option<&'a str> {
        self.protocol
    }

    /// The two halves, so that messages can be sent while one is looked at or waited for. There may
    /// be any number of senders.
    pub const fn split(&mut self) -> (Receiver<'_, 'a>, Sender<'_, 'a>) {
        let Self { session, incoming, .. } = self;
        (Receiver { session, incoming }, Sender { session })
    }

    /// [`Receiver::receive`].
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn receive(&mut self) -> Result<Option<Message<'_>>, Error> {
        // One receiver lends for its own time, which is this call's.
        let Self { session, incoming, .. } = self;
        receive(session, incoming).await
    }

    /// [`Sender::send`].
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn send<'m>(&mut self, message: impl Into<Message<'m>>) -> Result<(), Error> {
        Sender { session: &self.session }.send(message).await
    }

    /// Sends a Close, and waits for the peer's: the closing handshake (RFC 6455 section 7.1.2).
    /// Messages that come before it are thrown away. Where one has been sent, only waits.
    ///
    /// # Errors
    ///
    /// The peer does not close in [`Timeouts::close`](super::Timeouts::close), breaks the protocol,
    /// or is gone. A reason of more than 123 octets.
    pub async fn close(&mut self, code: CloseCode, reason: &str) -> Result<(), Error> {
        let (mut receiver, sender) = self.split();
        match sender.close(code, reason) {
            Ok(()) | Err(Error::WebSocket(CoreError::Misuse(Misuse::Closed))) => {}
            Err(error) => return Err(error),
        }
        while receiver.receive().await?.is_some() {}
        Ok(())
    }

    /// Ends the session: what the handler of a server returns. Sends a Close with 1000, if none was
    /// sent. The peer gets [`Timeouts::linger`](crate::Timeouts::linger) for its own.
    pub fn finish(self) -> Sent {
        let _ = Sender { session: &self.session }.close(CloseCode::NORMAL, "");
        Sent::new()
    }

    /// The code of the Close that the peer sent: `None` if it has sent none, or one without a code.
    #[must_use]
    pub fn close_code(&self) -> Option<CloseCode> {
        self.session.borrow().code
    }

    /// Whether permessage-deflate was agreed on.
    #[must_use]
    pub fn is_compressing(&self) -> bool {
        self.session.borrow().core.is_compressing()
    }
}

/// However it ends.
impl Drop for WebSocket<'_> {
    fn drop(&mut self) {
        let session = self.session.get_mut();
        if session.core.is_open() {
            let close = Close { code: Some(CloseCode::INTERNAL_ERROR), reason: "" };
            let _ = session.encode(0, |core, out| core.close(close, out));
        }
        session.transmit();
        self.incoming.start = self.incoming.input.len();
        self.incoming.rest(session, false);
    }
}

impl fmt::Debug for WebSocket<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocket").field("protocol", &self.protocol).finish_non_exhaustive()
    }
}

/// The half that receives.
pub struct Receiver<'s, 'a> {
    session: &'s RefCell<Session<'a>>,
    incoming: &'s mut Incoming,
}

impl Receiver<'_, '_> {
    /// The next message, which is lent until the next call: from what was read where it is whole in
    /// there, or from memory of the worker's. `None` when the peer has closed, and was answered.
    ///
    /// What has been sent leaves when there is nothing more to be received at once. A future that
    /// is dropped loses nothing.
    ///
    /// # Errors
    ///
    /// [`Error::WebSocket`]: the peer broke the protocol, crossed a limit or a deadline, or left
    /// without a Close; it is told by one where it can be. [`Error::Disconnected`].
    pub async fn receive(&mut self) -> Result<Option<Message<'_>>, Error> {
        receive(self.session, self.incoming).await
    }
}

impl fmt::Debug for Receiver<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").finish_non_exhaustive()
    }
}

async fn receive<'m>(
    session: &RefCell<Session<'_>>,
    incoming: &'m mut Incoming,
) -> Result<Option<Message<'m>>, Error> {
    loop {
        let step = incoming.advance(&mut session.borrow_mut())?;
        match step {
            Step::Lent => return incoming.lend(&mut session.borrow_mut()).map(Some),
            Step::Collected => return Ok(Some(incoming.collected.0.message())),
            Step::Ended => return Ok(None),
            Step::Starved => {
                poll_fn(|cx| incoming.poll_more(&mut session.borrow_mut(), cx)).await?;
            }
        }
    }
}

/// A half that sends. A copy of a reference.
#[derive(Clone, Copy)]
pub struct Sender<'s, 'a> {
    session: &'s RefCell<Session<'a>>,
}

impl Sender<'_, '_> {
    /// Sends a message in one frame, compressed if that was agreed on and it is large enough for
    /// it. It is copied, and leaves with what else was sent: see [`Receiver::receive`] and
    /// [`flush`](Self::flush). Waits where more than
    /// [`Limits::max_batch_bytes`](crate::Limits::max_batch_bytes) wait for the peer.
    ///
    /// # Errors
    ///
    /// A Close was sent or received; the peer is gone, or too slow.
    #[inline]
    pub async fn send<'m>(&self, message: impl Into<Message<'m>>) -> Result<(), Error> {
        let message = message.into();
        poll_fn(|cx| self.session.borrow_mut().poll_room(cx)).await?;
        let octets = message.as_bytes().len();
        self.encode(octets, |core, out| core.send_message(message, out))
    }

    /// Sends text.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    pub async fn send_text(&self, text: &str) -> Result<(), Error> {
        self.send(text).await
    }

    /// Sends octets.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    pub async fn send_binary(&self, octets: &[u8]) -> Result<(), Error> {
        self.send(octets).await
    }

    /// Sends a message that was encoded before, for many peers.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    pub async fn send_prepared(&self, message: &Prepared) -> Result<(), Error> {
        poll_fn(|cx| self.session.borrow_mut().poll_room(cx)).await?;
        self.encode(0, |core, out| core.send_prepared(message, out))
    }

    /// Sends a Ping of up to 125 octets. Whether the peer is there is looked after without.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send); a payload that is longer.
    pub async fn ping(&self, payload: &[u8]) -> Result<(), Error> {
        poll_fn(|cx| self.session.borrow_mut().poll_room(cx)).await?;
        self.encode(0, |core, out| core.send_ping(payload, out))
    }

    /// Waits until the transport has taken all that was sent.
    ///
    /// # Errors
    ///
    /// The peer is gone, or too slow.
    pub async fn flush(&self) -> Result<(), Error> {
        poll_fn(|cx| {
            let session = &mut *self.session.borrow_mut();
            session.observe()?;
            session.poll_write(cx)
        })
        .await
    }

    /// Begins to close. No message can be sent after it; the receiver goes on until the peer's
    /// Close has come. Does not wait.
    ///
    /// # Errors
    ///
    /// A Close was sent or received before; a reason of more than 123 octets.
    pub fn close(&self, code: CloseCode, reason: &str) -> Result<(), Error> {
        self.encode(0, |core, out| core.close(Close { code: Some(code), reason }, out))
    }

    fn encode(
        &self,
        octets: usize,
        command: impl FnOnce(&mut Connection, &mut Vec<u8>) -> Result<(), Misuse>,
    ) -> Result<(), Error> {
        Ok(self.session.borrow_mut().encode(octets, command)?)
    }
}

impl fmt::Debug for Sender<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").finish_non_exhaustive()
    }
}

impl Session<'_> {
    /// Has the core append to what is to be written.
    #[inline]
    fn encode<R>(
        &mut self,
        octets: usize,
        command: impl FnOnce(&mut Connection, &mut Vec<u8>) -> R,
    ) -> R {
        let mut out = self.tunnel.lend_out(octets);
        let result = command(&mut self.core, &mut out);
        self.tunnel.return_out(out);
        result
    }

    /// Encodes what is owed to the peer.
    #[inline]
    fn transmit(&mut self) {
        if self.core.wants_transmit() {
            self.encode(0, Connection::transmit);
        }
    }

    /// Tells the peer of a failure.
    #[cold]
    fn failed(&mut self, error: CoreError) -> Error {
        let error = Error::WebSocket(error);
        if self.core.wants_transmit() || !self.core.is_closed() {
            self.tunnel.failed(&error);
        }
        self.transmit();
        error
    }

    /// Tells the core the time, if it has changed; and the peer, if the server shuts down.
    #[inline]
    fn observe(&mut self) -> Result<(), Error> {
        let now = self.tunnel.now();
        if now != self.seen {
            self.seen = now;
            self.core.tick(now).map_err(|error| self.failed(error))?;
        }
        if self.core.is_open()
            && self.tunnel.worker().is_some_and(|worker| worker.draining_since().is_some())
        {
            let close = Close { code: Some(CloseCode::GOING_AWAY), reason: "" };
            self.encode(0, |core, out| core.close(close, out))?;
        }
        Ok(())
    }

    /// Writes all that there is to write. The core learns whether the peer takes it.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let written = self.tunnel.poll_write(cx);
        match &written {
            Poll::Ready(_) => self.core.transmitted(0),
            Poll::Pending => {
                self.core.transmitted(self.tunnel.unwritten());
                self.tunnel.park(self.core.deadline(), cx);
            }
        }
        written
    }

    fn is_full(&self) -> bool {
        self.tunnel.unwritten() >= self.max_batch_bytes
    }

    /// Waits until there is room for a message.
    #[inline]
    fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.observe()?;
        if self.is_full() {
            ready!(self.poll_write(cx))?;
        }
        Poll::Ready(Ok(()))
    }
}

impl Incoming {
    /// Has the core receive up to the next message.
    #[inline]
    fn advance(&mut self, session: &mut Session<'_>) -> Result<Step, Error> {
        loop {
            if let Some(error) = session.core.error() {
                return Err(Error::WebSocket(error));
            }
            if !session.core.wants_receive() {
                session.transmit();
                return Ok(Step::Ended);
            }
            let input = self.input.get_mut(self.start..).unwrap_or_default();
            if session.core.lends_message(input) {
                return Ok(Step::Lent);
            }
            let received = session.core.receive(input, &mut self.collected.0);
            let received = received.map_err(|error| session.failed(error))?;
            self.start = self.start.saturating_add(received.consumed);
            match received.event {
                Some(Event::Message(_)) => return Ok(Step::Collected),
                Some(Event::Close(close)) => session.code = close.code,
                // Of a peer that does not read, only the last is answered (RFC 6455 section 5.5.3).
                Some(Event::Ping(_)) if !session.is_full() => session.transmit(),
                Some(Event::Ping(_) | Event::Pong(_) | Event::Data { .. }) => {}
                None if received.consumed == 0 => return Ok(Step::Starved),
                None => {}
            }
        }
    }

    /// The message that [`Step::Lent`] speaks of.
    #[inline]
    fn lend(&mut self, session: &mut Session<'_>) -> Result<Message<'_>, Error> {
        let input = self.input.get_mut(self.start..).unwrap_or_default();
        let received = session.core.receive(input, &mut self.collected.0);
        let received = received.map_err(|error| session.failed(error))?;
        self.start = self.start.saturating_add(received.consumed);
        match received.event {
            Some(Event::Message(message)) => Ok(message),
            _ => Err(Error::WebSocket(Misuse::OutOfOrder.into())), // it was looked at before
        }
    }

    /// Writes what there is to write, and reads. Ready when there may be something to receive.
    fn poll_more(
        &mut self,
        session: &mut Session<'_>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Error>> {
        session.observe()?;
        session.transmit();
        if session.poll_write(cx)?.is_pending() && session.is_full() {
            return Poll::Pending;
        }
        // Part of a frame's header, or of a control frame, may be left: it is short.
        self.input.drain(..self.start.min(self.input.len()));
        self.start = 0;
        if self.collected.0.capacity_bytes() == 0
            && let Some(worker) = session.tunnel.worker()
        {
            self.collected = shockwave_memory::Lease::detach(worker.scratches.take());
        }
        match session.tunnel.poll_read(cx, &mut self.input) {
            Poll::Pending => {
                self.rest(session, session.core.holds_scratch());
                session.tunnel.rest();
                session.tunnel.park(session.core.deadline(), cx);
                Poll::Pending
            }
            Poll::Ready(Ok(0)) => {
                let ended = session.core.receive_eof();
                Poll::Ready(ended.map_err(|error| session.failed(error)))
            }
            Poll::Ready(octets) => Poll::Ready(octets.map(|_| ())),
        }
    }

    /// Gives back what a session that waits does not need.
    fn rest(&mut self, session: &Session<'_>, holds_scratch: bool) {
        let Some(worker) = session.tunnel.worker() else { return };
        if self.start >= self.input.len() {
            self.start = 0;
            worker.give(core::mem::take(&mut self.input));
        }
        if !holds_scratch && self.collected.0.capacity_bytes() != 0 {
            worker.scratches.adopt(core::mem::take(&mut self.collected));
        }
    }
}
