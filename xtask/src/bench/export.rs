//! `cargo xtask bench export`: an archive's figures for other programs.

use std::path::Path;

use anyhow::Result;
use serde_json::{Map, Value, json};

use super::archive::{self, Run, Sample};
use super::model::{Report, Row};
use super::report::go_benchmarks;
use crate::flags::ExportFormat;

pub(super) fn run(dir: &Path, format: ExportFormat, out: Option<&Path>) -> Result<()> {
    let (run, samples) = archive::read(dir)?;
    let text = render(&archive::name(dir), run, samples, format)?;
    match out {
        Some(path) => archive::replace_text(path, &text),
        None => {
            print!("{text}");
            Ok(())
        }
    }
}

fn render(name: &str, run: Run, samples: Vec<Sample>, format: ExportFormat) -> Result<String> {
    if format == ExportFormat::Gobench {
        return Ok(go_benchmarks(&run.session, &samples));
    }
    let report = Report::build(name, run, samples)?;
    match format {
        ExportFormat::Csv => Ok(csv(&report)),
        ExportFormat::Jsonl => jsonl(&report),
        ExportFormat::Bmf | ExportFormat::Gobench => bmf(&report),
    }
}

/// A figure of a benchmark, with its ends where it has a spread.
struct Figure {
    /// As Bencher names what it knows.
    measure: &'static str,
    unit: &'static str,
    value: f64,
    ends: Option<[f64; 2]>,
    n: usize,
}

fn figures(row: &Row) -> Vec<Figure> {
    let mut figures = Vec::new();
    if let Some(time) = row.time {
        figures.push(Figure {
            measure: "latency",
            unit: "ns/op",
            value: time.median,
            ends: Some([time.low, time.high]),
            n: time.n,
        });
    }
    let counts = row.allocations.as_ref();
    let instructions = row.instructions;
    let exact = [
        ("allocations", "allocs/op", counts.map(|counts| counts.allocs)),
        ("allocated-bytes", "B/op", counts.map(|counts| counts.bytes)),
        ("peak-live-bytes", "B", counts.map(|counts| counts.peak_live)),
        ("instructions", "instr/op", instructions.map(|count| count.steady)),
        ("first-instructions", "first-instr/op", instructions.map(|count| count.cold as f64)),
    ];
    for (measure, unit, value) in exact {
        figures.extend(value.map(|value| Figure { measure, unit, value, ends: None, n: 1 }));
    }
    figures
}

/// Bencher's metric format: benchmarks, of each the measures, of each a value and perhaps its ends.
fn bmf(report: &Report) -> Result<String> {
    let mut benchmarks = Map::new();
    for row in &report.rows {
        let mut measures = Map::new();
        for figure in figures(row) {
            let mut value = json!({"value": figure.value});
            if let (Some([low, high]), Some(fields)) = (figure.ends, value.as_object_mut()) {
                fields.insert("lower_value".into(), json!(low));
                fields.insert("upper_value".into(), json!(high));
            }
            measures.insert(figure.measure.to_owned(), value);
        }
        if !measures.is_empty() {
            benchmarks.insert(row.benchmark.id.clone(), Value::Object(measures));
        }
    }
    Ok(serde_json::to_string_pretty(&benchmarks)? + "\n")
}

fn csv(report: &Report) -> String {
    let mut text = "time,commit,benchmark,unit,value,low,high,n\n".to_owned();
    let session = &report.run.session;
    for row in &report.rows {
        for figure in figures(row) {
            let [low, high] =
                figure.ends.map_or_else(Default::default, |ends| ends.map(|end| end.to_string()));
            let fields = [
                session.started.clone(),
                session.commit.clone(),
                row.benchmark.id.clone(),
                figure.unit.to_owned(),
                figure.value.to_string(),
                low,
                high,
                figure.n.to_string(),
            ];
            text.push_str(&fields.map(|field| quoted(&field)).join(","));
            text.push('\n');
        }
    }
    text
}

/// RFC 4180 section 2, rules 6 and 7.
fn quoted(field: &str) -> String {
    if field.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

/// A benchmark a line, with all that a report knows of it.
fn jsonl(report: &Report) -> Result<String> {
    let mut text = String::new();
    for row in &report.rows {
        text.push_str(&serde_json::to_string(row)?);
        text.push('\n');
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::model::fixture;

    fn exported(format: ExportFormat) -> String {
        let (run, samples) = fixture::archive();
        render("fixture", run, samples, format).unwrap()
    }

    #[test]
    fn bencher_gets_values_with_their_ends() {
        let found: Value = serde_json::from_str(&exported(ExportFormat::Bmf)).unwrap();
        let hyper = &found["http11/write/head/hyper"];
        let latency = json!({"value": 72.0, "lower_value": 70.0, "upper_value": 90.0});
        assert_eq!(hyper["latency"], latency);
        assert_eq!(hyper["allocations"], json!({"value": 3.0}));
        assert_eq!(hyper["instructions"], json!({"value": 890.0}));
        // What nothing was measured of is left out.
        assert_eq!(found.as_object().unwrap().len(), 4);
    }

    #[test]
    fn a_line_for_each_figure() {
        let text = exported(ExportFormat::Csv);
        assert!(text.starts_with("time,commit,benchmark,unit,value,low,high,n\n2026-01-02T03"));
        assert!(text.contains(",http11/write/head/hyper,ns/op,72,70,90,3\n"), "{text}");
        assert!(text.contains(",http11/write/head/hyper,B/op,192,,,1\n"), "{text}");
        assert_eq!(text.lines().count(), 1 + 4 * 6);
        assert!(text.lines().all(|line| line.matches(',').count() == 7));
        assert_eq!(quoted("a,\"b\""), "\"a,\"\"b\"\"\"");
    }

    #[test]
    fn a_line_for_each_benchmark() {
        let text = exported(ExportFormat::Jsonl);
        let rows: Vec<Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(rows.len(), 5);
        assert_eq!(rows[0]["benchmark"]["id"], "http11/parse/get-37/httparse");
        assert_eq!(rows[0]["time"]["median"], 50.0);
    }

    #[test]
    fn benchstats_format_is_that_of_the_report() {
        let expected = include_str!("../../testdata/new.txt");
        assert_eq!(exported(ExportFormat::Gobench), expected);
    }
}
