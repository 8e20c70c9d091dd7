//! How the gates judge one benchmark: the figures of two versions in, findings out.

use serde::{Deserialize, Serialize};

use super::table::{Action, Gates};
use crate::bench::exact::Exact;
use crate::bench::stats::Estimate;

/// What paired launches say of the time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Time {
    /// Nanoseconds an operation of both.
    pub(crate) sides: [Estimate; 2],
    /// The change as a part of the older: Hodges and Lehmann's estimate, and its 95 % interval.
    pub(crate) change: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
    /// Of Wilcoxon's test, and adjusted for all benchmarks.
    pub(crate) p: f64,
    pub(crate) adjusted: f64,
    pub(crate) launches: usize,
    /// Launches among them during which the machine was not its own.
    pub(crate) disturbed: usize,
    /// Whether they are the fresh launches that decide.
    pub(crate) confirmed: bool,
    /// The smallest change that could have been seen.
    pub(crate) smallest: f64,
}

impl Time {
    /// Whether the launches show a difference at all.
    pub(crate) fn is_significant(&self, gates: &Gates) -> bool {
        self.adjusted < gates.time.adjusted_p && (self.low > 0.0 || self.high < 0.0)
    }

    /// Whether they show one that the gate is for.
    pub(crate) fn exceeds(&self, gates: &Gates) -> bool {
        let percent = |part: f64| part * 100.0;
        self.is_significant(gates)
            && percent(self.change) > gates.time.fail_percent
            && percent(self.low) > gates.time.near_end_percent
    }

    /// Whether one beyond the gate may be there and could not have been seen.
    fn hides(&self, gates: &Gates) -> bool {
        self.smallest.min(self.high) * 100.0 > gates.time.fail_percent
    }
}

/// A benchmark of which both versions have the same definition.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change<'a> {
    pub(crate) old: &'a Exact,
    pub(crate) new: &'a Exact,
    pub(crate) time: Option<&'a Time>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Metric {
    Allocs,
    Bytes,
    PeakLive,
    Instructions,
    Time,
    /// Not taken, but suspected behind a time.
    Layout,
}

impl Metric {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Allocs => "allocs",
            Self::Bytes => "bytes",
            Self::PeakLive => "peak",
            Self::Instructions => "instr",
            Self::Time => "ns",
            Self::Layout => "layout",
        }
    }
}

/// How bad it is, the worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Grade {
    /// For the better.
    Better,
    /// To be known, and no more.
    Note,
    Flag,
    /// The machine could not tell.
    Inconclusive,
    Fail,
}

impl Grade {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Note => "note",
            Self::Flag => "flagged",
            Self::Inconclusive => "inconclusive",
            Self::Fail => "FAIL",
        }
    }
}

impl From<Action> for Grade {
    fn from(action: Action) -> Self {
        match action {
            Action::Flag => Self::Flag,
            Action::Fail => Self::Fail,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Finding {
    pub(crate) metric: Metric,
    pub(crate) grade: Grade,
    pub(crate) text: String,
}

/// Holds the gates against one benchmark.
pub(crate) fn judge(gates: &Gates, change: Change<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut find = |metric, (grade, text): (Grade, String)| {
        findings.push(Finding { metric, grade, text });
    };
    let Change { old, new, time } = change;
    if let Some(found) = allocs(gates, old.allocs, new.allocs) {
        find(Metric::Allocs, found);
    }
    let limits = Limits { tolerance: 0.0, flag: f64::INFINITY, fail: f64::INFINITY };
    let bytes = Limits { fail: gates.bytes.fail_percent, ..limits };
    let peak = Limits { flag: gates.peak_live.flag_percent, ..limits };
    let instructions = Limits {
        tolerance: gates.instructions.tolerance_percent,
        flag: gates.instructions.flag_percent,
        fail: gates.instructions.fail_percent,
    };
    let counts = [
        (Metric::Bytes, "B/op", old.bytes, new.bytes, bytes),
        (Metric::PeakLive, "octets live at most", old.peak_live, new.peak_live, peak),
        (Metric::Instructions, "instr/op, first", old.cold, new.cold, instructions),
        (Metric::Instructions, "instr/op", old.steady, new.steady, instructions),
    ];
    for (metric, unit, old, new, limits) in counts {
        if let Some(found) = old.zip(new).and_then(|pair| limits.judge(pair, unit)) {
            find(metric, found);
        }
    }
    if let Some(time) = time {
        let found = judge_time(gates, time);
        let is_slower = found.as_ref().is_some_and(|it| matches!(it.0, Grade::Fail | Grade::Flag));
        if let Some(found) = found {
            find(Metric::Time, found);
        }
        if is_slower && is_flat(gates, old, new) {
            let text = "more time with the same instructions and allocations";
            find(Metric::Layout, (Grade::Note, text.into()));
        }
    }
    findings
}

fn allocs(gates: &Gates, old: Option<f64>, new: Option<f64>) -> Option<(Grade, String)> {
    let (old, new) = old.zip(new)?;
    let text = format!("{old} -> {new} allocs/op");
    if new > old {
        let action = if old == 0.0 { gates.allocs.from_zero } else { gates.allocs.increase };
        return Some((action.into(), text));
    }
    (new < old).then_some((Grade::Better, text))
}

/// In percent of the older figure.
#[derive(Clone, Copy)]
struct Limits {
    tolerance: f64,
    flag: f64,
    fail: f64,
}

impl Limits {
    fn judge(self, (old, new): (f64, f64), unit: &str) -> Option<(Grade, String)> {
        // From nothing, any increase is beyond any limit.
        let percent = if old == new { 0.0 } else { (new - old) / old * 100.0 };
        let text = if old == 0.0 {
            format!("{old} -> {new} {unit}")
        } else {
            format!("{old} -> {new} {unit} ({percent:+.1} %)")
        };
        let beyond = |limit: f64| percent > limit && limit.is_finite();
        if percent.abs() <= self.tolerance {
            None
        } else if beyond(self.fail) {
            Some((Grade::Fail, text))
        } else if beyond(self.flag) {
            Some((Grade::Flag, text))
        } else if percent > 0.0 {
            Some((Grade::Note, text))
        } else {
            Some((Grade::Better, text))
        }
    }
}

/// Whether everything that is exact was counted, and stayed.
fn is_flat(gates: &Gates, old: &Exact, new: &Exact) -> bool {
    old.steady.zip(new.steady).is_some_and(|(before, after)| {
        let tolerated = before * gates.instructions.tolerance_percent / 100.0;
        (after - before).abs() <= tolerated && old.allocs == new.allocs
    })
}

fn judge_time(gates: &Gates, time: &Time) -> Option<(Grade, String)> {
    let percent = |part: f64| format!("{:+.1} %", part * 100.0);
    let text = format!(
        "{} ns/op, {} ops/s ({} to {}, adjusted p={:.4}, n={})",
        percent(time.change),
        percent(1.0 / (1.0 + time.change) - 1.0),
        percent(time.low),
        percent(time.high),
        time.adjusted,
        time.launches
    );
    if time.exceeds(gates) {
        return Some(if time.confirmed {
            (Grade::Fail, text)
        } else {
            (Grade::Inconclusive, format!("{text}; not confirmed by fresh launches"))
        });
    }
    if time.is_significant(gates) && time.confirmed {
        return Some((if time.change > 0.0 { Grade::Flag } else { Grade::Better }, text));
    }
    time.hides(gates).then(|| {
        let (high, smallest) = (percent(time.high), percent(time.smallest));
        let text = format!("up to {high} ns/op is possible; only {smallest} would surely be seen");
        (Grade::Inconclusive, text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::gate::table::committed;

    fn exact(allocs: f64, bytes: f64, steady: f64) -> Exact {
        Exact {
            allocs: Some(allocs),
            bytes: Some(bytes),
            peak_live: Some(bytes),
            cold: Some(1000.0),
            steady: Some(steady),
        }
    }

    fn of_counts(old: &Exact, new: &Exact) -> Vec<(Metric, Grade)> {
        let findings = judge(&committed(), Change { old, new, time: None });
        findings.into_iter().map(|finding| (finding.metric, finding.grade)).collect()
    }

    fn time(change: f64, half: f64, adjusted: f64) -> Time {
        let side = Estimate::of(&[100.0; 12]).unwrap();
        Time {
            sides: [side; 2],
            change,
            low: change - half,
            high: change + half,
            p: adjusted,
            adjusted,
            launches: 24,
            disturbed: 0,
            confirmed: true,
            smallest: 0.015,
        }
    }

    fn of_time(time: Time, steady: f64) -> Vec<(Grade, String)> {
        let (old, new) = (exact(0.0, 0.0, 100.0), exact(0.0, 0.0, steady));
        let change = Change { old: &old, new: &new, time: Some(&time) };
        let findings = judge(&committed(), change);
        let times = findings.into_iter().filter(|finding| finding.metric == Metric::Time);
        times.map(|finding| (finding.grade, finding.text)).collect()
    }

    #[test]
    fn nothing_changed() {
        assert_eq!(of_counts(&exact(0.0, 0.0, 100.0), &exact(0.0, 0.0, 100.1)), []);
        assert_eq!(of_counts(&Exact::default(), &exact(3.0, 0.0, 1.0)), []);
    }

    #[test]
    fn an_allocation_from_none_fails_and_one_more_is_flagged() {
        let found = of_counts(&exact(0.0, 0.0, 100.0), &exact(1.0, 64.0, 100.0));
        assert!(found.contains(&(Metric::Allocs, Grade::Fail)), "{found:?}");
        let found = of_counts(&exact(2.0, 64.0, 100.0), &exact(3.0, 64.0, 100.0));
        assert_eq!(found, [(Metric::Allocs, Grade::Flag)]);
        let found = of_counts(&exact(2.0, 64.0, 100.0), &exact(1.0, 64.0, 100.0));
        assert_eq!(found, [(Metric::Allocs, Grade::Better)]);
    }

    #[test]
    fn octets_fail_beyond_ten_percent() {
        let found = of_counts(&exact(1.0, 100.0, 100.0), &exact(1.0, 110.0, 100.0));
        assert_eq!(found, [(Metric::Bytes, Grade::Note), (Metric::PeakLive, Grade::Note)]);
        let found = of_counts(&exact(1.0, 100.0, 100.0), &exact(1.0, 111.0, 100.0));
        assert_eq!(found, [(Metric::Bytes, Grade::Fail), (Metric::PeakLive, Grade::Flag)]);
    }

    #[test]
    fn instructions_have_a_tolerance_a_flag_and_a_limit() {
        let grade = |steady| of_counts(&exact(0.0, 0.0, 1000.0), &exact(0.0, 0.0, steady));
        assert_eq!(grade(1002.0), []);
        assert_eq!(grade(1009.0), [(Metric::Instructions, Grade::Note)]);
        assert_eq!(grade(1011.0), [(Metric::Instructions, Grade::Flag)]);
        assert_eq!(grade(1031.0), [(Metric::Instructions, Grade::Fail)]);
        assert_eq!(grade(900.0), [(Metric::Instructions, Grade::Better)]);
    }

    #[test]
    fn time_fails_only_where_everything_holds() {
        let grades = |time| of_time(time, 110.0).into_iter().map(|it| it.0).collect::<Vec<_>>();
        assert_eq!(grades(time(0.08, 0.03, 0.01)), [Grade::Fail]);
        assert_eq!(grades(time(0.08, 0.03, 0.06)), [], "the p-value");
        assert_eq!(grades(time(0.045, 0.01, 0.01)), [Grade::Flag], "the change");
        assert_eq!(grades(time(0.08, 0.065, 0.01)), [Grade::Flag], "the near end");
        let screened = Time { confirmed: false, ..time(0.08, 0.03, 0.01) };
        assert_eq!(grades(screened), [Grade::Inconclusive], "the confirmation");
        assert_eq!(grades(time(-0.08, 0.03, 0.01)), [Grade::Better]);
        let blind = Time { smallest: 0.07, ..time(0.0, 0.06, 0.9) };
        assert_eq!(grades(blind), [Grade::Inconclusive], "noise");
    }

    #[test]
    fn a_time_without_instructions_behind_it_is_suspected() {
        let (old, regressed) = (exact(0.0, 0.0, 100.0), time(0.08, 0.03, 0.01));
        let suspected = |steady| {
            let new = exact(0.0, 0.0, steady);
            let change = Change { old: &old, new: &new, time: Some(&regressed) };
            judge(&committed(), change).iter().any(|finding| finding.metric == Metric::Layout)
        };
        assert!(suspected(100.0) && !suspected(108.0));
        let told = of_time(regressed, 108.0).remove(0).1;
        assert_eq!(told, "+8.0 % ns/op, -7.4 % ops/s (+5.0 % to +11.0 %, adjusted p=0.0100, n=24)");
    }
}
