//! One request and its response.

use core::ops::Range;
use core::task::{Context, Poll, ready};
use std::io;

use shockwave_http11::{Event, Misuse};
use shockwave_wire::{Content, Fields, Known, Received, ResponseHead, Status};

use super::Link;
use super::state::{Current, Failed, Failure, State};
use crate::content::Payload;
use crate::exchange::{Exchange, Head, Piece, Write};
use crate::lines::Lines;
use crate::transport::Transport;
use crate::worker::Worker;
use crate::{ConnectionInfo, Error};

/// The room for a read.
pub(super) const READ_BYTES: usize = 16 << 10;

/// The room for one that follows a read which filled it.
pub(super) const LARGE_READ_BYTES: usize = 64 << 10;

/// The room that a head of the usual size takes, and that is to be left for the next one.
const HEAD_BYTES: usize = 512;

impl<T: Transport> Exchange for Link<T> {
    fn worker(&self) -> &Worker {
        &self.worker
    }

    fn info(&self) -> &ConnectionInfo {
        &self.info
    }

    fn poll_data(
        &self,
        cx: &mut Context<'_>,
        tail: &[u8],
        limit: u64,
    ) -> Poll<Option<Result<Piece, Error>>> {
        let state = &mut *self.state.borrow_mut();
        if let Err(error) = state.check(&self.worker) {
            return Poll::Ready(Some(Err(error)));
        }
        if state.current.length.is_some_and(|length| length > limit) {
            state.current.is_given_up = true;
            return Poll::Ready(Some(Err(Error::BodyTooLarge { limit })));
        }
        let Current { is_received, is_cut, status, .. } = state.current;
        if !is_received && status.is_some() && (is_cut || state.core.should_close()) {
            return Poll::Ready(Some(Err(Error::AlreadyResponded)));
        }
        loop {
            if state.current.is_received {
                return Poll::Ready(None);
            }
            match state.receive_data(tail, &self.worker) {
                Ok(Some(piece)) => {
                    if state.current.received > limit {
                        state.current.is_given_up = true;
                        return Poll::Ready(Some(Err(Error::BodyTooLarge { limit })));
                    }
                    return Poll::Ready(Some(Ok(piece)));
                }
                Ok(None) if state.current.is_received => return Poll::Ready(None),
                Ok(None) => {}
                Err(Failed) => return Poll::Ready(Some(Err(state.error()))),
            }
            if state.core.should_close() {
                // The response ended before the content did: what still comes is discarded.
                return Poll::Ready(Some(Err(Error::AlreadyResponded)));
            }
            if state.core.expects_continue() {
                // It leaves when the handler waits, which it is about to do. From here on content
                // is waited for, which the core hears by being asked for it.
                let _ = state.core.send_continue(&mut state.out);
                continue;
            }
            match ready!(state.poll_more(cx, &self.worker)) {
                Ok(()) => {}
                Err(Failed) => return Poll::Ready(Some(Err(state.error()))),
            }
        }
    }

    fn lend_buffer(&self) -> Vec<u8> {
        let state = &mut *self.state.borrow_mut();
        state.is_lent = true;
        core::mem::take(&mut state.buffer)
    }

    fn return_buffer(&self, buffer: Vec<u8>) {
        let state = &mut *self.state.borrow_mut();
        state.is_lent = false;
        state.buffer = buffer;
    }

    fn leave_content(&self) {
        self.state.borrow_mut().current.is_left = true;
    }

    fn take_trailers(&self) -> Option<Box<Lines>> {
        self.state.borrow_mut().trailers.take()
    }

    fn expects_continue(&self) -> bool {
        self.state.borrow().core.expects_continue()
    }

    fn interim(&self, status: Status, fields: Fields<'_>) -> Result<(), Error> {
        let state = &mut *self.state.borrow_mut();
        state.check(&self.worker)?;
        let State { core, out, .. } = state;
        Ok(core.send_interim(&ResponseHead::new(status, fields), out)?)
    }

    fn respond(&self, head: Head<'_>, content: Payload<'_>) -> Result<(), Error> {
        let state = &mut *self.state.borrow_mut();
        if head.lines.is_none()
            && content.length() <= self.worker.config.limits.max_copied_bytes as u64
            && !matches!(content, Payload::File(..))
        {
            return state.send_small(head, content, &self.worker);
        }
        let status = head.status;
        let length = match status.forbids_content() || status == Status::RESET_CONTENT {
            true => Content::None,
            false => Content::Length(content.length()),
        };
        state.send_head(head, length, &self.worker)?;
        if state.core.is_sending() {
            state.send_content(content, &self.worker)?;
        } else if let Payload::Pooled(buffer) = content {
            self.worker.give(buffer);
        }
        Ok(())
    }

    fn begin(&self, head: Head<'_>, length: Option<u64>) -> Result<bool, Error> {
        let state = &mut *self.state.borrow_mut();
        let content = match (head.status.forbids_content(), length) {
            (true, _) => Content::None,
            (false, Some(length)) => Content::Length(length),
            (false, None) => Content::Unknown,
        };
        let Current { is_received, is_left, is_given_up, status, .. } = state.current;
        state.current.is_read_on = !(is_received || is_left || is_given_up);
        if state.current.is_read_on && status.is_none() && state.core.expects_continue() {
            // The handler means to read while it writes. Told the final status first, the client
            // would never send the content (RFC 9110 section 10.1.1).
            state.room(0, &self.worker);
            let _ = state.core.send_continue(&mut state.out);
        }
        state.send_head(head, content, &self.worker)?;
        Ok(state.core.is_sending())
    }

    fn poll_write(&self, cx: &mut Context<'_>, write: &mut Write<'_>) -> Poll<Result<(), Error>> {
        let state = &mut *self.state.borrow_mut();
        state.check(&self.worker)?;
        let limits = &self.worker.config.limits;
        if write.written.is_none() {
            if state.current.owed != 0 {
                state.fail(Failure::Broken);
                return Poll::Ready(Err(state.error()));
            }
            if state.out.len().saturating_sub(state.written) >= limits.max_batch_bytes {
                ready!(state.poll_flush(cx, &self.worker)).map_err(|Failed| state.error())?;
            }
            let length = write.data.len();
            if length <= limits.max_copied_bytes {
                state.room(length, &self.worker);
                state.core.send_data(write.data, false, &mut state.out)?;
                state.current.sent = state.current.sent.saturating_add(length as u64);
                return Poll::Ready(Ok(()));
            }
            state.room(0, &self.worker);
            write.suffix = state.core.send_data_header(length as u64, false, &mut state.out)?;
            write.written = Some(0);
            state.current.owed = length;
            state.current.sent = state.current.sent.saturating_add(length as u64);
        }
        state.poll_piece(cx, write, &self.worker).map_err(|Failed| state.error())
    }

    fn finish(&self, trailers: Fields<'_>) -> Result<(), Error> {
        let state = &mut *self.state.borrow_mut();
        state.check(&self.worker)?;
        if state.current.owed != 0 {
            state.fail(Failure::Broken);
            return Err(state.error());
        }
        state.room(0, &self.worker);
        let State { core, out, .. } = state;
        if !trailers.is_empty() {
            match core.send_trailers(trailers, out) {
                // The client did not ask for them, or cannot be sent any.
                Err(shockwave_http11::Error::Misuse(Misuse::TrailersNotPossible)) => {}
                sent => return Ok(sent?),
            }
        }
        core.send_data(b"", true, out)?;
        Ok(())
    }

    fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let state = &mut *self.state.borrow_mut();
        state.check(&self.worker)?;
        state.poll_flush(cx, &self.worker).map_err(|Failed| state.error())
    }

    fn is_answered(&self) -> bool {
        self.state.borrow().current.status.is_some()
    }

    #[cfg(feature = "websocket")]
    fn upgrade(&self, status: Status, fields: Fields<'_>, tail: &[u8]) -> Result<Vec<u8>, Error> {
        self.open_tunnel(status, fields, tail)
    }

    #[cfg(feature = "websocket")]
    fn tunnel(&self) -> &dyn crate::websocket::Tunnel {
        self
    }
}

/// Content in.
impl<T: Transport> State<T> {
    /// The next piece of content in what was read; none where more is needed, or at the end.
    fn receive_data(&mut self, tail: &[u8], worker: &Worker) -> Result<Option<Piece>, Failed> {
        let lines = self.lines.get_or_insert_with(|| worker.take_lines());
        loop {
            let of_tail = tail.get(self.current.tail_used..).unwrap_or_default();
            let is_tail = !of_tail.is_empty();
            let (base, input) = match is_tail {
                true => (tail, of_tail),
                false => (&self.buffer[..], self.buffer.get(self.used..).unwrap_or_default()),
            };
            let Received { consumed, event } = match self.core.receive(input, &mut lines.0) {
                Ok(received) => received,
                Err(error) => {
                    self.failure.get_or_insert(Failure::Core(error));
                    return Err(Failed);
                }
            };
            let found = match event {
                Some(Event::Data { data, end }) => {
                    self.current.is_received = end;
                    self.current.received = self.current.received.saturating_add(data.len() as u64);
                    (!data.is_empty()).then(|| within(base, data))
                }
                Some(Event::Trailers(fields)) => {
                    self.current.is_received = true;
                    let mut trailers = worker.take_lines();
                    for field in fields {
                        trailers.push(field.name, field.value);
                    }
                    self.trailers = Some(trailers);
                    None
                }
                // A request's content has no other events.
                Some(_) | None => None,
            };
            match is_tail {
                true => {
                    self.current.tail_used = self.current.tail_used.saturating_add(consumed);
                }
                false => self.used = self.used.saturating_add(consumed),
            }
            match found {
                Some(range) if is_tail => return Ok(Some(Piece::Tail(range))),
                Some(range) => return Ok(Some(Piece::Buffer(range))),
                None if self.current.is_received => return Ok(None),
                None if consumed != 0 => {}
                None => {
                    // The start of a line of chunk framing, or nothing: goes on in the buffer.
                    if is_tail {
                        self.buffer = worker.take(READ_BYTES);
                        self.buffer.extend_from_slice(of_tail);
                        self.used = 0;
                        self.current.tail_used = tail.len();
                    }
                    return Ok(None);
                }
            }
        }
    }

    /// Notices, while the handler waits and has all of the request, that the client is gone. What
    /// it sends meanwhile is kept for after: one read of it at most.
    pub(super) fn watch(
        &mut self,
        cx: &mut Context<'_>,
        tail: &[u8],
        worker: &Worker,
    ) -> Result<(), Failed> {
        if self.tunnel.is_some() {
            return Ok(()); // what comes is the session's to read
        }
        let Current { is_received, tail_used, .. } = self.current;
        let has_more = tail_used < tail.len() || self.used < self.buffer.len() || self.is_lent;
        if !is_received || has_more || self.is_ended {
            return Ok(());
        }
        make_room(&mut self.buffer, &mut self.used, worker);
        let came = self.io.poll_append(cx, &mut self.buffer);
        if self.buffer.is_empty() {
            worker.give(core::mem::take(&mut self.buffer));
        }
        match came {
            Poll::Pending => {}
            Poll::Ready(Ok(0)) if !worker.config.half_close => {
                return Err(self.fail(Failure::Io(io::ErrorKind::UnexpectedEof)));
            }
            Poll::Ready(Ok(0)) => {
                self.is_ended = true;
                self.core.receive_eof().map_err(|error| self.fail(Failure::Core(error)))?;
            }
            Poll::Ready(Ok(octets)) => worker.counters.bytes_received.add(octets as u64),
            Poll::Ready(Err(error)) => return Err(self.fail(Failure::Io(error.kind()))),
        }
        Ok(())
    }

    /// Reads into the input. Who has just read all that there was is likely to find nothing now,
    /// and so asks before it takes a buffer.
    #[inline]
    pub(super) fn poll_input(
        &mut self,
        cx: &mut Context<'_>,
        worker: &Worker,
    ) -> Poll<io::Result<usize>> {
        if core::mem::take(&mut self.is_drained) {
            ready!(self.io.poll_readable(cx))?;
        }
        make_room(&mut self.input, &mut 0, worker);
        let room = self.input.capacity().saturating_sub(self.input.len());
        let came = self.io.poll_append(cx, &mut self.input);
        self.is_drained = matches!(came, Poll::Ready(Ok(octets)) if octets < room);
        came
    }

    /// Gives back what a connection that waits for its client does not need.
    #[inline]
    pub(super) fn rest(&mut self, worker: &Worker) {
        if self.input.is_empty() {
            worker.give(core::mem::take(&mut self.input));
        }
        worker.give(core::mem::take(&mut self.out));
        if let Some(lines) = self.lines.take() {
            worker.give_lines(lines);
        }
    }

    /// Reads more into the buffer.
    fn poll_more(&mut self, cx: &mut Context<'_>, worker: &Worker) -> Poll<Result<(), Failed>> {
        make_room(&mut self.buffer, &mut self.used, worker);
        match self.io.poll_append(cx, &mut self.buffer) {
            Poll::Pending => {
                if self.buffer.is_empty() {
                    worker.give(core::mem::take(&mut self.buffer));
                }
                Poll::Pending
            }
            Poll::Ready(Ok(0)) => {
                let failure = match self.core.receive_eof() {
                    Ok(()) => Failure::Io(io::ErrorKind::UnexpectedEof),
                    Err(error) => Failure::Core(error),
                };
                Poll::Ready(Err(self.fail(failure)))
            }
            Poll::Ready(Ok(octets)) => {
                worker.counters.bytes_received.add(octets as u64);
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(self.fail(Failure::Io(error.kind())))),
        }
    }
}

/// Responses out.
impl<T: Transport> State<T> {
    /// Encodes a whole response without fields of the handler's: the usual one.
    #[inline]
    fn send_small(
        &mut self,
        head: Head<'_>,
        content: Payload<'_>,
        worker: &Worker,
    ) -> Result<(), Error> {
        self.may_send_head(head.status, worker)?;
        let Self { core, out, current, .. } = self;
        let Head { status, kind, .. } = head;
        let octets = match status.forbids_content() || status == Status::RESET_CONTENT {
            true => &[],
            false => content.octets(),
        };
        let mut templates = worker.templates.borrow_mut();
        let template = templates.find(status, kind).ok_or(Misuse::InvalidStatus)?;
        core.send_whole(template, Some(&worker.clock.date()), octets, out)?;
        current.status = Some(status);
        current.sent = octets.len() as u64;
        if let Payload::Pooled(buffer) = content {
            worker.give(buffer);
        }
        Ok(())
    }

    /// Whether a response may begin now, and sees that there is a buffer to encode it into.
    #[inline]
    fn may_send_head(&mut self, status: Status, worker: &Worker) -> Result<(), Error> {
        self.check(worker)?;
        if self.current.status.is_some() {
            return Err(Error::AlreadyResponded);
        }
        if self.current.is_connect && status.is_success() {
            // It would say that a tunnel is open, for which nothing is late (RFC 9110 section
            // 9.3.6). There are none here.
            return Err(Misuse::UnexpectedContent.into());
        }
        if !self.current.is_received {
            self.give_up_content(worker);
        }
        if worker.draining_since().is_some() {
            self.core.close();
        }
        self.room(0, worker);
        Ok(())
    }

    /// Encodes the head of the response.
    #[inline]
    fn send_head(
        &mut self,
        head: Head<'_>,
        content: Content,
        worker: &Worker,
    ) -> Result<(), Error> {
        self.may_send_head(head.status, worker)?;
        let date = worker.clock.date();
        let Self { core, out, .. } = self;
        match head.lines {
            None => {
                let mut templates = worker.templates.borrow_mut();
                match templates.find(head.status, head.kind) {
                    Some(template) => core.send_template(template, Some(&date), content, out)?,
                    None => return Err(Misuse::InvalidStatus.into()),
                }
            }
            Some(lines) => {
                let present = lines.fields().present();
                if let Some(value) = head.kind.media_type()
                    && present & Known::CONTENT_TYPE.bit() == 0
                {
                    lines.push(b"Content-Type", value.as_bytes());
                }
                if present & Known::DATE.bit() == 0 {
                    lines.push(b"Date", date.as_bytes());
                }
                core.send_response(&ResponseHead::new(head.status, lines.fields()), content, out)?;
            }
        }
        self.current.status = Some(head.status);
        Ok(())
    }

    /// Decides what becomes of content that was not read: it is thrown away if that is cheap, or
    /// else the connection closes with the response.
    #[cold]
    pub(super) fn give_up_content(&mut self, worker: &Worker) {
        self.current.is_cut = self.core.expects_continue();
        let Current { length, received, is_given_up, is_read_on, .. } = self.current;
        if is_read_on {
            return;
        }
        let left = length.map(|length| length.saturating_sub(received));
        if is_given_up || left.is_some_and(|left| left > worker.config.limits.max_drain_bytes) {
            self.core.close();
        }
    }

    /// Sends the whole content.
    #[inline]
    fn send_content(&mut self, content: Payload<'_>, worker: &Worker) -> Result<(), Error> {
        let length = content.length();
        self.current.sent = length;
        let is_file = matches!(content, Payload::File(..));
        if !is_file && length <= worker.config.limits.max_copied_bytes as u64 {
            self.core.send_data(content.octets(), true, &mut self.out)?;
            if let Payload::Pooled(buffer) = content {
                worker.give(buffer);
            }
            return Ok(());
        }
        let payload = match content {
            Payload::Borrowed(octets) => {
                self.core.send_data(octets, true, &mut self.out)?;
                return Ok(());
            }
            Payload::Static(octets) => Payload::Static(octets),
            Payload::Bytes(octets) => Payload::Bytes(octets),
            Payload::Owned(octets) => Payload::Owned(octets),
            Payload::Pooled(octets) => Payload::Pooled(octets),
            Payload::File(file, range) => Payload::File(file, range),
        };
        // Content of a known length has nothing around it.
        self.core.send_data_header(length, true, &mut self.out)?;
        self.payload = Some(payload);
        Ok(())
    }

    /// Sees that there is a buffer to encode into, with room for `octets` and what frames them.
    #[inline]
    pub(super) fn room(&mut self, octets: usize, worker: &Worker) {
        let wanted = octets.saturating_add(HEAD_BYTES);
        if self.out.capacity() == 0 {
            self.out = worker.take(octets.saturating_add(2 << 10));
        } else if self.out.capacity().saturating_sub(self.out.len()) < wanted {
            self.enlarge(wanted, worker);
        }
    }

    /// A larger buffer comes from the worker too. One that grew by itself would go back as large as
    /// it is, and leave the next response to allocate its own.
    #[cold]
    fn enlarge(&mut self, wanted: usize, worker: &Worker) {
        let needed = self.out.len().saturating_add(wanted);
        let mut larger = worker.take(needed.max(self.out.capacity().saturating_mul(2)));
        larger.extend_from_slice(&self.out);
        worker.give(core::mem::replace(&mut self.out, larger));
    }
}

/// Makes room for a read in a buffer of which the first `used` octets are done with.
pub(super) fn make_room(buffer: &mut Vec<u8>, used: &mut usize, worker: &Worker) {
    if *used >= buffer.len() {
        let is_full = buffer.len() == buffer.capacity();
        buffer.clear();
        *used = 0;
        if buffer.capacity() == 0 {
            *buffer = worker.take(READ_BYTES);
        } else if is_full && buffer.capacity() < LARGE_READ_BYTES {
            worker.give(core::mem::replace(buffer, worker.take(LARGE_READ_BYTES)));
        }
        return;
    }
    if buffer.len() < buffer.capacity() {
        return;
    }
    // A line or a head that is longer than the buffer, or lies at its end. The core bounds both.
    buffer.drain(..*used);
    *used = 0;
    if buffer.capacity().saturating_sub(buffer.len()) < buffer.capacity() / 2 {
        let mut larger = worker.take(buffer.capacity().saturating_mul(2));
        larger.extend_from_slice(buffer);
        worker.give(core::mem::replace(buffer, larger));
    }
}

/// Where `part`, which was cut from `whole`, lies in it.
fn within(whole: &[u8], part: &[u8]) -> Range<usize> {
    let start = part.as_ptr().addr().saturating_sub(whole.as_ptr().addr());
    start..start.saturating_add(part.len())
}
