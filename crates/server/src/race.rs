//! Two futures, of which the first one to be done counts. In place of `tokio::select!`, whose macro
//! brings five crates.

use core::future::poll_fn;
use core::pin::pin;
use core::task::Poll;
use std::future::Future;

/// The output of whichever future is done first, asked in this order. The other one is dropped.
pub(crate) async fn race<T>(first: impl Future<Output = T>, second: impl Future<Output = T>) -> T {
    let (mut first, mut second) = (pin!(first), pin!(second));
    poll_fn(|cx| match first.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(output),
        Poll::Pending => second.as_mut().poll(cx),
    })
    .await
}
