//! What a connection owes its peer unasked: at most one Pong, one Ping and one Close, however many
//! were asked for.

use shockwave_wire::Side;

use super::Connection;
use crate::close::Close;
use crate::frame::{First, Header, MAX_CONTROL_BYTES, Opcode};
use crate::state::{State, Step};
use crate::{CloseCode, Error};

#[derive(Debug)]
pub(super) struct Owed {
    /// RFC 6455 section 5.5.3: where several Pings wait for their Pongs, an endpoint MAY answer the
    /// most recent one alone.
    pong: [u8; MAX_CONTROL_BYTES],
    pong_length: u8,
    has_pong: bool,
    /// A Ping, to see whether the peer is still there.
    pub(super) ping: bool,
    /// The code that the peer closed with, for the answer.
    close: Option<CloseCode>,
}

impl Owed {
    pub(super) const fn new() -> Self {
        let pong = [0; MAX_CONTROL_BYTES];
        Self { pong, pong_length: 0, has_pong: false, ping: false, close: None }
    }

    #[inline]
    pub(super) const fn is_any(&self) -> bool {
        self.has_pong || self.ping
    }

    /// Owes a Pong to this Ping, and to no earlier one.
    pub(super) fn pong_to(&mut self, ping: &[u8]) {
        self.pong_length = 0;
        for (room, &octet) in self.pong.iter_mut().zip(ping) {
            *room = octet;
            self.pong_length += 1;
        }
        self.has_pong = true;
    }

    /// Notes the Close that is to be answered.
    pub(super) const fn close_to(&mut self, close: &Close<'_>) {
        self.close = close.code;
    }
}

impl Connection {
    /// Appends what the connection owes: the Pong to the latest Ping that was not answered, a Ping
    /// to a peer from which nothing came, the answer to a Close, the Close that says how the
    /// connection has failed. At most 274 octets. To be called after each read and each
    /// [`tick`](Self::tick), between frames: they may stand between those of a message, and go
    /// before what waits to be written.
    #[inline]
    pub fn transmit(&mut self, out: &mut Vec<u8>) {
        if self.wants_transmit() {
            self.transmit_owed(out);
        }
    }

    #[cold]
    fn transmit_owed(&mut self, out: &mut Vec<u8>) {
        match self.state {
            State::Open => {
                if core::mem::take(&mut self.owed.has_pong) {
                    let pong = self.owed.pong;
                    let length = usize::from(self.owed.pong_length);
                    let payload = pong.get(..length).unwrap_or_default();
                    self.append_control(Opcode::Pong, payload, out);
                }
                if core::mem::take(&mut self.owed.ping) {
                    self.append_control(Opcode::Ping, b"", out);
                }
            }
            // RFC 6455 section 5.5.1: the endpoint MUST send a Close frame in response.
            State::CloseReceived => {
                self.append_close(Close { code: self.owed.close, reason: "" }, out);
            }
            // RFC 6455 section 7.1.7: an endpoint SHOULD send a Close frame with an appropriate
            // status code before it closes.
            State::Failed => {
                let code = self.error.and_then(Error::code);
                self.append_close(Close { code, reason: "" }, out);
            }
            _ => {}
        }
    }

    /// Appends a Close and takes note of it.
    pub(super) fn append_close(&mut self, close: Close<'_>, out: &mut Vec<u8>) {
        let (body, length) = close.encode();
        self.append_control(Opcode::Close, body.get(..length).unwrap_or_default(), out);
        self.state = self.state.after(Step::SendClose);
        self.clock.closing();
    }

    pub(super) fn append_control(&mut self, opcode: Opcode, payload: &[u8], out: &mut Vec<u8>) {
        let first = First { opcode, fin: true, compressed: false };
        let header = Header { first, length: payload.len(), key: self.key() };
        header.append_frame(payload, out);
    }

    /// A fresh key for a client's frame. RFC 6455 section 5.1: A client MUST mask all frames. A
    /// server MUST NOT mask any.
    #[inline]
    pub(super) fn key(&mut self) -> Option<[u8; 4]> {
        debug_assert_eq!(self.keys.is_some(), self.side == Side::Client);
        self.keys.as_mut().map(crate::mask::MaskKeys::next)
    }
}
