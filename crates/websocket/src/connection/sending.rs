//! Commands: messages, fragments, control frames. RFC 6455 sections 5.4, 5.5 and 6.1.

use shockwave_simd::Utf8;

use super::Connection;
use crate::close::MAX_REASON_BYTES;
use crate::frame::{First, Header, MAX_CONTROL_BYTES, MAX_HEADER_BYTES, Opcode};
use crate::state::State;
use crate::{Close, Kind, Message, Misuse, Prepared};

/// The message that is being sent in fragments.
#[derive(Debug)]
pub(super) struct Outgoing {
    in_message: bool,
    kind: Kind,
    compressed: bool,
    utf8: Utf8,
}

impl Outgoing {
    pub(super) const fn new() -> Self {
        Self { in_message: false, kind: Kind::Binary, compressed: false, utf8: Utf8::new() }
    }
}

/// How much is to be compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Compress {
    /// What is long enough, if it was agreed on.
    Agreed,
    /// Nothing.
    Never,
}

/// Commands.
impl Connection {
    /// Appends a message in one frame, compressed if that was agreed on and it has
    /// [`min_message_bytes`](crate::Compression::min_message_bytes). A client's payload is masked
    /// while it is copied. Allocates where `out` has no room.
    ///
    /// # Errors
    /// [`Misuse::NotOpen`], [`Misuse::Closed`]; [`Misuse::OutOfOrder`] between the fragments of
    /// another message.
    #[inline]
    pub fn send_message<'m>(
        &mut self,
        message: impl Into<Message<'m>>,
        out: &mut Vec<u8>,
    ) -> Result<(), Misuse> {
        self.send_whole(message.into(), Compress::Agreed, out)
    }

    /// The same, never compressed: for what does not get smaller, and for secrets beside what a
    /// stranger may choose, whose length compression tells.
    ///
    /// # Errors
    /// As [`send_message`](Self::send_message).
    #[inline]
    pub fn send_message_plain<'m>(
        &mut self,
        message: impl Into<Message<'m>>,
        out: &mut Vec<u8>,
    ) -> Result<(), Misuse> {
        self.send_whole(message.into(), Compress::Never, out)
    }

    #[inline]
    fn send_whole(
        &mut self,
        message: Message<'_>,
        compress: Compress,
        out: &mut Vec<u8>,
    ) -> Result<(), Misuse> {
        self.may_begin()?;
        let payload = message.as_bytes();
        if compress == Compress::Agreed && self.is_worth_compressing(payload.len()) {
            return self.send_compressed(opcode(message.kind()), payload, out);
        }
        let first = First { opcode: opcode(message.kind()), fin: true, compressed: false };
        let header = Header { first, length: payload.len(), key: self.key() };
        header.append_frame(payload, out);
        Ok(())
    }

    /// Appends the header of a message in one frame, whose `length` octets of payload the caller
    /// writes behind it: nothing is copied. Nothing else may be appended or written before the
    /// payload is. It is not compressed, and a text is for the caller to have checked. A client
    /// gets the key that it must mask the payload with, by [`Mask`](crate::Mask).
    ///
    /// # Errors
    /// As [`send_message`](Self::send_message).
    pub fn send_header(
        &mut self,
        kind: Kind,
        length: usize,
        out: &mut Vec<u8>,
    ) -> Result<Option<[u8; 4]>, Misuse> {
        self.may_begin()?;
        let first = First { opcode: opcode(kind), fin: true, compressed: false };
        let key = self.key();
        Header { first, length, key }.append(out);
        Ok(key)
    }

    /// Appends a fragment of a message whose length need not be known: the first one begins it, and
    /// the one with `end` ends it. Whether it is compressed is settled with the first, by the rule
    /// of [`send_message`](Self::send_message), or where it is not the last. Texts may be cut
    /// inside a character.
    ///
    /// # Errors
    /// [`Misuse::NotOpen`], [`Misuse::Closed`]; [`Misuse::OutOfOrder`] where the message that was
    /// begun is of the other kind; [`Misuse::InvalidUtf8`] for what is no text.
    pub fn send_fragment(
        &mut self,
        kind: Kind,
        data: &[u8],
        end: bool,
        out: &mut Vec<u8>,
    ) -> Result<(), Misuse> {
        self.may_send()?;
        let is_first = !self.outgoing.in_message;
        if !is_first && self.outgoing.kind != kind {
            return Err(Misuse::OutOfOrder);
        }
        if kind == Kind::Text {
            let mut utf8 = if is_first { Utf8::new() } else { self.outgoing.utf8 };
            if utf8.push(data).is_err() || (end && !utf8.is_complete()) {
                return Err(Misuse::InvalidUtf8);
            }
            self.outgoing.utf8 = utf8;
        }
        if is_first {
            let length = if end { data.len() } else { usize::MAX };
            self.outgoing.compressed = self.is_worth_compressing(length);
            self.outgoing.kind = kind;
        }
        self.outgoing.in_message = !end;
        let first = First {
            opcode: if is_first { opcode(kind) } else { Opcode::Continuation },
            fin: end,
            compressed: is_first && self.outgoing.compressed,
        };
        if self.outgoing.compressed {
            self.append_compressed(first, is_first, data, out);
        } else {
            let header = Header { first, length: data.len(), key: self.key() };
            header.append_frame(data, out);
        }
        Ok(())
    }

    /// Appends a prepared message: a copy of its octets, which a client masks. It goes out
    /// compressed where that was agreed on with a window that it fits in.
    ///
    /// # Errors
    /// As [`send_message`](Self::send_message).
    pub fn send_prepared(&mut self, prepared: &Prepared, out: &mut Vec<u8>) -> Result<(), Misuse> {
        self.may_begin()?;
        let frame = prepared.frame(self.outgoing_window_bits());
        if frame.compressed {
            // Its octets are in the peer's window now, and were never in ours.
            self.coders.forget_sent();
        }
        let Some(key) = self.key() else {
            out.extend_from_slice(frame.octets());
            return Ok(());
        };
        let first =
            First { opcode: opcode(prepared.kind()), fin: true, compressed: frame.compressed };
        let payload = frame.payload();
        Header { first, length: payload.len(), key: Some(key) }.append_frame(payload, out);
        Ok(())
    }

    /// The octets of a prepared message for this connection, for the caller to write from where
    /// they are: nothing is copied. Nothing else may be written before all of them are. Of a
    /// server's connection: a client must mask, and has [`send_prepared`](Self::send_prepared).
    ///
    /// # Errors
    /// As [`send_message`](Self::send_message); and [`Misuse::NotOpen`] on a client.
    pub fn lend_prepared<'p>(&mut self, prepared: &'p Prepared) -> Result<&'p [u8], Misuse> {
        self.may_begin()?;
        if self.keys.is_some() {
            return Err(Misuse::NotOpen);
        }
        let frame = prepared.frame(self.outgoing_window_bits());
        if frame.compressed {
            self.coders.forget_sent();
        }
        Ok(frame.octets())
    }

    /// Appends a Ping of up to 125 octets.
    ///
    /// # Errors
    /// [`Misuse::NotOpen`], [`Misuse::Closed`], [`Misuse::ControlTooLong`].
    pub fn send_ping(&mut self, payload: &[u8], out: &mut Vec<u8>) -> Result<(), Misuse> {
        self.send_control(Opcode::Ping, payload, out)
    }

    /// Appends a Pong of up to 125 octets, asked for or not (RFC 6455 section 5.5.3). What a Ping
    /// asks for is sent by [`transmit`](Self::transmit), unless the configuration says otherwise.
    ///
    /// # Errors
    /// As [`send_ping`](Self::send_ping).
    pub fn send_pong(&mut self, payload: &[u8], out: &mut Vec<u8>) -> Result<(), Misuse> {
        self.send_control(Opcode::Pong, payload, out)
    }

    fn send_control(
        &mut self,
        opcode: Opcode,
        payload: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), Misuse> {
        self.may_send()?;
        if payload.len() > MAX_CONTROL_BYTES {
            return Err(Misuse::ControlTooLong);
        }
        self.append_control(opcode, payload, out);
        Ok(())
    }

    /// Appends a Close: the closing handshake begins, or, where the peer has begun it, ends. No
    /// message may be sent after it; those of the peer go on until its own Close.
    ///
    /// # Errors
    /// [`Misuse::NotOpen`]; [`Misuse::Closed`] for a second one, or after an error, which
    /// [`transmit`](Self::transmit) tells the peer; [`Misuse::InvalidClose`] for a reason without a
    /// code; [`Misuse::ControlTooLong`] for a reason of more than 123 octets.
    pub fn close(&mut self, close: Close<'_>, out: &mut Vec<u8>) -> Result<(), Misuse> {
        match self.state {
            State::Open | State::CloseReceived => {}
            State::Connecting => return Err(Misuse::NotOpen),
            _ => return Err(Misuse::Closed),
        }
        if close.code.is_none() && !close.reason.is_empty() {
            return Err(Misuse::InvalidClose);
        }
        if close.reason.len() > MAX_REASON_BYTES {
            return Err(Misuse::ControlTooLong);
        }
        self.append_close(close, out);
        Ok(())
    }
}

/// What commands have in common.
impl Connection {
    /// RFC 6455 section 5.5.1: The application MUST NOT send any more data frames after a Close.
    /// RFC 6455 section 6.1: The endpoint MUST ensure the connection is in the OPEN state.
    #[inline]
    const fn may_send(&self) -> Result<(), Misuse> {
        match self.state {
            State::Open => Ok(()),
            State::Connecting => Err(Misuse::NotOpen),
            _ => Err(Misuse::Closed),
        }
    }

    /// RFC 6455 section 5.4: fragments of messages MUST NOT be interleaved.
    #[inline]
    fn may_begin(&self) -> Result<(), Misuse> {
        self.may_send()?;
        if self.outgoing.in_message {
            return Err(Misuse::OutOfOrder);
        }
        Ok(())
    }

    #[inline]
    fn is_worth_compressing(&self, length: usize) -> bool {
        self.coders.can_compress() && length >= self.config.compression.min_message_bytes
    }

    /// The window that the peer decompresses with; `None` if it does not.
    fn outgoing_window_bits(&self) -> Option<u8> {
        self.coders.can_compress().then(|| self.coders.window_bits())
    }

    fn send_compressed(
        &mut self,
        opcode: Opcode,
        payload: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), Misuse> {
        let start = out.len();
        let first = First { opcode, fin: true, compressed: true };
        self.append_compressed(first, true, payload, out);
        // What grew is sent as it is, unless the peer's window would miss it.
        let grew = out.len() - start > payload.len() + MAX_HEADER_BYTES;
        if grew && !self.coders.takes_over() {
            out.truncate(start);
            let first = First { compressed: false, ..first };
            Header { first, length: payload.len(), key: self.key() }.append_frame(payload, out);
        }
        Ok(())
    }

    /// Appends a frame with `data` compressed: RFC 7692 section 7.2.1.
    fn append_compressed(&mut self, first: First, is_first: bool, data: &[u8], out: &mut Vec<u8>) {
        let key = self.key();
        let start = out.len();
        // Room for the header that the frame most likely gets.
        let (_, gap) = Header { first, length: data.len() / 2, key }.encode();
        out.resize(start + gap, 0);
        let level = self.config.compression.level;
        self.coders.compress(data, is_first, first.fin, level, out);
        let length = out.len() - start - gap;
        let (octets, needed) = Header { first, length, key }.encode();
        if needed > gap {
            out.resize(out.len() + needed - gap, 0);
        }
        if needed != gap {
            out.copy_within(start + gap..start + gap + length, start + needed);
        }
        out.truncate(start + needed + length);
        for (room, octet) in out.iter_mut().skip(start).zip(octets.into_iter().take(needed)) {
            *room = octet;
        }
        if let Some(key) = key {
            let payload = out.get_mut(start + needed..).unwrap_or_default();
            let _ = shockwave_simd::Mask::new(key).apply(payload);
        }
    }
}

const fn opcode(kind: Kind) -> Opcode {
    match kind {
        Kind::Text => Opcode::Text,
        Kind::Binary => Opcode::Binary,
    }
}
