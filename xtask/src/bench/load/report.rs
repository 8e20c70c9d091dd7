//! The sections of `load.md` and `load.html`, and those that a report of benchmarks shows of them.

use super::FLOOR;
use super::archive::Cpus;
use super::engines::Role;
use super::model::{Latency, LoadReport, Workload};
use super::summary::{Bottleneck, PERCENTILES, Row};
use super::wrk;
use crate::bench::report::page::{
    Cell, Chart, Page, Plot, RatioRow, Section, Series, Tone, of_standing,
};
use crate::bench::report::units;
use crate::bench::stats::{Estimate, Spread};

/// The whole report.
pub(crate) fn page(load: &LoadReport) -> Page {
    let partial = load.session.ended.is_none();
    let mut lead = Vec::new();
    if partial {
        lead.push("The run was interrupted: this is what it had measured.".to_owned());
    }
    lead.push(format!("Reproduce: `cargo xtask {}`", load.session.arguments.join(" ")));
    let mut sections = vec![losses(load), Section { nested: false, ..targets(load) }];
    sections.extend(load.workloads.iter().map(closed_loop));
    sections.extend([open_loop(load), idle(load), beside_wrk(load)]);
    sections.extend([skipped(load), engines(load), execution(load)]);
    sections.retain(|section| !section.is_empty());
    Page {
        title: "Servers under load".into(),
        word: if partial { "PARTIAL".into() } else { String::new() },
        tone: if partial { Tone::Open } else { Tone::Plain },
        archive: load.archive.clone(),
        lead,
        sections,
    }
}

/// What a report of benchmarks shows of it, as parts of its comparison.
pub(crate) fn excerpt(load: &LoadReport) -> Vec<Section> {
    let head = format!(
        "Archive `{}`, a run of its own: started {}, by `cargo xtask {}`.",
        load.archive,
        load.session.started,
        load.session.arguments.join(" ")
    );
    let what = if load.workloads.is_empty() { "idle connections" } else { "load" };
    let mut sections = vec![Section::new(format!("Whole servers: {what}")).text(head)];
    sections.push(losses(load));
    sections.extend(load.workloads.iter().map(closed_loop));
    sections.extend([open_loop(load), idle(load)]);
    sections.retain(|section| !section.is_empty());
    sections.into_iter().map(Section::nested).collect()
}

fn execution(load: &LoadReport) -> Section {
    let facts = &load.session.fingerprint;
    let known = |fact: &Option<String>| fact.clone().unwrap_or_else(|| "unknown".into());
    let changes = if load.session.dirty { " with changes" } else { "" };
    let Cpus { server, generator } = load.cpus;
    let where_run = match server.zip(generator) {
        Some((server, generator)) => {
            format!("server on CPU {server}, generator on CPU {generator}, by loopback")
        }
        None => "server and generator share what CPUs there are, by loopback".to_owned(),
    };
    let ended = load.session.ended.clone().unwrap_or_else(|| "not finished".into());
    let profile = facts.profile.iter().map(|(name, value)| format!("{name} = {value}"));
    let mut rows = vec![
        ("started", load.session.started.clone()),
        ("ended", ended),
        ("commit", format!("{}{changes}", load.session.commit)),
        ("CPU", format!("{}, {} logical", known(&facts.cpu), facts.logical_cpus)),
        ("hypervisor", known(&facts.hypervisor)),
        ("kernel", known(&facts.kernel)),
        ("places", where_run),
        ("toolchain", facts.rustc.first().cloned().unwrap_or_default()),
        ("profile", profile.collect::<Vec<_>>().join(", ")),
    ];
    if let Some([middle, most]) = load.steal.map(|steal| steal.map(|part| 100.0 * part)) {
        let steal = format!("{middle:.1} % in the median, at most {most:.1} %");
        rows.push(("CPU time taken by the hypervisor", steal));
    }
    if let Some([disturbed, all]) = load.disturbed {
        let text = format!(
            "{disturbed} of {all}: somebody else had the generator's CPU for over 5 % of the time. \
             CPU times bear that, rates and latencies do not"
        );
        rows.push(("measurements that were disturbed", text));
    }
    if let Some(ticks) = load.ticks {
        let text = format!(
            "total CPU time is in nanoseconds, by the scheduler; its split into user and system \
             rests on {ticks} clock ticks a measurement, or more, so user CPU is the less sure"
        );
        rows.push(("CPU time", text));
    }
    let rows = rows.into_iter().map(|(name, value)| vec![name.into(), value.into()]);
    Section::new("Execution").table(["fact", "value"], rows.collect())
}

pub(crate) fn targets(load: &LoadReport) -> Section {
    let rows = load.targets.iter().map(|status| {
        vec![
            status.name.as_str().into(),
            status.limit.as_str().into(),
            status.measured.as_str().into(),
            Cell::toned(status.standing.word(), of_standing(status.standing)),
        ]
    });
    let head = ["target", "limit", "measured", "status"];
    Section::new("Targets of whole servers").nested().table(head, rows.collect())
}

/// What others do better, before anything that could please.
fn losses(load: &LoadReport) -> Section {
    let Some(ours) = load.ours().filter(|_| !load.workloads.is_empty()) else {
        return Section::new("");
    };
    let rows: Vec<_> = load
        .losses
        .iter()
        .map(|loss| {
            vec![
                loss.workload.as_str().into(),
                loss.peer.as_str().into(),
                shown_ratio(Some(&loss.ratio)).into(),
            ]
        })
        .collect();
    let section = Section::new(format!("Where {ours} loses"));
    if rows.is_empty() {
        return section
            .text("Nowhere, in the median, by requests for a second of the server's CPU.");
    }
    section
        .text("Requests for each second of the server's CPU, the peer's against ours.")
        .table(["workload", "peer", "ratio"], rows)
}

fn closed_loop(workload: &Workload) -> Section {
    let rounds = workload.rows.first().map_or(0, |row| row.rate.n);
    let spread = workload.ratios.iter().find_map(|ratios| ratios.total);
    let spread = match spread.map(|estimate| estimate.spread) {
        Some(Spread::Interval) => "the 95 % interval of the median",
        _ => "the range",
    };
    let rival = &workload.rival;
    let per_cpu = format!("requests/CPU second against {rival}");
    let user = format!("user CPU against {rival}");
    let total = format!("total CPU against {rival}");
    let floor = format!("total CPU against {FLOOR}");
    let ratios = workload.rows.iter().zip(&workload.ratios).map(|(row, ratios)| {
        let all = [&ratios.per_cpu_second, &ratios.user, &ratios.total, &ratios.total_to_floor];
        let shown = all.map(|ratio| shown_ratio(ratio.as_ref()).into());
        std::iter::once(Cell::from(row.engine.as_str())).chain(shown).collect()
    });
    let plotted = workload.rows.iter().zip(&workload.ratios).filter_map(|(row, ratios)| {
        let ratio = ratios.total?;
        let group = format!("CPU for a request, against {rival}");
        (row.engine != *rival).then(|| RatioRow { group, label: row.engine.clone(), ratio })
    });
    Section::new(format!("Load: {}", workload.name))
        .text(format!(
            "Closed loop; medians of {rounds} rounds, and {spread}. CPU time is the server's, for \
             a request. The rate is that of the pair, and is as good as its bottleneck. \
             Percentiles are from the sending, at saturation: no latency that a user would see."
        ))
        .table(CLOSED, workload.rows.iter().map(closed_row).collect())
        .plot(Plot::Ratios(plotted.collect()))
        .text(format!("Ratios inside each round: the median and {spread}."))
        .table(["server", &per_cpu, &user, &total, &floor], ratios.collect())
}

const CLOSED: [&str; 13] = [
    "server",
    "requests/CPU second",
    "spread",
    "user us",
    "total us",
    "requests/s",
    "server busy",
    "generator busy",
    "bottleneck",
    "p50 us",
    "p99 us",
    "p99.9 us",
    "faults",
];

fn closed_row(row: &Row) -> Vec<Cell> {
    let whole = |value: f64| format!("{value:.0}");
    let [p50, _, p99, p99_9, _] = row.latency.map(|value| shown(value, 0));
    let [server, generator] = row.busy.map(|part| format!("{:.0} %", 100.0 * part));
    let faults = if row.faults > 0 { Tone::Bad } else { Tone::Plain };
    vec![
        row.engine.as_str().into(),
        Cell::or_dash(row.per_cpu_second.map(|it| whole(it.median))),
        Cell::or_dash(row.per_cpu_second.map(|it| units::spread(&it, whole))),
        shown(row.user_us.map(|it| it.median), 2).into(),
        shown(row.total_us.map(|it| it.median), 2).into(),
        whole(row.rate.median).into(),
        server.into(),
        generator.into(),
        bottleneck(row).into(),
        p50.into(),
        p99.into(),
        p99_9.into(),
        Cell::toned(row.faults.to_string(), faults),
    ]
}

fn bottleneck(row: &Row) -> &'static str {
    match row.bottleneck() {
        Bottleneck::Server => "server",
        Bottleneck::Generator => "generator",
        Bottleneck::Neither => "neither",
    }
}

fn shown(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| "-".into(), |value| format!("{value:.digits$}"))
}

fn shown_ratio(estimate: Option<&Estimate>) -> String {
    let Some(Estimate { median, low, high, .. }) = estimate else { return "-".into() };
    format!("{median:.2}x ({low:.2} to {high:.2})")
}

fn open_loop(load: &LoadReport) -> Section {
    let Some(latency) = &load.latency else { return Section::new("") };
    let rounds = latency.rows.first().map_or(0, |row| row.rate.n);
    let rows = latency.rows.iter().map(|row| {
        let percentiles = row.latency.map(|value| Cell::from(shown(value, 0)));
        let rest: [Cell; 5] = [
            format!("{:.0}", row.rate.median).into(),
            format!("{:.0} %", 100.0 * row.busy[0]).into(),
            row.unanswered.to_string().into(),
            row.late_sends.to_string().into(),
            row.faults.to_string().into(),
        ];
        let name = std::iter::once(Cell::from(row.engine.as_str()));
        name.chain(percentiles).chain(rest).collect()
    });
    let percentiles = PERCENTILES.map(|(percent, _)| format!("p{percent} us"));
    let rest = ["requests/s", "server busy", "unanswered", "late by the generator", "faults"];
    let head =
        std::iter::once("server".to_owned()).chain(percentiles).chain(rest.map(str::to_owned));
    Section::new(format!("Latency: {}", latency.workload))
        .text(format!(
            "Open loop: {:.0} requests a second for every server, 60 % of what the slowest can do, \
             at random moments that are the same for all. Latency is from the moment when a \
             request was to start, so who waits for a stalled server is counted. Medians of \
             {rounds} rounds.",
            latency.rate
        ))
        .plot(Plot::Chart(percentile_chart(latency)))
        .table(head, rows.collect())
}

/// Latency over the percentiles, each nine as wide as the one before.
fn percentile_chart(latency: &Latency) -> Chart {
    let nines = |percent: f64| -(1.0 - percent / 100.0).log10();
    let has = |index: usize| latency.rows.iter().any(|row| row.latency[index].is_some());
    let last = (0..PERCENTILES.len()).rev().find(|index| has(*index)).unwrap_or(0);
    let (least, most) = (nines(PERCENTILES[0].1), nines(PERCENTILES[last].1));
    let place = |percent: f64| (nines(percent) - least) / (most - least).max(f64::MIN_POSITIVE);
    let shown = &PERCENTILES[..=last];
    let points = |row: &Row| {
        let values = shown.iter().zip(row.latency);
        values.filter_map(|((_, percent), value)| Some((place(*percent), value?))).collect()
    };
    Chart {
        name: format!("Latency over its percentiles, {}, logarithmic", latency.workload),
        log: true,
        unit: |microseconds| units::time(1e3 * microseconds),
        ticks: shown.iter().map(|(name, percent)| (place(*percent), format!("p{name}"))).collect(),
        series: latency
            .rows
            .iter()
            .map(|row| Series { name: row.engine.clone(), points: points(row) })
            .collect(),
    }
}

fn idle(load: &LoadReport) -> Section {
    let Some(most) = load.idle_connections else { return Section::new("") };
    let octets = |value: f64| format!("{value:.0}");
    let shown = |estimate: &Option<Estimate>| {
        [
            Cell::or_dash(estimate.map(|it| octets(it.median))),
            Cell::or_dash(estimate.map(|it| units::spread(&it, octets))),
        ]
    };
    let rows = load.idle.iter().map(|row| {
        let name = std::iter::once(Cell::from(row.engine.as_str()));
        name.chain(shown(&row.served)).chain(shown(&row.silent)).collect()
    });
    Section::new("Idle connections")
        .text(format!(
            "Resident octets of the server for each of {most} connections, after one request each, \
             and connected without an octet. The kernel's own memory for a socket is not in it."
        ))
        .table(
            ["server", "after a request", "spread", "without an octet", "spread"],
            rows.collect(),
        )
}

fn beside_wrk(load: &LoadReport) -> Section {
    let rows: Vec<_> = load
        .wrk
        .iter()
        .map(|(workload, ratio)| {
            let ratio_shown = shown_ratio(Some(ratio));
            vec![workload.as_str().into(), ratio_shown.into(), ratio.n.to_string().into()]
        })
        .collect();
    let section = Section::new("Beside wrk");
    if rows.is_empty() {
        return section;
    }
    let tolerance = wrk::TOLERANCE * 100.0;
    section
        .text(format!(
            "Requests for each second of the server's CPU as the generator finds them, against \
             what wrk causes: within {tolerance:.0} % is agreement."
        ))
        .table(["workload", "generator against wrk", "rounds"], rows)
}

fn skipped(load: &LoadReport) -> Section {
    let rows = load.skipped.iter().map(|it| vec![it.what.as_str().into(), it.why.as_str().into()]);
    Section::new("Not measured").table(["what", "why"], rows.collect())
}

fn engines(load: &LoadReport) -> Section {
    let rows = load.engines.iter().map(|engine| {
        let version = match engine.role {
            Role::Floor => format!("on {} {}", engine.package, engine.version),
            Role::Ours | Role::Peer => engine.version.clone(),
        };
        let (settings, reason) = (engine.settings.as_str(), engine.reason.as_str());
        vec![engine.name.as_str().into(), version.into(), settings.into(), reason.into()]
    });
    Section::new("Servers")
        .text("One worker each.")
        .table(["server", "version", "settings", "why so"], rows.collect())
}
