//! One benchmark: what it is called, what an operation of it is, and how it is made and checked.

use core::fmt;
use core::hint::black_box;

use crate::{Digest, Verification};

/// The timed code: runs so many operations and answers a checksum of what came out.
pub type Work = Box<dyn FnMut(u64) -> u64>;

/// What one operation gets through, for rates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[allow(clippy::exhaustive_enums, reason = "criterion knows no third kind")]
pub enum Throughput {
    /// Octets.
    Bytes(u64),
    /// Messages, lookups, or what else the operation names.
    Elements(u64),
}

/// What an operation may allocate once it is warm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[allow(clippy::exhaustive_structs, reason = "built by those who register benchmarks")]
pub struct Budget {
    /// Calls that ask for memory, reallocations included.
    pub allocs: u64,
    /// Octets asked for.
    pub bytes: u64,
}

/// A benchmark's id, `<category>/<operation>/<case>/<engine>`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Id {
    full: String,
    cuts: [usize; 3],
}

impl Id {
    /// Splits an id into its four parts: lower-case letters, digits, `-`, `_` and `.`, parted by
    /// `/`.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn parse(full: impl Into<String>) -> Result<Self, String> {
        let full = full.into();
        let allowed = |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.');
        let cuts: Vec<usize> = full.match_indices('/').map(|(at, _)| at).collect();
        let cuts: [usize; 3] = cuts.try_into().map_err(|_| {
            format!("benchmark id {full:?} is not <category>/<operation>/<case>/<engine>")
        })?;
        let sound = full.split('/').all(|part| !part.is_empty() && part.bytes().all(allowed));
        if !sound {
            return Err(format!(
                "benchmark id {full:?} has a part that is empty or not of a-z, 0-9, -, _ and ."
            ));
        }
        Ok(Self { full, cuts })
    }

    /// The whole id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.full
    }

    /// Which core or component: `http11`, `pooling`, ...
    #[must_use]
    pub fn category(&self) -> &str {
        self.part(0, self.cuts[0])
    }

    /// What is done: `parse-request`, ...
    #[must_use]
    pub fn operation(&self) -> &str {
        self.part(self.cuts[0] + 1, self.cuts[1])
    }

    /// To what: `get-27`, ...
    #[must_use]
    pub fn case(&self) -> &str {
        self.part(self.cuts[1] + 1, self.cuts[2])
    }

    /// By whom: `shockwave`, `hyper`, ...
    #[must_use]
    pub fn engine(&self) -> &str {
        self.part(self.cuts[2] + 1, self.full.len())
    }

    /// `<category>/<operation>/<case>`: the benchmarks that must give the same answer.
    #[must_use]
    pub fn group(&self) -> &str {
        self.part(0, self.cuts[2])
    }

    /// `<category>/<operation>`: criterion's group.
    #[must_use]
    pub fn family(&self) -> &str {
        self.part(0, self.cuts[1])
    }

    fn part(&self, from: usize, to: usize) -> &str {
        self.full.get(from..to).unwrap_or_default()
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.full)
    }
}

/// A benchmark to be registered.
///
/// ```
/// use shockwave_bench_kit::{Bench, Digest, Registry, Throughput, Verification, repeat};
///
/// fn register(registry: &mut Registry) {
///     let input = b"some octets".to_vec();
///     let source = Digest::of(b"the text of this file: include_str!").field(&input);
///     let length = Throughput::Bytes(input.len() as u64);
///     let expected = b"11".to_vec();
///     let bench = Bench::new("kit/length/short/std", source, move || {
///         let input = input.clone();
///         repeat(move || std::hint::black_box(&input).len() as u64)
///     });
///     registry.add(
///         bench
///             .throughput(length)
///             .budget(0, 0)
///             .verify(move || Verification::strict(b"11").expecting(&expected)),
///     );
/// }
/// # let mut registry = Registry::new();
/// # register(&mut registry);
/// # assert!(registry.problems().is_empty());
/// ```
pub struct Bench {
    id: String,
    throughput: Throughput,
    budget: Option<Budget>,
    differs: Option<&'static str>,
    source: Digest,
    make: Box<dyn Fn() -> Work>,
    verify: Option<Box<dyn Fn() -> Verification>>,
}

impl Bench {
    /// A benchmark that `make` sets up: it is called outside of the timed region and answers the
    /// code that runs n operations. `source` is the digest of the text that defines the benchmark
    /// and of its input, by which a change of the definition is told from a change of the code.
    #[must_use]
    pub fn new<W>(id: impl Into<String>, source: Digest, make: impl Fn() -> W + 'static) -> Self
    where
        W: FnMut(u64) -> u64 + 'static,
    {
        Self {
            id: id.into(),
            throughput: Throughput::Elements(1),
            budget: None,
            differs: None,
            source,
            make: Box::new(move || Box::new(make())),
            verify: None,
        }
    }

    /// What one operation gets through. One element, unless said otherwise.
    #[must_use]
    pub const fn throughput(mut self, throughput: Throughput) -> Self {
        self.throughput = throughput;
        self
    }

    /// What one warm operation may allocate.
    #[must_use]
    pub const fn budget(mut self, allocs: u64, bytes: u64) -> Self {
        self.budget = Some(Budget { allocs, bytes });
        self
    }

    /// Says that the operation is less work than that of the group's other engines, or more, and
    /// how: a half-sentence that a report puts beside its comparisons, which it keeps out of means.
    #[must_use]
    pub const fn differs(mut self, how: &'static str) -> Self {
        self.differs = Some(how);
        self
    }

    /// How the answer is checked. It runs the same code as the timed work, once, and is called
    /// before anything is timed.
    #[must_use]
    pub fn verify(mut self, verify: impl Fn() -> Verification + 'static) -> Self {
        self.verify = Some(Box::new(verify));
        self
    }

    pub(crate) fn register(self) -> Result<Registered, String> {
        let Self { id, throughput, budget, differs, source, make, verify } = self;
        Ok(Registered { id: Id::parse(id)?, throughput, budget, differs, source, make, verify })
    }
}

impl fmt::Debug for Bench {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bench").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A benchmark with a sound id.
pub(crate) struct Registered {
    pub(crate) id: Id,
    pub(crate) throughput: Throughput,
    pub(crate) budget: Option<Budget>,
    pub(crate) differs: Option<&'static str>,
    pub(crate) source: Digest,
    make: Box<dyn Fn() -> Work>,
    verify: Option<Box<dyn Fn() -> Verification>>,
}

impl Registered {
    /// Sets the benchmark up, and turns a panic into a sentence.
    pub(crate) fn make(&self) -> Result<Work, String> {
        caught("set-up", &self.make)
    }

    /// Runs the benchmark's check and answers what it found, or why it failed.
    pub(crate) fn check(&self) -> Result<Option<Verification>, String> {
        let Some(verify) = &self.verify else {
            return Ok(None);
        };
        let verification = caught("the check", verify)?;
        verification.failure().map_or(Ok(Some(verification)), Err)
    }
}

/// What `f` answers, or a sentence with its panic's message.
pub(crate) fn caught<R>(what: &str, f: impl FnOnce() -> R) -> Result<R, String> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(f)).map_err(|payload| {
        let message = payload
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| payload.downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "no message".to_owned());
        format!("{what} panicked: {message}")
    })
}

/// Runs one operation n times; the sum of what it answers is the checksum. Each answer passes
/// `black_box`, so that no operation is optimised away; the inputs are for the operation to pass.
pub fn repeat(mut operation: impl FnMut() -> u64) -> impl FnMut(u64) -> u64 {
    move |n| {
        let mut sum = 0_u64;
        for _ in 0..n {
            sum = sum.wrapping_add(black_box(operation()));
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_four_parts() {
        let id = Id::parse("http11/parse-request/get-27/shockwave").unwrap();
        assert_eq!(
            (id.category(), id.operation(), id.case(), id.engine()),
            ("http11", "parse-request", "get-27", "shockwave")
        );
        assert_eq!(id.family(), "http11/parse-request");
        assert_eq!(id.group(), "http11/parse-request/get-27");
        for bad in ["", "a/b/c", "a/b/c/d/e", "a//c/d", "a/b/c/", "A/b/c/d", "a/b/c d/e"] {
            assert!(Id::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_panicking_set_up_is_a_sentence() {
        let bench = Bench::new("kit/a/b/c", Digest::new(), || -> fn(u64) -> u64 {
            panic!("no such input")
        });
        let sentence = bench.register().unwrap().make().err().unwrap();
        assert!(sentence.contains("no such input"), "{sentence}");
    }

    #[test]
    fn repeat_runs_n_times() {
        let mut calls = 0;
        let sum = repeat(|| {
            calls += 1;
            2
        })(21);
        assert_eq!((sum, calls), (42, 21));
    }
}
