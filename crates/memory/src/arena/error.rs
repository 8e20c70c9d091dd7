//! Why an arena said no.

use core::fmt;

/// Why an allocation in an [`Arena`](super::Arena) failed. What was allocated before stays valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ArenaError {
    /// The allocation would have crossed `max_bytes`, or the global allocator had no more.
    Full {
        /// Octets that were asked for.
        requested_bytes: usize,
        /// The arena's limit: [`ArenaLimits::max_bytes`](super::ArenaLimits::max_bytes).
        max_bytes: usize,
    },
    /// A value's `Display` or `Debug` answered an error while it was formatted.
    Format,
}

impl fmt::Display for ArenaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full { requested_bytes, max_bytes } => write!(
                f,
                "the arena is full: {requested_bytes} octets more cross max_bytes = {max_bytes}"
            ),
            Self::Format => f.write_str("a value could not be formatted"),
        }
    }
}

impl core::error::Error for ArenaError {}
