//! What a connection tells its caller.

use crate::{Close, Kind, Message};

/// Something received. Borrows the input and the scratch of the call that answered it, never the
/// connection, so commands are legal while it is alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "a match on events must see them all")]
pub enum Event<'b> {
    /// A whole message, with [`Delivery::Messages`](crate::Delivery::Messages).
    Message(Message<'b>),
    /// A piece of a message, with [`Delivery::Pieces`](crate::Delivery::Pieces). A text is checked
    /// up to here; it may end inside a character.
    Data {
        /// What the message is.
        kind: Kind,
        /// The octets; empty only where `end` comes without any.
        data: &'b [u8],
        /// Whether the message ends here.
        end: bool,
    },
    /// A Ping. It is answered by [`transmit`](crate::Connection::transmit), unless the
    /// configuration leaves that to the caller.
    Ping(&'b [u8]),
    /// A Pong, asked for or not.
    Pong(&'b [u8]),
    /// A Close: no further event comes. It is answered by [`close`](crate::Connection::close) with
    /// a code of the caller's, or else by [`transmit`](crate::Connection::transmit) with the same
    /// one.
    Close(Close<'b>),
}
