//! What the README shows of a report.

use std::collections::BTreeMap;

use super::title;
use crate::bench::load::model::LoadReport;
use crate::bench::model::{Comparison, Report};
use crate::bench::report::page::{Cell, Section, Tone, of_standing};
use crate::bench::report::units;
use crate::bench::targets::{Standing, Status};

/// Losses first.
pub(crate) fn brief(report: &Report) -> Vec<Section> {
    let mut sections = vec![lost(report), peers(report), targets(report)];
    sections.extend(report.loads.iter().flat_map(load));
    sections.retain(|section| !section.is_empty());
    sections.into_iter().map(Section::nested).collect()
}

fn lost(report: &Report) -> Section {
    let rows = report.lost().map(|comparison| {
        let ratio = Cell::ratio(Some(&comparison.ratio));
        let (peer, ratio) = match comparison.differs {
            Some(_) => (format!("{}, not the same work", comparison.peer), Cell::from(ratio.text)),
            None => (comparison.peer.clone(), ratio),
        };
        vec![
            Cell::code(&comparison.id),
            peer.into(),
            ratio,
            units::spread(&comparison.ratio, units::ratio).into(),
        ]
    });
    Section::new("Where we lose").table(["benchmark", "peer", "time", "spread"], rows.collect())
}

/// A line for each category and peer.
fn peers(report: &Report) -> Section {
    let rows = report.summaries.iter().map(|summary| {
        let here = |it: &&Comparison| {
            it.category == summary.category && it.peer == summary.peer && it.differs.is_none()
        };
        let count = |tone| {
            let of = report.comparisons.iter().filter(here);
            of.filter(|it| Tone::of(&it.ratio) == tone).count().to_string()
        };
        let ratios = report.comparisons.iter().filter(here).map(|it| it.ratio.median);
        let (least, most) =
            ratios.fold((f64::INFINITY, 0.0_f64), |(low, high), it| (low.min(it), high.max(it)));
        vec![
            title(&summary.category).into(),
            summary.peer.as_str().into(),
            units::ratio(summary.ratio).into(),
            format!("{} to {}", units::ratio(least), units::ratio(most)).into(),
            count(Tone::Good).into(),
            count(Tone::Open).into(),
            count(Tone::Bad).into(),
        ]
    });
    let head = [
        "category",
        "peer",
        "time, geometric mean",
        "from, to",
        "faster",
        "no difference",
        "slower",
    ];
    Section::new("Time against the peers").table(head, rows.collect())
}

/// A line for each target, whatever the number of benchmarks that it holds for.
fn targets(report: &Report) -> Section {
    let mut names: Vec<&str> = Vec::new();
    let mut by_name: BTreeMap<&str, Vec<&Status>> = BTreeMap::new();
    for status in &report.targets {
        if !by_name.contains_key(status.name.as_str()) {
            names.push(&status.name);
        }
        by_name.entry(&status.name).or_default().push(status);
    }
    let rows = names.iter().filter_map(|name| {
        let statuses = by_name.get(name)?;
        let worst = WORST.into_iter().find(|it| statuses.iter().any(|s| s.standing == *it))?;
        let with: Vec<_> = statuses.iter().filter(|status| status.standing == worst).collect();
        let mut measured: Vec<_> = with.iter().map(|status| status.measured.as_str()).collect();
        measured.dedup();
        let standing = match (with.len(), statuses.len()) {
            (_, 1) => worst.word().to_owned(),
            (some, all) => format!("{}, {some} of {all}", worst.word()),
        };
        Some(vec![
            (*name).into(),
            statuses.first()?.limit.as_str().into(),
            measured.join("; ").into(),
            Cell::toned(standing, of_standing(worst)),
        ])
    });
    let head = ["target", "limit", "measured", "status"];
    Section::new("Targets").table(head, rows.collect())
}

/// What is told of several benchmarks is the worst of them.
const WORST: [Standing; 4] =
    [Standing::Missed, Standing::Undecidable, Standing::NotMeasured, Standing::Met];

fn load(load: &LoadReport) -> Vec<Section> {
    let made = format!("Archive `{}`, made by `cargo xtask {}`.", load.archive, {
        load.session.arguments.join(" ")
    });
    let mut sections: Vec<_> = servers(load).into_iter().collect();
    let whole = |estimate: f64| format!("{estimate:.0}");
    let idle = load.idle.iter().map(|row| {
        vec![
            row.engine.as_str().into(),
            Cell::or_dash(row.served.map(|it| whole(it.median))),
            Cell::or_dash(row.silent.map(|it| whole(it.median))),
        ]
    });
    let head = ["server", "after a request", "without an octet"];
    let idle = Section::new("Octets of an idle connection").table(head, idle.collect());
    sections.extend((!idle.is_empty()).then_some(idle));
    sections.into_iter().map(|section| section.text(made.clone())).collect()
}

/// Requests for a second of CPU, a column a workload.
fn servers(load: &LoadReport) -> Option<Section> {
    let first = load.workloads.first()?;
    let names = load.workloads.iter().map(|workload| workload.name.clone());
    let head: Vec<_> = std::iter::once("server".to_owned()).chain(names).collect();
    let rows = first.rows.iter().map(|row| {
        let of = |workload: &crate::bench::load::model::Workload| {
            let at = workload.rows.iter().position(|it| it.engine == row.engine);
            let figure = at.and_then(|at| {
                let (row, ratios) = (workload.rows.get(at)?, workload.ratios.get(at)?);
                let rate = units::rate(row.per_cpu_second?.median, "");
                let ratio = ratios.per_cpu_second.map(|ratio| units::ratio(ratio.median));
                Some(format!("{rate} ({})", ratio.unwrap_or_else(|| "-".into())))
            });
            Cell::or_dash(figure)
        };
        let name = std::iter::once(Cell::from(row.engine.as_str()));
        name.chain(load.workloads.iter().map(of)).collect()
    });
    let rivals: Vec<_> = load.workloads.iter().map(|workload| workload.rival.as_str()).collect();
    let rival = rivals.first().copied().unwrap_or_default();
    Some(
        Section::new("Whole servers: requests for each second of the server's CPU")
            .table(head, rows.collect())
            .text(format!("In parentheses: against {rival} in the configuration that suits it.")),
    )
}
