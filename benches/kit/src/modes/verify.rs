//! `--kit verify`: every answer is right, and all engines of a group give the same one.

use std::collections::HashMap;
use std::io::{self, Write};

use regex::Regex;
use serde::Serialize;

use super::{Outcome, complain, line, report};
use crate::verification::difference;
use crate::{Checks, Registry};

#[derive(Serialize)]
struct Verified<'a> {
    id: &'a str,
    group: &'a str,
    /// The digest of the canonical output; null where the benchmark has no check.
    accepts: Option<String>,
    /// The digest of the verdicts over the malformed set; null where there is none.
    rejects: Option<String>,
    checks: Option<Checks>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    accepts_malformed: Vec<&'a str>,
}

pub(super) fn run(
    registry: &Registry,
    filter: Option<&Regex>,
    out: &mut dyn Write,
) -> io::Result<Outcome> {
    let mut outcome = Outcome::Passed;
    // The first output of each group, and whose it is.
    let mut groups: HashMap<&str, (&str, Vec<u8>)> = HashMap::new();
    for bench in registry.matching(filter) {
        let (id, group) = (bench.id.as_str(), bench.id.group());
        let verification = match bench.check() {
            Ok(verification) => verification,
            Err(error) => {
                report(out, bench, &error)?;
                outcome = Outcome::Failed;
                continue;
            }
        };
        let verification = verification.as_ref();
        line(
            out,
            &Verified {
                id,
                group,
                accepts: verification.map(|v| v.accepts().to_string()),
                rejects: verification.and_then(|v| v.rejects()).map(|digest| digest.to_string()),
                checks: verification.map(|v| v.checks()),
                accepts_malformed: verification.map(|v| v.accepts_malformed()).unwrap_or_default(),
            },
        )?;
        let Some(verification) = verification else {
            continue;
        };
        match groups.get(group) {
            None => {
                groups.insert(group, (bench.id.engine(), verification.output().to_vec()));
            }
            Some((engine, output)) if output != verification.output() => {
                let here = (bench.id.engine(), verification.output());
                let parted = difference((engine, output), here);
                complain(&format!("the engines of {group} differ: {parted}"));
                outcome = Outcome::Failed;
            }
            Some(_) => {}
        }
    }
    Ok(outcome)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::Verdict;
    use crate::{Bench, Digest, Verification, repeat};

    fn verified(benches: Vec<(&str, Verification)>) -> (Outcome, Vec<serde_json::Value>) {
        let mut registry = Registry::new();
        for (id, verification) in benches {
            let bench = Bench::new(id, Digest::new(), || repeat(|| 1));
            registry.add(bench.verify(move || verification.clone()));
        }
        let mut out = Vec::new();
        let outcome = run(&registry, None, &mut out).unwrap();
        let lines = str::from_utf8(&out).unwrap().lines();
        (outcome, lines.map(|line| serde_json::from_str(line).unwrap()).collect())
    }

    #[test]
    fn engines_that_agree_pass() {
        let set = [("bare-lf", Verdict::Reject, &b"x"[..])];
        let (outcome, lines) = verified(vec![
            ("a/b/c/ours", Verification::strict(b"x").judging(set, |_| false)),
            ("a/b/c/peer", Verification::lenient(b"x").judging(set, |_| true)),
            ("a/b/other/ours", Verification::strict(b"y")),
        ]);
        assert_eq!(outcome, Outcome::Passed);
        assert_eq!(lines[0]["accepts"], lines[1]["accepts"]);
        assert_ne!(lines[0]["rejects"], lines[1]["rejects"]);
        assert_eq!(lines[0].get("accepts_malformed"), None);
        assert_eq!(lines[1]["accepts_malformed"], serde_json::json!(["bare-lf"]));
        assert_eq!(lines[1]["checks"], "lenient");
        assert_eq!(lines[2]["group"], "a/b/other");
        assert!(lines[2]["rejects"].is_null());
    }

    #[test]
    fn engines_that_differ_fail() {
        let (outcome, lines) = verified(vec![
            ("a/b/c/ours", Verification::strict(b"x")),
            ("a/b/c/peer", Verification::lenient(b"y")),
        ]);
        assert_eq!(outcome, Outcome::Failed);
        assert_eq!(lines.len(), 2);
    }

    #[test]
    fn a_wrong_answer_fails_and_the_rest_goes_on() {
        let (outcome, lines) = verified(vec![
            ("a/b/c/ours", Verification::strict(b"x").expecting(b"z")),
            ("a/b/d/ours", Verification::strict(b"x")),
        ]);
        assert_eq!(outcome, Outcome::Failed);
        assert!(lines[0]["error"].as_str().unwrap().contains("the answer is wrong"));
        assert_eq!(lines[1]["id"], "a/b/d/ours");
    }
}
