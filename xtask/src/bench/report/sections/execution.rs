//! Where, when and how; and what became of each category.

use super::title;
use crate::bench::model::Report;
use crate::bench::report::page::{Cell, Section, Tone};

pub(super) fn facts(report: &Report) -> Section {
    let (run, facts) = (&report.run, &report.run.session.fingerprint);
    let changes = if run.session.dirty { " with changes" } else { "" };
    let host = facts.rustc.iter().find_map(|line| line.strip_prefix("host: "));
    let mut rows: Vec<(&str, Option<String>)> = vec![
        ("started", Some(run.session.started.clone())),
        ("ended", Some(run.session.ended.clone().unwrap_or_else(|| "not finished".into()))),
        ("commit", Some(format!("{}{changes}", run.session.commit))),
        ("platform", host.map(str::to_owned)),
        ("CPU", facts.cpu.as_ref().map(|cpu| format!("{cpu}, {} logical", facts.logical_cpus))),
        ("memory", facts.memory_mib.map(|mib| format!("{mib} MiB"))),
        ("kernel", facts.kernel.clone()),
        ("hypervisor", facts.hypervisor.clone()),
        ("frequency governor", facts.governor.clone()),
        ("address layout randomised", facts.aslr.clone()),
        ("load before, after", Some(loads(report))),
        ("toolchain", facts.rustc.first().cloned()),
        ("bench profile", Some(listed(facts.profile.iter().map(|(k, v)| format!("{k} = {v}"))))),
        ("RUSTFLAGS", Some(facts.rustflags.clone().unwrap_or_else(|| "none".into()))),
        ("valgrind", facts.valgrind.clone()),
        (
            "crates that the benches use",
            Some(listed(facts.crates.iter().map(|(k, v)| format!("{k} {v}")))),
        ),
        ("criterion", criterion(report)),
        ("launches a benchmark", launches(report)),
        ("launches a pair of engines", pair_launches(report)),
        ("seed of the order", Some(run.session.seed.to_string())),
    ];
    rows.retain(|(_, value)| value.as_ref().is_some_and(|value| !value.is_empty()));
    let rows = rows
        .into_iter()
        .map(|(name, value)| vec![name.into(), value.unwrap_or_default().into()])
        .collect();
    Section::new("Execution").table(["fact", "value"], rows)
}

fn listed(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}

fn loads(report: &Report) -> String {
    let load = |load: Option<&String>| load.cloned().unwrap_or_else(|| "-".into());
    let after = report.run.session.after.as_ref().and_then(|after| after.load.as_ref());
    format!("{}; {}", load(report.run.session.before.load.as_ref()), load(after))
}

fn criterion(report: &Report) -> Option<String> {
    let profile = &report.run.profile;
    (!profile.is_comparison()).then(|| {
        format!(
            "profile {}: launches of {} samples, {} s warm-up, {} s measured",
            profile.name, profile.sample_size, profile.warm_up_seconds, profile.measurement_seconds
        )
    })
}

fn launches(report: &Report) -> Option<String> {
    let counts = report.rows.iter().map(|row| row.medians.len()).filter(|count| *count > 0);
    let (least, most) = (counts.clone().min()?, counts.max()?);
    Some(if least == most { least.to_string() } else { format!("{least} to {most}") })
}

fn pair_launches(report: &Report) -> Option<String> {
    report.comparisons.iter().map(|comparison| comparison.ratio.n).min().map(|n| n.to_string())
}

pub(super) fn categories(report: &Report) -> Section {
    let rows = report.categories.iter().map(|category| {
        let failed = if category.failed > 0 { Tone::Bad } else { Tone::Plain };
        let here = |id: &str| id.split('/').next() == Some(category.name.as_str());
        let regressed = report.changes.regressions().filter(|row| here(&row.id)).count();
        let improved = report.changes.improvements().filter(|row| here(&row.id)).count();
        vec![
            title(&category.name).into(),
            category.selected.to_string().into(),
            category.run.to_string().into(),
            category.passed.to_string().into(),
            Cell::toned(category.failed.to_string(), failed),
            regressed.to_string().into(),
            improved.to_string().into(),
        ]
    });
    let head = ["category", "selected", "run", "passed", "failed", "regressions", "improvements"];
    Section::new("Summary by category").table(head, rows.collect())
}
