//! Figures in a form that people read.

use crate::bench::stats::{Estimate, Spread};

/// Nanoseconds with a fitting unit and three digits that count.
pub(crate) fn time(nanoseconds: f64) -> String {
    scaled(nanoseconds, &[(1e9, "s"), (1e6, "ms"), (1e3, "us"), (1.0, "ns")])
}

/// A rate with an SI prefix.
pub(crate) fn rate(per_second: f64, unit: &str) -> String {
    let scaled = scaled(per_second, &[(1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, "")]);
    let gap = if scaled.contains(' ') { "" } else { " " };
    format!("{scaled}{gap}{unit}")
}

/// An exact figure: whole where it is whole.
pub(crate) fn exact(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}

/// `low to high`.
pub(crate) fn spread(estimate: &Estimate, shown: impl Fn(f64) -> String) -> String {
    format!("{} to {}", shown(estimate.low), shown(estimate.high))
}

/// What the spreads of these estimates are, for the text above their table.
pub(crate) fn spreads<'a>(estimates: impl Iterator<Item = &'a Estimate>) -> String {
    let (mut intervals, mut ranges) = (Vec::new(), Vec::new());
    for estimate in estimates {
        match estimate.spread {
            Spread::Interval => intervals.push(estimate.n),
            Spread::Range => ranges.push(estimate.n),
        }
    }
    let of = |counts: &[usize], what: &str| {
        let (least, most) = (counts.iter().min()?, counts.iter().max()?);
        let count = if least == most { most.to_string() } else { format!("{least} to {most}") };
        Some(format!("{what} of {count} launches"))
    };
    let kinds = [of(&intervals, "the 95 % interval of the median"), of(&ranges, "the range")];
    kinds.into_iter().flatten().collect::<Vec<_>>().join(", or ")
}

pub(crate) fn ratio(value: f64) -> String {
    format!("{value:.2}x")
}

fn scaled(value: f64, units: &[(f64, &str)]) -> String {
    let fits = units.iter().find(|(size, _)| value.abs() >= *size);
    let (size, unit) = fits.or_else(|| units.last()).copied().unwrap_or((1.0, ""));
    let number = value / size;
    let digits = if number.abs() >= 100.0 {
        0
    } else if number.abs() >= 10.0 {
        1
    } else {
        2
    };
    format!("{number:.digits$} {unit}").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures() {
        assert_eq!(time(0.5), "0.50 ns");
        assert_eq!(time(21.04), "21.0 ns");
        assert_eq!(time(1234.0), "1.23 us");
        assert_eq!(time(2.5e9), "2.50 s");
        assert_eq!(rate(47_619_047.6, "op/s"), "47.6 Mop/s");
        assert_eq!(rate(12.0, "op/s"), "12.0 op/s");
        assert_eq!(
            (exact(0.0), exact(150.0), exact(2.125)),
            ("0".into(), "150".into(), "2.12".into())
        );
    }
}
