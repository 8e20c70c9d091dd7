//! What a connection tells its caller.

use shockwave_wire::{Fields, RequestHead, ResponseHead};

/// Something received. Borrows the input and the scratch of the call that answered it, never the
/// connection, so commands are legal while it is alive.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::exhaustive_enums, reason = "a match on events must see them all")]
pub enum Event<'b> {
    /// A server received a request's head.
    Request {
        /// The head.
        head: RequestHead<'b>,
        /// Whether the request ends with its head: no content follows.
        end: bool,
    },
    /// A client received a response's head, interim (1xx) ones included. An interim response is
    /// followed by another [`Event::Response`] to the same request.
    Response {
        /// The head.
        head: ResponseHead<'b>,
        /// Whether the response ends with its head.
        end: bool,
    },
    /// A piece of content, without its transfer coding.
    Data {
        /// The octets; empty only where `end` comes without any.
        data: &'b [u8],
        /// Whether the message ends here.
        end: bool,
    },
    /// The trailer section; the message ends here. Kept apart from the head's fields: what may be
    /// merged is for each field's definition to say (RFC 9110 section 6.5.1).
    Trailers(Fields<'b>),
    /// The connection belongs to another protocol now: after 101, or 2xx to CONNECT. The input from
    /// `consumed` on is that protocol's. No further event comes.
    Upgrade,
}
