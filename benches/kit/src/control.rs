//! The controls: benchmarks of which it is known what a measurement must find.
//!
//! One allocates one known box an operation and is in every binary, to prove the counter alive. The
//! others are in the target `control` and misbehave on demand, so that whoever judges benchmarks
//! can be judged: [`INJECT`] is a list of what is to go wrong, parted by commas.

use core::hint::black_box;
use std::time::Duration;

use crate::bench::Work;
use crate::{Bench, Digest, Registry, Verification, repeat};

/// The control that is in every binary.
pub(crate) const ID: &str = "kit/control/allocates-once/kit";
const SIZE: usize = 64;

/// The variable of the environment that says how the controls are to misbehave:
///
/// | word | which | what |
/// |---|---|---|
/// | `slow=P` | all, or the one of `only=NAME` | P percent more operations than were asked for |
/// | `allocs=N` | `spins` | N boxes of 64 octets an operation |
/// | `octets=N` | `copies` | N octets more in its one allocation |
/// | `definition` | `spins` | another digest of what it does |
/// | `panic`, `abort`, `hang` | `scans` | ends so when it runs, or does not end |
/// | `wrong` | `scans` | gives another answer than it should |
pub const INJECT: &str = "SHOCKWAVE_BENCH_INJECT";

/// Registers the control that is in every binary.
pub(crate) fn register(registry: &mut Registry) {
    let operation = || {
        let boxed = black_box(Box::new([1_u8; SIZE]));
        u64::from(boxed[0])
    };
    registry.add(
        Bench::new(ID, source("allocates-once"), move || repeat(operation))
            .budget(1, SIZE as u64)
            .verify(move || Verification::strict(operation().to_string()).expecting(b"1")),
    );
}

/// Registers the controls that misbehave on demand.
pub fn controls(registry: &mut Registry) {
    let injected = Injected::of(&std::env::var(INJECT).unwrap_or_default());
    let definition = if injected.definition { "another" } else { "spins" };
    let (allocs, octets) = (injected.allocs, injected.octets);
    let [spins, scans, copies] = ["spins", "scans", "copies"].map(|name| injected.slow_of(name));
    registry.add(
        Bench::new("kit/control/spins/kit", source(definition), move || {
            let operation = move || {
                (0..allocs).for_each(|_| drop(black_box(Box::new([0_u8; SIZE]))));
                spin()
            };
            slower(spins, repeat(operation))
        })
        .budget(0, 0)
        .verify(|| Verification::strict(spin().to_string()).expecting(SPUN)),
    );
    let fault = injected.fault;
    let expected: &[u8] = if fault == Some(Fault::Wrong) { b"wrong" } else { b"128" };
    registry.add(
        Bench::new("kit/control/scans/kit", source("scans"), move || {
            let input = input();
            slower(scans, repeat(move || fault.map_or_else(|| scan(&input), Fault::happen)))
        })
        .budget(0, 0)
        .verify(move || Verification::strict(scan(&input()).to_string()).expecting(expected)),
    );
    registry.add(
        Bench::new("kit/control/copies/kit", source("copies"), move || {
            slower(copies, repeat(move || copy(octets)))
        })
        .budget(1, SIZE as u64)
        .verify(|| Verification::strict(copy(0).to_string()).expecting(b"64")),
    );
}

fn source(case: &str) -> Digest {
    Digest::of(include_bytes!("control.rs")).field(case.as_bytes())
}

/// Arithmetic, each step of which waits for the one before.
fn spin() -> u64 {
    (0..100_u64).fold(black_box(1), |sum, step| (sum ^ step).wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

const SPUN: &[u8] = b"12352803298012861857";

/// Counts the octets of one value, by a branch each.
fn scan(input: &[u8]) -> u64 {
    let mut count = 0;
    for octet in black_box(input) {
        if black_box(*octet) == b'\n' {
            count += 1;
        }
    }
    count
}

fn input() -> Vec<u8> {
    b"seven..\n".repeat(128)
}

/// Copies some octets into a new buffer, which is larger by so many.
fn copy(more: usize) -> u64 {
    let mut buffer = Vec::with_capacity(SIZE + more);
    buffer.extend_from_slice(&black_box([1_u8; SIZE]));
    black_box(buffer).len() as u64
}

/// The same work with so many percent more operations than were asked for.
fn slower(percent: u64, mut work: impl FnMut(u64) -> u64 + 'static) -> Work {
    Box::new(move |n| work(n + n * percent / 100))
}

/// What is to go wrong.
#[derive(Debug, Default, PartialEq, Eq)]
struct Injected {
    slow: u64,
    only: Option<String>,
    allocs: usize,
    octets: usize,
    definition: bool,
    fault: Option<Fault>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Panic,
    Abort,
    Hang,
    Wrong,
}

impl Fault {
    fn happen(self) -> u64 {
        match self {
            Self::Panic => panic!("as it was asked to"),
            Self::Abort => std::process::abort(),
            Self::Hang => loop {
                std::thread::sleep(Duration::from_secs(1));
            },
            // Its answer is what is wrong with it.
            Self::Wrong => 0,
        }
    }
}

impl Injected {
    /// Words that are not known are none of ours to refuse: the one who asked sees no effect.
    fn of(words: &str) -> Self {
        let mut injected = Self::default();
        for word in words.split(',') {
            let (name, number) = word.split_once('=').unwrap_or((word, "0"));
            match name {
                "slow" => injected.slow = number.parse().unwrap_or_default(),
                "allocs" => injected.allocs = number.parse().unwrap_or_default(),
                "octets" => injected.octets = number.parse().unwrap_or_default(),
                "only" => injected.only = word.split_once('=').map(|(_, name)| name.to_owned()),
                "definition" => injected.definition = true,
                "panic" => injected.fault = Some(Fault::Panic),
                "abort" => injected.fault = Some(Fault::Abort),
                "hang" => injected.fault = Some(Fault::Hang),
                "wrong" => injected.fault = Some(Fault::Wrong),
                _ => {}
            }
        }
        injected
    }

    fn slow_of(&self, name: &str) -> u64 {
        if self.only.as_deref().is_none_or(|only| only == name) { self.slow } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::count;

    #[test]
    fn the_words_of_an_injection() {
        assert_eq!(Injected::of(""), Injected::default());
        let injected = Injected::of("slow=8,allocs=2,definition,hang");
        assert_eq!((injected.slow, injected.allocs), (8, 2));
        assert!(injected.definition && injected.fault == Some(Fault::Hang));
        let injected = Injected::of("slow=8,only=scans");
        assert_eq!((injected.slow_of("scans"), injected.slow_of("spins")), (8, 0));
    }

    #[test]
    fn the_controls_give_their_known_answers() {
        let mut registry = Registry::new();
        controls(&mut registry);
        assert!(registry.problems().is_empty());
        for bench in registry.benches() {
            assert!(bench.check().is_ok(), "{:?}", bench.check().err());
        }
    }

    #[test]
    fn slower_is_more_operations() {
        let mut work = slower(8, repeat(|| 1));
        assert_eq!((work(100), work(1)), (108, 1));
    }

    #[test]
    fn more_octets_are_no_more_allocations() {
        let (_, plain) = count(|| {
            copy(0);
        });
        let (_, grown) = count(|| {
            copy(16);
        });
        assert_eq!((plain.allocs, grown.allocs), (1, 1));
        assert_eq!((plain.bytes, grown.bytes), (64, 80));
    }
}
