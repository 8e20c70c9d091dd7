//! What only a client does: it sends requests and receives responses.

use shockwave_wire::{
    Bound, Content, Field, Fields, Known, Method, Received, RequestHead, ResponseHead, Scratch,
    Side, Status,
};

use super::exchange::Exchange;
use super::options::{self, Options};
use super::{Connection, NOTHING, Phase, Switch};
use crate::content::{Framing, LengthField, elements};
use crate::encode::{FRAMING_FIELDS, encode_field_line, encode_length, encode_request_line};
use crate::head::{Progress, form_of, is_uri_host_and_port, locate_response, skip_empty_lines};
use crate::state::{Send, Step};
use crate::{Error, Event, Misuse, Violation};

impl Connection {
    #[inline]
    pub(super) fn receive_response<'b>(
        &mut self,
        input: &'b [u8],
        scratch: &'b mut Scratch,
    ) -> Result<Received<Event<'b>>, Error> {
        if let None | Some(b'\r' | b'\n') = input.first() {
            return self.receive_empty_lines(input, scratch);
        }
        self.receive_response_at(0, input, scratch)
    }

    /// RFC 9112 section 9.2: data on a connection without outstanding requests that consists only
    /// of one or more CRLF can be discarded. They may come to be seen when a request was sent, so
    /// they are passed over then, too.
    #[cold]
    fn receive_empty_lines<'b>(
        &mut self,
        input: &'b [u8],
        scratch: &'b mut Scratch,
    ) -> Result<Received<Event<'b>>, Error> {
        match skip_empty_lines(input, &self.config) {
            Err(error) => Err(self.fail(error)),
            Ok(None) => Ok(NOTHING),
            Ok(Some(start)) => self.receive_response_at(start, input, scratch),
        }
    }

    #[inline]
    fn receive_response_at<'b>(
        &mut self,
        start: usize,
        input: &'b [u8],
        scratch: &'b mut Scratch,
    ) -> Result<Received<Event<'b>>, Error> {
        let by = |error: Error| error.shifted(start as u64);
        let broken = |violation| by(Error::Protocol { violation, offset: 0 });
        let Some(exchange) = self.exchanges.first() else {
            // RFC 9112 section 9.2: the client MUST NOT consider that data to be a valid response.
            return Err(self.fail(broken(Violation::UnexpectedResponse)));
        };
        if !self.progress.is_worth_asking(input) {
            return Ok(self.head_is_partial(input, false));
        }
        let octets = input.get(start..).unwrap_or_default();
        let response = match locate_response(octets, scratch, &self.config, exchange.kind()) {
            Ok(Some(response)) => response,
            Ok(None) => return Ok(self.head_is_partial(input, true)),
            Err(error) => return Err(self.fail(by(error))),
        };
        let status = response.status();
        if status == Status::SWITCHING_PROTOCOLS && !exchange.has(Exchange::UPGRADE) {
            return Err(self.fail(broken(Violation::UnexpectedUpgrade)));
        }
        let is_interim = status.is_interim() && status != Status::SWITCHING_PROTOCOLS;
        if is_interim && self.interims >= self.config.limits.max_interim_count {
            return Err(self.fail(by(Error::Limit { bound: Bound::InterimCount, offset: 0 })));
        }
        let consumed = start.saturating_add(response.consumed);
        let framing = response.framing;
        let head = response.borrow(octets, scratch);
        self.progress = Progress::START;
        if is_interim {
            self.interim_received(status);
        } else {
            self.final_begun(&head, exchange, framing);
        }
        let end = !is_interim && matches!(framing, Framing::None | Framing::Tunnel);
        if end {
            self.response_received();
        }
        Ok(self.taken(consumed, Some(Event::Response { head, end })))
    }

    /// RFC 9110 section 15.2: A client MUST be able to parse one or more 1xx responses received
    /// prior to a final response.
    fn interim_received(&mut self, status: Status) {
        self.interims = self.interims.saturating_add(1);
        self.clock.end_message();
        if status == Status::CONTINUE && self.exchanges.len() == 1 {
            self.expects_continue = false;
        }
        self.enter_phase();
    }

    #[inline]
    fn final_begun(&mut self, head: &ResponseHead<'_>, exchange: Exchange, framing: Framing) {
        self.interims = 0;
        if self.exchanges.len() == 1 {
            self.expects_continue = false;
        }
        let switches =
            head.status == Status::SWITCHING_PROTOCOLS || matches!(framing, Framing::Tunnel);
        if switches {
            self.switch = Switch::Agreed;
        }
        // RFC 9112 section 9.6: A client that receives a "close" connection option MUST cease
        // sending requests on that connection and close the connection after reading the response.
        // Section 9.3: to remain persistent, all messages need a self-defined length.
        let persists = Options::of(head.fields).persists(head.version);
        if !persists || exchange.has(Exchange::CLOSE) || framing == Framing::UntilClose {
            self.last = true;
            self.closing = true;
        }
        if !matches!(framing, Framing::None | Framing::Tunnel) {
            self.receive = self.receive.after(Step::Head(framing));
            self.clock.enter_content();
        }
    }

    /// A final response was received to its end.
    #[inline]
    pub(super) fn response_received(&mut self) {
        self.exchanges.pop();
        self.messages = self.messages.wrapping_add(1);
        self.clock.end_message();
        // A client that closes is done with the last response, and its request.
        self.last |= self.closing && self.exchanges.is_empty();
        self.receive = self.receive.after(Step::End(self.next()));
        if self.switch == Switch::Agreed {
            if self.send == Send::Ready {
                self.send = Send::Switched;
            }
        } else if self.last {
            // RFC 9112 section 9.6: the client SHOULD NOT assume that additional pipelined requests
            // will be processed by the server.
            self.exchanges.clear();
            self.send = Send::Closed;
        }
        self.enter_phase();
    }

    /// Makes the next request the last one: it says `Connection: close` (RFC 9112 section 9.6).
    /// Nothing is sent by this, and it cannot be taken back. Has no meaning for a server: see
    /// [`close`](Self::close).
    pub const fn close_after(&mut self) {
        self.last_request = true;
    }

    /// Sends the head of a request. `content` says what follows it by
    /// [`send_data`](Self::send_data); with [`Content::None`] and [`Content::Length`] of 0 the
    /// request ends here.
    ///
    /// The core writes Host first, from `head.authority` or else from the Host field; then the
    /// other fields, then Content-Length or Transfer-Encoding, and Connection: `close` after
    /// [`close_after`](Self::close_after), `upgrade` where the fields have Upgrade, `TE` where they
    /// have TE. It is always an HTTP/1.1 request.
    ///
    /// # Errors
    ///
    /// [`Misuse`]: the request before has not ended, or offers another protocol, or was the last;
    /// too many wait for responses; what [`encode_request_line`] and [`encode_field_line`] reject;
    /// a target whose form does not fit the method; no Host, or one that contradicts the
    /// authority; a field that the core writes; content in CONNECT; an expectation without content.
    pub fn send_request(
        &mut self,
        head: &RequestHead<'_>,
        content: Content,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let exchange = self.plan_request(head, content)?;
        let length = LengthField::of_request(head.method, content)?;
        let host = host(head)?;
        let start = out.len();
        let encoded = encode_request_line(head.method, head.target, out)
            .and_then(|()| encode_field_line(b"Host", host, out))
            .and_then(|()| encode_fields_but_host(head.fields, out));
        if let Err(misuse) = encoded {
            out.truncate(start);
            return Err(misuse.into());
        }
        encode_connection(exchange, head.fields.present(), out);
        encode_length(length, out);
        out.extend_from_slice(b"\r\n");
        self.exchanges.push(exchange);
        self.closing |= exchange.has(Exchange::CLOSE);
        self.expects_continue = exchange.has(Exchange::CONTINUE);
        self.send = match length {
            LengthField::None | LengthField::Length(0) => Send::Ready,
            LengthField::Length(length) => Send::Length(length),
            LengthField::Chunked => Send::Chunked,
        };
        self.clock.enter(Phase::Busy);
        Ok(())
    }

    fn plan_request(&self, head: &RequestHead<'_>, content: Content) -> Result<Exchange, Misuse> {
        self.check_side(Side::Client)?;
        if self.receive.is_switched() {
            return Err(Misuse::Upgraded);
        }
        self.send.ready()?;
        // RFC 9112 section 9.6: MUST NOT send further requests on that connection (after the one
        // containing the "close").
        if self.closing {
            return Err(Misuse::Closed);
        }
        if self.exchanges.last().is_some_and(Exchange::offers) {
            return Err(Misuse::OutOfOrder);
        }
        if self.is_full() {
            return Err(Misuse::TooManyInFlight);
        }
        let present = head.fields.present();
        if present & FRAMING_FIELDS != 0 {
            return Err(Misuse::FramingField);
        }
        // RFC 9112 section 7.4: A client MUST NOT send the chunked transfer coding name in TE.
        if head.fields.known_all(Known::TE).any(names_chunked) {
            return Err(Misuse::FramingField);
        }
        let mut exchange = Exchange::of_method(head.method);
        exchange.set(Exchange::CLOSE, self.last_request);
        exchange.set(Exchange::UPGRADE, present & Known::UPGRADE.bit() != 0);
        if present & Known::EXPECT.bit() != 0 {
            let is_empty = matches!(content, Content::None | Content::Length(0));
            // RFC 9110 section 10.1.1: A client MUST NOT generate a 100-continue expectation in a
            // request that does not include content.
            if options::expects_continue(head.fields) != Some(true) || is_empty {
                return Err(Misuse::InvalidExpectation);
            }
            exchange.set(Exchange::CONTINUE, true);
        }
        Ok(exchange)
    }
}

/// The value of Host. RFC 9112 section 3.2: A client MUST send a Host header field in all HTTP/1.1
/// request messages, identical to the authority component of the target URI if it has one, and
/// empty if it has none.
fn host<'b>(head: &RequestHead<'b>) -> Result<&'b [u8], Misuse> {
    let form = form_of(head.method, head.target).map_err(|_| Misuse::InvalidTarget)?;
    let (_, named) = form.parts(head.target);
    let mut hosts = head.fields.known_all(Known::HOST);
    let (host, second) = (hosts.next(), hosts.next());
    let mut claims = [named, head.authority, host].into_iter().flatten();
    // RFC 9112 section 3.2.3 has a CONNECT with the port in its target alone.
    let skipped =
        usize::from(head.method == Method::Connect && (head.authority, host) != (None, None));
    let value = claims.nth(skipped).ok_or(Misuse::InvalidHost)?;
    let agree = claims.all(|claim| claim.eq_ignore_ascii_case(value));
    // Userinfo has no place here (RFC 9110 section 4.2.4), nor has anything else that is no host.
    let valid = is_uri_host_and_port(value) || (value.is_empty() && named.is_none());
    if agree && valid && second.is_none() { Ok(value) } else { Err(Misuse::InvalidHost) }
}

fn names_chunked(te: &[u8]) -> bool {
    let name = |element: &[u8]| {
        let name = element.split(|&octet| octet == b';').next().unwrap_or_default();
        name.trim_ascii().eq_ignore_ascii_case(b"chunked")
    };
    elements(te).any(name)
}

fn encode_fields_but_host(fields: Fields<'_>, out: &mut Vec<u8>) -> Result<(), Misuse> {
    for Field { name, value } in fields {
        if !name.eq_ignore_ascii_case(b"host") {
            encode_field_line(name, value, out)?;
        }
    }
    Ok(())
}

/// Appends the Connection line, if there is anything to be said.
fn encode_connection(exchange: Exchange, present: u64, out: &mut Vec<u8>) {
    let options: [(bool, &[u8]); 3] = [
        (exchange.has(Exchange::CLOSE), b"close"),
        // RFC 9110 section 7.8: A sender of Upgrade MUST also send an "Upgrade" connection option.
        (exchange.has(Exchange::UPGRADE), b"upgrade"),
        // RFC 9110 section 10.1.4: A sender of TE MUST also send a "TE" connection option.
        (present & Known::TE.bit() != 0, b"TE"),
    ];
    let mut separator: &[u8] = b"Connection: ";
    for (_, option) in options.iter().filter(|(holds, _)| *holds) {
        out.extend_from_slice(separator);
        out.extend_from_slice(option);
        separator = b", ";
    }
    if separator == b", " {
        out.extend_from_slice(b"\r\n");
    }
}
