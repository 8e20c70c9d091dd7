//! A profile as data, and as tables in Markdown that read well on a terminal too.

use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;

use super::evidence::{Evidence, SteadySites};
use super::instructions;
use super::perf::Samples;
use crate::bench::archive::Skipped;

/// Rows that a table shows at most; `profile.json` has them all.
const SHOWN: usize = 25;

#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Profile {
    pub(super) id: String,
    pub(super) commit: String,
    pub(super) dirty: bool,
    pub(super) cpu: Option<Rows>,
    pub(super) instructions: Option<Rows>,
    pub(super) allocations: Option<Rows>,
    /// Since another build.
    pub(super) changes: Option<Evidence>,
    pub(super) skipped: Vec<Skipped>,
}

/// One part of a profile, the greatest row first.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Rows {
    title: &'static str,
    /// What the figures are.
    about: String,
    columns: [&'static str; 3],
    rows: Vec<Row>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct Row {
    figures: [f64; 2],
    place: String,
}

impl Rows {
    pub(super) fn of_samples(samples: &Samples) -> Self {
        let share = |count: u64| 100.0 * count as f64 / samples.inside.max(1) as f64;
        let rows = samples.functions.iter().map(|(function, count)| Row {
            figures: [share(*count), *count as f64],
            place: function.to_string(),
        });
        Self {
            title: "Time by function",
            about: format!(
                "{} samples of the CPU's clock inside the operations; {} of set-up, or with a \
                 stack that was cut off, are left out. The flame graph is `cpu.svg`.",
                samples.inside, samples.outside
            ),
            columns: ["% of time", "samples", "function"],
            rows: sorted(rows),
        }
    }

    pub(super) fn of_instructions(profile: &instructions::Profile) -> Self {
        let (total, allocator) = (profile.total(), profile.allocator);
        let rows = profile.functions.iter().map(|(function, cost)| Row {
            figures: [cost.steady, cost.cold as f64],
            place: function.to_string(),
        });
        Self {
            title: "Instructions by function",
            about: format!(
                "Exact, of one operation: {:.1} once it is warm, of which {:.1} ({:.1} %) were \
                 spent on asking for memory and giving it back; {} the first time.",
                total.steady,
                allocator.steady,
                100.0 * allocator.steady / total.steady.max(f64::MIN_POSITIVE),
                total.cold
            ),
            columns: ["steady", "cold", "function"],
            rows: sorted(rows),
        }
    }

    pub(super) fn of_sites(sites: &SteadySites) -> Self {
        let rows =
            sites.iter().map(|(site, figures)| Row { figures: *figures, place: site.clone() });
        Self {
            title: "Allocation sites",
            about: "Calls of malloc, calloc and realloc by one operation once it is warm, and \
                    octets asked for. What an allocator of the program's own hands out is not seen."
                .into(),
            columns: ["allocs/op", "B/op", "site, and those that led to it"],
            rows: sorted(rows),
        }
    }

    /// The functions and the sites of an evidence.
    fn of_changes(changes: &Evidence) -> [Self; 2] {
        let functions = changes.functions.iter().map(|change| Row {
            figures: [change.before, change.after],
            place: change.function.to_string(),
        });
        let sites = changes.allocations.iter().map(|change| Row {
            figures: change.allocs,
            place: format!("{}: {} to {} B/op", change.site, change.bytes[0], change.bytes[1]),
        });
        let changed = |title, about: &str, columns, rows| Self {
            title,
            about: about.to_owned(),
            columns,
            rows,
        };
        [
            changed(
                "Functions that changed",
                "Steady instructions of one operation, by the greatest change.",
                ["before", "after", "function"],
                functions.collect(),
            ),
            changed(
                "New allocations",
                "Where a warm operation allocates more often, or more.",
                ["allocs/op before", "after", "site, and those that led to it"],
                sites.collect(),
            ),
        ]
    }

    fn markdown(&self, text: &mut String) {
        let shown: Vec<_> = self.rows.iter().filter(|row| row.figures != [0.0; 2]).collect();
        text.push_str(&format!("\n## {}\n\n{}\n", self.title, self.about));
        if shown.is_empty() {
            text.push_str("\nNone.\n");
            return;
        }
        let mut table = Table::new();
        table.load_style(presets::ASCII_MARKDOWN).set_header(self.columns);
        for row in shown.iter().take(SHOWN) {
            let [first, second] = row.figures.map(figure);
            table.add_row([first, second, row.place.replace('|', "\\|")]);
        }
        for column in table.column_iter_mut().take(2) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        text.push_str(&format!("\n{table}\n"));
        if shown.len() > SHOWN {
            let more = shown.len() - SHOWN;
            text.push_str(&format!("\nAnd {more} more in `profile.json`.\n"));
        }
    }
}

/// A figure with a digit after the point, unless it is whole.
fn figure(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.1}") }
}

fn sorted(rows: impl Iterator<Item = Row>) -> Vec<Row> {
    let mut rows: Vec<_> = rows.collect();
    rows.sort_by(|a, b| {
        let by = |row: &Row, column: usize| row.figures[column];
        by(b, 0).total_cmp(&by(a, 0)).then(by(b, 1).total_cmp(&by(a, 1)))
    });
    rows
}

impl Profile {
    pub(super) fn markdown(&self) -> String {
        let changes = if self.dirty { " with changes" } else { "" };
        let mut text = format!("# Profile of {}\n\nCommit {}{changes}.\n", self.id, self.commit);
        let parts = [&self.cpu, &self.instructions, &self.allocations];
        for part in parts.into_iter().flatten() {
            part.markdown(&mut text);
        }
        for part in self.changes.iter().flat_map(Rows::of_changes) {
            part.markdown(&mut text);
        }
        for skipped in &self.skipped {
            let Skipped { metric, reason, remedy } = skipped;
            text.push_str(&format!("\nSkipped: {metric}, since {reason}. Remedy: `{remedy}`\n"));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::super::instructions::Cost;
    use super::super::source::Function;
    use super::*;

    #[test]
    fn tables_begin_with_the_greatest() {
        let function = |name: &str, file: &str| Function { name: name.into(), file: file.into() };
        let cost = |cold, steady| Cost { cold, steady };
        let taken = instructions::Profile {
            functions: [
                (function("parse", "crates/a.rs"), cost(50, 40.5)),
                (function("malloc", "libc.so.6"), cost(90, 60.0)),
                (function("never", ""), cost(0, 0.0)),
            ]
            .into(),
            allocator: cost(90, 60.0),
        };
        let skipped = Skipped { metric: "x".into(), reason: "y".into(), remedy: "z".into() };
        let profile = Profile {
            id: "a/b/c/d".into(),
            instructions: Some(Rows::of_instructions(&taken)),
            allocations: Some(Rows::of_sites(&Default::default())),
            skipped: vec![skipped],
            ..Profile::default()
        };
        let text = profile.markdown();
        let at = |part: &str| text.find(part).unwrap_or_else(|| panic!("no {part:?} in {text}"));
        assert!(at("malloc (libc.so.6)") < at("parse (crates/a.rs)"));
        assert!(at("100.5 once it is warm, of which 60.0 (59.7 %)") < at("| steady"));
        assert!(at("None.") < at("Skipped: x, since y. Remedy: `z`"));
        assert!(!text.contains("never"));
    }
}
