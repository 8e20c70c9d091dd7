//! `cargo xtask bench list`: the inventory, with what was measured last.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use comfy_table::{Table, presets};
use serde::Serialize;

use super::protocol::{Benchmark, Throughput};
use super::report::units;
use super::{history, prepare};
use crate::flags::SelectArgs;

/// A line of the inventory.
#[derive(Debug, Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    benchmark: &'a Benchmark,
    /// What the newest run in the history says of it.
    last: Option<Last<'a>>,
}

#[derive(Debug, Serialize)]
struct Last<'a> {
    archive: &'a str,
    #[serde(flatten)]
    row: &'a history::Row,
}

pub(super) fn list(select: &SelectArgs, json: bool) -> Result<()> {
    let (_, _, plan) = prepare(select)?;
    let history = history::read(Path::new(history::FILE))?;
    let mut last: BTreeMap<&str, Last<'_>> = BTreeMap::new();
    for entry in &history {
        for (id, row) in &entry.rows {
            last.insert(id, Last { archive: &entry.archive, row });
        }
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let head = ["id", "category", "engine", "an operation has", "budget", "last time", "allocs/op"];
    table.set_header(head);
    for planned in &plan.benchmarks {
        let benchmark = &planned.benchmark;
        let line = Line { benchmark, last: last.remove(benchmark.id.as_str()) };
        if json {
            println!("{}", serde_json::to_string(&line)?);
        } else {
            table.add_row(row(&line));
        }
    }
    if !json {
        println!("{table}");
        println!("{} benchmarks", plan.benchmarks.len());
    }
    Ok(())
}

fn row(line: &Line<'_>) -> [String; 7] {
    let dash = || "-".to_owned();
    let Benchmark { id, category, engine, throughput, budget, .. } = line.benchmark;
    let throughput = match throughput {
        Some(Throughput::Bytes(bytes)) => format!("{bytes} B"),
        Some(Throughput::Elements(1)) => "1 element".into(),
        Some(Throughput::Elements(elements)) => format!("{elements} elements"),
        None => dash(),
    };
    let budget =
        budget.map_or_else(dash, |budget| format!("{} allocs, {} B", budget.allocs, budget.bytes));
    let last = line.last.as_ref().map(|last| last.row);
    let time = last.and_then(|row| row.time).map_or_else(dash, |time| units::time(time.median));
    let allocs = last.and_then(|row| row.exact.allocs).map_or_else(dash, units::exact);
    [id.clone(), category.clone(), engine.clone(), throughput, budget, time, allocs]
}
