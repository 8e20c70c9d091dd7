//! WebSocket libraries, on the cases of Shockwave's own core.
//!
//! Each receives from a source in memory that gives as much as it is asked for, as a socket does on
//! which enough is waiting, and sends to a sink that takes everything and keeps nothing.

mod fastwebsockets;
mod simdutf8;
mod sockudo;
mod tokio_websockets;
mod tungstenite;

use std::io::{self, Read, Write};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use shockwave_bench_kit::Registry;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

pub(super) fn register(registry: &mut Registry) {
    tungstenite::register(registry);
    fastwebsockets::register(registry);
    tokio_websockets::register(registry);
    sockudo::register(registry);
    simdutf8::register(registry);
}

/// The octets of a wire, over and over; a read ends where the wire does.
pub(super) struct Source {
    wire: Vec<u8>,
    at: usize,
    /// What was written, where anybody wants to know.
    written: Option<Vec<u8>>,
}

impl Source {
    pub(super) fn new(wire: Vec<u8>) -> Self {
        Self { wire, at: 0, written: None }
    }

    /// A sink that keeps what is written to it.
    pub(super) fn keeping() -> Self {
        Self { wire: Vec::new(), at: 0, written: Some(Vec::new()) }
    }

    pub(super) fn written(&self) -> &[u8] {
        self.written.as_deref().unwrap_or_default()
    }

    fn next(&mut self, room: usize) -> &[u8] {
        let from = self.at;
        let end = self.wire.len().min(from + room);
        self.at = if end == self.wire.len() { 0 } else { end };
        &self.wire[from..end]
    }

    fn accept(&mut self, octets: &[u8]) -> usize {
        if let Some(written) = &mut self.written {
            written.extend_from_slice(octets);
        }
        std::hint::black_box(octets).len()
    }
}

impl Read for Source {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let octets = self.next(room.len());
        room[..octets.len()].copy_from_slice(octets);
        Ok(octets.len())
    }
}

impl Write for Source {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        Ok(self.accept(octets))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl AsyncRead for Source {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        room: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let octets = self.next(room.remaining());
        room.put_slice(octets);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Source {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(self.accept(octets)))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// What a future over a [`Source`] answers, which never waits: no runtime is paid for.
pub(super) fn now<F: Future>(future: F) -> F::Output {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(future).poll(&mut context) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a source is always ready"),
    }
}
