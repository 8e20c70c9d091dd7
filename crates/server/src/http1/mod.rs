//! HTTP/1.1 over a transport: octets in, octets out, and a handler between.
//!
//! ```text
//! serve:  read -> turn: [ receive -> exchange: handler -> respond ]* -> flush -> read ...
//! ```
//!
//! - `serve`: the order of the above, and how a connection ends.
//! - `slots`: where handlers run.
//! - `exchange`: one request and its response; [`Exchange`](crate::exchange::Exchange) for it.
//! - `write`: what was encoded leaves, with content that is not copied behind it.
//! - `tunnel`: the connection's octets, given to another protocol.
//! - `state`: what is kept of a connection, and its clock.
//!
//! One read may bring many requests. They are answered one after the other into one buffer, which
//! is written when there are no more, when it is full, or when a handler waits for something.
//!
//! A connection that waits for its client holds no buffer. A read takes one from the pool, and a
//! read that finds nothing puts it back: that is a push and a pop on a stack, and works for every
//! transport. A socket of which the last read took all that there was is asked first.

mod exchange;
mod serve;
mod slots;
mod state;
#[cfg(feature = "websocket")]
mod tunnel;
mod write;

use core::cell::RefCell;
use core::task::Context;
use std::rc::Rc;

use crate::ConnectionInfo;
use crate::roster::Place;
use crate::transport::Transport;
use crate::worker::Worker;
pub(crate) use slots::{Post, Slots, answer};
use state::State;

/// A connection that is being served.
pub(crate) struct Link<T: Transport> {
    worker: Rc<Worker>,
    info: ConnectionInfo,
    place: Place,
    /// Borrowed for the time of a poll or a command, never across a wait or a call of a handler.
    state: RefCell<State<T>>,
}

impl<T: Transport> Link<T> {
    pub(crate) fn new(io: T, info: ConnectionInfo, worker: Rc<Worker>) -> Rc<Self> {
        worker.counters.accepted_connections.add(1);
        let place = worker.roster.enter();
        let state = RefCell::new(State::new(io, &worker));
        Rc::new(Self { worker, info, place, state })
    }

    /// Notes when the task is to be woken, should nothing happen before.
    #[inline]
    fn park(&self, state: &mut State<T>, cx: &Context<'_>) {
        self.place.park(state.due(&self.worker), cx.waker());
    }
}

/// However it ends: also by being cancelled.
impl<T: Transport> Drop for Link<T> {
    fn drop(&mut self) {
        let state = self.state.get_mut();
        let is_over = match &state.tunnel {
            Some(tunnel) => tunnel.is_shut,
            None => state.core.should_close(),
        };
        if !is_over || state.unwritten() != 0 {
            // An end in order would be that of a response without a length.
            state.io.abort();
        }
        self.worker.counters.closed_connections.add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::Plain;
    use crate::{Config, ProxyProtocol};

    /// What an idle connection holds is this and what the runtime adds. A local that is moved into
    /// a future is held twice by the one around it: this finds it.
    #[test]
    fn a_connection_and_its_future_are_small() {
        let (io, _other) = tokio::io::duplex(1);
        let worker = Rc::new(Worker::new(Config::new()));
        let link = Link::new(Plain(io), ConnectionInfo::new(), worker);
        assert!(size_of_val(&*link) <= 576, "{}", size_of_val(&*link));
        let served = Link::serve(link, ProxyProtocol::Off, async |_link| Ok(()));
        assert!(size_of_val(&served) <= 240, "{}", size_of_val(&served));
    }
}
