//! Which benchmark is meant: an id, or a regular expression that matches one.

use anyhow::{Result, bail};
use regex::Regex;

use crate::bench::build::Binary;
use crate::bench::plan::Plan;
use crate::bench::prepare;
use crate::flags::SelectArgs;

/// How many ids an error names.
const NAMED: usize = 8;

/// Builds our own bench targets, and those of the peers if it is in none of ours, and gives the
/// benchmark's id with the binary that it is run from.
pub(super) fn find(wanted: &Regex) -> Result<(Binary, String)> {
    let own = prepare(&SelectArgs { no_peers: true, ..SelectArgs::default() })?.2;
    if let Some(found) = found(&own, wanted)? {
        return Ok(found);
    }
    let all = prepare(&SelectArgs::default())?.2;
    if let Some(found) = found(&all, wanted)? {
        return Ok(found);
    }
    let ids: Vec<&str> = all.benchmarks.iter().map(|it| it.benchmark.id.as_str()).collect();
    let near = near(wanted.as_str(), &ids).join("\n  ");
    bail!("no benchmark is called or matches `{wanted}`. The nearest are:\n  {near}")
}

fn found(plan: &Plan, wanted: &Regex) -> Result<Option<(Binary, String)>> {
    let ids: Vec<&str> = plan.benchmarks.iter().map(|it| it.benchmark.id.as_str()).collect();
    let Some(id) = the_one(&ids, wanted)? else { return Ok(None) };
    let planned = plan.benchmarks.iter().find(|it| it.benchmark.id == id);
    let binary = planned.and_then(|planned| plan.binaries.get(planned.binary));
    Ok(binary.map(|binary| (binary.clone(), id.to_owned())))
}

/// The id itself, or the only one that matches. Several are an error that names them.
fn the_one<'a>(ids: &[&'a str], wanted: &Regex) -> Result<Option<&'a str>> {
    if let Some(id) = ids.iter().find(|id| **id == wanted.as_str()) {
        return Ok(Some(id));
    }
    let matching: Vec<&str> = ids.iter().copied().filter(|id| wanted.is_match(id)).collect();
    match matching.as_slice() {
        [] => Ok(None),
        [id] => Ok(Some(id)),
        several => {
            let more = several.len().saturating_sub(NAMED);
            let mut named = several[..several.len() - more].join("\n  ");
            if more > 0 {
                named.push_str(&format!("\n  and {more} more"));
            }
            bail!("`{wanted}` matches {} benchmarks, say which:\n  {named}", several.len())
        }
    }
}

/// The ids that read most like it, the nearest first.
fn near<'a>(wanted: &str, ids: &[&'a str]) -> Vec<&'a str> {
    let mut near = ids.to_vec();
    let likeness = |id: &str| strsim::jaro_winkler(wanted, id);
    near.sort_by(|a, b| likeness(b).total_cmp(&likeness(a)));
    near.truncate(NAMED);
    near
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDS: [&str; 4] =
        ["http11/parse/get/hyper", "http11/parse/get/us", "http11/parse/get-2/us", "ws/mask/1k/us"];

    fn the_one(wanted: &str) -> Result<Option<&'static str>> {
        super::the_one(&IDS, &Regex::new(wanted).unwrap())
    }

    #[test]
    fn an_id_or_an_expression_that_matches_one() {
        assert_eq!(the_one("http11/parse/get/us").unwrap(), Some("http11/parse/get/us"));
        assert_eq!(the_one("get.*hyper").unwrap(), Some("http11/parse/get/hyper"));
        assert_eq!(the_one("http2").unwrap(), None);
    }

    #[test]
    fn several_are_named() {
        let error = the_one("http11").unwrap_err().to_string();
        assert!(error.contains("matches 3 benchmarks") && error.contains("get-2/us"), "{error}");
    }

    #[test]
    fn the_nearest_come_first() {
        assert_eq!(near("http11/parse/gte/us", &IDS)[0], "http11/parse/get/us");
        assert_eq!(near("ws/mask/2k/us", &IDS)[0], "ws/mask/1k/us");
    }
}
