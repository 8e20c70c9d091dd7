//! An engine, as the groups that it is in need to know it.

use crate::corpus::Input;
use crate::{Bench, Checks, Digest, Throughput, Verification, repeat};

/// Who does the work of a group.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::exhaustive_structs, reason = "built by those who register benchmarks")]
pub struct Engine {
    /// The last part of its ids.
    pub name: &'static str,
    /// How strict it is.
    pub checks: Checks,
    /// The text of the module that registers it.
    pub text: &'static str,
}

impl Engine {
    /// What the engine gave.
    #[must_use]
    pub fn verification(&self, output: impl AsRef<[u8]>) -> Verification {
        match self.checks {
            Checks::Strict => Verification::strict(output),
            Checks::Lenient => Verification::lenient(output),
        }
    }

    /// The digest of a benchmark's definition: the engine's text, and the digest of its input.
    #[must_use]
    pub fn source(&self, input: Digest) -> Digest {
        Digest::of(self.text.as_bytes()).field(&input.value().to_le_bytes())
    }

    /// A benchmark of this engine over one input of the corpus. `operation` is made of the octets,
    /// which it is given again, through a `black_box`, whenever it is to work on them.
    #[must_use]
    pub fn bench<F>(
        &self,
        family: &str,
        case: &str,
        input: &Input,
        make: impl Fn() -> F + 'static,
    ) -> Bench
    where
        F: FnMut(&[u8]) -> u64 + 'static,
    {
        let octets = input.bytes();
        let work = move || {
            let octets = octets.clone();
            let mut operation = make();
            repeat(move || operation(core::hint::black_box(&octets)))
        };
        let id = format!("{family}/{case}/{}", self.name);
        Bench::new(id, self.source(input.digest()), work)
            .throughput(Throughput::Bytes(input.length()))
    }
}
