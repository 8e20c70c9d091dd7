//! The connection's octets, given to another protocol: RFC 9110 section 7.8.

use core::task::{Context, Poll, ready};
use std::io;
use std::time::Instant;

use shockwave_wire::{Content, Fields, ResponseHead, Status};

use super::Link;
use super::exchange::{LARGE_READ_BYTES, READ_BYTES};
use super::state::{Failed, Failure, State};
use crate::Error;
use crate::transport::Transport;
use crate::websocket::Tunnel;
use crate::worker::Worker;

impl<T: Transport> Link<T> {
    /// Sends the head, and hands over what came behind the request's.
    pub(super) fn open_tunnel(
        &self,
        status: Status,
        fields: Fields<'_>,
        tail: &[u8],
    ) -> Result<Vec<u8>, Error> {
        let state = &mut *self.state.borrow_mut();
        state.check(&self.worker)?;
        if state.current.status.is_some() {
            return Err(Error::AlreadyResponded);
        }
        state.room(0, &self.worker);
        let State { core, out, current, .. } = state;
        core.send_response(&ResponseHead::new(status, fields), Content::None, out)?;
        current.status = Some(status);
        let mut rest = Vec::new();
        let tail = tail.get(current.tail_used..).unwrap_or_default();
        if !tail.is_empty() {
            rest = self.worker.take(tail.len().max(READ_BYTES));
            rest.extend_from_slice(tail);
        }
        // What was read while the handler waited, before it answered.
        rest.extend_from_slice(state.buffer.get(state.used..).unwrap_or_default());
        self.worker.give(core::mem::take(&mut state.buffer));
        state.used = 0;
        state.tunnel = Some(Box::default());
        Ok(rest)
    }
}

impl<T: Transport> Tunnel for Link<T> {
    fn worker(&self) -> Option<&Worker> {
        Some(&self.worker)
    }

    fn now(&self) -> Instant {
        self.worker.clock.now()
    }

    fn lend_out(&self, octets: usize) -> Vec<u8> {
        let state = &mut *self.state.borrow_mut();
        state.room(octets, &self.worker);
        core::mem::take(&mut state.out)
    }

    fn return_out(&self, out: Vec<u8>) {
        self.state.borrow_mut().out = out;
    }

    fn unwritten(&self) -> usize {
        usize::try_from(self.state.borrow().unwritten()).unwrap_or(usize::MAX)
    }

    fn poll_write(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let state = &mut *self.state.borrow_mut();
        state.check(&self.worker)?;
        if state.out.is_empty() {
            return Poll::Ready(Ok(()));
        }
        state.poll_flush(cx, &self.worker).map_err(|Failed| state.error())
    }

    fn poll_read(&self, cx: &mut Context<'_>, buffer: &mut Vec<u8>) -> Poll<Result<usize, Error>> {
        let state = &mut *self.state.borrow_mut();
        let fail = |state: &mut State<T>, error: io::Error| {
            state.fail(Failure::Io(error.kind()));
            Poll::Ready(Err(state.error()))
        };
        // After a read that took all that there was.
        if core::mem::take(&mut state.is_drained)
            && let Err(error) = ready!(state.io.poll_readable(cx))
        {
            return fail(state, error);
        }
        if buffer.capacity() == 0 {
            *buffer = self.worker.take(READ_BYTES);
        } else if buffer.capacity() - buffer.len() < READ_BYTES / 2 {
            let mut larger = self.worker.take(LARGE_READ_BYTES);
            larger.extend_from_slice(buffer);
            self.worker.give(core::mem::replace(buffer, larger));
        }
        let room = buffer.capacity().saturating_sub(buffer.len());
        match ready!(state.io.poll_append(cx, buffer)) {
            Ok(octets) => {
                state.is_drained = octets < room;
                self.worker.counters.bytes_received.add(octets as u64);
                Poll::Ready(Ok(octets))
            }
            Err(error) => fail(state, error),
        }
    }

    fn rest(&self) {
        let state = &mut *self.state.borrow_mut();
        if state.out.is_empty() {
            self.worker.give(core::mem::take(&mut state.out));
        }
    }

    fn park(&self, due: Option<Instant>, _cx: &mut Context<'_>) {
        // The task parks when its handler's future is pending, which it is about to be.
        if let Some(tunnel) = &mut self.state.borrow_mut().tunnel {
            tunnel.due = due;
        }
    }

    fn failed(&self, error: &Error) {
        let counters = &self.worker.counters;
        let counter = match error {
            Error::WebSocket(shockwave_websocket::Error::Protocol { .. }) => {
                &counters.protocol_errors
            }
            error if error.is_timeout() => &counters.timeouts,
            _ => &counters.limit_errors,
        };
        counter.add(1);
        crate::trace::failed(&self.info, error);
    }
}
