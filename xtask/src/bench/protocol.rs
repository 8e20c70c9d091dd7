//! What the bench binaries print: JSON lines, one type a mode. The kit writes them, we read them.

use anyhow::{Context as _, Result, bail};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The control that allocates once an operation: it proves the counter alive.
pub(crate) const CONTROL: &str = "kit/control/allocates-once/kit";
/// The category of what the kit registers about itself; no part of the results.
pub(crate) const KIT: &str = "kit";
/// Our own engines' names start so; all others are peers.
pub(crate) const OURS: &str = "shockwave";
/// The category whose engines are allocation modes of ours, and the mode that the others are held
/// against.
pub(crate) const MODES: &str = "allocator";
pub(crate) const STANDARD: &str = "standard";

/// A registered benchmark: a line of `--kit list`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Benchmark {
    pub(crate) id: String,
    pub(crate) category: String,
    pub(crate) operation: String,
    pub(crate) case: String,
    pub(crate) engine: String,
    pub(crate) throughput: Option<Throughput>,
    pub(crate) budget: Option<Budget>,
    /// How the operation is less work than its rivals', or more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) differs: Option<String>,
    /// Digest of the benchmark's definition.
    pub(crate) source: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Throughput {
    Bytes(u64),
    Elements(u64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Budget {
    pub(crate) allocs: u64,
    pub(crate) bytes: u64,
}

/// A line of `--kit verify`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Verified {
    pub(crate) id: String,
    pub(crate) group: String,
    pub(crate) accepts: Option<String>,
    pub(crate) rejects: Option<String>,
    /// `strict` or `lenient`.
    #[serde(default)]
    pub(crate) checks: Option<String>,
    #[serde(default)]
    pub(crate) accepts_malformed: Vec<String>,
}

/// A line of `--kit alloc`: what one warm operation asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Allocations {
    pub(crate) id: String,
    pub(crate) allocs: f64,
    pub(crate) bytes: f64,
    #[serde(default)]
    pub(crate) reallocs: f64,
    #[serde(default)]
    pub(crate) frees: f64,
    #[serde(default)]
    pub(crate) peak_live: f64,
    /// What the first operations left live, all together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) retained: Option<f64>,
    /// Whether twice the operations allocated exactly twice as often.
    #[serde(default)]
    pub(crate) linear: Option<bool>,
}

impl Benchmark {
    /// What an id alone tells.
    pub(crate) fn named(id: &str) -> Self {
        let mut parts = id.splitn(4, '/').map(str::to_owned);
        let mut part = || parts.next().unwrap_or_default();
        let (category, operation, case, engine) = (part(), part(), part(), part());
        let (id, throughput, budget) = (id.to_owned(), None, None);
        let (differs, source) = (None, None);
        Self { id, category, operation, case, engine, throughput, budget, differs, source }
    }

    /// Everything but the engine: benchmarks of one group do the same work.
    pub(crate) fn group(&self) -> String {
        format!("{}/{}/{}", self.category, self.operation, self.case)
    }

    /// Whether it is held against others of its group, and they not against it: Shockwave in one of
    /// its forms, or in an allocation mode other than the standard one.
    pub(crate) fn is_ours(&self) -> bool {
        if self.category == MODES { self.engine != STANDARD } else { is_ours(&self.engine) }
    }

    /// Whether somebody else's code is at work.
    pub(crate) fn is_peers(&self) -> bool {
        self.category != MODES && !is_ours(&self.engine)
    }
}

/// Whether an engine is Shockwave in one of its forms: `shockwave`, `shockwave-scalar`.
pub(crate) fn is_ours(engine: &str) -> bool {
    engine.strip_prefix(OURS).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

/// Reads lines of JSON; an error names the line.
pub(crate) fn lines<T: DeserializeOwned>(text: &str, origin: &str) -> Result<Vec<T>> {
    let mut values = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let place = || format!("{origin}, line {}", index + 1);
        let value = serde_json::from_str(line).with_context(|| {
            format!("{}: not what the bench kit's protocol says: {}", place(), excerpt(line))
        })?;
        values.push(value);
    }
    Ok(values)
}

/// What a benchmark failed with, printed in the place of its line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Failed {
    pub(crate) id: String,
    pub(crate) error: String,
}

/// Reads lines of which each may be a failure instead.
pub(crate) fn lines_or_failures<T: DeserializeOwned>(
    text: &str,
    origin: &str,
) -> Result<(Vec<T>, Vec<Failed>)> {
    let is_failure = |line: &&str| serde_json::from_str::<Failed>(line).is_ok();
    let failures = text.lines().filter(is_failure).collect::<Vec<_>>().join("\n");
    let blanked: Vec<_> =
        text.lines().map(|line| if is_failure(&line) { "" } else { line }).collect();
    Ok((lines(&blanked.join("\n"), origin)?, lines(&failures, origin)?))
}

/// The benchmarks of a binary; an id stands only once in one.
pub(crate) fn inventory(text: &str, origin: &str) -> Result<Vec<Benchmark>> {
    let benchmarks: Vec<Benchmark> = lines(text, origin)?;
    let mut seen = std::collections::BTreeSet::new();
    for benchmark in &benchmarks {
        if !seen.insert(&benchmark.id) {
            bail!("{origin}: the id {} is registered twice", benchmark.id);
        }
    }
    Ok(benchmarks)
}

fn excerpt(line: &str) -> String {
    const SHOWN: usize = 80;
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = concat!(
        r#"{"id":"http11/parse/get-37/shockwave","category":"http11","operation":"parse","#,
        r#""case":"get-37","engine":"shockwave","throughput":{"bytes":37},"#,
        r#""budget":{"allocs":0,"bytes":0},"source":"9f"}"#,
    );

    #[test]
    fn an_inventory() {
        let benchmarks = inventory(&format!("{LIST}\n\n"), "x --kit list").unwrap();
        assert_eq!(benchmarks[0].group(), "http11/parse/get-37");
        assert_eq!(benchmarks[0].throughput, Some(Throughput::Bytes(37)));
        assert_eq!(benchmarks[0].budget, Some(Budget { allocs: 0, bytes: 0 }));
    }

    #[test]
    fn an_id_that_stands_twice_is_an_error() {
        let error = inventory(&format!("{LIST}\n{LIST}"), "x").unwrap_err().to_string();
        assert!(error.contains("get-37/shockwave is registered twice"), "{error}");
    }

    #[test]
    fn missing_digests_and_budgets() {
        let text = r#"{"id":"a/b/c/d","group":"a/b/c","accepts":"1","rejects":null}"#;
        let verified: Vec<Verified> = lines(text, "x").unwrap();
        assert!(verified[0].rejects.is_none() && verified[0].accepts_malformed.is_empty());
        let text = r#"{"id":"a/b/c/d","allocs":1,"bytes":64}"#;
        assert_eq!(lines::<Allocations>(text, "x").unwrap()[0].bytes, 64.0);
    }

    #[test]
    fn a_failure_stands_in_the_place_of_a_line() {
        let text =
            "{\"id\":\"a/b/c/d\",\"error\":\"wrong\"}\n{\"id\":\"a/b/c/e\",\"group\":\"a/b/c\"}\n";
        let (verified, failed) = lines_or_failures::<Verified>(text, "x").unwrap();
        assert_eq!((verified[0].id.as_str(), failed[0].error.as_str()), ("a/b/c/e", "wrong"));
        let error = lines_or_failures::<Verified>(&format!("{text}nothing"), "x").unwrap_err();
        assert!(error.to_string().starts_with("x, line 3"), "{error}");
    }

    #[test]
    fn an_error_names_the_line() {
        let error = format!("{:#}", lines::<Verified>("\n{\"id\":1}", "bin").unwrap_err());
        assert!(error.starts_with("bin, line 2: not what"), "{error}");
    }

    #[test]
    fn our_engines() {
        assert!(is_ours("shockwave") && is_ours("shockwave-scalar"));
        assert!(!is_ours("shockwaves") && !is_ours("hyper"));
    }
}
