//! The plots, as inline SVG. Places across are percentages and sizes are pixels, so a plot is as
//! wide as there is room and its marks and letters keep their size on a phone. Colours are the
//! page's; what a colour says, a shape says, too.

use maud::{Markup, html};

use super::page::{Chart, Series, Tone};
use crate::bench::stats::Estimate;

/// Beyond a factor of 8 a bar goes on to the edge: one far ratio must not flatten all others.
const MOST_OCTAVES: f64 = 3.0;

/// The height of a plot of one row, and its middle.
const ROW: f64 = 24.0;
const MIDDLE: f64 = ROW / 2.0;

/// The height of a chart, and where in it the plotted area begins and ends.
const CHART: f64 = 280.0;
const TOP: f64 = 24.0;
const BOTTOM: f64 = CHART - 28.0;

/// How many series can be told apart.
pub(super) const SERIES: usize = 8;

/// The frame that all rows of a ratio plot share: how far from 1 the farthest lies, in octaves.
pub(super) fn octaves<'a>(ratios: impl Iterator<Item = &'a Estimate>) -> f64 {
    ratios
        .flat_map(|ratio| [ratio.low, ratio.high])
        .map(|bound| bound.log2().abs())
        .fold(1.0, f64::max)
        .ceil()
        .min(MOST_OCTAVES)
}

/// The labels of that frame, from left to right.
pub(super) fn octave_labels(octaves: f64) -> Vec<String> {
    let mut labels = Vec::new();
    let mut octave = -octaves;
    while octave <= octaves {
        labels.push(if octave < 0.0 {
            format!("1/{:.0}", (-octave).exp2())
        } else {
            format!("{:.0}x", octave.exp2())
        });
        octave += 1.0;
    }
    labels
}

/// A ratio on a logarithmic axis: a mark at the median, a line over its spread. A disc is faster,
/// a square slower, an empty diamond neither.
pub(super) fn ratio(label: &str, ratio: &Estimate, octaves: f64) -> Markup {
    let part = |value: f64| (value.log2() / octaves + 1.0) / 2.0;
    let tone = Tone::of(ratio);
    let Estimate { median, low, high, n, .. } = *ratio;
    let title = format!("{median:.2}x, {low:.2} to {high:.2}: {}", tone.word());
    let mut grid = Vec::new();
    let mut octave = -octaves;
    while octave <= octaves {
        grid.push(((octave / octaves + 1.0) / 2.0, octave == 0.0));
        octave += 1.0;
    }
    let content = html! {
        @for (place, is_one) in grid {
            (upright(if is_one { "axis" } else { "grid" }, place, 0.0, ROW))
        }
        line class="spread" x1=(across(part(low))) x2=(across(part(high)))
            y1=(MIDDLE) y2=(MIDDLE) {}
        @for bound in [low, high] {
            @if (0.0..=1.0).contains(&part(bound)) {
                (upright("spread", part(bound), MIDDLE - 4.0, MIDDLE + 4.0))
            }
        }
        @match part(median) {
            place if place < 0.0 => (mark("M-6 0L4-6L4 6Z", across(0.0), MIDDLE)),
            place if place > 1.0 => (mark("M6 0L-4-6L-4 6Z", across(1.0), MIDDLE)),
            place => (mark(ratio_mark(tone), across(place), MIDDLE)),
        }
    };
    row(tone.class(), &title, &format!("{label}, {n} launches, logarithmic axis"), &content)
}

fn ratio_mark(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "M-5 0A5 5 0 1 0 5 0A5 5 0 1 0-5 0Z",
        Tone::Bad => "M-5-5H5V5H-5Z",
        Tone::Plain | Tone::Open => "M0-6L6 0L0 6L-6 0Z",
    }
}

/// The launches of one benchmark as points, relative to their median, over the interval of that
/// median; `reach` is the deviation at the edges.
pub(super) fn launches(label: &str, values: &[f64], estimate: &Estimate, reach: f64) -> Markup {
    let part = |value: f64| ((value / estimate.median - 1.0) / reach + 1.0) / 2.0;
    let (low, high) = (part(estimate.low).max(0.0), part(estimate.high).min(1.0));
    let title = format!(
        "{} launches from {:+.1} % to {:+.1} % of their median",
        values.len(),
        100.0 * (values.iter().copied().fold(f64::INFINITY, f64::min) / estimate.median - 1.0),
        100.0 * (values.iter().copied().fold(0.0, f64::max) / estimate.median - 1.0),
    );
    let content = html! {
        rect class="interval" x=(across(low)) y=(MIDDLE - 8.0) height="16"
            width=(format!("{:.2}%", (high - low).max(0.0) * ACROSS)) {}
        (upright("axis", part(estimate.median), 0.0, ROW))
        @for value in values {
            @match part(*value) {
                place if place < 0.0 => (mark("M-6 0L4-5L4 5Z", across(0.0), MIDDLE)),
                place if place > 1.0 => (mark("M6 0L-4-5L-4 5Z", across(1.0), MIDDLE)),
                place => circle class="point" cx=(across(place)) cy=(MIDDLE) r="4" {},
            }
        }
    };
    row("", &title, label, &content)
}

/// Lines with marks, a grid, and the labels of both axes.
pub(super) fn chart(chart: &Chart) -> Markup {
    let values =
        || chart.series.iter().flat_map(|series| series.points.iter().map(|point| point.1));
    let (low, high) = (values().fold(f64::INFINITY, f64::min), values().fold(0.0, f64::max));
    let ticks = if chart.log { log_ticks(low, high) } else { ticks(low, high) };
    let (low, high) =
        (ticks.iter().copied().fold(low, f64::min), ticks.iter().copied().fold(high, f64::max));
    let scale = |value: f64| if chart.log { value.ln() } else { value };
    let span = (scale(high) - scale(low)).max(f64::MIN_POSITIVE);
    let height = |value: f64| BOTTOM - (scale(value) - scale(low)) / span * (BOTTOM - TOP);
    html! {
        // The labels have a width of their own, whatever that of the plot.
        svg class="labels" width="64" height=(CHART) aria-hidden="true" {
            @for value in &ticks {
                text x="60" y=(pixels(height(*value) + 4.0)) text-anchor="end" {
                    ((chart.unit)(*value))
                }
            }
        }
        svg class="chart" width="100%" height=(CHART) role="img" {
            title { (chart.name) }
            desc { (described(chart)) }
            @for value in &ticks {
                line class="grid" x1="0" x2="100%" y1=(pixels(height(*value)))
                    y2=(pixels(height(*value))) {}
            }
            @for (place, label) in &chart.ticks {
                (upright("grid", *place, TOP, BOTTOM))
                text x=(across(*place)) y=(pixels(CHART - 8.0)) text-anchor=(anchor(*place)) {
                    (label)
                }
            }
            @for (index, series) in chart.series.iter().enumerate() {
                g class={ "series s" (index % SERIES) } {
                    @for pair in series.points.windows(2) {
                        line x1=(across(pair[0].0)) y1=(pixels(height(pair[0].1)))
                            x2=(across(pair[1].0)) y2=(pixels(height(pair[1].1))) {}
                    }
                    @for (place, value) in &series.points {
                        (mark(MARKS[index % SERIES], across(*place), height(*value)))
                    }
                }
            }
        }
    }
}

/// The mark of a series, for the legend.
pub(super) fn legend_mark(index: usize) -> Markup {
    html! {
        svg class={ "key series s" (index % SERIES) } width="32" height="14" aria-hidden="true" {
            line x1="0" x2="32" y1="7" y2="7" {}
            (mark(MARKS[index % SERIES], "16".to_owned(), 7.0))
        }
    }
}

/// Disc, square, diamond, triangles, cross, star, bar.
const MARKS: [&str; SERIES] = [
    "M-5 0A5 5 0 1 0 5 0A5 5 0 1 0-5 0Z",
    "M-4-4H4V4H-4Z",
    "M0-6L6 0L0 6L-6 0Z",
    "M0-5L5 4H-5Z",
    "M0 5L5-4H-5Z",
    "M-1.5-5H1.5V-1.5H5V1.5H1.5V5H-1.5V1.5H-5V-1.5H-1.5Z",
    "M0-6L1.5-1.5L6 0L1.5 1.5L0 6L-1.5 1.5L-6 0L-1.5-1.5Z",
    "M-5-2H5V2H-5Z",
];

fn described(chart: &Chart) -> String {
    let last = |series: &Series| {
        let (_, value) = series.points.last()?;
        Some(format!("{} ends at {}", series.name, (chart.unit)(*value)))
    };
    chart.series.iter().filter_map(last).collect::<Vec<_>>().join("; ")
}

fn row(class: &str, title: &str, label: &str, content: &Markup) -> Markup {
    html! {
        svg class={ "row " (class) } width="100%" height=(ROW) role="img" {
            title { (title) }
            desc { (label) }
            (content)
        }
    }
}

fn upright(class: &str, place: f64, top: f64, bottom: f64) -> Markup {
    html! {
        line class=(class) x1=(across(place)) x2=(across(place)) y1=(pixels(top))
            y2=(pixels(bottom)) {}
    }
}

/// A shape around a place.
fn mark(path: &str, x: String, y: f64) -> Markup {
    html! {
        svg x=(x) y=(pixels(y)) overflow="visible" { path class="mark" d=(path) {} }
    }
}

/// The part of the width between the margins, in which marks at the edge are whole.
const ACROSS: f64 = 96.0;

/// A place from 0 to 1 as a percentage.
fn across(place: f64) -> String {
    format!("{:.2}%", (100.0 - ACROSS) / 2.0 + ACROSS * place.clamp(0.0, 1.0))
}

fn pixels(value: f64) -> String {
    format!("{value:.1}")
}

fn anchor(place: f64) -> &'static str {
    if place < 0.1 {
        "start"
    } else if place > 0.9 {
        "end"
    } else {
        "middle"
    }
}

/// The step of a linear axis: 1, 2 or 5 times a power of ten, about four of them in the span.
fn ticks(low: f64, high: f64) -> Vec<f64> {
    let span = (high - low).max(high.abs() * 0.01).max(f64::MIN_POSITIVE);
    let power = 10_f64.powf((span / 4.0).log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|step| step * power);
    let step = step.into_iter().find(|step| span / step <= 5.0).unwrap_or(span);
    let mut value = (low / step).floor() * step;
    let mut ticks = vec![value];
    while ticks.len() < 2 || value < high && ticks.len() < 12 {
        value += step;
        ticks.push(value);
    }
    ticks
}

/// Powers of ten and their halves, so far as they frame the values.
fn log_ticks(low: f64, high: f64) -> Vec<f64> {
    let mut power = 10_f64.powf(low.max(f64::MIN_POSITIVE).log10().floor());
    let mut all = Vec::new();
    while power <= high * 10.0 && all.len() < 60 {
        all.extend([1.0, 2.0, 5.0].map(|step| step * power));
        power *= 10.0;
    }
    let first = all.iter().rposition(|tick| *tick <= low).unwrap_or(0);
    let last =
        all.iter().position(|tick| *tick >= high).unwrap_or_else(|| all.len().saturating_sub(1));
    let ticks = all.get(first..=last).unwrap_or_default().to_vec();
    // Many decades: only their powers.
    if ticks.len() <= 8 {
        return ticks;
    }
    let is_power = |tick: &f64| (tick.log10() - tick.log10().round()).abs() < 1e-9;
    let edge = |index: usize| index == 0 || index + 1 == ticks.len();
    let kept = ticks.iter().enumerate().filter(|(index, tick)| edge(*index) || is_power(tick));
    kept.map(|(_, tick)| *tick).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_frame_the_values() {
        assert_eq!(ticks(3.0, 17.0), [0.0, 5.0, 10.0, 15.0, 20.0]);
        assert_eq!(log_ticks(30.0, 900.0), [20.0, 50.0, 100.0, 200.0, 500.0, 1000.0]);
        assert_eq!(log_ticks(1.0, 1.0), [1.0]);
        assert_eq!(log_ticks(30.0, 3e5), [20.0, 100.0, 1000.0, 10_000.0, 100_000.0, 500_000.0]);
        assert!(ticks(5.0, 5.0).len() >= 2);
    }

    #[test]
    fn octaves_are_bounded_and_labelled() {
        let ratio = |low, high| Estimate::of(&[low, high]).unwrap();
        assert_eq!(octaves([ratio(0.9, 1.1)].iter()), 1.0);
        assert_eq!(octaves([ratio(0.001, 1.1)].iter()), 3.0);
        assert_eq!(octave_labels(1.0), ["1/2", "1x", "2x"]);
    }
}
