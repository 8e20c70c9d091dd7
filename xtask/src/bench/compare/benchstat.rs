//! Two files side by side in benchstat's layout: a table for each unit, medians with the interval
//! from order statistics, `~` where Mann and Whitney's test sees no difference, marks with their
//! words below, and the geometric mean.
//!
//! The layout is that of golang.org/x/perf/cmd/benchstat, which reads the same files. One thing is
//! not as there: many rows are tested and nothing is corrected for it, so a line below says how
//! many would look changed if nothing was.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::gofile::Benchmarks;
use crate::bench::model::plural;
use crate::bench::stats::{Estimate, Spread, geometric_mean, mann_whitney, matched_ratio};

/// The level of the test, as benchstat's.
const ALPHA: f64 = 0.05;
/// So many samples at least for an interval of 95 %, and for a p-value below the level.
const FOR_INTERVAL: usize = 6;
const FOR_DIFFERENCE: usize = 4;

/// A side, with the name that stands above its column.
#[derive(Clone, Copy, Debug)]
pub(super) struct Side<'a> {
    pub(super) name: &'a str,
    pub(super) of: &'a Benchmarks,
}

pub(super) fn render(old: Side<'_>, new: Side<'_>) -> String {
    let mut text = String::new();
    for (key, value) in &old.of.config {
        if new.of.config.get(key) == Some(value) {
            let _ = writeln!(text, "{key}: {value}");
        }
    }
    let mut units = old.of.units.clone();
    units.extend(new.of.units.iter().filter(|unit| !old.of.units.contains(unit)).cloned());
    let mut tested = 0;
    for (index, unit) in units.iter().enumerate() {
        let table = Table::of(unit, old, new);
        // A rate is the time again.
        tested += if unit == "B/s" { 0 } else { table.tested };
        if index > 0 {
            text.push('\n');
        }
        table.write(&mut text);
    }
    if tested > 0 {
        let chance = tested as f64 * ALPHA;
        let _ = writeln!(
            text,
            "\n{} tested at alpha {ALPHA}: {chance:.1} would look changed by chance alone",
            plural(tested, "row")
        );
    }
    text
}

/// The columns of a line: the label; value and spread of the old side; of the new side the same,
/// the difference, and what it rests on.
type Line = [String; 7];

struct Table<'a> {
    unit: &'a str,
    names: [&'a str; 2],
    lines: Vec<Line>,
    marks: Vec<String>,
    /// Rows whose difference was put to the test.
    tested: usize,
}

impl<'a> Table<'a> {
    fn of(unit: &'a str, old: Side<'a>, new: Side<'a>) -> Self {
        let names = [old.name, new.name];
        let mut table = Self { unit, names, lines: Vec::new(), marks: Vec::new(), tested: 0 };
        let mut rows = old.of.names.clone();
        rows.extend(new.of.names.iter().filter(|name| !old.of.names.contains(name)).cloned());
        let is_exact = old.of.exact.contains(unit) && new.of.exact.contains(unit);
        let mut centers = [BTreeMap::new(), BTreeMap::new()];
        for name in &rows {
            let values = [old.of.of(name, unit), new.of.of(name, unit)];
            let summaries = values.map(|values| Summary::of(values, is_exact));
            for (side, summary) in centers.iter_mut().zip(&summaries) {
                side.extend(summary.iter().map(|summary| (name.clone(), summary.center)));
            }
            if summaries.iter().any(Option::is_some) {
                table.row(name, values, summaries, is_exact);
            }
        }
        table.geomean(&centers);
        table
    }

    fn row(&mut self, name: &str, values: [&[f64]; 2], of: [Option<Summary>; 2], is_exact: bool) {
        let known: Vec<f64> = of.iter().flatten().map(|summary| summary.center).collect();
        let scale = Scale::of(&known, self.unit);
        let mut line = Line::default();
        line[0] = name.to_owned();
        for (side, summary) in of.iter().enumerate() {
            let Some(summary) = summary else { continue };
            line[1 + 2 * side] = scale.shown(summary.center);
            line[2 + 2 * side] = format!("± {}", summary.shown());
            if let Some(warning) = &summary.warning {
                let mark = self.mark(warning);
                line[2 + 2 * side].push_str(&format!(" {mark}"));
            }
        }
        if let [Some(old), Some(new)] = of {
            self.tested += usize::from(!is_exact);
            let test = Test::of(values, [old.center, new.center], is_exact);
            line[5] = test.delta([old.center, new.center]);
            line[6] = test.shown();
            if let Some(warning) = test.warning {
                let mark = self.mark(&warning);
                line[6].push_str(&format!(" {mark}"));
            }
        }
        self.lines.push(line);
    }

    /// Of each side over its own rows, and of the ratios over those that both have.
    fn geomean(&mut self, centers: &[BTreeMap<String, f64>; 2]) {
        let mut line = Line::default();
        line[0] = "geomean".into();
        let mut shown = [1, 3].into_iter();
        for side in centers {
            let column = shown.next().unwrap_or(1);
            let values: Vec<f64> = side.values().copied().collect();
            match geometric_mean(&values) {
                Some(mean) => line[column] = Scale::of(&[mean], self.unit).shown(mean),
                None if values.is_empty() => {}
                None => line[column + 1] = self.mark("summaries must be >0 to compute geomean"),
            }
        }
        let matched = matched_ratio(&centers[0], &centers[1]);
        if matched.matched > 0 {
            line[5] = "?".into();
            match matched.ratio {
                Some(ratio) => line[5] = format!("{:+.2}%", (ratio - 1.0) * 100.0),
                None => line[6] = self.mark("ratios must be >0 to compute geomean"),
            }
        }
        if matched.unmatched > 0 {
            let differs = "benchmark set differs from baseline; geomeans may not be comparable";
            line[6] = format!("{} {}", line[6], self.mark(differs)).trim_start().to_owned();
        }
        self.lines.push(line);
    }

    /// The sign that stands for these words.
    fn mark(&mut self, words: &str) -> String {
        let known = self.marks.iter().position(|known| known == words);
        let index = known.unwrap_or_else(|| {
            self.marks.push(words.to_owned());
            self.marks.len() - 1
        });
        superscript(index + 1)
    }

    fn write(mut self, text: &mut String) {
        self.align_spreads();
        let widths: Vec<usize> = (0..7)
            .map(|at| self.lines.iter().map(|it| width(&it[at])).max().unwrap_or(0))
            .collect();
        // What a side takes up, from its value to the end of what belongs to it.
        let values = [widths[1] + 1 + widths[2], widths[3] + 1 + widths[4]];
        let values = values.map(|taken| taken.max(width(self.unit)));
        let test = (widths[5] + 1 + widths[6]).max("vs base".len());
        let old = values[0].max(width(self.names[0]));
        let new = (values[1] + 2 + test).max(width(self.names[1]));
        let label = widths[0];
        let mut line = |parts: String| {
            let _ = writeln!(text, "{}", parts.trim_end());
        };
        let [first, second] = self.names;
        line(format!("{:label$} │ {} │ {} │", "", centred(first, old), centred(second, new)));
        let unit = centred(self.unit, values[1]);
        let compared = format!("{unit}  {:1$}", "vs base", new - values[1] - 2);
        line(format!("{:label$} │ {} │ {compared} │", "", centred(self.unit, old)));
        for cells in &self.lines {
            let [name, value, spread, other, others, delta, note] = cells;
            let old_side = format!("{value:>0$} {spread}", widths[1]);
            let new_side = format!("{other:>0$} {others}", widths[3]);
            let wide = values[1];
            let tested = format!("{delta:>0$} {note}", widths[5]);
            line(format!("{name:label$}   {old_side:old$}   {new_side:wide$}  {tested}"));
        }
        for (index, words) in self.marks.iter().enumerate() {
            line(format!("{} {words}", superscript(index + 1)));
        }
    }

    /// Percentages of a column end below each other.
    fn align_spreads(&mut self) {
        for column in [2, 4] {
            let parts = |cell: &str| {
                let rest = cell.strip_prefix("± ")?;
                let (percent, mark) = rest.split_once(' ').unwrap_or((rest, ""));
                Some((percent.to_owned(), mark.to_owned()))
            };
            let found = self.lines.iter().filter_map(|line| parts(&line[column]));
            let widest = found.map(|(percent, _)| width(&percent)).max().unwrap_or(0);
            for line in &mut self.lines {
                if let Some((percent, mark)) = parts(&line[column]) {
                    line[column] = format!("± {percent:>widest$} {mark}").trim_end().to_owned();
                }
            }
        }
    }
}

struct Summary {
    center: f64,
    /// Where they are known.
    ends: Option<[f64; 2]>,
    warning: Option<String>,
}

impl Summary {
    /// Of exact values, the most frequent; of others, the median and its interval.
    fn of(values: &[f64], is_exact: bool) -> Option<Self> {
        let estimate = Estimate::of(values)?;
        if is_exact {
            let of = |value: &f64| values.iter().filter(|other| *other == value).count();
            // The first of them where several are as frequent.
            let center = *values.iter().rev().max_by_key(|value| of(value))?;
            let [low, high] =
                [f64::min, f64::max].map(|pick| values.iter().copied().fold(values[0], pick));
            let differ = low < high;
            let warning =
                format!("exact distribution expected, but values range from {low} to {high}");
            let warning = differ.then_some(warning);
            return Some(Self { center, ends: Some([low, high]), warning });
        }
        let is_interval = estimate.spread == Spread::Interval;
        let few = format!("need >= {FOR_INTERVAL} samples for confidence interval at level 0.95");
        Some(Self {
            center: estimate.median,
            ends: is_interval.then_some([estimate.low, estimate.high]),
            warning: (!is_interval).then_some(few),
        })
    }

    /// How far the farther end lies away, as a part of the centre.
    fn shown(&self) -> String {
        let Some([low, high]) = self.ends else { return "∞".into() };
        let center = self.center;
        if low == high {
            return "0%".into();
        }
        if center == 0.0 || low.signum() != center.signum() || high.signum() != center.signum() {
            return "?".into();
        }
        format!("{:.0}%", 100.0 * f64::max(high / center - 1.0, 1.0 - low / center))
    }
}

struct Test {
    p: f64,
    counts: [usize; 2],
    warning: Option<String>,
}

impl Test {
    fn of(values: [&[f64]; 2], centers: [f64; 2], is_exact: bool) -> Self {
        let counts = values.map(<[f64]>::len);
        if is_exact {
            let p = if centers[0] == centers[1] { 1.0 } else { 0.0 };
            return Self { p, counts, warning: None };
        }
        let p = mann_whitney(values[0], values[1]).map_or(1.0, |test| test.p);
        let all_equal = values.concat().windows(2).all(|pair| pair[0] == pair[1]);
        let too_few = counts.iter().any(|count| *count < FOR_DIFFERENCE);
        let warning = if all_equal {
            Some("all samples are equal".to_owned())
        } else if too_few && p > ALPHA {
            let few = format!("need >= {FOR_DIFFERENCE} samples to detect a difference at alpha");
            Some(format!("{few} level {ALPHA}"))
        } else {
            None
        };
        Self { p, counts, warning }
    }

    fn delta(&self, [old, new]: [f64; 2]) -> String {
        if self.p > ALPHA {
            "~".into()
        } else if old == new {
            "0.00%".into()
        } else if old == 0.0 {
            "?".into()
        } else {
            format!("{:+.2}%", (new - old) / old * 100.0)
        }
    }

    fn shown(&self) -> String {
        let [old, new] = self.counts;
        // A p-value of zero is that of exact values, for which no test is made.
        let p = if self.p == 0.0 { String::new() } else { format!("p={:.3} ", self.p) };
        let n = if old == new { format!("n={old}") } else { format!("n={old}+{new}") };
        format!("({p}{n})")
    }
}

/// One prefix and one number of digits for a row, by its smallest value: four that count.
struct Scale {
    factor: f64,
    prefix: &'static str,
    digits: usize,
}

impl Scale {
    fn of(values: &[f64], unit: &str) -> Self {
        const DECIMAL: [(f64, &str); 9] = [
            (1e12, "T"),
            (1e9, "G"),
            (1e6, "M"),
            (1e3, "k"),
            (1.0, ""),
            (1e-3, "m"),
            (1e-6, "µ"),
            (1e-9, "n"),
            (1e-12, "p"),
        ];
        const BINARY: [(f64, &str); 5] = [
            (1_099_511_627_776.0, "Ti"),
            (1_073_741_824.0, "Gi"),
            (1_048_576.0, "Mi"),
            (1024.0, "Ki"),
            (1.0, ""),
        ];
        let prefixes: &[_] = if unit.starts_with("B/") { &BINARY } else { &DECIMAL };
        let sizes = values.iter().map(|value| value.abs()).filter(|size| *size > 0.0);
        let Some(least) = sizes.min_by(f64::total_cmp) else {
            return Self { factor: 1.0, prefix: "", digits: 3 };
        };
        // As it will be rounded, 0.9999 is 1 already.
        let fits = prefixes.iter().find(|(factor, _)| least / factor >= 0.99995);
        let (factor, prefix) = fits.or_else(|| prefixes.last()).copied().unwrap_or((1.0, ""));
        let digits = match least / factor {
            size if size >= 99.995 => 1,
            size if size >= 9.9995 => 2,
            _ => 3,
        };
        Self { factor, prefix, digits }
    }

    fn shown(&self, value: f64) -> String {
        format!("{:.*}{}", self.digits, value / self.factor, self.prefix)
    }
}

fn superscript(number: usize) -> String {
    const SIGNS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let digits = number.to_string();
    digits.bytes().map(|digit| SIGNS[usize::from(digit - b'0')]).collect()
}

fn width(text: &str) -> usize {
    text.chars().count()
}

fn centred(text: &str, wide: usize) -> String {
    format!("{text:^wide$}")
}

#[cfg(test)]
#[path = "benchstat_tests.rs"]
mod tests;
