//! The list of benchmarks that every mode reads.

use core::fmt;
use std::collections::HashSet;

use regex::Regex;

use crate::bench::{Bench, Registered};

/// The benchmarks of one binary, in the order of their registration.
#[derive(Default)]
pub struct Registry {
    benches: Vec<Registered>,
    ids: HashSet<String>,
    problems: Vec<String>,
}

impl Registry {
    /// An empty registry.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Registers a benchmark. A malformed or a repeated id is a problem that keeps every mode from
    /// running: see [`Registry::problems`].
    pub fn add(&mut self, bench: Bench) {
        match bench.register() {
            Err(problem) => self.problems.push(problem),
            Ok(bench) if self.ids.contains(bench.id.as_str()) => {
                self.problems.push(format!("benchmark id {} is registered twice", bench.id));
            }
            Ok(bench) => {
                self.ids.insert(bench.id.as_str().to_owned());
                self.benches.push(bench);
            }
        }
    }

    /// What was wrong with what was registered, one sentence each.
    #[must_use]
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    /// The registered ids, in order.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.benches.iter().map(|bench| bench.id.as_str())
    }

    pub(crate) fn benches(&self) -> &[Registered] {
        &self.benches
    }

    pub(crate) fn matching(&self, filter: Option<&Regex>) -> impl Iterator<Item = &Registered> {
        self.benches
            .iter()
            .filter(move |bench| filter.is_none_or(|filter| filter.is_match(bench.id.as_str())))
    }

    pub(crate) fn find(&self, id: &str) -> Option<&Registered> {
        self.benches.iter().find(|bench| bench.id.as_str() == id)
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.ids()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Digest, repeat};

    fn bench(id: &str) -> Bench {
        Bench::new(id, Digest::new(), || repeat(|| 1))
    }

    #[test]
    fn a_repeated_id_is_rejected() {
        let mut registry = Registry::new();
        registry.add(bench("kit/a/b/c"));
        registry.add(bench("kit/a/b/d"));
        assert!(registry.problems().is_empty());
        registry.add(bench("kit/a/b/c"));
        assert_eq!(registry.problems(), ["benchmark id kit/a/b/c is registered twice"]);
        assert_eq!(registry.ids().collect::<Vec<_>>(), ["kit/a/b/c", "kit/a/b/d"]);
    }

    #[test]
    fn a_malformed_id_is_rejected() {
        let mut registry = Registry::new();
        registry.add(bench("kit/a/b"));
        assert_eq!(registry.problems().len(), 1);
        assert_eq!(registry.ids().count(), 0);
    }
}
