//! Rules for every text file: white space, and what must not be told of anyone's machine.

use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

use super::Finding;

/// Corpora and test data hold what they must; Git's own conventions put tabs into some files.
const DATA: [&str; 3] = ["corpus", "testdata", "snapshots"];

pub(super) fn check(path: &Path, text: &str) -> Vec<Finding> {
    if path.iter().any(|part| DATA.iter().any(|data| part == *data)) {
        return Vec::new();
    }
    let mut findings = Vec::new();
    let lock = path.ends_with("Cargo.lock");
    for (index, line) in text.split('\n').enumerate() {
        let mut add = |message: &str| findings.push(Finding::new(path, index + 1, message));
        if line.ends_with([' ', '\t', '\r']) {
            add("white space at the end of the line: remove it");
        }
        if line.contains('\t') {
            add("a tab: indent with spaces, and write a tab in a literal as `\\t`");
        }
        if MACHINE_PATH.is_match(line) {
            add("a path of one machine: write it relative to the root, or take it as an argument");
        }
        if HOST.is_match(line) && !lock {
            add("the host of a package registry: say the package's name and leave the host out");
        }
    }
    if !text.is_empty() && !text.ends_with('\n') {
        let last = text.lines().count();
        findings.push(Finding::new(path, last, "no line end at the end of the file: add one"));
    }
    findings
}

/// Absolute paths of home and build folders. Written in parts, so as not to find themselves.
static MACHINE_PATH: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = concat!(r#"(^|[\s"'`(=:,])/(wo"#, "rk|ro", "ot|ho", r"me/[a-z]\w*)/");
    Regex::new(pattern).expect("a constant pattern")
});

static HOST: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = concat!(
        r"\b(index|static)\.crates\.",
        r"io\b|\bregistry\.npmjs\.",
        r"org\b|\bpypi\.",
        r"org\b|\bpythonhosted\.",
        r"org\b|\bdeb\.debian\.",
        r"org\b|\bartifact",
        r"ory\b"
    );
    Regex::new(pattern).expect("a constant pattern")
});

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(path: &str, text: &str) -> Vec<String> {
        check(Path::new(path), text).iter().map(ToString::to_string).collect()
    }

    /// Each rule: one violation found at its line, one clean text.
    fn rule(broken: &str, word: &str, clean: &str) {
        let found = findings("a.md", &format!("first\n{broken}"));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("a.md:2: ") && found[0].contains(word), "{found:?}");
        assert_eq!(findings("a.md", clean), Vec::<String>::new());
    }

    #[test]
    fn white_space() {
        rule("b \n", "end of the line", "b\n");
        rule("b\r\n", "", "b\n");
        rule("\tb\n", "tab", "    b\n");
        rule("b", "end of the file", "b\n");
    }

    #[test]
    fn machine_paths() {
        rule(concat!("see `/wo", "rk/a`\n"), "one machine", "see `a/work/b`, GET /work\n");
        rule(concat!("at /ro", "ot/b\n"), "one machine", "the root/leaf\n");
        rule(concat!("\"/ho", "me/someone/b\"\n"), "one machine", "GET /home/ HTTP/1.1\n");
    }

    #[test]
    fn registry_hosts() {
        rule(concat!("https://py", "pi.org/x\n"), "registry", "the package x\n");
    }

    #[test]
    fn data_may_hold_anything() {
        assert_eq!(findings("benches/corpus/get.http", "GET / HTTP/1.1\r\n\t"), [""; 0]);
    }
}
