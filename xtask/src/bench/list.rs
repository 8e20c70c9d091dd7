//! `cargo xtask bench list`: the inventory.

use anyhow::Result;
use comfy_table::{Table, presets};

use super::prepare;
use super::protocol::{Benchmark, Throughput};
use crate::flags::SelectArgs;

pub(super) fn list(select: &SelectArgs, json: bool) -> Result<()> {
    let (_, _, plan) = prepare(select)?;
    let benchmarks: Vec<_> = plan.benchmarks.iter().map(|planned| &planned.benchmark).collect();
    if json {
        for benchmark in benchmarks {
            println!("{}", serde_json::to_string(benchmark)?);
        }
        return Ok(());
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["id", "category", "engine", "an operation has", "budget"]);
    for benchmark in &benchmarks {
        table.add_row(row(benchmark));
    }
    println!("{table}");
    println!("{} benchmarks", benchmarks.len());
    Ok(())
}

fn row(benchmark: &Benchmark) -> [String; 5] {
    let throughput = match benchmark.throughput {
        Some(Throughput::Bytes(bytes)) => format!("{bytes} B"),
        Some(Throughput::Elements(1)) => "1 element".into(),
        Some(Throughput::Elements(elements)) => format!("{elements} elements"),
        None => "-".into(),
    };
    let budget = benchmark.budget.map_or_else(
        || "-".into(),
        |budget| format!("{} allocs, {} B", budget.allocs, budget.bytes),
    );
    let Benchmark { id, category, engine, .. } = benchmark;
    [id.clone(), category.clone(), engine.clone(), throughput, budget]
}
