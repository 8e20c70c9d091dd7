//! The handshake of a server: RFC 6455 section 4.2.

use core::fmt;
use std::sync::Arc;

use shockwave_websocket::{Config, Connection, Origins, Refusal, Terms, accept};

use super::WebSocket;
use super::tunnel::Held;
use crate::exchange::Shared;
use crate::{Error, Responder};

/// A request that may become a WebSocket. Made by
/// [`Request::upgrade_websocket`](crate::Request::upgrade_websocket).
#[must_use = "it is answered by `accept`"]
pub struct Upgrade<'a> {
    shared: &'a Shared<'a>,
    terms: Terms<'a>,
    config: Option<Arc<Config>>,
}

impl<'a> Upgrade<'a> {
    pub(crate) fn new(shared: &'a Shared<'a>) -> Self {
        Self { shared, terms: Terms::DEFAULT, config: None }
    }

    /// The subprotocols that the server speaks, the best first: the first that the client asked for
    /// too is chosen. Default: none.
    pub const fn protocols(mut self, protocols: &'a [&'a str]) -> Self {
        self.terms.protocols = protocols;
        self
    }

    /// From which origins. Default: [`Origins::Same`], so that no page of a stranger's can speak
    /// with the cookies of its visitor.
    pub const fn origins(mut self, origins: Origins<'a>) -> Self {
        self.terms.origins = origins;
        self
    }

    /// Whether the client came over TLS, for [`Origins::Same`]: behind a proxy that ends TLS, it
    /// did. Default: no.
    pub const fn secure(mut self, secure: bool) -> Self {
        self.terms.secure = secure;
        self
    }

    /// What to agree to of permessage-deflate (RFC 7692). Default: it is declined. It costs up to
    /// 300 KiB a connection, and the length of what is compressed tells about it.
    #[cfg(feature = "websocket-deflate")]
    #[cfg_attr(docsrs, doc(cfg(feature = "websocket-deflate")))]
    pub const fn deflate(mut self, deflate: shockwave_websocket::Deflate) -> Self {
        self.terms.deflate = Some(deflate);
        self
    }

    /// Limits and deadlines of this session. Default: the server's
    /// [`Config::websocket`](crate::Config#structfield.websocket). Messages are handed over whole
    /// and Pings answered, whatever it says.
    pub fn config(mut self, config: impl Into<Arc<Config>>) -> Self {
        self.config = Some(config.into());
        self
    }

    /// Sends 101 (Switching Protocols), and answers the session.
    ///
    /// # Errors
    ///
    /// [`Error::Handshake`]: the request is no valid handshake, or comes from an origin that is not
    /// allowed. A handler passes it on with `?`, and the client gets the 400, 403, 405 or 426 that
    /// is due, with Sec-WebSocket-Version where that is what it lacks. Or the connection failed.
    pub fn accept(self) -> Result<WebSocket<'a>, Error> {
        let Shared { exchange, head, tail, .. } = *self.shared;
        let acceptance = accept(head, &self.terms).map_err(Error::Handshake)?;
        let mut config = self.config.unwrap_or_else(|| exchange.worker().websocket.clone());
        if !config.auto_pong || config.delivery != shockwave_websocket::Delivery::Messages {
            let config = Arc::make_mut(&mut config);
            config.auto_pong = true;
            config.delivery = shockwave_websocket::Delivery::Messages;
        }
        let mut core = Connection::server(config);
        core.open(acceptance.agreement())?;
        let fields = acceptance.fields();
        let rest = exchange.upgrade(acceptance.status(), fields.as_fields(), tail)?;
        Ok(WebSocket::new(core, Held::Lent(exchange.tunnel()), rest, acceptance.protocol()))
    }
}

impl fmt::Debug for Upgrade<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upgrade")
            .field("terms", &self.terms)
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

/// The fields that a refusal must have.
pub(crate) fn refuse(refusal: Refusal, mut responder: Responder<'_>) -> Responder<'_> {
    for field in refusal.fields() {
        let name = core::str::from_utf8(field.name).unwrap_or_default();
        responder = responder.header(name, field.value);
    }
    responder
}
