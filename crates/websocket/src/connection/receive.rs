//! Frames and messages, received: RFC 6455 sections 5.4, 5.5 and 6.2, RFC 7692 section 6.2.

use shockwave_simd::{Mask, Piece, Utf8, from_masked_utf8};
use shockwave_wire::{Bound, Received, Side};

use super::{Connection, NOTHING};
use crate::close::Close;
use crate::deflate::{Inflated, TAIL};
use crate::frame::{First, Opcode, Rest};
use crate::message::Collected;
use crate::state::{State, Step};
use crate::{Delivery, Error, Event, Kind, Message, Scratch, Violation};

/// The frame and the message that are being received.
#[derive(Debug)]
pub(super) struct Incoming {
    /// Octets of the frame's payload that are to come.
    left: u64,
    /// Where in all of the input the frame began.
    frame_at: u64,
    /// Octets of the message so far; decompressed ones, if it is compressed.
    length: u64,
    /// Frames of the message so far.
    fragments: u32,
    /// The mask of the next octet of payload.
    mask: Mask,
    utf8: Utf8,
    kind: Kind,
    compressed: bool,
    /// The frame is the message's last.
    fin: bool,
    /// A message has begun.
    in_message: bool,
    /// A data frame has begun.
    in_frame: bool,
}

impl Incoming {
    pub(super) const fn new() -> Self {
        Self {
            left: 0,
            frame_at: 0,
            length: 0,
            fragments: 0,
            mask: Mask::new([0; 4]),
            utf8: Utf8::new(),
            kind: Kind::Binary,
            compressed: false,
            fin: false,
            in_message: false,
            in_frame: false,
        }
    }

    #[inline]
    pub(super) const fn is_in_frame(&self) -> bool {
        self.in_frame
    }

    #[inline]
    pub(super) const fn is_in_message(&self) -> bool {
        self.in_message
    }

    /// Where the frame began that is being received, or begins at `here`.
    pub(super) const fn frame_start(&self, here: u64) -> u64 {
        if self.in_frame { self.frame_at } else { here }
    }

    /// Receives nothing more.
    pub(super) const fn stop(&mut self) {
        self.in_frame = false;
        self.in_message = false;
    }

    const fn begin(&mut self, kind: Kind, compressed: bool) {
        self.in_message = true;
        self.kind = kind;
        self.compressed = compressed;
        self.length = 0;
        self.fragments = 0;
        self.utf8 = Utf8::new();
    }
}

impl Connection {
    /// Whether `input` begins with a message that [`receive`](Self::receive) would lend from there,
    /// or with an error: one in one frame, not compressed, and whole. It takes nothing. For callers
    /// that loop and hand the message on, and so must know before they borrow.
    #[inline]
    #[must_use]
    pub fn lends_message(&self, input: &[u8]) -> bool {
        const WHOLE_TEXT: u8 = 0x81;
        const WHOLE_BINARY: u8 = 0x82;
        if self.incoming.in_message || self.incoming.in_frame || !self.state.receives() {
            return false;
        }
        let &[WHOLE_TEXT | WHOLE_BINARY, second, ref rest @ ..] = input else { return false };
        let mask = usize::from(second >> 7) * 4;
        let (extended, length) = match (second & 0x7F, rest) {
            (126, &[a, b, ..]) => (2, u64::from(u16::from_be_bytes([a, b]))),
            (127, _) => match rest.first_chunk() {
                Some(length) => (8, u64::from_be_bytes(*length)),
                None => return false,
            },
            (126, _) => return false,
            (length, _) => (0, u64::from(length)),
        };
        let has = rest.len().checked_sub(extended + mask);
        has.is_some_and(|has| has as u64 >= length) && self.config.delivery == Delivery::Messages
    }

    /// A frame, from its first octet. RFC 6455 section 10.7: Incoming data MUST always be validated
    /// by both clients and servers.
    #[inline]
    pub(super) fn receive_frame<'b>(
        &mut self,
        input: &'b mut [u8],
        scratch: &'b mut Scratch,
    ) -> Result<Received<Event<'b>>, Error> {
        let Some(&octet) = input.first() else { return Ok(NOTHING) };
        let first = First::decode(octet, self.coders.is_agreed());
        let first = first.map_err(|violation| self.fail(violation))?;
        self.in_order(first).map_err(|violation| self.fail(violation))?;
        let rest = Rest::decode(input, first, self.side);
        let Some(rest) = rest.map_err(|violation| self.fail(violation))? else {
            return Ok(NOTHING);
        };
        if first.opcode.is_control() {
            return self.receive_control(first.opcode, rest, input);
        }
        self.within_limits(first, rest).map_err(|bound| self.fail_limit(bound))?;
        let there = input.len().saturating_sub(rest.header) as u64;
        let is_alone = first.fin && !first.compressed && first.opcode != Opcode::Continuation;
        if is_alone && rest.length <= there && self.config.delivery == Delivery::Messages {
            return self.lend_message(first.opcode, rest, input);
        }
        self.begin_frame(first, rest, scratch);
        self.receive_payload(rest.header, input, scratch)
    }

    /// RFC 6455 section 5.4: the fragments of one message MUST NOT be interleaved between the
    /// fragments of another one.
    #[inline]
    const fn in_order(&self, first: First) -> Result<(), Violation> {
        match (first.opcode, self.incoming.in_message) {
            (Opcode::Continuation, false) => Err(Violation::UnexpectedContinuation),
            // RFC 7692 section 6.1: the bit is that of a message's first frame.
            (Opcode::Continuation, true) if first.compressed => Err(Violation::ReservedBits),
            (Opcode::Text | Opcode::Binary, true) => Err(Violation::ExpectedContinuation),
            _ => Ok(()),
        }
    }

    /// RFC 6455 section 10.4: limits on the frame size and on the total message size.
    #[inline]
    fn within_limits(&self, first: First, rest: Rest) -> Result<(), Bound> {
        let limits = &self.config.limits;
        if rest.length > limits.max_frame_bytes {
            return Err(Bound::FrameBytes);
        }
        let is_first = first.opcode != Opcode::Continuation;
        let (so_far, fragments, compressed) = match is_first {
            true => (0, 0, first.compressed),
            false => (self.incoming.length, self.incoming.fragments, self.incoming.compressed),
        };
        // How long a compressed message is shows while it is decompressed.
        if !compressed && so_far.saturating_add(rest.length) > limits.max_message_bytes {
            return Err(Bound::MessageBytes);
        }
        if fragments >= limits.max_fragment_count {
            return Err(Bound::FragmentCount);
        }
        Ok(())
    }

    /// A message that is one frame and whole: lent from where it came.
    #[inline]
    fn lend_message<'b>(
        &mut self,
        opcode: Opcode,
        rest: Rest,
        input: &'b mut [u8],
    ) -> Result<Received<Event<'b>>, Error> {
        #[allow(clippy::cast_possible_truncation, reason = "it is in memory")]
        let end = rest.header + rest.length as usize;
        let payload = input.get_mut(rest.header..end).unwrap_or_default();
        let message = match opcode {
            Opcode::Text => {
                let text = match self.side {
                    Side::Server => from_masked_utf8(payload, rest.mask),
                    Side::Client => shockwave_simd::from_utf8(payload),
                };
                Message::Text(text.map_err(|_| self.fail(Violation::InvalidUtf8))?)
            }
            _ => {
                self.unmask(payload, rest.mask);
                Message::Binary(payload)
            }
        };
        Ok(self.taken(end, Some(Event::Message(message))))
    }

    #[inline]
    fn unmask(&self, payload: &mut [u8], mask: Mask) {
        if self.side == Side::Server {
            let _ = mask.apply(payload);
        }
    }

    fn begin_frame(&mut self, first: First, rest: Rest, scratch: &mut Scratch) {
        if first.opcode != Opcode::Continuation {
            let kind = if first.opcode == Opcode::Text { Kind::Text } else { Kind::Binary };
            self.incoming.begin(kind, first.compressed);
            self.clock.begin_message();
            if self.config.delivery == Delivery::Messages {
                scratch.begin(kind);
            }
            if first.compressed {
                self.coders.begin_message();
            }
        }
        let incoming = &mut self.incoming;
        incoming.in_frame = true;
        incoming.frame_at = self.received;
        incoming.left = rest.length;
        incoming.mask = rest.mask;
        incoming.fin = first.fin;
        incoming.fragments += 1;
    }

    /// What there is of a frame's payload, behind `header` octets of it.
    pub(super) fn receive_payload<'b>(
        &mut self,
        header: usize,
        input: &'b mut [u8],
        scratch: &'b mut Scratch,
    ) -> Result<Received<Event<'b>>, Error> {
        let there = input.len().saturating_sub(header);
        let length = usize::try_from(self.incoming.left).map_or(there, |left| left.min(there));
        let payload = input.get_mut(header..header + length).unwrap_or_default();
        match (self.config.delivery, self.incoming.compressed) {
            (Delivery::Messages, false) => {
                self.collect(payload, scratch)?;
                self.incoming.left -= length as u64;
                Ok(self.after_payload(header + length, scratch)?)
            }
            (Delivery::Pieces, false) => self.lend_piece(header, payload),
            (Delivery::Messages, true) => {
                self.collect_compressed(payload, scratch)?;
                self.incoming.left -= length as u64;
                Ok(self.after_payload(header + length, scratch)?)
            }
            (Delivery::Pieces, true) => self.lend_decompressed(header, payload, scratch),
        }
    }

    /// Adds payload to the message: RFC 6455 section 6.2.
    fn collect(&mut self, payload: &mut [u8], scratch: &mut Scratch) -> Result<(), Error> {
        let mask = self.incoming.mask;
        self.incoming.length += payload.len() as u64;
        self.incoming.mask = match scratch.parts().0 {
            Collected::Text(text) => {
                let (piece, after) = match self.side {
                    Side::Server => self.incoming.utf8.push_masked(payload, mask),
                    Side::Client => self.incoming.utf8.push(payload).map(|piece| (piece, mask)),
                }
                .map_err(|_| self.fail(Violation::InvalidUtf8))?;
                text.push_str(piece.split.as_str());
                text.push_str(piece.text);
                after
            }
            Collected::Binary(octets) => match self.side {
                Side::Server => mask.append(payload, octets),
                Side::Client => {
                    octets.extend_from_slice(payload);
                    mask
                }
            },
        };
        Ok(())
    }

    /// Answers `consumed` octets, with the message if this was its end.
    fn after_payload<'b>(
        &mut self,
        consumed: usize,
        scratch: &'b Scratch,
    ) -> Result<Received<Event<'b>>, Error> {
        let event = self.end_frame()?.then(|| Event::Message(scratch.message()));
        Ok(self.taken(consumed, event))
    }

    /// RFC 6455 section 5.6: the whole message MUST contain valid UTF-8.
    fn end_message(&mut self) -> Result<(), Error> {
        if self.incoming.kind == Kind::Text && !self.incoming.utf8.is_complete() {
            return Err(self.fail(Violation::InvalidUtf8));
        }
        if self.incoming.compressed {
            self.coders.end_message();
        }
        self.incoming.stop();
        self.clock.end_message();
        Ok(())
    }

    /// A piece of a message, lent from where it came.
    fn lend_piece<'b>(
        &mut self,
        header: usize,
        payload: &'b mut [u8],
    ) -> Result<Received<Event<'b>>, Error> {
        let (kind, length) = (self.incoming.kind, payload.len());
        self.unmask(payload, self.incoming.mask);
        self.incoming.mask = self.incoming.mask.skip(length);
        if kind == Kind::Text && self.incoming.utf8.push(payload).is_err() {
            return Err(self.fail(Violation::InvalidUtf8));
        }
        self.incoming.length += length as u64;
        self.incoming.left -= length as u64;
        let end = self.end_frame()?;
        let event = Event::Data { kind, data: payload, end };
        Ok(self.taken(header + length, (end || length > 0).then_some(event)))
    }

    /// Adds compressed payload to the message, and all that comes of it: RFC 7692 section 7.2.2.
    fn collect_compressed(
        &mut self,
        payload: &mut [u8],
        scratch: &mut Scratch,
    ) -> Result<(), Error> {
        self.unmask(payload, self.incoming.mask);
        self.incoming.mask = self.incoming.mask.skip(payload.len());
        self.inflate_all(payload, scratch)?;
        let is_last = self.incoming.left == payload.len() as u64 && self.incoming.fin;
        if is_last && self.coders.wants_tail() {
            // RFC 7692 section 7.2.2: Append 4 octets of 0x00 0x00 0xff 0xff to the tail end.
            self.inflate_all(&TAIL, scratch)?;
        }
        Ok(())
    }

    fn inflate_all(&mut self, mut input: &[u8], scratch: &mut Scratch) -> Result<(), Error> {
        let (collected, window) = scratch.parts();
        loop {
            let inflated = match collected {
                Collected::Text(text) => {
                    window.clear();
                    let inflated = self.coders.inflate(input, window);
                    let piece = self.inflated(inflated, window)?;
                    text.push_str(piece.split.as_str());
                    text.push_str(piece.text);
                    inflated
                }
                Collected::Binary(octets) => {
                    let inflated = self.coders.inflate(input, octets);
                    self.inflated(inflated, &[])?;
                    inflated
                }
            };
            input = input.get(inflated.consumed..).unwrap_or_default();
            if inflated.is_done {
                return Ok(());
            }
        }
    }

    /// A piece of what compressed payload is decompressed to, lent from the scratch. Of a large
    /// payload a part is used at a time, so that a piece is no larger than the window.
    fn lend_decompressed<'b>(
        &mut self,
        header: usize,
        payload: &mut [u8],
        scratch: &'b mut Scratch,
    ) -> Result<Received<Event<'b>>, Error> {
        let mask = self.incoming.mask;
        self.unmask(payload, mask);
        let (_, window) = scratch.parts();
        window.clear();
        let mut used = 0;
        loop {
            let rest = payload.get(used..).unwrap_or_default();
            let inflated = self.inflate_piece(rest, window)?;
            used += inflated.consumed;
            // At the end of a frame all comes at once: what few octets can still hold.
            let is_end = self.incoming.left == used as u64;
            if inflated.is_done || (!is_end && !window.is_empty()) {
                break;
            }
        }
        // What is not used yet comes again, as it came.
        self.incoming.mask = mask.skip(used);
        self.unmask(payload.get_mut(used..).unwrap_or_default(), self.incoming.mask);
        self.incoming.left -= used as u64;
        let is_last = self.incoming.left == 0 && self.incoming.fin;
        if is_last && self.coders.wants_tail() {
            let mut tail = &TAIL[..];
            loop {
                let inflated = self.inflate_piece(tail, window)?;
                tail = tail.get(inflated.consumed..).unwrap_or_default();
                if inflated.is_done {
                    break;
                }
            }
        }
        let (kind, data) = (self.incoming.kind, &window[..]);
        let end = self.end_frame()?;
        let event = Event::Data { kind, data, end };
        Ok(self.taken(header + used, (end || !data.is_empty()).then_some(event)))
    }

    /// Ends the frame, and the message, if this was the end; whether the message did.
    fn end_frame(&mut self) -> Result<bool, Error> {
        if self.incoming.left != 0 {
            return Ok(false);
        }
        if self.incoming.fin {
            self.end_message()?;
            return Ok(true);
        }
        self.incoming.in_frame = false;
        Ok(false)
    }

    /// A step of decompression whose output, behind what `window` has, is checked.
    fn inflate_piece(&mut self, input: &[u8], window: &mut Vec<u8>) -> Result<Inflated, Error> {
        let before = window.len();
        let inflated = self.coders.inflate(input, window);
        let output = window.get(before..).unwrap_or_default();
        let is_text = self.incoming.kind == Kind::Text;
        self.inflated(inflated, if is_text { output } else { &[] })?;
        Ok(inflated)
    }

    /// Checks what a step of decompression gave: text up to the limit, then the limit, and then
    /// whether it went on at all. So the first fault in the order of the octets is found, however
    /// many came at once.
    fn inflated<'w>(&mut self, inflated: Inflated, text: &'w [u8]) -> Result<Piece<'w>, Error> {
        let most = self.config.limits.max_message_bytes;
        let room = most.saturating_sub(self.incoming.length);
        let room = usize::try_from(room).unwrap_or(usize::MAX);
        let piece = self.incoming.utf8.push(text.get(..room).unwrap_or(text));
        let piece = piece.map_err(|_| self.fail(Violation::InvalidUtf8))?;
        self.incoming.length += inflated.produced as u64;
        if self.incoming.length > most {
            return Err(self.fail_limit(Bound::MessageBytes));
        }
        if inflated.is_broken {
            return Err(self.fail(Violation::InvalidDeflate));
        }
        Ok(piece)
    }

    /// A control frame, if it is whole: RFC 6455 section 5.5.
    fn receive_control<'b>(
        &mut self,
        opcode: Opcode,
        rest: Rest,
        input: &'b mut [u8],
    ) -> Result<Received<Event<'b>>, Error> {
        #[allow(clippy::cast_possible_truncation, reason = "at most 125")]
        let end = rest.header + rest.length as usize;
        let Some(payload) = input.get_mut(rest.header..end) else { return Ok(NOTHING) };
        self.unmask(payload, rest.mask);
        if self.clock.control(self.config.limits.max_control_count) {
            return Err(self.fail_limit(Bound::ControlCount));
        }
        let event = match opcode {
            Opcode::Ping => {
                // RFC 6455 section 5.5.2: an endpoint MUST send a Pong frame in response, unless it
                // already received a Close frame.
                if self.config.auto_pong && self.state == State::Open {
                    self.owed.pong_to(payload);
                }
                Event::Ping(payload)
            }
            Opcode::Pong => Event::Pong(payload),
            _ => {
                let close = Close::decode(payload).map_err(|violation| self.fail(violation))?;
                self.owed.close_to(&close);
                self.state = self.state.after(Step::ReceiveClose);
                self.clock.closing();
                self.incoming.stop();
                Event::Close(close)
            }
        };
        Ok(self.taken(end, Some(event)))
    }
}
