//! The report's sections, in their order. One without data says in a line what would give it some.

use super::page::{Cell, Page, Section, Tone};
use crate::bench::load;
use crate::bench::model::Report;

mod brief;
mod changes;
mod closing;
mod execution;
mod modes;
mod peers;
mod results;
mod targets;

/// The categories that every report has a place for, whether they were measured or not.
const PROTOCOLS: [&str; 5] = ["http11", "http2", "http3", "websocket", "pooling"];

pub(super) fn page(report: &Report) -> Page {
    let verdict = &report.verdict;
    let tone = match verdict.word {
        "PASS" => Tone::Good,
        "PARTIAL" | "INCONCLUSIVE" => Tone::Open,
        _ => Tone::Bad,
    };
    Page {
        title: "Shockwave benchmarks".into(),
        word: verdict.word.into(),
        tone,
        archive: report.archive.clone(),
        lead: vec![
            format!("{}.", verdict.reasons.join("; ")),
            format!("Reproduce: `{}`", report.reproduce),
        ],
        sections: all(report),
    }
}

pub(super) fn all(report: &Report) -> Vec<Section> {
    let mut sections = vec![failures(report)];
    sections.push(execution::facts(report));
    sections.push(execution::categories(report));
    if report.run.profile.is_comparison() {
        sections.extend(peers::comparison(report));
    } else {
        sections.extend(results::results(report));
        sections.push(modes::modes(report));
        sections.extend(changes::changes(report));
        sections.extend(peers::comparison(report));
        sections.push(targets::targets(report));
        sections.extend(report.loads.iter().map(load::report::targets));
        sections.push(changes::benchstat(report));
        sections.push(closing::recommendations(report));
    }
    sections.push(closing::health(report));
    sections.push(closing::skipped(report));
    sections.push(closing::artifacts(report));
    sections.retain(|section| !section.is_empty());
    sections
}

pub(super) use brief::brief;
pub(super) use peers::in_pairs as comparison;

/// What went wrong stands with the verdict, before all else.
fn failures(report: &Report) -> Section {
    let over = report.rows.iter().filter_map(|row| {
        let message = row.over_budget.as_ref()?;
        let what = Cell::toned("budget", Tone::Bad);
        Some(vec![what, Cell::code(&row.benchmark.id), message.as_str().into()])
    });
    let failed = report.failures.iter().map(|failure| {
        let stage = serde_json::to_value(failure.stage).ok();
        let stage = stage.as_ref().and_then(|stage| stage.as_str()).unwrap_or_default().to_owned();
        let id = failure.id.as_deref().map_or_else(|| Cell::from("-"), Cell::code);
        vec![Cell::toned(stage, Tone::Bad), id, failure.message.as_str().into()]
    });
    Section::new("Failures").table(["stage", "benchmark", "what"], over.chain(failed).collect())
}

pub(super) fn title(category: &str) -> &str {
    match category {
        "http11" => "HTTP/1.1",
        "http2" => "HTTP/2",
        "http3" => "HTTP/3",
        "websocket" => "WebSocket",
        other => other,
    }
}

/// The id without the category that the section's title already says.
fn short<'a>(id: &'a str, category: &str) -> &'a str {
    id.strip_prefix(category).and_then(|rest| rest.strip_prefix('/')).unwrap_or(id)
}
