//! A request, as its handler gets it.

use core::fmt;
use core::ops::Deref;

#[cfg(feature = "arena")]
use shockwave_memory::Arena;
use shockwave_wire::{Field, Fields, Known, Method, RequestHead, Status, Version};

use crate::exchange::Shared;
use crate::routes::Params;
use crate::{Body, ConnectionInfo, Error, Reply, Responder, Sent};

/// A request of any protocol: its head, its content, and the means to answer it.
///
/// It borrows the connection's buffers, so nothing of it is copied or allocated, and nothing of it
/// can be kept beyond the handler. What it lends has the lifetime of the request, not of the
/// borrow: `let path = request.path(); request.respond().text(path)` compiles.
///
/// All methods of [`Head`] are methods of it. [`Request::split`] takes it apart.
pub struct Request<'a> {
    head: Head<'a>,
    body: Body<'a>,
    responder: Responder<'a>,
}

impl<'a> Request<'a> {
    pub(crate) fn new(shared: &'a Shared<'a>) -> Self {
        let head = Head { shared, params: None };
        Self { head, body: Body::new(shared), responder: Responder::new(shared.exchange) }
    }

    /// The head: a copy of a few references, which stays when the request is handed on.
    ///
    /// ```
    /// # use shockwave_server::{Request, Sent};
    /// async fn logged(request: Request<'_>) -> Sent {
    ///     let head = request.head();
    ///     let sent = request.respond().text("hello");
    ///     println!("{} {}", head.method(), head.path());
    ///     sent
    /// }
    /// ```
    #[inline]
    #[must_use]
    pub const fn head(&self) -> Head<'a> {
        self.head
    }

    /// The content. To read it and stream a response meanwhile, [`split`](Self::split).
    #[inline]
    pub const fn body(&mut self) -> &mut Body<'a> {
        &mut self.body
    }

    /// Begins the response. What was not read of the content is thrown away.
    #[inline]
    #[must_use = "a request wants a response"]
    pub fn respond(self) -> Responder<'a> {
        self.responder
    }

    /// Head, content and response, each by itself.
    #[inline]
    #[must_use = "a request wants a response"]
    pub fn split(self) -> (Head<'a>, Body<'a>, Responder<'a>) {
        (self.head, self.body, self.responder)
    }

    /// Lends the request to another handler, whose replies may be of another type, and sends its
    /// reply: how arms of one `match` can have different types.
    pub async fn reply_with<F, R>(self, handler: F) -> Sent
    where
        F: AsyncFn(Self) -> R,
        R: Reply,
    {
        let exchange = self.head.shared.exchange;
        let reply = handler(self).await;
        reply.reply(Responder::new(exchange))
    }

    /// Sends an interim response (RFC 9110 section 15.2), as 103 (Early Hints) is (RFC 8297),
    /// before the response proper. It leaves when the handler next waits for something. Clients of
    /// HTTP/1.0 know none, and get none.
    ///
    /// # Errors
    ///
    /// A status outside 1xx, or 101; fields that cannot be sent.
    pub fn informational(&self, status: u16, fields: &[Field<'_>]) -> Result<(), Error> {
        if self.version() == Version::Http10 {
            return Ok(());
        }
        let status = Status::new(status).unwrap_or(Status::OK);
        self.head.shared.exchange.interim(status, Fields::from(fields))
    }

    /// Makes a WebSocket of the connection, or of the stream, by
    /// [`accept`](crate::websocket::Upgrade::accept).
    ///
    /// ```
    /// # use shockwave_server::{Error, Request, Sent};
    /// async fn echo(request: Request<'_>) -> Result<Sent, Error> {
    ///     let mut socket = request.upgrade_websocket().accept()?; // or the client gets a 4xx
    ///     let (mut receiver, sender) = socket.split();
    ///     while let Some(message) = receiver.receive().await? {
    ///         sender.send(message).await?;
    ///     }
    ///     Ok(socket.finish())
    /// }
    /// ```
    #[cfg(feature = "websocket")]
    #[cfg_attr(docsrs, doc(cfg(feature = "websocket")))]
    pub fn upgrade_websocket(self) -> crate::websocket::Upgrade<'a> {
        crate::websocket::Upgrade::new(self.head.shared)
    }

    /// With the parameters of the route that was matched.
    #[doc(hidden)]
    #[must_use]
    pub const fn with_params(mut self, params: &'a Params<'a>) -> Self {
        self.head.params = Some(params);
        self
    }
}

impl<'a> Deref for Request<'a> {
    type Target = Head<'a>;

    #[inline]
    fn deref(&self) -> &Head<'a> {
        &self.head
    }
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.head.fmt(f)
    }
}

/// A request's head, and the facts about the connection that it came by.
#[derive(Clone, Copy)]
pub struct Head<'a> {
    shared: &'a Shared<'a>,
    params: Option<&'a Params<'a>>,
}

impl<'a> Head<'a> {
    /// The method.
    #[inline]
    #[must_use]
    pub const fn method(&self) -> Method<'a> {
        self.shared.head.method
    }

    /// The target's path, as it was sent: not decoded, not normalised. Of `*` and of CONNECT it is
    /// the whole target. Empty where it is no UTF-8, which the defaults refuse before it gets here.
    #[must_use]
    pub fn path(&self) -> &'a str {
        core::str::from_utf8(self.shared.head.path_and_query().0).unwrap_or_default()
    }

    /// What stands after the target's `?`, not decoded.
    #[must_use]
    pub fn query(&self) -> Option<&'a str> {
        core::str::from_utf8(self.shared.head.path_and_query().1?).ok()
    }

    /// The whole target, as it was sent.
    #[inline]
    #[must_use]
    pub const fn target(&self) -> &'a [u8] {
        self.shared.head.target
    }

    /// The host and port that the request is for (RFC 9112 section 3.3).
    #[must_use]
    pub fn host(&self) -> Option<&'a str> {
        core::str::from_utf8(self.shared.head.host()?).ok()
    }

    /// The protocol version.
    #[inline]
    #[must_use]
    pub const fn version(&self) -> Version {
        self.shared.head.version
    }

    /// All field lines, in the order in which they came.
    #[inline]
    #[must_use]
    pub const fn fields(&self) -> Fields<'a> {
        self.shared.head.fields
    }

    /// The value of the first field line of this name, without regard to case. For a well-known
    /// name, [`known`](Self::known) is faster.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&'a [u8]> {
        self.shared.head.fields.get(name)
    }

    /// As [`header`](Self::header), as text: `None`, too, where the value is no UTF-8.
    #[must_use]
    pub fn header_str(&self, name: &str) -> Option<&'a str> {
        core::str::from_utf8(self.header(name)?).ok()
    }

    /// The value of the first field line of this well-known name: two loads.
    #[inline]
    #[must_use]
    pub fn known(&self, name: Known) -> Option<&'a [u8]> {
        self.shared.head.fields.known(name)
    }

    /// The cookies' names and values, in order (RFC 6265 section 4.2.1), not decoded.
    pub fn cookies(&self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> + use<'a> {
        let lines = self.shared.head.fields.known_all(Known::COOKIE);
        let pairs = lines.flat_map(|line| line.split(|&octet| octet == b';'));
        pairs.filter_map(|pair| {
            let pair = pair.trim_ascii();
            let at = pair.iter().position(|&octet| octet == b'=')?;
            Some((pair.get(..at)?, pair.get(at.saturating_add(1)..)?))
        })
    }

    /// A parameter of the route that was matched, by the name that the pattern gives it.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&'a str> {
        self.params?.get(name)
    }

    /// Who is at the ends of the connection.
    #[inline]
    #[must_use]
    pub fn connection(&self) -> &'a ConnectionInfo {
        self.shared.exchange.info()
    }

    /// The address of the client, where the transport has addresses.
    #[must_use]
    pub fn peer(&self) -> Option<std::net::SocketAddr> {
        self.shared.exchange.info().peer
    }

    /// The address that the client connected to.
    #[must_use]
    pub fn local(&self) -> Option<std::net::SocketAddr> {
        self.shared.exchange.info().local
    }

    /// The head, as the protocol cores know it.
    #[inline]
    #[must_use]
    pub const fn as_request_head(&self) -> &'a RequestHead<'a> {
        self.shared.head
    }

    /// Memory that lives as long as the request and is then taken back at once. Allocates nothing
    /// once the worker is warm, up to what its pool keeps.
    #[cfg(feature = "arena")]
    #[cfg_attr(docsrs, doc(cfg(feature = "arena")))]
    #[must_use]
    pub fn arena(&self) -> &'a Arena {
        self.shared.arena.get_or_init(|| self.shared.exchange.worker().take_arena())
    }
}

impl fmt::Debug for Head<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Head")
            .field("head", &self.shared.head)
            .field("connection", self.shared.exchange.info())
            .finish_non_exhaustive()
    }
}
