//! One connection, served in a runtime of the caller's.

use core::future::poll_fn;
use core::pin::pin;
use core::task::Poll;
use std::future::Future;
use std::rc::Rc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{MissedTickBehavior, interval};

use crate::http1::Link;
use crate::proxy::ProxyProtocol;
use crate::transport::Plain;
use crate::{Config, ConnectionInfo, Reply, Request, Worker};

/// Serves one HTTP/1.1 connection to its end, with the defaults of [`Config`].
///
/// The future is not `Send`: await it where it is made, or spawn it on a local set. It keeps time
/// with tokio's timer; elsewhere, see [`Worker::serve_connection`].
///
/// ```
/// # use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// let (mut client, server) = tokio::io::duplex(1024);
/// let client = async move {
///     client.write_all(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await?;
///     let mut response = String::new();
///     client.read_to_string(&mut response).await?;
///     Ok::<_, std::io::Error>(response)
/// };
/// let handler = async |_request: shockwave_server::Request<'_>| "hello";
/// let (response, ()) =
///     tokio::join!(client, shockwave_server::serve_connection(server, &handler));
/// let response = response?;
/// assert!(response.starts_with("HTTP/1.1 200 OK\r\n") && response.ends_with("\r\n\r\nhello"));
/// # Ok::<_, std::io::Error>(()) })?;
/// # Ok::<_, std::io::Error>(())
/// ```
pub async fn serve_connection<T, H, R>(io: T, handler: &H)
where
    T: AsyncRead + AsyncWrite + Unpin,
    H: AsyncFn(Request<'_>) -> R,
    R: Reply,
{
    let worker = Rc::new(Worker::new(Config::new()));
    let mut ticks = interval(worker.config().tick());
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut served = pin!(worker.serve_connection(io, ConnectionInfo::new(), handler));
    poll_fn(|cx| {
        while let Poll::Ready(now) = ticks.poll_tick(cx) {
            worker.tick(now.into_std());
        }
        served.as_mut().poll(cx)
    })
    .await;
}

impl Worker {
    /// Serves one HTTP/1.1 connection to its end, beside others of this worker's, in any runtime
    /// whose tasks may stay on their thread. Nothing is late before [`tick`](Self::tick) says so.
    pub async fn serve_connection<T, H, R>(
        self: &Rc<Self>,
        io: T,
        info: ConnectionInfo,
        handler: &H,
    ) where
        T: AsyncRead + AsyncWrite + Unpin,
        H: AsyncFn(Request<'_>) -> R,
        R: Reply,
    {
        let link = Link::new(Plain(io), info, self.clone());
        let turn = async |link: &Rc<Link<_>>| link.turn(handler).await;
        link.serve(ProxyProtocol::Off, turn).await;
    }
}
