//! permessage-deflate: RFC 7692 section 7.
//!
//! - [`Deflate`] are the parameters: what an endpoint wants, and what both have agreed on.
//! - `negotiate` has the rules by which the one becomes the other.
//! - `coders` compresses and decompresses.

mod coders;
mod negotiate;

pub use coders::{Coders, Deflater, Inflater};
pub(crate) use coders::{Inflated, TAIL, compress_once};
pub(crate) use negotiate::{Text, accept, confirm, offer};

/// The parameters of permessage-deflate: RFC 7692 section 7.1. As a wish: what this endpoint asks
/// of its peer, and what it is willing to do without. As an agreement: what both keep to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Deflate {
    /// The server compresses each message by itself. Default as a wish: no.
    pub server_no_context_takeover: bool,
    /// The client compresses each message by itself. Default as a wish: no.
    pub client_no_context_takeover: bool,
    /// The logarithm of the window that the server compresses with, 8 to 15. Default 15.
    pub server_max_window_bits: u8,
    /// The logarithm of the window that the client compresses with, 8 to 15. Default 15.
    pub client_max_window_bits: u8,
}

impl Deflate {
    /// Windows of 32 KiB, kept from message to message: the best compression, at 300 KiB a
    /// connection.
    pub const DEFAULT: Self = Self {
        server_no_context_takeover: false,
        client_no_context_takeover: false,
        server_max_window_bits: 15,
        client_max_window_bits: 15,
    };

    /// Each message by itself, both ways: an idle connection holds no window, and coders can be
    /// shared (see [`Coders`]).
    pub const NO_CONTEXT_TAKEOVER: Self = Self {
        server_no_context_takeover: true,
        client_no_context_takeover: true,
        ..Self::DEFAULT
    };
}

impl Default for Deflate {
    fn default() -> Self {
        Self::DEFAULT
    }
}

#[cfg(test)]
mod tests;
