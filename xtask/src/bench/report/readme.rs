//! README's performance section: what stands between its two markers is made from one archive.

use anyhow::{Result, bail};

use super::{md, sections};
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

/// Where and how it was measured, what we lose, how the targets stand: a screen, no more. The rest
/// is in the report.
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
    for section in sections::brief(report) {
        md::write_section(&mut text, &section);
    }
    text.push('\n');
    text
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
