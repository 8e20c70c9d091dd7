//! Where a client's masking keys come from: RFC 6455 section 5.3.
//!
//! The keys must be unpredictable, or a script could choose what its browser puts on the wire and
//! poison a proxy's cache (RFC 6455 section 10.3). A core has no randomness of its own, so the
//! caller gives a seed when the connection is made, and a cipher makes keys of it.
//!
//! # What was tried
//!
//! - A key as an argument of every command: each caller would have had to find the right source,
//!   and the commands of the two sides would have differed.
//! - SHA-1 of the seed and a counter, for the handshake brings SHA-1 anyway: slower, and
//!   nobody should have to think about whether it is sound.

use core::fmt;

use chacha20::ChaCha12Rng;
use chacha20::rand_core::{Rng as _, SeedableRng as _};

/// A stream of masking keys: ChaCha with 12 rounds over a seed of the caller's. 320 octets, on the
/// heap.
pub(crate) struct MaskKeys(Box<ChaCha12Rng>);

impl MaskKeys {
    pub(crate) fn new(seed: [u8; 32]) -> Self {
        Self(Box::new(ChaCha12Rng::from_seed(seed)))
    }

    /// RFC 6455 section 5.3: The client MUST pick a fresh masking key for each frame.
    #[inline]
    pub(crate) fn next(&mut self) -> [u8; 4] {
        self.0.next_u32().to_ne_bytes()
    }
}

impl fmt::Debug for MaskKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MaskKeys") // what they are is a secret
    }
}
