//! `cargo xtask tidy`: the house rules that a program can check. Each message names the place and
//! the fix, so that nobody has to know the rules by heart.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::metadata::Metadata;
use crate::shell;

mod docs;
mod edges;
mod lexer;
mod rust;
mod text;

pub(crate) use lexer::Source;

/// A broken rule.
#[derive(Debug)]
pub(crate) struct Finding {
    path: PathBuf,
    line: usize,
    message: String,
}

impl Finding {
    fn new(path: &Path, line: usize, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, message: message.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path.display(), self.line, self.message)
    }
}

pub(crate) fn run() -> Result<()> {
    let files = files()?;
    let mut findings = Vec::new();
    for path in &files {
        let bytes = std::fs::read(path).with_context(|| format!("cannot read {path:?}"))?;
        // What is no UTF-8 is no text.
        if let Ok(text) = String::from_utf8(bytes) {
            findings.extend(check_file(path, &text));
        }
    }
    let metadata = Metadata::load()?;
    findings.extend(edges::check(&metadata));
    findings
        .extend(edges::cores_forbid_unsafe(&metadata, |path| std::fs::read_to_string(path).ok()));
    for finding in &findings {
        eprintln!("{finding}");
    }
    if !findings.is_empty() {
        bail!("tidy: {} to mend in {} files looked at", findings.len(), files.len());
    }
    println!("tidy: {} files keep the rules", files.len());
    Ok(())
}

fn check_file(path: &Path, text: &str) -> Vec<Finding> {
    let mut findings = text::check(path, text);
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("rs") => findings.extend(rust::check(path, text)),
        Some("md") => {
            findings.extend(docs::links(path, text, Path::exists));
            findings
                .extend(docs::snippets(path, text, |source| std::fs::read_to_string(source).ok()));
        }
        _ if path == Path::new("Cargo.toml") => findings.extend(docs::members(path, text)),
        _ => {}
    }
    findings
}

/// The files that Git has or would take: new ones count before they are added.
fn files() -> Result<Vec<PathBuf>> {
    let mut command = Command::new("git");
    command.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let listed = shell::output(&mut command)?;
    let paths = listed.split('\0').filter(|path| !path.is_empty()).map(PathBuf::from);
    // Deleted but not yet committed files are listed too.
    let mut paths: Vec<_> = paths.filter(|path| path.is_file()).collect();
    paths.sort();
    paths.dedup();
    Ok(paths)
}

/// The line, from 1, that a byte lies in.
fn line_of(text: &str, byte: usize) -> usize {
    text.as_bytes()[..byte].iter().filter(|&&b| b == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_names_file_line_and_fix() {
        let found = check_file(Path::new("a/b.rs"), "//! x\nfn f() { dbg!(1) }\n");
        assert_eq!(found[0].to_string(), "a/b.rs:2: `dbg!` left in: remove it");
    }

    #[test]
    fn lines_count_from_one() {
        assert_eq!([line_of("a\nb", 0), line_of("a\nb", 2)], [1, 2]);
    }
}
