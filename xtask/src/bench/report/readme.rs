//! README's performance section: what stands between its two markers is made from one archive.

use std::fmt::Write as _;

use anyhow::{Result, bail};

use super::md;
use super::sections::{self, Cell, Table};
use crate::bench::model::Report;

const BEGIN: &str = "<!-- performance:begin -->\n";
const END: &str = "<!-- performance:end -->";

/// The README with the figures of `report` between its markers.
pub(crate) fn with_figures(readme: &str, report: &Report) -> Result<String> {
    let (Some(begin), Some(end)) = (readme.find(BEGIN), readme.find(END)) else {
        bail!("README.md has no `{}` and `{END}`", BEGIN.trim_end());
    };
    let begin = begin + BEGIN.len();
    if end < begin {
        bail!("README.md: `{END}` stands before `{}`", BEGIN.trim_end());
    }
    Ok(format!("{}{}{}", &readme[..begin], figures(report), &readme[end..]))
}

/// Where and how it was measured, and the comparison with the peers; losses first.
fn figures(report: &Report) -> String {
    let facts = &report.run.session.fingerprint;
    let mut text = format!(
        "Archive `{}`, {}, {}; {}.\nMade by `{}`.\n",
        report.archive,
        facts.cpu.as_deref().unwrap_or("an unknown CPU"),
        facts.rustc.first().map_or("an unknown toolchain", String::as_str),
        report.verdict.reasons.join("; "),
        report.reproduce,
    );
    let wanted = ["Where we lose", "All comparisons", "Performance targets"];
    for section in sections::all(report).iter().filter(|it| wanted.contains(&it.title.as_str())) {
        let Some(table) = &section.table else { continue };
        let _ = write!(text, "\n### {}\n", section.title);
        md::write_table(&mut text, &narrow(table));
    }
    text.push('\n');
    text
}

/// The table without the columns that only the report has room for.
fn narrow(table: &Table) -> Table {
    const LEFT_OUT: [&str; 2] = ["peer's allocs/op", "remark"];
    let kept = |&column: &usize| !LEFT_OUT.contains(&table.head[column]);
    let columns: Vec<usize> = (0..table.head.len()).filter(kept).collect();
    let row = |row: &Vec<Cell>| columns.iter().map(|&column| row[column].clone()).collect();
    Table {
        head: columns.iter().map(|&column| table.head[column]).collect(),
        rows: table.rows.iter().map(row).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::model::fixture;

    fn report() -> Report {
        let (run, samples) = fixture::archive();
        Report::build("an-archive", run, samples).unwrap()
    }

    #[test]
    fn figures_stand_between_the_markers_and_nothing_else_changes() {
        let report = report();
        let readme = format!("before\n{BEGIN}old figures\n{END}\nafter\n");
        let made = with_figures(&readme, &report).unwrap();
        assert!(made.starts_with("before\n<!-- performance:begin -->\nArchive `"), "{made}");
        assert!(made.ends_with("\n<!-- performance:end -->\nafter\n"), "{made}");
        assert!(made.contains(&report.reproduce) && !made.contains("old figures"), "{made}");
        assert_eq!(with_figures(&made, &report).unwrap(), made, "made again, it is the same");
    }

    #[test]
    fn the_readme_says_what_its_archive_says() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
        let (_, rest) = readme.split_once("\nArchive `").unwrap();
        let (name, _) = rest.split_once('`').unwrap();
        let dir = root.join("results/published").join(name);
        let (run, samples) = crate::bench::archive::read(&dir).unwrap();
        let report = Report::build(name, run, samples).unwrap();
        let made = with_figures(&readme, &report).unwrap();
        assert!(made == readme, "run `cargo xtask bench report results/published/{name} --readme`");
    }

    #[test]
    fn a_readme_without_markers_is_refused() {
        let report = report();
        assert!(with_figures("no markers", &report).is_err());
        assert!(with_figures(&format!("{END}\n{BEGIN}"), &report).is_err());
    }
}
