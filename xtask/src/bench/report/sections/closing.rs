//! What follows from it all, what to know before believing it, and where the data lies.

use crate::bench::model::Report;
use crate::bench::report::page::{Cell, Section, Tone};

pub(super) fn recommendations(report: &Report) -> Section {
    let rows = report.advice.iter().map(|advice| {
        let tone = match advice.urgent {
            true => Tone::Bad,
            false => Tone::Plain,
        };
        vec![Cell::toned(advice.what, tone), advice.why.as_str().into()]
    });
    Section::new("Recommendations")
        .text("By rule, from the figures above.")
        .table(["what", "why"], rows.collect())
}

pub(super) fn skipped(report: &Report) -> Section {
    let rows = report.skipped.iter().map(|skipped| {
        let reason = skipped.reason.as_str();
        vec![skipped.metric.as_str().into(), reason.into(), Cell::code(&skipped.remedy)]
    });
    Section::new("Not measured").table(["metric", "why", "remedy"], rows.collect())
}

pub(super) fn health(report: &Report) -> Section {
    let rows = report.health.iter().map(|check| {
        let (word, tone) = if check.well { ("well", Tone::Good) } else { ("note", Tone::Open) };
        vec![
            check.name.into(),
            check.value.as_str().into(),
            Cell::toned(word, tone),
            check.note.into(),
        ]
    });
    Section::new("Health checks").table(["check", "value", "status", "meaning"], rows.collect())
}

pub(super) fn artifacts(report: &Report) -> Section {
    let file = |(name, what): (&str, &str)| vec![Cell::code(name), Cell::from(what)];
    let rows = [
        ("run.json", "where, when and how: fingerprint, arguments, versions, targets"),
        ("samples.jsonl", "every raw value, a JSON object a line"),
        ("new.txt", "the times in Go's benchmark format, for benchstat"),
        ("report.md", "this report as text"),
        ("report.html", "this report with plots"),
    ];
    let again = format!("cargo xtask bench report results/{}", report.archive);
    Section::new("Artifacts")
        .text(format!("Made again from the raw data by `{again}`."))
        .table(["file", "what"], rows.into_iter().map(file).collect())
}
