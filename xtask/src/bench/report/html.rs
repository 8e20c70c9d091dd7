//! A page as HTML: one file, no outside assets, no scripts, light and dark, for phones and desks.

use std::collections::BTreeMap;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::page::{Block, Cell, Chart, LaunchRow, Page, Plot, RatioRow, Section, Table};
use super::{svg, units};

const STYLE: &str = include_str!("style.css");

pub(crate) fn render(page: &Page) -> String {
    let anchors = anchors(&page.sections);
    let top: Vec<_> = page.sections.iter().zip(&anchors).filter(|(it, _)| !it.nested).collect();
    let whole = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (page.heading()) " " (page.archive) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { (page.title) }
                    p {
                        @if !page.word.is_empty() {
                            strong class={ "verdict " (page.tone.class()) } { (page.word) } " "
                        }
                        span class="archive" { (page.archive) }
                    }
                    @for sentence in &page.lead { p { (marked(sentence)) } }
                }
                nav aria-label="Sections" {
                    ul {
                        @for (section, anchor) in top {
                            li { a href={ "#" (anchor) } { (section.title) } }
                        }
                    }
                }
                main {
                    @for (section, anchor) in page.sections.iter().zip(&anchors) {
                        (block(section, anchor))
                    }
                }
            }
        }
    };
    whole.into_string() + "\n"
}

/// A name for each section, out of its title; the second of a title has a number.
fn anchors(sections: &[Section]) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut anchor = |section: &Section| {
        let letters = section.title.to_lowercase();
        let words = letters.split(|c: char| !c.is_ascii_alphanumeric()).filter(|it| !it.is_empty());
        let name = words.collect::<Vec<_>>().join("-");
        let count = seen.entry(name.clone()).or_default();
        *count += 1;
        if *count == 1 { name } else { format!("{name}-{count}") }
    };
    sections.iter().map(&mut anchor).collect()
}

fn block(section: &Section, anchor: &str) -> Markup {
    let title = html! {
        @if section.nested { h3 { (section.title) } } @else { h2 { (section.title) } }
    };
    html! {
        section id=(anchor) {
            @if section.folded {
                details { summary { (title) } (content(section)) }
            } @else {
                (title)
                (content(section))
            }
        }
    }
}

fn content(section: &Section) -> Markup {
    html! {
        @for block in &section.blocks {
            @match block {
                Block::Text(sentence) => p { (marked(sentence)) },
                Block::Table(table) => (rows(table, &section.title)),
                Block::Plot(Plot::Ratios(ratios_of)) => (ratios(ratios_of)),
                Block::Plot(Plot::Launches(launches_of)) => (launches(launches_of)),
                Block::Plot(Plot::Chart(lines)) => (chart(lines)),
                Block::Verbatim(text) => {
                    div class="wide" tabindex="0" role="region" aria-label=(section.title) {
                        pre { (text.trim_end()) }
                    }
                },
            }
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

fn rows(table: &Table, title: &str) -> Markup {
    let facts = table.head.len() == 2;
    let figures: Vec<bool> = (0..table.head.len()).map(|column| table.is_figure(column)).collect();
    let side =
        |column: usize| figures.get(column).is_some_and(|figure| *figure).then_some("figure");
    html! {
        // It scrolls by itself where it is wider than the page, by keys as well.
        div class="wide" tabindex="0" role="region" aria-label=(title) {
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
    let width = match cell.code {
        true => "id",
        false if cell.text.lines().all(|line| line.len() <= SHORT) => "short",
        false => "",
    };
    let classes = [cell.tone.class(), width, side.unwrap_or_default()];
    let class = classes.into_iter().filter(|class| !class.is_empty()).collect::<Vec<_>>().join(" ");
    html! {
        td class=[(!class.is_empty()).then_some(class)] {
            @if cell.code { code { (breakable(&cell.text)) } } @else {
                @for (index, line) in cell.text.lines().enumerate() {
                    @if index > 0 { br; }
                    (line)
                }
            }
        }
    }
}

/// An id that may go on in the next line after each of its slashes.
fn breakable(id: &str) -> Markup {
    html! {
        @for (index, part) in id.split('/').enumerate() {
            @if index > 0 { "/" wbr; }
            (part)
        }
    }
}

fn ratios(rows: &[RatioRow]) -> Markup {
    let octaves = svg::octaves(rows.iter().map(|row| &row.ratio));
    html! {
        div class="plot" {
            p class="legend" { "left of 1x is faster: disc faster, square slower, diamond no "
                "difference shown; the line is the spread" }
            div class="scale octaves" aria-hidden="true" {
                @for label in svg::octave_labels(octaves) { span { (label) } }
            }
            @for (index, row) in rows.iter().enumerate() {
                @if index == 0 || rows[index - 1].group != row.group {
                    p class="group" { (row.group) }
                }
                div class="line" {
                    span { code { (breakable(&row.label)) } }
                    (svg::ratio(&format!("{}, {}", row.label, row.group), &row.ratio, octaves))
                    span class={ "figure " (super::page::Tone::of(&row.ratio).class()) } {
                        (units::ratio(row.ratio.median))
                    }
                }
            }
        }
    }
}

fn launches(rows: &[LaunchRow]) -> Markup {
    let deviation = |row: &LaunchRow| {
        let off = |value: &f64| (value / row.estimate.median - 1.0).abs();
        row.values.iter().map(off).fold(0.0, f64::max)
    };
    // One far launch must not flatten all others: it is shown as an arrow at the edge.
    let reach = rows.iter().map(deviation).fold(0.01, f64::max).min(0.25);
    let percent = format!("{:.0} %", reach * 100.0);
    html! {
        div class="plot" {
            div class="scale" aria-hidden="true" {
                span { "-" (percent) } span { "median" } span { "+" (percent) }
            }
            @for row in rows {
                div class="line" {
                    span { code { (breakable(&row.label)) } }
                    (svg::launches(&row.label, &row.values, &row.estimate, reach))
                    span class="figure" { (units::time(row.estimate.median)) }
                }
            }
        }
    }
}

fn chart(chart: &Chart) -> Markup {
    html! {
        figure {
            figcaption { (chart.name) }
            div class="axes" { (svg::chart(chart)) }
            ul class="legend" {
                @for (index, series) in chart.series.iter().enumerate() {
                    li { (svg::legend_mark(index)) " " (series.name) }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_are_unique() {
        let sections = ["HTTP/1.1", "Where we lose", "HTTP/1.1"].map(Section::new);
        assert_eq!(anchors(&sections), ["http-1-1", "where-we-lose", "http-1-1-2"]);
    }
}
