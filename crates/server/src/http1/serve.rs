//! The order of things: read, answer all that has come, write; and how a connection ends.

use core::future::poll_fn;
use core::mem;
use core::pin::{Pin, pin};
use core::task::{Context, Poll, ready};
use std::future::Future;
use std::io::ErrorKind;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::time::Instant;

use shockwave_http11::{ContentLength, Error as Http1Error, Event, Leniency};
use shockwave_wire::{Bound, Known, Method, Received, RequestHead, Status};

use super::Link;
use super::exchange::make_room;
use super::state::{Current, Failed, Failure, State};
use crate::access::Access;
use crate::content::Payload;
use crate::exchange::{Exchange as _, Head, Shared};
use crate::proxy::{self, ProxyProtocol};
use crate::templates::Kind;
use crate::transport::Transport;
use crate::{Error, Reply, Request, Responder, Sent, trace};

impl<T: Transport> Link<T> {
    /// Serves the connection to its end. `turn` is [`Self::turn`], or has a slot do it.
    pub(crate) async fn serve<F>(mut self: Rc<Self>, proxy: ProxyProtocol, turn: F)
    where
        F: AsyncFn(&Rc<Self>) -> Result<(), Failed>,
    {
        let mut ended = Ok(());
        if proxy != ProxyProtocol::Off {
            ended = Self::learn(&mut self, proxy).await;
        }
        if ended.is_ok() {
            ended = self.run(turn).await;
        }
        let failure = self.state.borrow().failure.filter(|_| ended.is_err());
        if let Some(failure) = failure {
            self.count(failure);
        }
        self.close(failure).await;
        let state = &mut *self.state.borrow_mut();
        for buffer in [&mut state.input, &mut state.out, &mut state.buffer] {
            self.worker.give(mem::take(buffer));
        }
        if let Some(lines) = state.lines.take() {
            self.worker.give_lines(lines);
        }
    }

    /// Learns from a PROXY header who the client is.
    async fn learn(this: &mut Rc<Self>, proxy: ProxyProtocol) -> Result<(), Failed> {
        loop {
            // Nobody else has it yet. Were that not so, whom to believe would not be known.
            let Some(link) = Rc::get_mut(this) else {
                return Err(this.state.borrow_mut().fail(Failure::Broken));
            };
            let state = link.state.get_mut();
            let length = state.input.len();
            match proxy::parse(&state.input, proxy) {
                Ok(Some((consumed, header))) => {
                    state.input.drain(..consumed);
                    link.info.peer = header.source.or(link.info.peer);
                    link.info.local = header.destination.or(link.info.local);
                    return Ok(());
                }
                Ok(None) => {}
                // Whoever this is, it is not the load balancer: nothing is said to it.
                Err(_) => return Err(state.fail(Failure::Io(ErrorKind::InvalidData))),
            }
            poll_fn(|cx| this.poll_next(cx)).await?;
            let state = &mut *this.state.borrow_mut();
            if state.input.len() == length {
                return Err(state.fail(Failure::Io(ErrorKind::UnexpectedEof)));
            }
        }
    }

    async fn run<F>(self: &Rc<Self>, turn: F) -> Result<(), Failed>
    where
        F: AsyncFn(&Rc<Self>) -> Result<(), Failed>,
    {
        if !self.state.borrow().input.is_empty() {
            turn(self).await?;
        }
        while poll_fn(|cx| self.poll_next(cx)).await? {
            turn(self).await?;
        }
        Ok(())
    }

    /// Answers the requests that have come to their end.
    pub(crate) async fn turn<H, R>(&self, handler: &H) -> Result<(), Failed>
    where
        H: AsyncFn(Request<'_>) -> R,
        R: Reply,
    {
        // The head that the handler has lies in it.
        let mut input = mem::take(&mut self.state.borrow_mut().input);
        let mut lines = self.worker.take_lines();
        let mut start = 0_usize;
        // Content comes that the handler has left. Asked for it in vain, the core begins to wait.
        let mut is_draining = false;
        let ended = loop {
            let rest = match input.get(start..) {
                // There is nothing to be had of nothing.
                None | Some([]) if !is_draining => break Ok(()),
                rest => rest.unwrap_or_default(),
            };
            // Looked at where it is: a head is too much to be moved.
            let received = self.state.borrow_mut().core.receive(rest, &mut lines.0);
            let (consumed, event) = match &received {
                Ok(Received { consumed, event }) => (*consumed, event),
                Err(error) => break Err(self.fail(Failure::Core(*error))),
            };
            start = start.saturating_add(consumed);
            match event {
                Some(Event::Request { head, end }) => {
                    let tail = input.get(start..).unwrap_or_default();
                    if let Err(failed) = self.exchange(head, *end, tail, handler).await {
                        break Err(failed);
                    }
                    if self.state.borrow().tunnel.is_some() {
                        break Err(Failed); // for no reason: it is over
                    }
                    let (must_flush, is_received) = self.go_on(&mut input, &mut start);
                    is_draining = !is_received;
                    if must_flush && let Err(failed) = self.flush().await {
                        break Err(failed);
                    }
                }
                Some(Event::Data { data, end }) => {
                    is_draining = !*end;
                    self.drained(data.len());
                }
                Some(Event::Upgrade) => break Err(self.fail(Failure::Broken)),
                Some(_) => is_draining = false,
                None if consumed == 0 => break Ok(()),
                None => {}
            }
        };
        self.worker.give_lines(lines);
        if start >= input.len() {
            input.clear();
        } else {
            input.drain(..start);
        }
        let state = &mut *self.state.borrow_mut();
        state.input = input;
        state.is_flushed = false;
        ended
    }

    #[cold]
    fn fail(&self, failure: Failure) -> Failed {
        self.state.borrow_mut().fail(failure)
    }

    /// Lets the handler answer one request. When it waits, what it has sent so far leaves; when the
    /// connection fails while it waits, it is over.
    async fn exchange<H, R>(
        &self,
        head: &RequestHead<'_>,
        end: bool,
        tail: &[u8],
        handler: &H,
    ) -> Result<(), Failed>
    where
        H: AsyncFn(Request<'_>) -> R,
        R: Reply,
    {
        let length = match end {
            true => Some(0),
            false => content_length(head, &self.worker.config.http1.leniency),
        };
        self.begin(head, end, length);
        let started = self.worker.access.as_ref().map(|_| Instant::now());
        let shared = Shared {
            exchange: self,
            head,
            tail,
            length,
            #[cfg(feature = "arena")]
            arena: core::cell::OnceCell::new(),
        };
        let handled = {
            // The call, the future and the reply are the user's code, and each of them can panic.
            let mut handling = pin!(async {
                let reply = handler(Request::new(&shared)).await;
                let Sent { .. } = reply.reply(Responder::new(self));
            });
            poll_fn(|cx| {
                // A deadline that has passed is for the handler to see first, if it reads or
                // writes.
                let _ = self.state.borrow_mut().observe(&self.worker);
                match catch_unwind(AssertUnwindSafe(|| handling.as_mut().poll(cx))) {
                    Ok(Poll::Ready(())) => Poll::Ready(Ok(())),
                    Ok(Poll::Pending) => self.poll_waiting(cx, tail).map(Err),
                    Err(_) => Poll::Ready(Err(Ended::Panicked)),
                }
            })
            .await
        };
        #[cfg(feature = "arena")]
        if let Some(arena) = shared.arena.into_inner() {
            self.worker.arenas.adopt(arena);
        }
        let ended = self.end(handled);
        if let (Some(hook), Some(started)) = (&self.worker.access, started) {
            let state = self.state.borrow();
            hook(&Access {
                request: head,
                connection: &self.info,
                status: state.current.status,
                body_bytes: state.current.sent,
                duration: started.elapsed(),
            });
        }
        ended
    }

    /// What there is to do while the handler waits. Ready when there is nothing to wait for.
    fn poll_waiting(&self, cx: &mut Context<'_>, tail: &[u8]) -> Poll<Ended> {
        let state = &mut *self.state.borrow_mut();
        let flushed = state.poll_flush(cx, &self.worker);
        if matches!(flushed, Poll::Ready(Err(Failed)))
            || state.failure.is_some()
            || state.watch(cx, tail, &self.worker).is_err()
        {
            return Poll::Ready(Ended::Failed);
        }
        self.park(state, cx);
        Poll::Pending
    }

    fn begin(&self, head: &RequestHead<'_>, end: bool, length: Option<u64>) {
        let state = &mut *self.state.borrow_mut();
        self.worker.counters.requests.add(1);
        let is_connect = head.method == Method::Connect;
        state.current = Current { is_received: end, is_connect, length, ..Current::default() };
    }

    /// What the handler has come to.
    fn end(&self, ended: Result<(), Ended>) -> Result<(), Failed> {
        match ended {
            Ok(()) => {}
            Err(Ended::Failed) => return Err(Failed),
            Err(Ended::Panicked) => {
                self.worker.counters.panics.add(1);
                trace::panicked(&self.info);
                self.state.borrow_mut().core.close();
                self.replace_response();
            }
        }
        let mut state = self.state.borrow_mut();
        if state.failure.is_some() {
            return Err(Failed);
        }
        if state.current.status.is_none() {
            // A `Sent` of another request.
            drop(state);
            self.worker.counters.misused_responses.add(1);
            self.replace_response();
            state = self.state.borrow_mut();
            if state.current.status.is_none() {
                // The next response would be taken for this request's.
                return Err(state.fail(Failure::Broken));
            }
        }
        state.has_answered = true;
        if state.core.is_sending() || state.is_lent {
            self.worker.counters.misused_responses.add(1);
            return Err(state.fail(Failure::Broken));
        }
        if state.current.is_read_on && !state.current.is_received {
            // It has not read to the end after all.
            state.current.is_read_on = false;
            state.give_up_content(&self.worker);
        }
        match state.current.status.map_or(0, Status::code) {
            400..=499 => self.worker.counters.client_error_responses.add(1),
            500.. => self.worker.counters.server_error_responses.add(1),
            _ => {}
        }
        Ok(())
    }

    /// Sends a 500, if no response was begun.
    #[cold]
    fn replace_response(&self) {
        let head = Head { status: Status::INTERNAL_SERVER_ERROR, kind: Kind::None, lines: None };
        let _ = self.respond(head, Payload::Static(b""));
    }

    /// Goes on behind the request: `start` is where in `input` the next octets are. Whether what
    /// was sent so far has to be written before they are looked at, and whether all of the request
    /// was received.
    fn go_on(&self, input: &mut Vec<u8>, start: &mut usize) -> (bool, bool) {
        let state = &mut *self.state.borrow_mut();
        *start = start.saturating_add(state.current.tail_used);
        if state.buffer.capacity() != 0 {
            // More was read while the handler held the input.
            let buffer = mem::take(&mut state.buffer);
            self.worker.give(mem::replace(input, buffer));
            *start = mem::take(&mut state.used);
        }
        state.current.received = 0;
        let most = self.worker.config.limits.max_batch_bytes;
        let must_flush = state.payload.is_some() || state.out.len() >= most;
        (must_flush, state.current.is_received)
    }

    async fn flush(&self) -> Result<(), Failed> {
        poll_fn(|cx| self.poll_written(&mut self.state.borrow_mut(), cx)).await
    }

    /// The same for what another protocol has left, in the time that the client has for it.
    async fn flush_last(&self) -> Result<(), Failed> {
        poll_fn(|cx| {
            let state = &mut *self.state.borrow_mut();
            if state.is_tunnel_late(self.worker.clock.now()) {
                return Poll::Ready(Err(Failed));
            }
            self.poll_written(state, cx)
        })
        .await
    }

    /// Writes what there is to write.
    #[inline]
    fn poll_written(&self, state: &mut State<T>, cx: &mut Context<'_>) -> Poll<Result<(), Failed>> {
        let _ = state.observe(&self.worker);
        let flushed = state.poll_flush(cx, &self.worker);
        if flushed.is_pending() {
            self.park(state, cx);
        }
        flushed
    }

    /// Counts content that nobody has read.
    fn drained(&self, octets: usize) {
        let state = &mut *self.state.borrow_mut();
        state.current.received = state.current.received.saturating_add(octets as u64);
        if state.current.received > self.worker.config.limits.max_drain_bytes {
            state.core.close();
        }
    }

    /// Writes what there is to write, and then reads what comes next. Holds no buffer while nothing
    /// comes. Whether the connection goes on.
    ///
    /// One function for both, and what it calls is inlined: system calls leave the processor's
    /// stack of return addresses useless, so that each return after them is mispredicted.
    #[inline]
    fn poll_next(&self, cx: &mut Context<'_>) -> Poll<Result<bool, Failed>> {
        let state = &mut *self.state.borrow_mut();
        if !state.is_flushed {
            ready!(self.poll_written(state, cx))?;
            state.is_flushed = true;
        }
        if state.core.should_close() {
            return Poll::Ready(Ok(false));
        }
        state.observe(&self.worker)?;
        match state.poll_input(cx, &self.worker) {
            Poll::Pending => {
                state.rest(&self.worker);
                if state.drain(&self.worker) {
                    return Poll::Ready(Ok(false));
                }
                self.park(state, cx);
                Poll::Pending
            }
            Poll::Ready(Ok(0)) => Poll::Ready(match state.core.receive_eof() {
                Ok(()) => Ok(true),
                Err(error) => Err(state.fail(Failure::Core(error))),
            }),
            Poll::Ready(Ok(octets)) => {
                self.worker.counters.bytes_received.add(octets as u64);
                Poll::Ready(Ok(true))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(state.fail(Failure::Io(error.kind())))),
        }
    }
}

/// How a connection ends.
impl<T: Transport> Link<T> {
    /// Tells the client why, where it can be told, and lets it read that: closed at once, a TCP
    /// connection can lose the response on its way (RFC 9112 section 9.6).
    async fn close(&self, failure: Option<Failure>) {
        self.state.borrow_mut().leave_tunnel(&self.worker);
        if let Some(failure) = failure
            && !self.tell(failure)
        {
            poll_fn(|cx| self.write_once(cx, failure)).await;
            self.state.borrow_mut().io.abort();
            return;
        }
        if self.flush_last().await.is_err() {
            self.state.borrow_mut().io.abort();
            return;
        }
        if poll_fn(|cx| self.poll_shutdown(cx)).await {
            poll_fn(|cx| self.poll_linger(cx)).await;
        }
    }

    /// Writes what the transport takes at once, before the connection is broken off for a reason of
    /// ours: responses to earlier requests may be among it, which are whole.
    fn write_once(&self, cx: &mut Context<'_>, failure: Failure) -> Poll<()> {
        let state = &mut *self.state.borrow_mut();
        if failure == Failure::Broken {
            state.failure = None;
            let _ = state.poll_flush(cx, &self.worker);
            state.failure = Some(failure);
        }
        Poll::Ready(())
    }

    /// Encodes the response that is due. Whether there is anything to be told.
    fn tell(&self, failure: Failure) -> bool {
        let Failure::Core(error) = failure else { return false };
        if !failure.can_be_told() {
            return false;
        }
        let date = self.worker.clock.date();
        let state = &mut *self.state.borrow_mut();
        state.room(0, &self.worker);
        let State { core, out, .. } = state;
        if core.send_error(error, Some(&date), out).is_err() {
            // A response has begun; but what was sent before may still be on its way.
            return false;
        }
        match error.code().map_or(0, Status::code) {
            0 => {}
            400..=499 => self.worker.counters.client_error_responses.add(1),
            _ => self.worker.counters.server_error_responses.add(1),
        }
        true
    }

    /// Shuts down the writing half; whether that went well. A transport that has to write for it
    /// has as long as for any write.
    fn poll_shutdown(&self, cx: &mut Context<'_>) -> Poll<bool> {
        let state = &mut *self.state.borrow_mut();
        let now = self.worker.clock.now();
        if state.core.tick(now).is_err() || state.is_tunnel_late(now) {
            return Poll::Ready(false);
        }
        let shut = Pin::new(&mut state.io).poll_shutdown(cx);
        state.core.transmitted(usize::from(shut.is_pending()));
        if shut.is_pending() {
            self.park(state, cx);
        } else if let Some(tunnel) = &mut state.tunnel {
            tunnel.is_shut = true;
        }
        shut.map(|shut| shut.is_ok())
    }

    /// Throws away what still comes, until the client is done or late.
    fn poll_linger(&self, cx: &mut Context<'_>) -> Poll<()> {
        let state = &mut *self.state.borrow_mut();
        let now = self.worker.clock.now();
        let is_late = state.is_tunnel_late(now);
        let State { io, core, input, .. } = &mut *state;
        let mut lines = self.worker.take_lines();
        let lingered = loop {
            if is_late || core.tick(now).is_err() || core.is_closed() {
                break Poll::Ready(());
            }
            input.clear();
            make_room(input, &mut 0, &self.worker);
            match io.poll_append(cx, input) {
                Poll::Pending => {
                    self.worker.give(mem::take(input));
                    break Poll::Pending;
                }
                Poll::Ready(Ok(0) | Err(_)) => break Poll::Ready(()),
                Poll::Ready(Ok(octets)) => {
                    self.worker.counters.bytes_received.add(octets as u64);
                    // Closing, the core takes all of it at once, and counts.
                    let _ = core.receive(input, &mut lines.0);
                }
            }
        };
        if lingered.is_pending() {
            self.park(state, cx);
        }
        self.worker.give_lines(lines);
        lingered
    }

    fn count(&self, failure: Failure) {
        let counters = &self.worker.counters;
        let counter = match failure {
            Failure::Core(Http1Error::Limit { bound: Bound::IdleTime, .. }) => {
                &counters.idle_timeouts
            }
            Failure::Core(error) if Error::from(error).is_timeout() => &counters.timeouts,
            Failure::Core(Http1Error::Limit { .. }) => &counters.limit_errors,
            Failure::Core(_) => &counters.protocol_errors,
            Failure::Io(_) => &counters.transport_errors,
            Failure::Broken => return, // counted where it was found
        };
        counter.add(1);
        trace::failed(&self.info, &failure.into());
    }
}

/// Why a handler is over that did not reply.
enum Ended {
    Panicked,
    /// The connection has failed.
    Failed,
}

/// The length that a head announces. The core has found it to be one number.
fn content_length(head: &RequestHead<'_>, leniency: &Leniency) -> Option<u64> {
    let values = head.fields.known_all(Known::CONTENT_LENGTH);
    match ContentLength::parse(values, leniency) {
        ContentLength::Value(length) => Some(length),
        ContentLength::Absent | ContentLength::Invalid | ContentLength::Repeated => None,
    }
}
