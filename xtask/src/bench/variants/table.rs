//! The variants as Markdown, which reads well on a terminal too.

use comfy_table::{CellAlignment, Table, presets};

use super::judge::{Row, Verdict, rows, winner};
use super::{Archive, Subject};
use crate::bench::gate::Gates;
use crate::bench::protocol::{Allocations, STANDARD};

const HEAD: [&str; 9] = [
    "variant",
    "time against standard",
    "95 % interval",
    "instr/op",
    "allocator's share",
    "allocs/op",
    "B/op",
    "B live at most",
    "B retained",
];

pub(crate) fn markdown(archive: &Archive, gates: &Gates) -> String {
    let rows = rows(archive, gates);
    let mut text = format!("# Allocation variants\n\nCommit {}.", archive.session.commit);
    text.push_str(
        " Each variant is a build of its own, and was run beside the standard one. What an \
         operation allocates is counted; the allocator's share is of the instructions of a warm \
         operation; retained is what the first 128 operations left live.\n",
    );
    let mut ids: Vec<&str> = rows.iter().map(|row| row.subject.id.as_str()).collect();
    ids.dedup();
    for id in ids {
        let of_id: Vec<&Row> = rows.iter().filter(|row| row.subject.id == id).collect();
        text.push_str(&format!("\n## {}\n\n{}\n", name(id), verdict(&of_id)));
        let mut table = Table::new();
        table.load_style(presets::ASCII_MARKDOWN).set_header(HEAD);
        for row in of_id {
            table.add_row(cells(row));
        }
        for column in table.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        text.push_str(&format!("\n{table}\n"));
    }
    for failure in &archive.failures {
        let id = failure.id.as_deref().unwrap_or("all");
        text.push_str(&format!("\nFailed: {id}: {}\n", failure.message));
    }
    text
}

/// The id; without the engine where that is the variant.
fn name(id: &str) -> &str {
    id.strip_suffix(STANDARD).map_or(id, |rest| rest.trim_end_matches('/'))
}

/// Who wins, if anybody does beyond doubt.
fn verdict(rows: &[&Row]) -> String {
    let told: Vec<_> = rows
        .iter()
        .filter(|row| row.verdict != Verdict::Standard)
        .map(|row| format!("{}: {}", row.subject.variant, row.verdict.word()))
        .collect();
    let winner = winner(rows).map_or_else(|| "no winner".into(), |it| format!("winner: {it}"));
    format!("{winner} ({}).", told.join(", "))
}

fn cells(row: &Row) -> [String; 9] {
    let dash = || "-".to_owned();
    let percent = |part: f64| format!("{:+.1} %", part * 100.0);
    let Subject { variant, instructions, allocations, .. } = &row.subject;
    let counted = |of: fn(&Allocations) -> f64| {
        allocations.as_ref().map_or_else(dash, |counts| of(counts).to_string())
    };
    let retained = allocations.as_ref().and_then(|counts| counts.retained);
    [
        variant.clone(),
        row.time.map_or_else(dash, |time| percent(time.change)),
        row.time
            .map_or_else(dash, |time| format!("{} to {}", percent(time.low), percent(time.high))),
        instructions.map_or_else(dash, |spent| format!("{:.0}", spent.total)),
        instructions.map_or_else(dash, |spent| {
            format!("{:.1} %", 100.0 * spent.allocator / spent.total.max(1.0))
        }),
        counted(|counts| counts.allocs),
        counted(|counts| counts.bytes),
        counted(|counts| counts.peak_live),
        retained.map_or_else(dash, |bytes| bytes.to_string()),
    ]
}
