//! Fences, changes, and what the table and the page say of them.

use regex::Regex;

use super::*;
use crate::bench::model::fixture;

const ID: &str = "http11/parse/get-37/shockwave";

/// A run of a commit, with this median, and so many allocations and instructions.
fn entry(commit: &str, median: f64, allocs: f64, steady: f64) -> Entry {
    let mut entry = Entry::of(&fixture::report());
    entry.commit = commit.to_owned();
    let row = entry.rows.get_mut(ID).unwrap();
    row.time = Estimate::of(&[median * 0.99, median, median * 1.01]);
    row.exact.allocs = Some(allocs);
    row.exact.steady = Some(steady);
    entry
}

fn trend_of(entries: &[Entry]) -> Trend {
    trends(entries).into_iter().find(|trend| trend.id == ID).unwrap()
}

/// Steps of one and of two percent, up and down.
fn steady_runs(count: usize) -> Vec<Entry> {
    let medians = [100.0, 101.0, 103.0, 102.0, 100.0].into_iter().cycle().take(count);
    medians.map(|median| entry("aaaa", median, 0.0, 150.0)).collect()
}

#[test]
fn a_fence_is_made_from_the_steps_before_the_last() {
    // Steps of 1, 2, 3, 4, 5, 6, 7, 8 and then 9 percent: quartiles 2.75 and 6.25.
    let mut medians = vec![100.0];
    for step in 1..=9 {
        medians.push(medians[medians.len() - 1] * (1.0 + f64::from(step) / 100.0));
    }
    assert!((fence(&medians).unwrap() - (0.0625 + 3.0 * 0.035)).abs() < 1e-12);
    assert_eq!(fence(&medians[..9]), None, "seven steps before the last are too few");
    assert_eq!((fence(&[]), fence(&[1.0])), (None, None));
    // Only the last thirty count.
    let wild = (0..40).map(|index| if index % 2 == 0 { 1.0 } else { 9.0 });
    let calm = [1.0; 32];
    assert_eq!(fence(&wild.chain(calm).collect::<Vec<_>>()), Some(0.0));
}

#[test]
fn a_step_beyond_the_fence_is_marked() {
    let mut entries = steady_runs(12);
    assert!(!trend_of(&entries).is_beyond());
    entries.push(entry("bbbb", 130.0, 0.0, 150.0));
    let trend = trend_of(&entries);
    assert!(trend.is_beyond() && trend.points.len() == 13);
    let text = table(std::slice::from_ref(&trend)).to_string();
    assert!(text.contains("BEYOND") && text.contains(&percent(trend.step().unwrap())), "{text}");
    let page = page::render(&[trend]);
    assert!(page.contains("class=\"last\"") && page.contains(": beyond"), "{page}");
    for outside in ["<script", "<link", "http:", "https:", "@import", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
}

#[test]
fn times_of_another_machine_or_definition_are_not_in_the_trend() {
    let mut entries = steady_runs(4);
    entries[0].key = "other".into();
    entries[1].rows.get_mut(ID).unwrap().source = Some("other".into());
    assert_eq!(trend_of(&entries).points.len(), 2);
}

#[test]
fn the_commit_at_which_an_exact_figure_changed() {
    let mut entries = vec![
        entry("aaaa", 1.0, 2.0, 1000.0),
        entry("bbbb", 1.0, 2.0, 1001.0),
        entry("cccc", 1.0, 3.0, 1002.0),
        entry("dddd", 1.0, 3.0, 1003.0),
        entry("eeee", 1.0, 3.0, 1003.0),
    ];
    let find = |entries: &[Entry], unit: &str| {
        trend_of(entries).exact.into_iter().find(|exact| exact.unit == unit).unwrap().shown()
    };
    assert_eq!(find(&entries, "allocs/op"), "2 -> 3 allocs/op in cccc");
    // Steps of a thousandth, but three of them are beyond the tolerance.
    assert_eq!(find(&entries, "instr/op"), "1000 -> 1003 instr/op in dddd");
    assert_eq!(find(&entries, "B/op"), "0 B/op since aaaa or before");
    // Counted by another toolchain, instructions before are none to compare with.
    entries[..4].iter_mut().for_each(|entry| entry.counting = "other".into());
    assert_eq!(find(&entries, "instr/op"), "1003 instr/op since eeee or before");
    assert_eq!(find(&entries, "allocs/op"), "2 -> 3 allocs/op in cccc");
    entries[4].dirty = true;
    assert_eq!(find(&entries, "instr/op"), "1003 instr/op since eeee+ or before");
}

#[test]
fn the_command_writes_the_page() {
    let dir = std::env::temp_dir().join(format!("xtask-trend-{}", std::process::id()));
    let args = |filter: &str| TrendArgs {
        select: crate::flags::SelectArgs {
            filter: Some(Regex::new(filter).unwrap()),
            ..Default::default()
        },
        history: dir.join("history.jsonl"),
        out: dir.join("page/trend.html"),
    };
    let error = run(&args("")).unwrap_err().to_string();
    assert!(error.contains("history.jsonl has no run yet"), "{error}");
    history::append(&dir.join("history.jsonl"), &fixture::report()).unwrap();
    run(&args("parse")).unwrap();
    let page = std::fs::read_to_string(dir.join("page/trend.html")).unwrap();
    assert!(page.contains(ID) && !page.contains("write/head"), "{page}");
    assert!(run(&args("nothing")).is_err());
    std::fs::remove_dir_all(dir).unwrap();
}
