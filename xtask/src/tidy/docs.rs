//! Rules for prose and manifests: links lead somewhere, every member says what it is for.

use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

use super::{Finding, line_of};

/// Links in Markdown to local files that do not exist.
pub(super) fn links(path: &Path, text: &str, exists: impl Fn(&Path) -> bool) -> Vec<Finding> {
    static LINK: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\]\(<?([^)#\s>]+)[^)]*\)").expect("a constant pattern"));
    let folder = path.parent().unwrap_or(path);
    let mut findings = Vec::new();
    for link in LINK.captures_iter(text) {
        let target = &link[1];
        let outside = target.contains("://") || target.starts_with("mailto:");
        if !outside && !exists(&folder.join(target)) {
            let start = link.get(0).map_or(0, |whole| whole.start());
            let message = format!("the link `{target}` leads nowhere: mend the path or remove it");
            findings.push(Finding::new(path, line_of(text, start), message));
        }
    }
    findings
}

/// Code in Markdown that is to be the first example of a module's documentation, which is compiled
/// and run there, and is not: ``<!-- snippet:PATH -->`` before it and ``<!-- /snippet -->`` after.
pub(super) fn snippets(
    path: &Path,
    text: &str,
    read: impl Fn(&Path) -> Option<String>,
) -> Vec<Finding> {
    static SNIPPET: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?s)<!-- snippet:(\S+) -->\s*(?:```rust\n(.*?)```\s*)?<!-- /snippet -->")
            .expect("a constant pattern")
    });
    let mut findings = Vec::new();
    for snippet in SNIPPET.captures_iter(text) {
        let source = Path::new(&snippet[1]);
        let example = read(source).as_deref().and_then(first_example);
        let shown = snippet.get(2).map(|code| code.as_str());
        if example.is_none() || example.as_deref() != shown {
            let start = snippet.get(0).map_or(0, |whole| whole.start());
            let message = format!(
                "the snippet is not the first example of `{}`: copy that here",
                source.display()
            );
            findings.push(Finding::new(path, line_of(text, start), message));
        }
    }
    findings
}

/// The first example in a module's documentation, without the lines that rustdoc hides.
fn first_example(source: &str) -> Option<String> {
    let prose = source.lines().map_while(|line| line.strip_prefix("//!"));
    let lines = prose.map(|line| line.strip_prefix(' ').unwrap_or(line));
    let mut example = String::new();
    for line in lines.skip_while(|line| !line.starts_with("```")).skip(1) {
        if line.starts_with("```") {
            return Some(example);
        }
        if !line.starts_with("# ") {
            example.push_str(line);
            example.push('\n');
        }
    }
    None
}

/// Members of the workspace without a comment above them that says what they are for.
pub(super) fn members(path: &Path, manifest: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut inside = false;
    let mut above = "";
    for (index, line) in manifest.lines().map(str::trim).enumerate() {
        if inside && line.starts_with('"') && !above.starts_with('#') {
            let message = format!("no purpose above the member {line} add a `# ...` line");
            findings.push(Finding::new(path, index + 1, message));
        }
        inside = line.starts_with("members = [") || (inside && !line.starts_with(']'));
        above = line;
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(findings: Vec<Finding>) -> Vec<String> {
        findings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn links_lead_somewhere() {
        let exists = |path: &Path| path == Path::new("docs/a.md");
        let text = "[a](a.md#part)\n[b](b.md) [c](https://example.org/c) [d](#here)\n";
        let found = shown(links(Path::new("docs/x.md"), text, exists));
        assert_eq!(
            found,
            ["docs/x.md:2: the link `b.md` leads nowhere: mend the path or remove it"]
        );
    }

    #[test]
    fn snippets_are_the_compiled_examples() {
        let source = "//! Prose.\n//!\n//! ```\n//! let a = 1;\n//! # hidden();\n//! ```\n";
        let read = |path: &Path| (path == Path::new("a.rs")).then(|| source.to_owned());
        let text = |code: &str| {
            format!("x\n<!-- snippet:a.rs -->\n```rust\n{code}\n```\n<!-- /snippet -->\n")
        };
        assert!(snippets(Path::new("x.md"), &text("let a = 1;"), read).is_empty());
        for stale in [text("let a = 2;"), "\n<!-- snippet:a.rs -->\n<!-- /snippet -->\n".into()] {
            let found = shown(snippets(Path::new("x.md"), &stale, read));
            assert_eq!(
                found,
                ["x.md:2: the snippet is not the first example of `a.rs`: copy that here"]
            );
        }
    }

    #[test]
    fn members_have_a_purpose() {
        let manifest = "members = [\n  # What it is.\n  \"a\",\n  \"b\",\n]\nx = [\n\"c\"]\n";
        let found = shown(members(Path::new("Cargo.toml"), manifest));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("Cargo.toml:4: no purpose"), "{found:?}");
    }
}
