//! What the launches and counts of the variants say: a row for each benchmark and variant.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Archive, Subject};
use crate::bench::archive::Pair;
use crate::bench::gate::{Gates, Time};
use crate::bench::protocol::STANDARD;
use crate::bench::stats::benjamini_hochberg;
use crate::bench::versions::time_of;

/// One benchmark in one variant, against the standard one.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Row {
    #[serde(flatten)]
    pub(crate) subject: Subject,
    /// `None` for the standard build itself, and where no launch succeeded.
    pub(crate) time: Option<Time>,
    pub(crate) verdict: Verdict,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Verdict {
    /// It is what the others are held against.
    Standard,
    Faster,
    Slower,
    /// The launches show no difference.
    Same,
    NotMeasured,
}

impl Verdict {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Standard => "",
            Self::Faster => "faster",
            Self::Slower => "slower",
            Self::Same => "no difference shown",
            Self::NotMeasured => "not measured",
        }
    }
}

/// The rows by benchmark, and of each by variant. p-values are adjusted over all of them.
pub(crate) fn rows(archive: &Archive, gates: &Gates) -> Vec<Row> {
    let mut pairs: BTreeMap<(&str, &str), Vec<&Pair>> = BTreeMap::new();
    for launched in &archive.launches {
        let key = (launched.pair.ids[0].as_str(), launched.variant.as_str());
        pairs.entry(key).or_default().push(&launched.pair);
    }
    let seed = archive.session.seed;
    let mut times: BTreeMap<(&str, &str), Time> = pairs
        .into_iter()
        .filter_map(|(key, pairs)| Some((key, time_of(&pairs, true, seed)?)))
        .collect();
    let p: Vec<f64> = times.values().map(|time| time.p).collect();
    let adjusted = benjamini_hochberg(&p).unwrap_or(p);
    for (time, adjusted) in times.values_mut().zip(adjusted) {
        time.adjusted = adjusted;
    }
    let row = |subject: &Subject| {
        let time = times.get(&(subject.id.as_str(), subject.variant.as_str())).copied();
        let verdict = match time {
            _ if subject.variant == STANDARD => Verdict::Standard,
            None => Verdict::NotMeasured,
            Some(time) if !time.is_significant(gates) => Verdict::Same,
            Some(time) if time.change < 0.0 => Verdict::Faster,
            Some(_) => Verdict::Slower,
        };
        Row { subject: subject.clone(), time, verdict }
    };
    let mut rows: Vec<_> = archive.subjects.iter().map(row).collect();
    let order = |row: &Row| super::VARIANTS.iter().position(|it| *it == row.subject.variant);
    rows.sort_by(|a, b| a.subject.id.cmp(&b.subject.id).then(order(a).cmp(&order(b))));
    rows
}

/// The variant that is fastest beyond doubt: significantly faster than the standard one, and by an
/// interval that no other variant's reaches; or the standard one where all others are slower.
pub(crate) fn winner<'a>(rows: &[&'a Row]) -> Option<&'a str> {
    let others = || rows.iter().filter(|row| row.verdict != Verdict::Standard);
    if others().count() > 0 && others().all(|row| row.verdict == Verdict::Slower) {
        return Some(STANDARD);
    }
    let end = |row: &Row, of: fn(&Time) -> f64| row.time.as_ref().map_or(f64::NAN, of);
    let fastest = others()
        .filter(|row| row.verdict == Verdict::Faster)
        .min_by(|a, b| end(a, |t| t.change).total_cmp(&end(b, |t| t.change)))?;
    let is_alone = others()
        .filter(|row| row.subject.variant != fastest.subject.variant)
        .all(|row| end(row, |time| time.low) > end(fastest, |time| time.high));
    is_alone.then_some(fastest.subject.variant.as_str())
}
