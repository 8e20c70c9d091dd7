//! The figures of a benchmark that are the same on every run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::archive::{Instructions, Sample};
use super::protocol::{Allocations, Benchmark};

/// Each as far as it was taken, of one operation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Exact {
    pub(crate) allocs: Option<f64>,
    pub(crate) bytes: Option<f64>,
    pub(crate) peak_live: Option<f64>,
    /// Instructions of the first operation.
    pub(crate) cold: Option<f64>,
    /// And of each one after it.
    pub(crate) steady: Option<f64>,
}

impl Exact {
    pub(crate) fn of(counts: Option<&Allocations>, instructions: Option<&Instructions>) -> Self {
        Self {
            allocs: counts.map(|counts| counts.allocs),
            bytes: counts.map(|counts| counts.bytes),
            peak_live: counts.map(|counts| counts.peak_live),
            cold: instructions.map(|counts| counts.once as f64),
            steady: instructions.map(Instructions::steady),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The exact figures of every benchmark of an archive, by id.
pub(crate) fn figures(samples: &[Sample]) -> BTreeMap<&str, (&Benchmark, Exact)> {
    let mut figures = BTreeMap::new();
    for sample in samples {
        if let Sample::Benchmark { benchmark, .. } = sample {
            figures.insert(benchmark.id.as_str(), (benchmark, Exact::default()));
        }
    }
    for sample in samples {
        let (id, taken) = match sample {
            Sample::Allocations(counts) => (&counts.id, Exact::of(Some(counts), None)),
            Sample::Instructions(counts) => (&counts.id, Exact::of(None, Some(counts))),
            _ => continue,
        };
        if let Some((_, exact)) = figures.get_mut(id.as_str()) {
            let Exact { allocs, bytes, peak_live, cold, steady } = taken;
            *exact = Exact {
                allocs: allocs.or(exact.allocs),
                bytes: bytes.or(exact.bytes),
                peak_live: peak_live.or(exact.peak_live),
                cold: cold.or(exact.cold),
                steady: steady.or(exact.steady),
            };
        }
    }
    figures
}
