//! What can be wrong with an answer.

use serde::{Deserialize, Serialize};

/// What is wrong with an answer, or with the connection that it was awaited on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// No connection.
    Connect,
    /// Reading or writing failed.
    Transport,
    /// The server closed while answers were awaited, before the first octet of the next one.
    Closed,
    /// The server closed in the middle of an answer.
    Truncated,
    /// No answer in time.
    Timeout,
    /// Octets that are no answer, or answers that nobody awaits.
    Malformed,
    /// Another status than expected.
    Status,
    /// Another length of the content.
    Length,
    /// Another content of the right length.
    Content,
    /// A field that must be there is not, or not as it has to be: Content-Type or Date.
    Field,
}

impl Fault {
    /// Whether the next answer can still be found in what the connection brings.
    pub const fn is_survivable(self) -> bool {
        matches!(self, Self::Status | Self::Length | Self::Content | Self::Field)
    }
}
