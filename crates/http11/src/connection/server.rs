//! What only a server does: it receives requests and sends responses.

use shockwave_wire::{Content, Known, Received, ResponseHead, Scratch, Side, Status, Version};

use super::exchange::Exchange;
use super::{Connection, NOTHING, Switch};
use crate::content::{Framing, LengthField};
use crate::date::HttpDate;
use crate::encode::{
    FRAMING_FIELDS, encode_error_response, encode_fields, encode_length, encode_status_line,
};
use crate::head::{Progress, locate_request};
use crate::state::{Receive, Send, Step};
use crate::{Error, Event, Misuse, ResponseTemplate, Violation};

/// What is sent to a client that waits for it (RFC 9110 section 15.2.1).
const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

const UPGRADE_OPTION: &[u8] = b"Connection: upgrade\r\n";

/// What was decided about a response before any octet of it is appended.
struct Plan {
    exchange: Exchange,
    length: LengthField,
    /// The state after the head; [`Send::Ready`] if there is no content.
    send: Send,
    close: bool,
    /// The connection is another protocol's after this.
    switches: bool,
    /// The fields have Upgrade.
    upgrade: bool,
}

impl Connection {
    #[inline]
    pub(super) fn receive_request<'b>(
        &mut self,
        input: &'b [u8],
        scratch: &'b mut Scratch,
    ) -> Result<Received<Event<'b>>, Error> {
        if self.is_full() {
            return Ok(NOTHING);
        }
        if !self.progress.is_worth_asking(input) {
            return Ok(self.head_is_partial(input, false));
        }
        let request = match locate_request(input, scratch, &self.config) {
            Ok(Some(request)) => request,
            Ok(None) => return Ok(self.head_is_partial(input, true)),
            Err(error) => return Err(self.fail(error)),
        };
        let (consumed, framing) = (request.consumed, request.framing);
        let head = request.borrow(input, scratch);
        let end = framing == Framing::None;
        let Some(exchange) = Exchange::of_request(&head, end) else {
            return Err(self.fail(unknown_expectation(consumed)));
        };
        self.request_begun(exchange, framing);
        if end {
            self.request_received();
        }
        Ok(self.taken(consumed, Some(Event::Request { head, end })))
    }

    #[inline]
    fn request_begun(&mut self, exchange: Exchange, framing: Framing) {
        self.progress = Progress::START;
        self.exchanges.push(exchange);
        self.receiving = true;
        // RFC 9112 section 9.6: The server MUST NOT process any further requests received on that
        // connection.
        self.closing |= exchange.has(Exchange::CLOSE);
        self.expects_continue = exchange.has(Exchange::CONTINUE);
        if exchange.offers() {
            self.switch = Switch::Offered;
        }
        if framing != Framing::None {
            self.receive = self.receive.after(Step::Head(framing));
            match self.expects_continue {
                true => {
                    self.clock.enter(super::Phase::Busy);
                    self.clock.begin_message();
                }
                false => self.clock.enter_content(),
            }
        }
    }

    #[inline]
    pub(super) fn request_received(&mut self) {
        self.receiving = false;
        self.messages = self.messages.wrapping_add(1);
        self.clock.end_message();
        // Content without data ends the wait for it, too.
        self.expects_continue = false;
        self.receive = self.receive.after(Step::End(self.next()));
        self.close_if_done();
        self.enter_phase();
    }

    /// Sends the head of a final response, or of 101 (Switching Protocols), to the oldest request
    /// that has none. `content` says what follows it by [`send_data`](Self::send_data); with
    /// [`Content::None`] and [`Content::Length`] of 0 the response ends here, as it does for HEAD,
    /// 204 and 304 (see [`is_sending`](Self::is_sending)).
    ///
    /// The core writes Content-Length, Transfer-Encoding and Connection. It says `close` where the
    /// connection ends with the response, and `upgrade` where the fields have Upgrade.
    ///
    /// A response may be sent before the content of its request was received; the content is then
    /// still to be received, or [`close`](Self::close) to be called, best before the response,
    /// which then says so. After the connection's last response content is discarded. If the
    /// request still waits for 100 (Continue), nobody knows whether its content will come, so the
    /// connection closes after the response.
    ///
    /// # Errors
    ///
    /// [`Misuse`]: no request waits for a head, or the message in progress has not ended; an
    /// interim status other than 101; 101 where the request did not offer Upgrade; what
    /// [`encode_status_line`] and [`encode_fields`] reject; a field that the core writes; content
    /// where there is none by the status.
    pub fn send_response(
        &mut self,
        head: &ResponseHead<'_>,
        content: Content,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let plan = self.plan(head.status, content, head.fields.present())?;
        let start = out.len();
        if plan.switches && self.expects_continue {
            // RFC 9110 section 7.8: the server MUST send a 100 (Continue) response before sending a
            // 101 (Switching Protocols) response.
            out.extend_from_slice(CONTINUE);
        }
        let encoded = encode_status_line(head.status, head.reason, out)
            .and_then(|()| encode_fields(head.fields, out));
        if let Err(misuse) = encoded {
            out.truncate(start);
            return Err(misuse.into());
        }
        encode_connection(&plan, out);
        encode_length(plan.length, out);
        out.extend_from_slice(b"\r\n");
        self.response_begun(&plan);
        Ok(())
    }

    /// As [`send_response`](Self::send_response), with a head that was rendered before: the fast
    /// way. `date` is left out only where there is no clock (RFC 9110 section 6.6.1).
    ///
    /// # Errors
    ///
    /// As [`send_response`](Self::send_response).
    #[inline]
    pub fn send_template(
        &mut self,
        template: &ResponseTemplate,
        date: Option<&HttpDate>,
        content: Content,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let plan = self.plan(template.status(), content, 0)?;
        if plan.close || !plan.exchange.is_plain() {
            template.append_fields(date, plan.length, out);
            encode_connection(&plan, out);
            out.extend_from_slice(b"\r\n");
        } else {
            template.append(date, content, out)?;
        }
        self.response_begun(&plan);
        Ok(())
    }

    /// A whole response by one command: [`send_template`](Self::send_template) and its content,
    /// which is copied. To HEAD, the length of the content is sent and the content is not.
    ///
    /// # Errors
    ///
    /// As [`send_template`](Self::send_template).
    #[inline]
    pub fn send_whole(
        &mut self,
        template: &ResponseTemplate,
        date: Option<&HttpDate>,
        content: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let exchange = self.answerable()?;
        // What nothing is special about: see `plan`.
        let is_usual = exchange.is_plain() && !self.closing && !self.expects_continue;
        if is_usual && template.append_usual(date, content, out) {
            self.exchanges.pop();
            self.enter_phase();
            return Ok(());
        }
        self.send_template(template, date, Content::Length(content.len() as u64), out)?;
        if self.is_sending() {
            self.send_data(content, true, out)?;
        }
        Ok(())
    }

    /// Sends an interim (1xx) response before the final one to the oldest request without a head:
    /// 103 (Early Hints), say. 100 (Continue) answers the expectation.
    ///
    /// # Errors
    ///
    /// [`Misuse`]: as [`send_response`](Self::send_response); a status that is not interim, or 101;
    /// an HTTP/1.0 client, which knows no interim responses.
    pub fn send_interim(
        &mut self,
        head: &ResponseHead<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let exchange = self.answerable()?;
        let is_interim = head.status.is_interim() && head.status != Status::SWITCHING_PROTOCOLS;
        // RFC 9110 section 15.2: A server MUST NOT send a 1xx response to an HTTP/1.0 client.
        if !is_interim || exchange.has(Exchange::HTTP10) {
            return Err(Misuse::InvalidStatus.into());
        }
        if head.fields.present() & FRAMING_FIELDS != 0 {
            return Err(Misuse::FramingField.into());
        }
        let start = out.len();
        let encoded = encode_status_line(head.status, head.reason, out)
            .and_then(|()| encode_fields(head.fields, out));
        if let Err(misuse) = encoded {
            out.truncate(start);
            return Err(misuse.into());
        }
        if head.fields.present() & Known::UPGRADE.bit() != 0 {
            // RFC 9110 section 7.8: A sender of Upgrade MUST also send an "Upgrade" connection
            // option.
            out.extend_from_slice(UPGRADE_OPTION);
        }
        out.extend_from_slice(b"\r\n");
        if head.status == Status::CONTINUE {
            self.continued();
        }
        Ok(())
    }

    /// Sends 100 (Continue), once, to a client that waits for it
    /// ([`expects_continue`](Self::expects_continue)).
    ///
    /// # Errors
    ///
    /// [`Misuse::OutOfOrder`]: nobody waits for it, or responses to earlier requests come first.
    pub fn send_continue(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        self.answerable()?;
        if !self.expects_continue || self.exchanges.len() != 1 {
            return Err(Misuse::OutOfOrder.into());
        }
        out.extend_from_slice(CONTINUE);
        self.continued();
        Ok(())
    }

    /// Tells the client why the connection ends, if `error` has a status for it
    /// ([`Error::code`]), and closes. For what [`receive`](Self::receive),
    /// [`receive_eof`](Self::receive_eof) and [`tick`](Self::tick) answer, once the requests before
    /// were answered, and for the server's own reasons to refuse what it is receiving. Appends one
    /// of [`error_response`](crate::error_response), of at most 150 octets, with `date` if there is
    /// a clock; nothing if there is no status, or if the request was answered before it broke.
    ///
    /// # Errors
    ///
    /// [`Misuse`]: responses to earlier requests come first, or the response to the request in
    /// question has begun, so that there is nothing left but to close the transport.
    pub fn send_error(
        &mut self,
        error: Error,
        date: Option<&HttpDate>,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        self.check_side(Side::Server)?;
        self.send.ready()?;
        let asking = usize::from(self.receiving);
        if self.exchanges.len() > asking {
            return Err(Misuse::OutOfOrder.into());
        }
        // A request can be answered before all of it is received; then nobody asks.
        if let Some(status) = error.code().filter(|_| self.exchanges.len() == asking) {
            encode_error_response(status, date, out);
        }
        self.last = true;
        self.closing = true;
        self.response_sent();
        Ok(())
    }

    /// The exchange whose response's head is due.
    #[inline]
    fn answerable(&self) -> Result<Exchange, Misuse> {
        self.check_side(Side::Server)?;
        self.send.ready()?;
        self.exchanges.first().ok_or(Misuse::OutOfOrder)
    }

    #[inline]
    fn plan(&self, status: Status, content: Content, present: u64) -> Result<Plan, Misuse> {
        let exchange = self.answerable()?;
        let switches = match status {
            Status::SWITCHING_PROTOCOLS => true,
            _ => exchange.has(Exchange::CONNECT) && status.is_success(),
        };
        if status == Status::SWITCHING_PROTOCOLS {
            // RFC 9110 section 7.8: A server MUST NOT switch to a protocol that was not indicated
            // by the client in the corresponding request's Upgrade header field.
            if !exchange.has(Exchange::UPGRADE) {
                return Err(Misuse::NotOffered);
            }
            // RFC 9110 section 15.2.2: The server MUST generate an Upgrade header field.
            if present & Known::UPGRADE.bit() == 0 {
                return Err(Misuse::MissingUpgrade);
            }
        } else if status.is_interim() {
            return Err(Misuse::InvalidStatus);
        }
        if present & FRAMING_FIELDS != 0 {
            return Err(Misuse::FramingField);
        }
        let version = exchange.version();
        let length = LengthField::of_response(status, exchange.kind(), version, content)?;
        let bare = exchange.has(Exchange::HEAD) || status.forbids_content() || switches;
        let send = match content {
            Content::None | Content::Length(0) => Send::Ready,
            _ if bare => Send::Ready,
            Content::Length(length) => Send::Length(length),
            Content::Unknown if version == Version::Http10 => Send::UntilClose,
            Content::Unknown => Send::Chunked,
        };
        let close = !switches
            && (exchange.has(Exchange::CLOSE)
                || send == Send::UntilClose
                || (self.exchanges.len() == 1 && self.closes_with_youngest()));
        let upgrade = present & Known::UPGRADE.bit() != 0;
        Ok(Plan { exchange, length, send, close, switches, upgrade })
    }

    /// Whether the response to the youngest request is the last for a reason that the request does
    /// not have in itself.
    #[inline]
    fn closes_with_youngest(&self) -> bool {
        let another_is_due = match self.receive {
            // A head behind that request was broken: an error response is to come, if there is one.
            Receive::Failed(error) => !self.receiving && error.code().is_some(),
            // A head behind it had begun to come when the connection was told to close.
            Receive::Head => true,
            _ => false,
        };
        // RFC 9112 section 9.3: A server MUST read the entire request message body or close the
        // connection after sending its response.
        (self.closing && !another_is_due) || self.expects_continue
    }

    #[inline]
    fn response_begun(&mut self, plan: &Plan) {
        let expected = self.expects_continue && self.exchanges.len() == 1;
        if plan.close {
            // RFC 9112 section 9.6: A server that sends a "close" connection option [...] MUST NOT
            // process any further requests received on that connection.
            self.last = true;
            self.closing = true;
        }
        if plan.exchange.offers() {
            // Not before its answer is sent does the input belong to another protocol, if it does:
            // what a client sends after an offer that is refused are requests.
            self.switch = if plan.switches { Switch::Agreed } else { Switch::No };
            if self.receive == Receive::Paused {
                self.receive = self.receive.after(Step::End(self.next()));
            }
        }
        if expected {
            self.expects_continue = false;
            if plan.switches {
                self.clock.enter_content();
            }
        }
        if plan.close && (expected || self.receive == Receive::Head) {
            self.receive = self.receive.after(Step::Close);
        }
        self.send = plan.send;
        if plan.send == Send::Ready {
            self.response_sent();
        }
    }

    /// A response was sent to its end.
    #[inline]
    pub(super) fn response_sent(&mut self) {
        self.exchanges.pop();
        self.send = if self.last {
            // RFC 9112 section 9.6: MUST initiate closure of the connection after it sends the
            // response containing the "close" connection option.
            self.exchanges.clear();
            self.receive = self.receive.after(Step::Close);
            Send::Closed
        } else if self.switch == Switch::Agreed {
            Send::Switched
        } else {
            Send::Ready
        };
        self.close_if_done();
        self.enter_phase();
    }

    fn continued(&mut self) {
        if self.expects_continue && self.exchanges.len() == 1 {
            self.expects_continue = false;
            self.clock.enter_content();
        }
    }
}

/// Appends the Connection line, if there is anything to be said.
#[inline]
fn encode_connection(plan: &Plan, out: &mut Vec<u8>) {
    // RFC 9110 section 7.8: A sender of Upgrade MUST also send an "Upgrade" connection option.
    let line: &[u8] = match (plan.close, plan.upgrade) {
        (true, false) => b"Connection: close\r\n",
        (true, true) => b"Connection: close, upgrade\r\n",
        (false, true) => UPGRADE_OPTION,
        // RFC 9112 appendix C.2.2: an HTTP/1.0 client takes the connection to persist only if told.
        (false, false) if plan.exchange.has(Exchange::HTTP10) && !plan.switches => {
            b"Connection: keep-alive\r\n"
        }
        (false, false) => return,
    };
    out.extend_from_slice(line);
}

/// RFC 9110 section 10.1.1: a server that receives an Expect field value containing a member other
/// than 100-continue MAY respond with a 417 (Expectation Failed) status code.
#[cold]
const fn unknown_expectation(consumed: usize) -> Error {
    Error::Protocol { violation: Violation::UnknownExpectation, offset: consumed as u64 }
}
