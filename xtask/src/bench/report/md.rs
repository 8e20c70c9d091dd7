//! `report.md`.

use std::fmt::Write as _;

use super::sections::{self, Cell, Section, Table, Tone};
use crate::bench::model::Report;

pub(super) fn render(report: &Report) -> String {
    let verdict = &report.verdict;
    let mut text = format!(
        "# Shockwave benchmarks: {}\n\n{}.\n\nReproduce: `{}`\n",
        verdict.word,
        verdict.reasons.join("; "),
        report.reproduce
    );
    for section in sections::all(report) {
        write_section(&mut text, &section);
    }
    text
}

fn write_section(text: &mut String, section: &Section) {
    // A plot alone is for HTML; its data stands in the tables.
    if section.table.is_none() && section.plot.is_some() {
        return;
    }
    let level = if section.nested { "###" } else { "##" };
    let _ = write!(text, "\n{level} {}\n", section.title);
    for sentence in &section.text {
        let _ = write!(text, "\n{sentence}\n");
    }
    if let Some(table) = &section.table {
        write_table(text, table);
    }
}

pub(super) fn write_table(text: &mut String, table: &Table) {
    let _ = write!(text, "\n| {} |\n", table.head.join(" | "));
    let _ = writeln!(text, "|{}", "---|".repeat(table.head.len()));
    for row in &table.rows {
        let cells: Vec<_> = row.iter().map(cell).collect();
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
}

fn cell(cell: &Cell) -> String {
    let text = cell.text.replace('|', "\\|").replace('\n', "<br>");
    match (cell.code, cell.tone) {
        (true, _) => format!("`{}`", cell.text.replace('|', "\\|")),
        (false, Tone::Bad) => format!("**{text}**"),
        (false, _) => text,
    }
}
