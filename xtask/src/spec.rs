//! `cargo xtask spec`: holds each core's table of MUSTs against its source and its tests.
//!
//! `crates/<core>/spec.toml` lists them as `[[must]]` with
//! - `id = "9112-3.2-a"` (RFC, section and letter) and `section = "3.2"`,
//! - `text`, the requirement in our own words,
//! - `tests = ["rfc9112::s3_2_missing_host"]`, file and function under `tests/`,
//! - `code = true`, so that the source cites `RFC 9112 section 3.2`, or
//!   `exception = "why it does not concern this core"`.
//!
//! A name that leads nowhere fails; what is not covered yet is counted, and fails with `--strict`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use anyhow::{Context as _, Result, bail};
use regex::Regex;
use serde::Deserialize;

use crate::tidy::Source;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    must: Vec<Must>,
}

/// One requirement.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Must {
    id: String,
    section: String,
    text: String,
    #[serde(default)]
    tests: Vec<String>,
    #[serde(default)]
    code: bool,
    exception: Option<String>,
}

/// What there is to point at: `file::function` of each test, and the cited sections by RFC.
#[derive(Debug, Default)]
struct Evidence {
    tests: BTreeSet<String>,
    sections: BTreeMap<String, BTreeSet<String>>,
}

/// What the check of one table gave.
#[derive(Debug, Default)]
struct Outcome {
    wrong: Vec<String>,
    untested: Vec<String>,
    uncited: Vec<String>,
    exceptions: usize,
}

pub(crate) fn run(strict: bool) -> Result<()> {
    let tables = tables(Path::new("crates"))?;
    if tables.is_empty() {
        bail!("spec: no crates/*/spec.toml found");
    }
    let (mut wrong, mut uncovered) = (0, 0);
    for path in tables {
        let text = std::fs::read_to_string(&path)?;
        let table: Table = toml::from_str(&text).with_context(|| format!("in {path:?}"))?;
        let core = path.parent().unwrap_or(&path);
        let outcome = check(&table.must, &evidence(core)?);
        print(&path, &table.must, &outcome, strict);
        wrong += outcome.wrong.len();
        uncovered += outcome.untested.len() + outcome.uncited.len();
    }
    if wrong > 0 {
        bail!("spec: {wrong} entries are wrong");
    }
    if strict && uncovered > 0 {
        bail!("spec: {uncovered} gaps, and --strict allows none");
    }
    Ok(())
}

fn print(path: &Path, musts: &[Must], outcome: &Outcome, strict: bool) {
    for message in &outcome.wrong {
        eprintln!("{}: {message}", path.display());
    }
    let concerned = musts.len() - outcome.exceptions;
    println!(
        "{}: {} MUSTs, {concerned} concern this core: {} without a test, {} not cited",
        path.display(),
        musts.len(),
        outcome.untested.len(),
        outcome.uncited.len()
    );
    if strict {
        for (what, ids) in [("no test", &outcome.untested), ("not cited", &outcome.uncited)] {
            for id in ids {
                let text = musts.iter().find(|must| must.id == *id).map_or("", |must| &must.text);
                println!("  {what}: {id}: {text}");
            }
        }
    }
}

fn check(musts: &[Must], evidence: &Evidence) -> Outcome {
    let mut outcome = Outcome::default();
    let mut seen = BTreeSet::new();
    for must in musts {
        let id = &must.id;
        if !seen.insert(id) {
            outcome.wrong.push(format!("{id}: the id stands twice: give each MUST its own letter"));
        }
        let Some(rfc) = rfc(must) else {
            let form = "write it as RFC-SECTION-LETTER, with the entry's own section";
            outcome
                .wrong
                .push(format!("{id}: the id does not fit section {}: {form}", must.section));
            continue;
        };
        for test in must.tests.iter().filter(|test| !evidence.tests.contains(*test)) {
            outcome
                .wrong
                .push(format!("{id}: there is no test `{test}`: write it or mend the name"));
        }
        match (&must.exception, must.code) {
            (Some(_), true) => {
                outcome.wrong.push(format!("{id}: both `code` and `exception`: keep one"));
            }
            (Some(reason), false) => {
                outcome.exceptions += 1;
                if reason.trim().is_empty() || !must.tests.is_empty() {
                    outcome.wrong.push(format!("{id}: an exception has a reason and no tests"));
                }
            }
            (None, code) => {
                if must.tests.is_empty() {
                    outcome.untested.push(id.clone());
                }
                let cited = evidence.sections.get(rfc).is_some_and(|s| s.contains(&must.section));
                if code && !cited {
                    outcome.uncited.push(id.clone());
                }
            }
        }
    }
    outcome
}

/// The RFC's number out of the id, if the id is well formed.
fn rfc(must: &Must) -> Option<&str> {
    let (rfc, rest) = must.id.split_once('-')?;
    let (section, letter) = rest.rsplit_once('-')?;
    let formed = rfc.bytes().all(|byte| byte.is_ascii_digit())
        && !letter.is_empty()
        && letter.bytes().all(|byte| byte.is_ascii_lowercase());
    (formed && section == must.section).then_some(rfc)
}

fn tables(crates: &Path) -> Result<Vec<PathBuf>> {
    let mut tables = Vec::new();
    for entry in std::fs::read_dir(crates)? {
        let path = entry?.path().join("spec.toml");
        if path.is_file() {
            tables.push(path);
        }
    }
    tables.sort();
    Ok(tables)
}

fn evidence(core: &Path) -> Result<Evidence> {
    let mut evidence = Evidence::default();
    for path in rust_files(&core.join("src"))? {
        cited_sections(&std::fs::read_to_string(path)?, &mut evidence.sections);
    }
    for path in rust_files(&core.join("tests"))? {
        let module = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
        for function in test_functions(&std::fs::read_to_string(&path)?) {
            evidence.tests.insert(format!("{module}::{function}"));
        }
    }
    Ok(evidence)
}

/// Every `.rs` file below a folder; none where there is no such folder.
fn rust_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    if !folder.is_dir() {
        return Ok(files);
    }
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Functions under a `#[test]` attribute; what merely has the right name shows nothing.
fn test_functions(text: &str) -> Vec<String> {
    static TEST: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"#\[test\]\s*(?:#\[[^\]]*\]\s*)*(?:pub\s+)?fn\s+(\w+)")
            .expect("a constant pattern")
    });
    let source = Source::new(text);
    TEST.captures_iter(&source.code).map(|found| found[1].to_owned()).collect()
}

/// Citations in comments: `RFC 9112 section 6.3`, `RFC 9112 sections 6.1 and 6.3`.
fn cited_sections(text: &str, sections: &mut BTreeMap<String, BTreeSet<String>>) {
    static CITED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"RFC (\d+),? sections? ((?:\d+(?:\.\d+)*(?:, and |, | and )?)+)")
            .expect("a constant pattern")
    });
    static NUMBER: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\d+(?:\.\d+)*").expect("a constant pattern"));
    // A citation may run over a line end.
    let comments = Source::new(text).comments.replace("///", " ").replace("//!", " ");
    let comments = comments.replace("//", " ");
    let comments = comments.split_whitespace().collect::<Vec<_>>().join(" ");
    for found in CITED.captures_iter(&comments) {
        let cited = sections.entry(found[1].to_owned()).or_default();
        cited.extend(NUMBER.find_iter(&found[2]).map(|number| number.as_str().to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Vec<Must> {
        toml::from_str::<Table>(text).unwrap().must
    }

    fn evidence() -> Evidence {
        let mut evidence = Evidence::default();
        evidence.tests.insert("rfc9112::s3_2_host".into());
        cited_sections("// RFC 9112 section 3.2: a\n", &mut evidence.sections);
        evidence
    }

    const COVERED: &str = r#"
        [[must]]
        id = "9112-3.2-a"
        section = "3.2"
        text = "host"
        tests = ["rfc9112::s3_2_host"]
        code = true
    "#;

    #[test]
    fn a_covered_must_is_silent() {
        let outcome = check(&table(COVERED), &evidence());
        assert!(outcome.wrong.is_empty() && outcome.untested.is_empty());
        assert!(outcome.uncited.is_empty());
    }

    #[test]
    fn a_dangling_test_is_wrong() {
        let outcome = check(&table(&COVERED.replace("s3_2_host", "s3_2_gone")), &evidence());
        assert!(outcome.wrong[0].contains("9112-3.2-a: there is no test `rfc9112::s3_2_gone`"));
    }

    #[test]
    fn a_gap_is_counted() {
        let text = COVERED.replace("3.2\"", "9.9\"").replace("3.2-a", "9.9-a");
        let outcome = check(&table(&text.replace("\"rfc9112::s3_2_host\"", "")), &evidence());
        assert_eq!((outcome.untested.len(), outcome.uncited.len()), (1, 1));
        assert!(outcome.wrong.is_empty());
    }

    #[test]
    fn ids_fit_and_are_unique() {
        let outcome = check(&table(&format!("{COVERED}{COVERED}")), &evidence());
        assert!(outcome.wrong[0].contains("twice"), "{outcome:?}");
        let outcome = check(&table(&COVERED.replace("\"3.2\"", "\"3.3\"")), &evidence());
        assert!(outcome.wrong[0].contains("does not fit section 3.3"), "{outcome:?}");
    }

    #[test]
    fn an_exception_excludes_code_and_tests() {
        let both = format!("{COVERED}\nexception = \"proxy\"");
        assert!(check(&table(&both), &evidence()).wrong[0].contains("keep one"));
        let fine = "[[must]]\nid = \"9112-9.7-a\"\nsection = \"9.7\"\ntext = \"x\"\n\
                    exception = \"TLS is the server crate's\"";
        let outcome = check(&table(fine), &evidence());
        assert_eq!((outcome.exceptions, outcome.wrong.len(), outcome.untested.len()), (1, 0, 0));
    }

    #[test]
    fn only_test_functions_are_tests() {
        let text =
            "#[test]\nfn a() {}\nfn b() {}\n#[test]\n#[cfg(unix)]\nfn c() {}\n// #[test] fn d()";
        assert_eq!(test_functions(text), ["a", "c"]);
    }

    #[test]
    fn citations_run_over_lines_and_lists() {
        let mut cited = BTreeMap::new();
        let text = "/// RFC 9112\n/// section 6.3, and\n// RFC 9112 sections 6.1 and 7.1.2.\n";
        cited_sections(text, &mut cited);
        assert_eq!(cited["9112"].iter().collect::<Vec<_>>(), ["6.1", "6.3", "7.1.2"]);
    }
}
