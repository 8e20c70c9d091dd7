//! Configuration: everything that a server can be told, with the defaults that keep it up.

use core::time::Duration;

pub use shockwave_http11::{Config as Http1Config, Leniency, Limits as Http1Limits, Timeouts};

/// How connections are served. The default is safe: every limit and every deadline is on.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Config {
    /// HTTP/1.1: limits of heads and framing, all deadlines, strictness.
    pub http1: Http1Config,
    /// WebSocket: limits, deadlines, what is compressed.
    #[cfg(feature = "websocket")]
    #[cfg_attr(docsrs, doc(cfg(feature = "websocket")))]
    pub websocket: shockwave_websocket::Config,
    /// What a request's content and the server's memory are bounded by.
    pub limits: Limits,
    /// Whether a client that has said that it sends nothing more is answered: it may still read
    /// (RFC 9112 section 9.6). Default true. That cannot be told from a client that has gone, as
    /// long as nothing is written to it, so a handler that waits goes on for nobody; with false, it
    /// is dropped where it waits. A client that resets the connection ends its handler either way.
    pub half_close: bool,
    /// How often deadlines are looked at, and how old the time can be that they are counted from.
    /// Default 250 ms; never more than a quarter of the shortest deadline, nor less than 5 ms.
    pub tick: Duration,
}

impl Config {
    /// The defaults.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            http1: Http1Config::strict(),
            #[cfg(feature = "websocket")]
            websocket: shockwave_websocket::Config::DEFAULT,
            limits: Limits::DEFAULT,
            half_close: true,
            tick: Duration::from_millis(250),
        }
    }

    /// The tick that suits the deadlines.
    pub(crate) fn tick(&self) -> Duration {
        let Timeouts { head, idle, content, message, write, linger, .. } = self.http1.timeouts;
        let shortest = [head, idle, content, message, write, linger].into_iter();
        #[cfg(feature = "websocket")]
        let shortest = {
            let timeouts = &self.websocket.timeouts;
            shortest.chain([timeouts.idle, timeouts.pong, timeouts.write, timeouts.close])
        };
        let shortest = shortest.min();
        let quarter = shortest.unwrap_or(Duration::MAX) / 4;
        self.tick.min(quarter).max(Duration::from_millis(5))
    }
}

impl Default for Config {
    fn default() -> Self {
        Self::new()
    }
}

/// Upper bounds beside those of the protocols.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Octets of a request's content that a handler can read, unless it asks for more or less by
    /// [`Body::set_limit`](crate::Body::set_limit). Default 16 MiB; none of it is held. Crossed:
    /// 413, before any of it is read where its length is announced.
    pub max_body_bytes: u64,
    /// Octets of content that are read and thrown away after a response, so that the connection can
    /// be kept. Default 256 KiB. What is known to be more closes the connection instead.
    pub max_drain_bytes: u64,
    /// Octets of responses that are collected before they are written, where requests are
    /// pipelined or a response is streamed in small pieces. Default 64 KiB for each connection that
    /// is being served.
    pub max_batch_bytes: usize,
    /// Octets of a response's content above which it is written from where it lies, and not copied
    /// behind its head. Default 4 KiB.
    pub max_copied_bytes: usize,
    /// Idle buffers that a worker keeps. Default 8 MiB.
    pub max_pooled_bytes: usize,
}

impl Limits {
    /// The defaults.
    pub const DEFAULT: Self = Self {
        max_body_bytes: 16 << 20,
        max_drain_bytes: 256 << 10,
        max_batch_bytes: 64 << 10,
        max_copied_bytes: 4 << 10,
        max_pooled_bytes: 8 << 20,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
