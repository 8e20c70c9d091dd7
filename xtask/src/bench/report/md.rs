//! A page as Markdown.

use std::fmt::Write as _;

use super::page::{Block, Cell, Page, Section, Table, Tone};

pub(crate) fn render(page: &Page) -> String {
    let mut text = format!("# {}\n", page.heading());
    for sentence in &page.lead {
        let _ = write!(text, "\n{sentence}\n");
    }
    for section in &page.sections {
        write_section(&mut text, section);
    }
    text
}

pub(crate) fn write_section(text: &mut String, section: &Section) {
    // A plot alone is for HTML; its data stands in the tables.
    if section.blocks.iter().all(|block| matches!(block, Block::Plot(_))) {
        return;
    }
    let level = if section.nested { "###" } else { "##" };
    let _ = write!(text, "\n{level} {}\n", section.title);
    for block in &section.blocks {
        match block {
            Block::Text(sentence) => {
                let _ = write!(text, "\n{sentence}\n");
            }
            Block::Table(table) => write_table(text, table),
            Block::Verbatim(lines) => {
                let _ = write!(text, "\n```text\n{}\n```\n", lines.trim_end());
            }
            Block::Plot(_) => {}
        }
    }
}

pub(crate) fn write_table(text: &mut String, table: &Table) {
    /// Longer cells are sentences: no column grows to their width.
    const WIDEST: usize = 56;
    let rows: Vec<Vec<String>> =
        table.rows.iter().map(|row| row.iter().map(cell).collect()).collect();
    let widths: Vec<usize> = (0..table.head.len())
        .map(|column| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            let lengths = cells.chain(table.head.get(column)).map(|cell| cell.chars().count());
            lengths.filter(|length| *length <= WIDEST).max().unwrap_or(1).max(3)
        })
        .collect();
    let figures: Vec<bool> = (0..table.head.len()).map(|column| table.is_figure(column)).collect();
    let line = |cells: &[String]| {
        let padded = cells.iter().enumerate().map(|(column, cell)| match figures.get(column) {
            Some(true) => format!(" {cell:>width$} ", width = widths[column]),
            _ => format!(" {cell:<width$} ", width = widths[column]),
        });
        format!("|{}|\n", padded.collect::<Vec<_>>().join("|"))
    };
    text.push('\n');
    text.push_str(&line(&table.head));
    for (width, figure) in widths.iter().zip(&figures) {
        let _ = write!(text, "|{}{}", "-".repeat(width + 1), if *figure { ":" } else { "-" });
    }
    text.push_str("|\n");
    for row in &rows {
        text.push_str(&line(row));
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
