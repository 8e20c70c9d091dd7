//! The corpus.

/// What a strict recipient does with an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_enums, reason = "there is no third verdict")]
pub enum Verdict {
    /// It takes the message.
    Accept,
    /// It refuses the message.
    Reject,
}
