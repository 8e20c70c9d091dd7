//! The plots: small inline SVGs, one a row, so that the words beside them stay words and wrap on a
//! narrow screen. Colours are the page's.

use maud::{Markup, html};

use crate::bench::stats::Estimate;

const WIDTH: f64 = 400.0;
const HEIGHT: f64 = 20.0;
const MIDDLE: f64 = HEIGHT / 2.0;

/// Beyond a factor of 8 a bar goes on to the edge: one far ratio must not flatten all others.
const MOST_OCTAVES: f64 = 3.0;

/// The frame that all rows of a ratio plot share: how far from 1 the farthest lies, in octaves.
pub(super) fn octaves<'a>(ratios: impl Iterator<Item = &'a Estimate>) -> f64 {
    ratios
        .flat_map(|ratio| [ratio.low, ratio.high])
        .map(|bound| bound.log2().abs())
        .fold(1.0, f64::max)
        .ceil()
        .min(MOST_OCTAVES)
}

/// A bar from 1 to the median ratio on a logarithmic scale, and the spread as a line over it.
pub(super) fn ratio_bar(ratio: &Estimate, octaves: f64) -> Markup {
    let x = |value: f64| ((value.log2() / octaves).clamp(-1.0, 1.0) + 1.0) / 2.0 * WIDTH;
    let (one, median) = (x(1.0), x(ratio.median));
    let class = if ratio.high < 1.0 {
        "good"
    } else if ratio.low >= 1.0 {
        "bad"
    } else {
        "open"
    };
    let label = format!("{:.2}x, {:.2} to {:.2}", ratio.median, ratio.low, ratio.high);
    plot(
        &label,
        html! {
            rect class=(class) x=(number(one.min(median))) y="4" height="12"
                width=(number((one - median).abs().max(1.0))) {}
            line class="spread" x1=(number(x(ratio.low))) x2=(number(x(ratio.high)))
                y1=(number(MIDDLE)) y2=(number(MIDDLE)) {}
            line class="axis" x1=(number(one)) x2=(number(one)) y1="0" y2=(number(HEIGHT)) {}
        },
    )
}

/// The process medians of one benchmark as points, relative to their own median; `reach` is the
/// deviation at the edges.
pub(super) fn strip(medians: &[f64], median: f64, reach: f64) -> Markup {
    let x = |value: f64| ((value / median - 1.0) / reach + 1.0) / 2.0 * WIDTH;
    let label = format!("{} process medians", medians.len());
    plot(
        &label,
        html! {
            line class="axis" x1=(number(WIDTH / 2.0)) x2=(number(WIDTH / 2.0))
                y1="0" y2=(number(HEIGHT)) {}
            @for value in medians {
                circle class="point" cx=(number(x(*value))) cy=(number(MIDDLE)) r="4" {}
            }
        },
    )
}

fn plot(label: &str, content: Markup) -> Markup {
    // A margin, so that points at the edge are whole.
    let view = format!("-6 0 {} {HEIGHT}", WIDTH + 12.0);
    html! {
        svg viewBox=(view) role="img" aria-label=(label) {
            title { (label) }
            (content)
        }
    }
}

fn number(value: f64) -> String {
    format!("{value:.1}")
}
