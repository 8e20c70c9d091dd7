//! The page of the trends: one file, no outside assets, no scripts, light and dark.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{Exact, Point, Trend, percent};

const WIDTH: f64 = 600.0;
const HEIGHT: f64 = 120.0;
/// Room around the plot, so that points and words at the edge are whole.
const MARGIN: f64 = 8.0;

const STYLE: &str = "
:root { color-scheme: light dark; --ink: #1b1f24; --quiet: #5b6470; --bad: #b3261e; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e7eb; --quiet: #9aa4b0; --bad: #ff8a80; }
}
body {
  margin: 0 auto; padding: 1rem; max-width: 48rem; font: 1rem/1.5 system-ui, sans-serif;
  background: Canvas; color: var(--ink);
}
h2 { font: 600 1rem ui-monospace, monospace; overflow-wrap: anywhere; margin: 2rem 0 0; }
p { margin: .25rem 0; color: var(--quiet); }
.beyond { color: var(--bad); font-weight: 600; }
svg { width: 100%; height: auto; }
.line { fill: none; stroke: var(--ink); stroke-width: 1.5; }
.spread { stroke: var(--quiet); }
.point { fill: var(--ink); }
.last { fill: var(--bad); }
";

pub(super) fn render(trends: &[Trend]) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "Shockwave benchmarks: trends" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                h1 { "Trends" }
                p {
                    "Each point is a run on this machine and with this build: the median of its \
                     processes, and the spread as a line. What is beyond its fence is marked."
                }
                @for trend in trends { (block(trend)) }
            }
        }
    };
    page.into_string() + "\n"
}

fn block(trend: &Trend) -> Markup {
    html! {
        section {
            h2 { (trend.id) }
            @if let Some(step) = trend.step() {
                p class=[trend.is_beyond().then_some("beyond")] {
                    "last step " (percent(step))
                    @if let Some(fence) = trend.fence {
                        ", fence " (format!("{:.1} %", fence * 100.0))
                        @if trend.is_beyond() { ": beyond" }
                    }
                }
            }
            @if !trend.points.is_empty() { (plot(&trend.points, trend.is_beyond())) }
            @for exact in &trend.exact { p { (Exact::shown(exact)) } }
        }
    }
}

/// From left to right by run, and from the lowest end of a spread to the highest.
fn plot(points: &[Point], is_beyond: bool) -> Markup {
    let ends = || points.iter().flat_map(|point| [point.time.low, point.time.high]);
    let low = ends().fold(f64::INFINITY, f64::min);
    let high = ends().fold(0.0, f64::max);
    // All the same is a line in the middle.
    let reach = if high > low { high - low } else { 1.0 };
    let apart = WIDTH / points.len().saturating_sub(1).max(1) as f64;
    let x = |index: usize| number(index as f64 * apart);
    let y = |value: f64| number(if high > low { (high - value) / reach * HEIGHT } else { 60.0 });
    let path: Vec<_> = points
        .iter()
        .enumerate()
        .map(|(index, point)| format!("{},{}", x(index), y(point.time.median)))
        .collect();
    let label = format!("{} runs, {low:.1} to {high:.1} ns/op", points.len());
    let view = format!("-{MARGIN} -{MARGIN} {} {}", WIDTH + 2.0 * MARGIN, HEIGHT + 2.0 * MARGIN);
    html! {
        svg viewBox=(view) role="img" aria-label=(label) {
            @for (index, point) in points.iter().enumerate() {
                line class="spread" x1=(x(index)) x2=(x(index))
                    y1=(y(point.time.low)) y2=(y(point.time.high)) {}
            }
            polyline class="line" points=(path.join(" ")) {}
            @for (index, point) in points.iter().enumerate() {
                circle class=(if is_beyond && index + 1 == points.len() { "last" } else { "point" })
                    cx=(x(index)) cy=(y(point.time.median)) r="4" {
                    title {
                        (point.started) ", " (point.version) ": "
                        (format!("{:.2} ns/op", point.time.median))
                    }
                }
            }
        }
        p { (label) }
    }
}

fn number(value: f64) -> String {
    format!("{value:.1}")
}
