//! `--kit alloc`: what a warm operation allocates, proven to be the same for each operation.
//!
//! What the first block leaves live is noted: pools, arenas and buffers that grew. After it, blocks
//! of n and of 2n operations are counted, three of each, and the least is taken: what happens once
//! (a lazy static, a table that grew) is no property of the operation. What an operation costs is
//! the difference of the two divided by n. The count is *linear* where that division leaves nothing
//! and the block of n costs exactly n operations; where a peer allocates every few operations, it
//! is not, and the figure is a mean.

use std::io::{self, Write};

use regex::Regex;
use serde::Serialize;

use super::{Outcome, complain, line, report};
use crate::bench::{Registered, Work, caught};
use crate::{CountingAllocator, Counts, Registry, control, count_process, region};

/// Operations in the smaller block.
const BLOCK: u64 = 128;
const REPETITIONS: usize = 3;

/// What an operation allocates.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct PerOperation {
    allocs: Figure,
    bytes: Figure,
    reallocs: Figure,
    frees: Figure,
    peak_live: u64,
    /// What the first operations left live: pools, arenas, buffers that grew. Not per operation.
    retained: u64,
    linear: bool,
}

/// A whole number where it is one, so that exact figures stay exact in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(untagged)]
enum Figure {
    Exact(i64),
    Mean(f64),
}

#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    #[serde(flatten)]
    per_operation: &'a PerOperation,
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    over_budget: bool,
}

pub(super) fn run(
    registry: &Registry,
    filter: Option<&Regex>,
    out: &mut dyn Write,
) -> io::Result<Outcome> {
    if !CountingAllocator::is_installed() {
        return Ok(Outcome::refused(
            "allocations are counted in a build of its own: build with the kit's feature \
             `count-allocations` (--features shockwave-bench-kit/count-allocations)",
        ));
    }
    let mut outcome = Outcome::Passed;
    if let Err(sentence) = control_counts_one(registry, |body| count_process(body).1) {
        complain(&sentence);
        outcome = Outcome::Failed;
    }
    for bench in registry.matching(filter) {
        match measure(bench, |body| count_process(body).1) {
            Ok(per_operation) => {
                let over_budget = is_over_budget(bench, &per_operation);
                if over_budget {
                    complain(&format!("{} is over its budget: {per_operation:?}", bench.id));
                }
                let id = bench.id.as_str();
                line(out, &Line { id, per_operation: &per_operation, over_budget })?;
            }
            Err(error) => {
                report(out, bench, &error)?;
                outcome = Outcome::Failed;
            }
        }
    }
    Ok(outcome)
}

type Counter = fn(&mut dyn FnMut()) -> Counts;

/// Holds the counter against the control, which allocates exactly once an operation.
fn control_counts_one(registry: &Registry, counter: Counter) -> Result<(), String> {
    let control = registry.find(control::ID).ok_or("the control is not registered")?;
    let counted = measure(control, counter)?;
    if counted.linear && counted.allocs == Figure::Exact(1) {
        Ok(())
    } else {
        Err(format!("the counter is broken: {} counts {counted:?}", control.id))
    }
}

fn measure(bench: &Registered, counter: Counter) -> Result<PerOperation, String> {
    bench.check()?;
    let mut work = bench.make()?;
    caught("the benchmark", || {
        let first = block(&mut work, BLOCK, counter);
        let small = least(&mut work, BLOCK, counter);
        let large = least(&mut work, 2 * BLOCK, counter);
        let retained = first.retained;
        PerOperation { retained, ..PerOperation::from_blocks(&small, &large, BLOCK) }
    })
}

fn least(work: &mut Work, n: u64, counter: Counter) -> Counts {
    (0..REPETITIONS).map(|_| block(work, n, counter)).min().unwrap_or_default()
}

fn block(work: &mut Work, n: u64, counter: Counter) -> Counts {
    counter(&mut || {
        region::run(work, n);
    })
}

impl PerOperation {
    fn from_blocks(small: &Counts, large: &Counts, n: u64) -> Self {
        let counted = |of: fn(&Counts) -> u64| Figure::between(of(small), of(large), n);
        let linear = |of: fn(&Counts) -> u64| match counted(of) {
            Figure::Exact(per) => i64::try_from(of(small)) == Ok(per.saturating_mul(signed(n))),
            Figure::Mean(_) => false,
        };
        Self {
            allocs: counted(|counts| counts.allocs),
            bytes: counted(|counts| counts.bytes),
            reallocs: counted(|counts| counts.reallocs),
            frees: counted(|counts| counts.frees),
            peak_live: small.peak_live,
            retained: 0,
            linear: linear(|counts| counts.allocs) && linear(|counts| counts.bytes),
        }
    }
}

impl Figure {
    fn between(small: u64, large: u64, n: u64) -> Self {
        let difference = signed(large).saturating_sub(signed(small));
        if difference % signed(n) == 0 {
            Self::Exact(difference / signed(n))
        } else {
            #[allow(clippy::cast_precision_loss, reason = "a mean of counts far below 2^52")]
            Self::Mean(difference as f64 / n as f64)
        }
    }

    fn exceeds(self, bound: u64) -> bool {
        match self {
            Self::Exact(figure) => figure > signed(bound),
            #[allow(clippy::cast_precision_loss, reason = "budgets are far below 2^52")]
            Self::Mean(figure) => figure > bound as f64,
        }
    }
}

fn is_over_budget(bench: &Registered, per_operation: &PerOperation) -> bool {
    bench.budget.is_some_and(|budget| {
        let exceeds = per_operation.allocs.exceeds(budget.allocs)
            || per_operation.bytes.exceeds(budget.bytes);
        exceeds || !per_operation.linear
    })
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Bench, Digest, count, repeat};
    use core::hint::black_box;

    // Of this thread: other tests allocate meanwhile.
    const COUNTER: Counter = |body| count(body).1;

    fn measured<W: FnMut(u64) -> u64 + 'static>(
        make: impl Fn() -> W + 'static,
    ) -> (Registered, PerOperation) {
        let bench = Bench::new("kit/a/b/c", Digest::new(), make).budget(0, 0).register().unwrap();
        let per_operation = measure(&bench, COUNTER).unwrap();
        (bench, per_operation)
    }

    #[test]
    fn the_control_counts_one() {
        let mut registry = Registry::new();
        control::register(&mut registry);
        control_counts_one(&registry, COUNTER).unwrap();
        let counted = measure(registry.find(control::ID).unwrap(), COUNTER).unwrap();
        assert_eq!(counted.allocs, Figure::Exact(1));
        assert_eq!((counted.frees, counted.reallocs), (Figure::Exact(1), Figure::Exact(0)));
        assert_eq!((counted.bytes, counted.peak_live), (Figure::Exact(64), 64));
    }

    #[test]
    fn a_dead_counter_is_found() {
        let mut registry = Registry::new();
        control::register(&mut registry);
        let sentence = control_counts_one(&registry, |body| {
            body();
            Counts::default()
        });
        assert!(sentence.unwrap_err().contains("the counter is broken"));
    }

    #[test]
    fn nothing_is_zero_and_within_budget() {
        let (bench, counted) = measured(|| repeat(|| black_box(1)));
        assert_eq!((counted.allocs, counted.bytes), (Figure::Exact(0), Figure::Exact(0)));
        assert!(counted.linear);
        assert!(!is_over_budget(&bench, &counted));
    }

    #[test]
    fn what_is_kept_is_told_apart_from_what_an_operation_allocates() {
        let (_, counted) = measured(|| {
            let mut kept: Vec<u8> = Vec::new();
            repeat(move || {
                kept.clear();
                kept.extend_from_slice(black_box(&[1; 100]));
                kept.len() as u64
            })
        });
        assert_eq!((counted.allocs, counted.retained), (Figure::Exact(0), 100));
    }

    #[test]
    fn an_allocation_every_third_operation_is_not_linear() {
        let (bench, counted) = measured(|| {
            let mut at = 0;
            repeat(move || {
                at += 1;
                if at % 3 == 0 {
                    drop(black_box(Box::new(at)));
                }
                at
            })
        });
        assert!(!counted.linear, "{counted:?}");
        assert!(is_over_budget(&bench, &counted));
    }

    #[test]
    fn set_up_inside_the_block_is_not_linear() {
        let (bench, counted) = measured(|| {
            |n| {
                let buffer: Vec<u8> = black_box(Vec::with_capacity(100));
                buffer.capacity() as u64 + repeat(|| 1)(n)
            }
        });
        assert_eq!(counted.allocs, Figure::Exact(0));
        assert!(!counted.linear && is_over_budget(&bench, &counted));
    }

    #[test]
    fn a_buffer_that_grows_without_end_is_over_budget() {
        let (bench, counted) = measured(|| {
            let mut log: Vec<u64> = Vec::new();
            repeat(move || {
                log.push(black_box(1));
                log.reserve_exact(1);
                log.len() as u64
            })
        });
        assert!(is_over_budget(&bench, &counted), "{counted:?}");
    }
}
