//! The report's sections as titles, sentences and tables, for Markdown and HTML alike. A section
//! without content is left out, and what was not measured is a dash.

use super::units;
use crate::bench::model::{Comparison, Report, Row, plural};
use crate::bench::protocol::{Allocations, MODES};
use crate::bench::targets::Standing;

#[derive(Debug)]
pub(super) struct Section {
    pub(super) title: String,
    /// Sentences before the table.
    pub(super) text: Vec<String>,
    pub(super) table: Option<Table>,
    pub(super) plot: Option<Plot>,
    /// A part of the section before it.
    pub(super) nested: bool,
}

#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) head: Vec<&'static str>,
    pub(super) rows: Vec<Vec<Cell>>,
}

#[derive(Clone, Debug)]
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) tone: Tone,
    /// An id or a command, to be shown as code.
    pub(super) code: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    Plain,
    Good,
    Bad,
    Open,
}

/// What HTML draws; Markdown has the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plot {
    Ratios,
    Launches,
}

impl Cell {
    fn code(text: &str) -> Self {
        Self { text: text.to_owned(), tone: Tone::Plain, code: true }
    }

    fn toned(text: impl Into<String>, tone: Tone) -> Self {
        Self { text: text.into(), tone, code: false }
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::toned(text, Tone::Plain)
    }
}

impl Section {
    fn new(title: impl Into<String>) -> Self {
        let title = title.into();
        Self { title, text: Vec::new(), table: None, plot: None, nested: false }
    }

    fn text(mut self, sentence: impl Into<String>) -> Self {
        self.text.push(sentence.into());
        self
    }

    fn table(mut self, head: &[&'static str], rows: Vec<Vec<Cell>>) -> Self {
        self.table = Some(Table { head: head.to_vec(), rows });
        self
    }

    fn plot(mut self, plot: Plot) -> Self {
        self.plot = Some(plot);
        self
    }

    fn nested(mut self) -> Self {
        self.nested = true;
        self
    }

    fn is_empty(&self) -> bool {
        self.text.is_empty()
            && self.plot.is_none()
            && self.table.as_ref().is_none_or(|table| table.rows.is_empty())
    }
}

pub(super) fn all(report: &Report) -> Vec<Section> {
    let mut sections = vec![execution(report), categories(report)];
    sections.push(failures(report));
    sections.extend(results(report));
    sections.extend(comparison(report));
    sections.push(modes(report));
    sections.push(targets(report));
    sections.push(skipped(report));
    sections.push(health(report));
    sections.push(artifacts(report));
    sections.retain(|section| !section.is_empty());
    sections
}

fn execution(report: &Report) -> Section {
    let (run, facts) = (&report.run, &report.run.session.fingerprint);
    let profile = &run.profile;
    let mut rows: Vec<(&str, Option<String>)> = vec![
        ("started", Some(run.session.started.clone())),
        ("ended", Some(run.session.ended.clone().unwrap_or_else(|| "not finished".into()))),
        (
            "commit",
            Some(format!(
                "{}{}",
                run.session.commit,
                if run.session.dirty { " with changes" } else { "" }
            )),
        ),
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
        (
            "criterion",
            Some(format!(
                "profile {}: launches of {} samples, {} s warm-up, {} s measured",
                profile.name,
                profile.sample_size,
                profile.warm_up_seconds,
                profile.measurement_seconds
            )),
        ),
        ("launches a benchmark", launches(report)),
        ("launches a pair of engines", pair_launches(report)),
        ("seed of the order", Some(run.session.seed.to_string())),
    ];
    rows.retain(|(_, value)| value.as_ref().is_some_and(|value| !value.is_empty()));
    let rows = rows
        .into_iter()
        .map(|(name, value)| vec![name.into(), value.unwrap_or_default().into()])
        .collect();
    Section::new("Execution").table(&["fact", "value"], rows)
}

fn listed(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}

fn loads(report: &Report) -> String {
    let load = |load: Option<&String>| load.cloned().unwrap_or_else(|| "-".into());
    let after = report.run.session.after.as_ref().and_then(|after| after.load.as_ref());
    format!("{}; {}", load(report.run.session.before.load.as_ref()), load(after))
}

fn launches(report: &Report) -> Option<String> {
    let counts = report.rows.iter().map(|row| row.medians.len()).filter(|count| *count > 0);
    let (least, most) = (counts.clone().min()?, counts.max()?);
    Some(if least == most { least.to_string() } else { format!("{least} to {most}") })
}

fn pair_launches(report: &Report) -> Option<String> {
    report.comparisons.iter().map(|comparison| comparison.ratio.n).min().map(|n| n.to_string())
}

fn categories(report: &Report) -> Section {
    let rows = report.categories.iter().map(|category| {
        let failed = if category.failed > 0 { Tone::Bad } else { Tone::Plain };
        vec![
            category.name.as_str().into(),
            category.selected.to_string().into(),
            category.run.to_string().into(),
            category.passed.to_string().into(),
            Cell::toned(category.failed.to_string(), failed),
        ]
    });
    let head = ["category", "selected", "run", "passed", "failed"];
    Section::new("Summary by category").table(&head, rows.collect())
}

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
    Section::new("Failures").table(&["stage", "benchmark", "what"], over.chain(failed).collect())
}

fn results(report: &Report) -> Vec<Section> {
    let mut sections = Vec::new();
    for category in &report.categories {
        let rows: Vec<_> = report.rows_of(&category.name).map(result).collect();
        let head = [
            "benchmark",
            "time/op",
            "spread",
            "ops/s",
            "throughput",
            "B/op",
            "allocs/op",
            "instr/op cold",
            "instr/op steady",
        ];
        let mut section = Section::new(format!("Results: {}", title(&category.name)));
        let kinds = units::spreads(report.rows_of(&category.name).filter_map(|r| r.time.as_ref()));
        if !kinds.is_empty() {
            section = section.text(format!("Times are medians; the spread is {kinds}."));
        }
        sections.push(section.table(&head, rows));
    }
    if report.rows.iter().any(|row| row.medians.len() > 1) {
        let text = "Each point is one process: its median against the benchmark's own.";
        sections.push(Section::new("Spread of the launches").text(text).plot(Plot::Launches));
    }
    sections
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

fn result(row: &Row) -> Vec<Cell> {
    let dash = || "-".to_owned();
    let time = row.time.as_ref();
    let allocations = row.allocations.as_ref();
    let tone = match (&row.over_budget, row.benchmark.budget, allocations) {
        (Some(_), ..) => Tone::Bad,
        (None, Some(_), Some(_)) => Tone::Good,
        _ => Tone::Plain,
    };
    let throughput = row.throughput().map(|(rate, unit)| units::rate(rate, unit));
    vec![
        Cell::code(short(&row.benchmark.id, &row.benchmark.category)),
        time.map_or_else(dash, |time| units::time(time.median)).into(),
        time.map_or_else(dash, |time| units::spread(time, units::time)).into(),
        row.operations_per_second().map_or_else(dash, |rate| units::rate(rate, "")).into(),
        throughput.unwrap_or_else(dash).into(),
        allocations.map_or_else(dash, |counts| units::exact(counts.bytes)).into(),
        Cell::toned(allocations.map_or_else(dash, |counts| units::exact(counts.allocs)), tone),
        row.instructions.map_or_else(dash, |count| count.cold.to_string()).into(),
        row.instructions.map_or_else(dash, |count| units::exact(count.steady)).into(),
    ]
}

/// The id without the category that the section's title already says.
fn short<'a>(id: &'a str, category: &str) -> &'a str {
    id.strip_prefix(category).and_then(|rest| rest.strip_prefix('/')).unwrap_or(id)
}

fn comparison(report: &Report) -> Vec<Section> {
    if report.comparisons.is_empty() {
        return Vec::new();
    }
    let lost: Vec<_> = report.lost().collect();
    let first = if lost.is_empty() {
        let all = plural(report.comparisons.len(), "comparison");
        Section::new("Where we lose").text(format!("Nowhere, in the median, of {all}."))
    } else {
        let rows = lost.iter().map(|comparison| compared(comparison)).collect();
        Section::new("Where we lose").table(&COMPARED, rows)
    };
    let (same, other): (Vec<_>, Vec<_>) =
        report.comparisons.iter().partition(|comparison| comparison.differs.is_none());
    let rows = same.into_iter().map(compared).collect();
    let other: Vec<_> = other.into_iter().map(compared).collect();
    let summary = report.summaries.iter().map(|summary| {
        vec![
            title(&summary.category).into(),
            summary.peer.as_str().into(),
            units::ratio(summary.ratio).into(),
            summary.matched.to_string().into(),
        ]
    });
    let kinds = units::spreads(report.comparisons.iter().map(|comparison| &comparison.ratio));
    let mut sections = vec![
        Section::new("Comparison with peers").text(
            "Time against the peer's: below 1 we are faster. The two processes of a launch lived \
             together and ran in turn, a block of about a millisecond each in random order; the \
             launch's ratio is the median over the blocks. Shown is the median of the launches. A \
             peer that accepts malformed input checks less, and is marked so.",
        )
        .text(format!("The spread is {kinds}.")),
        first.nested(),
        Section::new("All comparisons").table(&COMPARED, rows).plot(Plot::Ratios).nested(),
        Section::new("Geometric means")
            .text("Over the benchmarks in which both do the same work, and no others.")
            .table(&["category", "peer", "ratio", "benchmarks"], summary.collect())
            .nested(),
    ];
    if !other.is_empty() {
        let section = Section::new("Not the same work")
            .text("The answer is the same, but one of the two did more for it: no ranking.");
        sections.push(section.table(&COMPARED, other).nested());
    }
    sections
}

const COMPARED: [&str; 6] = ["benchmark", "peer", "ratio", "spread", "peer's allocs/op", "remark"];

fn compared(comparison: &Comparison) -> Vec<Cell> {
    let ratio = &comparison.ratio;
    let mut remarks = Vec::new();
    if ratio.low < 1.0 && ratio.high >= 1.0 {
        remarks.push("the spread crosses 1: no difference shown".to_owned());
    }
    remarks.extend(comparison.differs.iter().map(|how| format!("not the same work: {how}")));
    if comparison.peer_accepts_malformed > 0 {
        let inputs = plural(comparison.peer_accepts_malformed, "malformed input");
        remarks.push(format!("the peer accepts {inputs}"));
    }
    let allocations = comparison.peer_allocations.as_ref();
    vec![
        Cell::code(&comparison.id),
        comparison.peer.as_str().into(),
        Cell::toned(
            units::ratio(ratio.median),
            match comparison.differs {
                Some(_) => Tone::Open,
                None => tone(ratio.low, ratio.high),
            },
        ),
        units::spread(ratio, units::ratio).into(),
        allocations.map_or_else(|| "-".to_owned(), |counts| units::exact(counts.allocs)).into(),
        remarks.join("; ").into(),
    ]
}

/// Our allocation modes side by side. One is called faster only where the whole spread says so.
fn modes(report: &Report) -> Section {
    let rows = report.rows_of(MODES).map(|row| {
        let dash = || "-".to_owned();
        let allocations = row.allocations.as_ref();
        let counted = |of: fn(&Allocations) -> f64| {
            Cell::from(allocations.map_or_else(dash, |counts| units::exact(of(counts))))
        };
        let compared = report.modes.iter().find(|mode| mode.id == row.benchmark.id);
        let ratio = compared.map(|compared| &compared.ratio);
        let shown = ratio.map_or_else(dash, |ratio| units::ratio(ratio.median));
        let tone = ratio.map_or(Tone::Plain, |ratio| tone(ratio.low, ratio.high));
        vec![
            Cell::code(short(&row.benchmark.id, MODES)),
            row.time.as_ref().map_or_else(dash, |time| units::time(time.median)).into(),
            Cell::toned(shown, tone),
            ratio.map_or_else(dash, |ratio| units::spread(ratio, units::ratio)).into(),
            counted(|counts| counts.allocs),
            counted(|counts| counts.bytes),
            counted(|counts| counts.peak_live),
            match tone {
                Tone::Good => "faster",
                Tone::Bad => "slower",
                Tone::Open => "no difference shown",
                Tone::Plain => "",
            }
            .into(),
        ]
    });
    let rows: Vec<_> = rows.collect();
    let section = Section::new("Allocation modes");
    if rows.is_empty() {
        return section;
    }
    let text = "Our own work under several allocators. The ratio is time against `standard`, in \
                pairs of processes as with the peers. The last count is the most octets that were \
                live at once, above what a warm program holds: what pools and arenas keep from one \
                request to the next is not in it.";
    let head = [
        "benchmark",
        "time/op",
        "against standard",
        "spread",
        "allocs/op",
        "B/op",
        "B live at most",
        "",
    ];
    section.text(text).table(&head, rows)
}

/// A colour only where the whole spread lies on one side.
fn tone(low: f64, high: f64) -> Tone {
    if high < 1.0 {
        Tone::Good
    } else if low >= 1.0 {
        Tone::Bad
    } else {
        Tone::Open
    }
}

fn targets(report: &Report) -> Section {
    let rows: Vec<_> = report
        .targets
        .iter()
        .map(|status| {
            let tone = match status.standing {
                Standing::Met => Tone::Good,
                Standing::Missed => Tone::Bad,
                Standing::Undecidable => Tone::Open,
                Standing::NotMeasured => Tone::Plain,
            };
            vec![
                status.name.as_str().into(),
                Cell::code(&status.id),
                status.limit.as_str().into(),
                status.measured.as_str().into(),
                Cell::toned(status.standing.word(), tone),
            ]
        })
        .collect();
    let section = Section::new("Performance targets");
    if rows.is_empty() {
        return section;
    }
    let count = |standing| report.targets_with(standing);
    let counts = format!(
        "{} met, {} missed, {} undecidable (the spread crosses the limit), {} not measured.",
        count(Standing::Met),
        count(Standing::Missed),
        count(Standing::Undecidable),
        count(Standing::NotMeasured)
    );
    section.text(counts).table(&["target", "benchmark", "limit", "measured", "status"], rows)
}

fn skipped(report: &Report) -> Section {
    let rows = report.skipped.iter().map(|skipped| {
        let reason = skipped.reason.as_str();
        vec![skipped.metric.as_str().into(), reason.into(), Cell::code(&skipped.remedy)]
    });
    Section::new("Not measured").table(&["metric", "why", "remedy"], rows.collect())
}

fn health(report: &Report) -> Section {
    let rows = report.health.iter().map(|check| {
        let (word, tone) = if check.well { ("well", Tone::Good) } else { ("note", Tone::Open) };
        vec![
            check.name.into(),
            check.value.as_str().into(),
            Cell::toned(word, tone),
            check.note.into(),
        ]
    });
    Section::new("Health checks").table(&["check", "value", "status", "meaning"], rows.collect())
}

fn artifacts(report: &Report) -> Section {
    let file = |name: &str, what: &str| vec![Cell::code(name), Cell::from(what)];
    let rows = vec![
        file("run.json", "where, when and how: fingerprint, arguments, versions, targets"),
        file("samples.jsonl", "every raw value, a JSON object a line"),
        file("new.txt", "the times in Go's benchmark format, for benchstat"),
        file("report.md", "this report as text"),
        file("report.html", "this report with plots"),
    ];
    let again = format!("cargo xtask bench report results/{}", report.archive);
    Section::new("Artifacts")
        .text(format!("Made again from the raw data by `{again}`."))
        .table(&["file", "what"], rows)
}
