//! What changed against the baseline and against another version.

use crate::bench::changes::ChangeRow;
use crate::bench::gate::Grade;
use crate::bench::model::{Report, plural};
use crate::bench::report::page::{Cell, Section, Tone};

/// Regressions, then improvements.
pub(super) fn changes(report: &Report) -> Vec<Section> {
    let changes = &report.changes;
    vec![
        section("Regressions", report, changes.regressions().collect()),
        section("Improvements", report, changes.improvements().collect()),
    ]
}

fn section(title: &str, report: &Report, rows: Vec<&ChangeRow>) -> Section {
    let changes = &report.changes;
    let mut section = Section::new(title);
    if rows.is_empty() && changes.baseline.is_none() && changes.versions.is_none() {
        return section.text(
            "Nothing was held against anything: `cargo xtask bench compare BASE` pairs a commit \
             with this one, and `cargo xtask bench baseline save` keeps a run's exact figures.",
        );
    }
    if let Some((archive, compared)) = &changes.baseline {
        let count = plural(*compared, "benchmark");
        let text =
            format!("Exact figures of {count}, held against the baseline out of `{archive}`.");
        section = section.text(text);
    }
    match &changes.versions {
        Some(versions) => {
            section = section.text(format!(
                "Times by the comparison in `{}`, a run of its own: started {}, by `{}`.",
                versions.archive, versions.started, versions.reproduce
            ));
        }
        None => {
            let text = "No comparison of times with another version of this commit is beside this \
                        archive: `cargo xtask bench compare BASE` makes one.";
            section = section.text(text);
        }
    }
    if rows.is_empty() {
        return section.text("None.");
    }
    let head = [
        "benchmark",
        "metric",
        "against",
        "before, after, change",
        "p",
        "status",
        "action",
        "evidence",
    ];
    section.table(head, rows.into_iter().map(changed).collect())
}

fn changed(row: &ChangeRow) -> Vec<Cell> {
    let tone = match row.grade {
        Grade::Better => Tone::Good,
        Grade::Note | Grade::Flag | Grade::Inconclusive => Tone::Open,
        Grade::Fail => Tone::Bad,
    };
    vec![
        Cell::code(&row.id),
        row.metric.word().into(),
        row.against.into(),
        row.text.as_str().into(),
        row.p.map_or_else(|| "exact".to_owned(), |p| format!("{p:.3}")).into(),
        Cell::toned(row.grade.word(), tone),
        action(row).into(),
        row.evidence.join("\n").into(),
    ]
}

fn action(row: &ChangeRow) -> String {
    let profile = format!("cargo xtask bench profile {}", row.id);
    match row.grade {
        Grade::Fail => format!("do not merge; {profile} --against the older executable"),
        Grade::Flag => format!("look: {profile} --against the older executable"),
        Grade::Inconclusive => "compare again on a quieter machine".to_owned(),
        Grade::Note => "monitor".to_owned(),
        Grade::Better => "none; see that it still does the same work".to_owned(),
    }
}

/// The whole comparison, in benchstat's columns.
pub(super) fn benchstat(report: &Report) -> Section {
    let section = Section::new("benchstat");
    match &report.changes.versions {
        Some(versions) => {
            section.text(format!("{}.", versions.verdict)).verbatim(&*versions.table).folded()
        }
        None => section.text(
            "No comparison: `cargo xtask bench compare OLD NEW` prints one in benchstat's layout, \
             of refs, archives or files; real benchstat reads `new.txt`.",
        ),
    }
}
