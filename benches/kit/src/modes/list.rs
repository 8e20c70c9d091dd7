//! `--kit list`: what is registered.

use std::io::{self, Write};

use regex::Regex;
use serde::Serialize;

use super::{Outcome, line};
use crate::{Budget, Registry, Throughput};

#[derive(Serialize)]
struct Listed<'a> {
    id: &'a str,
    category: &'a str,
    operation: &'a str,
    case: &'a str,
    engine: &'a str,
    throughput: Throughput,
    budget: Option<Budget>,
    #[serde(skip_serializing_if = "Option::is_none")]
    differs: Option<&'a str>,
    source: String,
}

pub(super) fn run(
    registry: &Registry,
    filter: Option<&Regex>,
    out: &mut dyn Write,
) -> io::Result<Outcome> {
    for bench in registry.matching(filter) {
        let listed = Listed {
            id: bench.id.as_str(),
            category: bench.id.category(),
            operation: bench.id.operation(),
            case: bench.id.case(),
            engine: bench.id.engine(),
            throughput: bench.throughput,
            budget: bench.budget,
            differs: bench.differs,
            source: bench.source.to_string(),
        };
        line(out, &listed)?;
    }
    Ok(Outcome::Passed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Bench, Digest, repeat};

    #[test]
    fn each_line_is_an_object_with_the_agreed_keys() {
        let mut registry = Registry::new();
        let bench = Bench::new("kit/a/b/c", Digest::of(b"foobar"), || repeat(|| 1));
        registry.add(bench.throughput(Throughput::Bytes(5)).budget(0, 0));
        let bench = Bench::new("kit/a/b/d", Digest::new(), || repeat(|| 1));
        registry.add(bench.differs("does half of it"));
        let mut out = Vec::new();
        assert_eq!(run(&registry, None, &mut out).unwrap(), Outcome::Passed);
        let lines: Vec<serde_json::Value> = str::from_utf8(&out)
            .unwrap()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(
            lines[0],
            serde_json::json!({
                "id": "kit/a/b/c", "category": "kit", "operation": "a", "case": "b", "engine": "c",
                "throughput": {"bytes": 5}, "budget": {"allocs": 0, "bytes": 0},
                "source": "85944171f73967e8",
            })
        );
        assert_eq!(lines[1]["throughput"], serde_json::json!({"elements": 1}));
        assert!(lines[1]["budget"].is_null());
        assert_eq!(lines[1]["differs"], "does half of it");
        assert_eq!(lines.len(), 2);
    }

    #[test]
    fn a_filter_selects() {
        let mut registry = Registry::new();
        for id in ["kit/a/b/c", "kit/a/x/c"] {
            registry.add(Bench::new(id, Digest::new(), || repeat(|| 1)));
        }
        let mut out = Vec::new();
        let filter = Regex::new("/x/").unwrap();
        run(&registry, Some(&filter), &mut out).unwrap();
        assert_eq!(out.iter().filter(|&&b| b == b'\n').count(), 1);
    }
}
