//! Where handlers run: coroutines that connections share.
//!
//! The future of a handler can be large, and a connection that held it inline, as a future in its
//! own, would hold that much memory while it is idle, which is nearly always. To box one for each
//! request would be an allocation. So a worker keeps *slots*: boxed coroutines, each of which runs
//! for ever, takes a turn of some connection, answers all the requests that have come, and waits
//! for the next turn of another. There are as many as connections were being answered at once. The
//! one that was used last is used next, for its memory is in the cache.
//!
//! A slot's future never ends and is never replaced, so that nothing of its size is ever moved.

use core::cell::{Cell, RefCell};
use core::future::poll_fn;
use core::pin::Pin;
use core::task::Poll;
use std::future::Future;
use std::rc::Rc;

use super::Link;
use super::state::Failed;
use crate::transport::Transport;
use crate::{Reply, Request};

/// Slots that are kept while no connection needs them.
const MOST_IDLE: usize = 1024;

/// What lies between a connection and the slot that answers for it.
pub(crate) enum Post<T: Transport> {
    /// The slot is at work, or waits.
    Nothing,
    /// A connection that has sent something.
    Turn(Rc<Link<T>>),
    /// It is answered.
    Done(Result<(), Failed>),
}

/// A worker's slots. `M` makes the future of a new one, which [`answer`] is.
pub(crate) struct Slots<T: Transport, F, M> {
    idle: RefCell<Vec<Slot<T, F>>>,
    make: M,
}

struct Slot<T: Transport, F> {
    post: Rc<Cell<Post<T>>>,
    answering: Pin<Box<F>>,
}

impl<T, F, M> Slots<T, F, M>
where
    T: Transport,
    F: Future<Output = ()>,
    M: Fn(Rc<Cell<Post<T>>>) -> F,
{
    pub(crate) const fn new(make: M) -> Self {
        Self { idle: RefCell::new(Vec::new()), make }
    }

    /// Has a slot answer the requests that have come to their end. Allocates where none is idle.
    #[inline]
    pub(crate) async fn turn(&self, link: &Rc<Link<T>>) -> Result<(), Failed> {
        let idle = self.idle.borrow_mut().pop();
        let mut slot = idle.unwrap_or_else(|| {
            let post = Rc::new(Cell::new(Post::Nothing));
            Slot { answering: Box::pin((self.make)(post.clone())), post }
        });
        slot.post.set(Post::Turn(link.clone()));
        let ended = poll_fn(|cx| {
            // It never ends.
            let _ = slot.answering.as_mut().poll(cx);
            match slot.post.replace(Post::Nothing) {
                Post::Done(ended) => Poll::Ready(ended),
                other => {
                    slot.post.set(other);
                    Poll::Pending
                }
            }
        })
        .await;
        let mut idle = self.idle.borrow_mut();
        if idle.len() < MOST_IDLE {
            idle.push(slot);
        }
        ended
    }
}

/// A slot: answers one turn after the other.
pub(crate) async fn answer<T, H, R>(post: Rc<Cell<Post<T>>>, handler: &H)
where
    T: Transport,
    H: AsyncFn(Request<'_>) -> R,
    R: Reply,
{
    loop {
        let link = poll_fn(|_| match post.replace(Post::Nothing) {
            Post::Turn(link) => Poll::Ready(link),
            other => {
                // What is done is still to be taken away.
                post.set(other);
                Poll::Pending
            }
        })
        .await;
        let ended = link.turn(handler).await;
        drop(link);
        post.set(Post::Done(ended));
    }
}
