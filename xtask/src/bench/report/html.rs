//! `report.html`: one file, no outside assets, no scripts, light and dark, for phones and desks.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::sections::{self, Cell, Plot, Section, Table, Tone};
use super::{svg, units};
use crate::bench::model::Report;

const STYLE: &str = include_str!("style.css");

pub(super) fn render(report: &Report) -> String {
    let verdict = &report.verdict;
    let tone = match verdict.word {
        "PASS" => "good",
        "PARTIAL" | "INCONCLUSIVE" => "open",
        _ => "bad",
    };
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "Shockwave benchmarks: " (verdict.word) " " (report.archive) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { "Shockwave benchmarks" }
                    p { strong class={ "verdict " (tone) } { (verdict.word) } " " (report.archive) }
                    p { (verdict.reasons.join("; ")) "." }
                    p { "Reproduce: " code { (report.reproduce) } }
                }
                main {
                    @for section in sections::all(report) { (block(report, &section)) }
                }
            }
        }
    };
    page.into_string() + "\n"
}

fn block(report: &Report, section: &Section) -> Markup {
    html! {
        section {
            @if section.nested { h3 { (section.title) } } @else { h2 { (section.title) } }
            @for sentence in &section.text { p { (marked(sentence)) } }
            @match section.plot {
                Some(Plot::Ratios) => (ratios(report)),
                Some(Plot::Launches) => (launches(report)),
                None => {},
            }
            @if let Some(table) = &section.table { (rows(table)) }
        }
    }
}

/// A sentence whose parts between backquotes are code.
fn marked(sentence: &str) -> Markup {
    html! {
        @for (index, part) in sentence.split('`').enumerate() {
            @if index % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

fn rows(table: &Table) -> Markup {
    // Columns of figures stand right, so that their digits line up. Two columns are facts: prose.
    let is_figure = |cell: &Cell| {
        cell.text == "-" || !cell.code && cell.text.starts_with(|c: char| c.is_ascii_digit())
    };
    let facts = table.head.len() == 2;
    let figures: Vec<bool> = (0..table.head.len())
        .map(|column| !facts && table.rows.iter().all(|row| row.get(column).is_some_and(is_figure)))
        .collect();
    let side =
        |column: usize| figures.get(column).is_some_and(|figure| *figure).then_some("figure");
    html! {
        div class="wide" {
            table class=[facts.then_some("facts")] {
                thead {
                    tr {
                        @for (column, head) in table.head.iter().enumerate() {
                            th scope="col" class=[side(column)] { (head) }
                        }
                    }
                }
                tbody {
                    @for row in &table.rows {
                        tr {
                            @for (column, value) in row.iter().enumerate() {
                                (cell(value, side(column)))
                            }
                        }
                    }
                }
            }
        }
    }
}

fn cell(cell: &Cell, side: Option<&str>) -> Markup {
    /// Figures stay on one line, sentences wrap.
    const SHORT: usize = 40;
    let tone = match cell.tone {
        Tone::Plain => "",
        Tone::Good => "good",
        Tone::Bad => "bad",
        Tone::Open => "open",
    };
    let width = if cell.text.len() <= SHORT { "short" } else { "" };
    let classes = [tone, width, side.unwrap_or_default()];
    let class = classes.into_iter().filter(|class| !class.is_empty()).collect::<Vec<_>>().join(" ");
    let lines: Vec<_> = cell.text.lines().collect();
    html! {
        td class=[(!class.is_empty()).then_some(class)] {
            @if cell.code { code { (cell.text) } } @else {
                @for (index, line) in lines.iter().enumerate() {
                    @if index > 0 { br; }
                    (line)
                }
            }
        }
    }
}

fn ratios(report: &Report) -> Markup {
    let same = || report.comparisons.iter().filter(|comparison| comparison.differs.is_none());
    let octaves = svg::octaves(same().map(|comparison| &comparison.ratio));
    let edge = octaves.exp2();
    html! {
        div class="plot" {
            p class="scale" {
                span { "faster, 1/" (units::exact(edge)) } span { "1x" }
                span { "slower, " (units::exact(edge)) "x" }
            }
            @for comparison in same() {
                div class="line" {
                    span { code { (comparison.id) } " against " (comparison.peer) }
                    (svg::ratio_bar(&comparison.ratio, octaves))
                    span class="figure" { (units::ratio(comparison.ratio.median)) }
                }
            }
        }
    }
}

fn launches(report: &Report) -> Markup {
    let timed = || {
        report.rows.iter().filter_map(|row| {
            (row.medians.len() > 1).then_some(())?;
            Some((row, row.time?.median))
        })
    };
    let deviation = |(row, median): (&crate::bench::model::Row, f64)| {
        row.medians.iter().map(|value| (value / median - 1.0).abs()).fold(0.0, f64::max)
    };
    let reach = timed().map(deviation).fold(0.01, f64::max);
    let percent = format!("{:.0} %", reach * 100.0);
    html! {
        div class="plot" {
            p class="scale" { span { "-" (percent) } span { "median" } span { "+" (percent) } }
            @for (row, median) in timed() {
                div class="line" {
                    span { code { (row.benchmark.id) } }
                    (svg::strip(&row.medians, median, reach))
                    span class="figure" { (units::time(median)) }
                }
            }
        }
    }
}
