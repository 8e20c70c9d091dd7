//! The octets' way in and out.

use core::pin::{Pin, pin};
use core::task::{Context, Poll};
use std::future::Future;
use std::io::{self, IoSlice};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;

/// A connection's octets, and what some connections can do beside.
pub(crate) trait Transport: AsyncRead + AsyncWrite + Unpin {
    /// Appends what has come to `buffer`, up to its capacity. 0 is the end.
    #[inline]
    fn poll_append(&mut self, cx: &mut Context<'_>, buffer: &mut Vec<u8>) -> Poll<io::Result<usize>>
    where
        Self: Sized,
    {
        // Made anew for each poll: the future holds nothing that would be lost.
        pin!(self.read_buf(buffer)).poll(cx)
    }

    /// Ready when a read may find something. Takes nothing, so it needs no buffer.
    #[inline]
    fn poll_readable(&mut self, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// Writes one of the slices or both.
    #[inline]
    fn poll_both(
        &mut self,
        cx: &mut Context<'_>,
        first: &[u8],
        second: &[u8],
    ) -> Poll<io::Result<usize>> {
        match (first, second) {
            (one, []) | ([], one) => Pin::new(self).poll_write(cx, one),
            _ => {
                let slices = [IoSlice::new(first), IoSlice::new(second)];
                Pin::new(self).poll_write_vectored(cx, &slices)
            }
        }
    }

    /// Sends octets of a file without copying them through this process. `None`: cannot.
    fn poll_send_file(
        &mut self,
        _cx: &mut Context<'_>,
        _file: &std::fs::File,
        _offset: u64,
        _length: usize,
    ) -> Option<Poll<io::Result<usize>>> {
        None
    }

    /// Lets the connection end at once, without waiting for what the peer has not read.
    fn abort(&mut self) {}
}

macro_rules! sockets {
    ($($(#[$attribute:meta])* $socket:ty { $($abort:item)* })*) => {
        $($(#[$attribute])*
        impl Transport for $socket {
            $($abort)*

            #[cfg(target_os = "linux")]
            fn poll_send_file(
                &mut self,
                cx: &mut Context<'_>,
                file: &std::fs::File,
                offset: u64,
                length: usize,
            ) -> Option<Poll<io::Result<usize>>> {
                loop {
                    match self.poll_write_ready(cx) {
                        Poll::Ready(Ok(())) => {}
                        Poll::Ready(Err(error)) => return Some(Poll::Ready(Err(error))),
                        Poll::Pending => return Some(Poll::Pending),
                    }
                    let sent = self.try_io(tokio::io::Interest::WRITABLE, || {
                        let mut offset = offset;
                        rustix::fs::sendfile(&*self, file, Some(&mut offset), length)
                            .map_err(io::Error::from)
                    });
                    match sent {
                        // The readiness was stale, and is cleared: ask again.
                        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                        sent => return Some(Poll::Ready(sent)),
                    }
                }
            }
        })*
    };
}

sockets! {
    TcpStream {
        fn abort(&mut self) {
            // The socket closes with a reset, and the kernel keeps nothing of it.
            let _ = self.set_zero_linger();
        }
    }
    #[cfg(unix)]
    UnixStream {}
}

/// A socket of a server's: one type, so that a worker's connections are all of one kind.
#[derive(Debug)]
pub(crate) enum Socket {
    Tcp(TcpStream),
    #[cfg(unix)]
    Unix(UnixStream),
}

/// Calls a method of whichever socket it is.
macro_rules! either {
    ($socket:expr, $it:ident => $call:expr) => {
        match $socket {
            Socket::Tcp($it) => $call,
            #[cfg(unix)]
            Socket::Unix($it) => $call,
        }
    };
}

impl Transport for Socket {
    #[inline]
    fn poll_readable(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self, socket => socket.poll_read_ready(cx))
    }

    fn poll_send_file(
        &mut self,
        cx: &mut Context<'_>,
        file: &std::fs::File,
        offset: u64,
        length: usize,
    ) -> Option<Poll<io::Result<usize>>> {
        either!(self, socket => socket.poll_send_file(cx, file, offset, length))
    }

    fn abort(&mut self) {
        either!(self, socket => socket.abort());
    }
}

impl AsyncRead for Socket {
    #[inline]
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        either!(&mut *self, socket => Pin::new(socket).poll_read(cx, buffer))
    }
}

impl AsyncWrite for Socket {
    #[inline]
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        either!(&mut *self, socket => Pin::new(socket).poll_write(cx, octets))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        either!(&mut *self, socket => Pin::new(socket).poll_write_vectored(cx, slices))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    #[inline]
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(&mut *self, socket => Pin::new(socket).poll_flush(cx))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(&mut *self, socket => Pin::new(socket).poll_shutdown(cx))
    }
}

/// Any other transport.
#[derive(Debug)]
pub(crate) struct Plain<T>(pub(crate) T);

impl<T: AsyncRead + AsyncWrite + Unpin> Transport for Plain<T> {}

impl<T: AsyncRead + Unpin> AsyncRead for Plain<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Plain<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, octets)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
