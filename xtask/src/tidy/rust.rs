//! Rules for Rust source: module docs, leftovers, `unsafe`, and the sizes of things.

use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

use super::lexer::Source;
use super::{Finding, line_of};

const LINES_PER_FILE: usize = 600;
const LINES_PER_LIB: usize = 200;
const LINES_PER_FUNCTION: usize = 70;
const COLUMNS: usize = 100;

/// The only folders that may hold `unsafe`.
const UNSAFE_FOLDERS: [&str; 3] = ["crates/simd", "crates/memory", "benches/kit"];
/// How far above an `unsafe` block its `SAFETY` comment may start.
const SAFETY_LINES: usize = 12;

pub(super) fn check(path: &Path, text: &str) -> Vec<Finding> {
    let source = Source::new(text);
    let mut findings = Vec::new();
    let mut add = |line: usize, message: String| findings.push(Finding::new(path, line, message));
    module_doc(&source, &mut add);
    long_lines(&source, is_test(path), &mut add);
    leftovers(&source, &mut add);
    unsafe_code(path, &source, &mut add);
    file_size(path, &source, &mut add);
    if !is_test(path) {
        function_sizes(&source, &mut add);
    }
    findings
}

fn is_test(path: &Path) -> bool {
    path.ends_with("tests.rs") || path.iter().any(|part| part == "tests")
}

fn module_doc(source: &Source, add: &mut impl FnMut(usize, String)) {
    // A `#![...]` line may come first; `#![no_main]` of a fuzz target does.
    let first = source.raw.lines().find(|line| !line.is_empty() && !line.starts_with("#!["));
    if !first.is_some_and(|line| line.starts_with("//!")) {
        add(1, "no module documentation: start the file with `//!`, what it is for".into());
    }
}

/// A table of literals in a test may be as wide as its literals are: rustfmt leaves such lines too.
fn long_lines(source: &Source, test: bool, add: &mut impl FnMut(usize, String)) {
    let lines = source.raw.lines().zip(source.code.lines()).zip(source.comments.lines());
    for (index, ((line, code), comment)) in lines.enumerate() {
        let columns = line.chars().count();
        let shown = |text: &str| text.chars().filter(|c| !c.is_whitespace()).count();
        let literals = shown(line) > shown(code) + shown(comment);
        if columns > COLUMNS && !(test && literals) {
            add(index + 1, format!("{columns} columns: break the line at {COLUMNS}"));
        }
    }
}

fn leftovers(source: &Source, add: &mut impl FnMut(usize, String)) {
    static CODE: LazyLock<[(Regex, &str); 4]> = LazyLock::new(|| {
        [
            (r"\bdbg!\s*\(", "`dbg!` left in: remove it"),
            (r"\b(todo|unimplemented)!\s*\(", "a part is missing: write it, or leave it out"),
            (r"#\[\s*ignore\b", "an ignored test shows nothing: mend it or remove it"),
            (
                r"#\[\s*should_panic\b",
                "`should_panic` passes for any panic: assert on the error that is returned",
            ),
        ]
        .map(|(pattern, message)| (Regex::new(pattern).expect("a constant pattern"), message))
    });
    static NOTES: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\b(TODO|FIXME|XXX)\b").expect("a constant pattern"));
    for (pattern, message) in CODE.iter() {
        for found in pattern.find_iter(&source.code) {
            add(line_of(&source.code, found.start()), (*message).to_owned());
        }
    }
    for found in NOTES.find_iter(&source.comments) {
        let message = format!("`{}` left in: do it, or file it and remove this", found.as_str());
        add(line_of(&source.comments, found.start()), message);
    }
}

fn unsafe_code(path: &Path, source: &Source, add: &mut impl FnMut(usize, String)) {
    static UNSAFE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\bunsafe\s*(\{|fn\b|impl\b|extern\b|trait\b)").expect("a constant pattern")
    });
    let allowed = UNSAFE_FOLDERS.iter().any(|folder| path.starts_with(folder));
    for found in UNSAFE.captures_iter(&source.code) {
        let start = found.get(0).map_or(0, |whole| whole.start());
        let line = line_of(&source.code, start);
        if !allowed {
            let folders = UNSAFE_FOLDERS.join(", ");
            add(line, format!("`unsafe` outside {folders}: write it safely, or move it there"));
        } else if matches!(&found[1], "{" | "impl") && !has_safety_comment(source, line) {
            add(line, "no `// SAFETY:` above: name the check that makes this sound".into());
        }
    }
}

fn has_safety_comment(source: &Source, line: usize) -> bool {
    let start = line.saturating_sub(SAFETY_LINES + 1);
    source.comments.lines().take(line).skip(start).any(|text| text.contains("SAFETY:"))
}

fn file_size(path: &Path, source: &Source, add: &mut impl FnMut(usize, String)) {
    let lines = source.raw.lines().count();
    if path.ends_with("src/lib.rs") && lines > LINES_PER_LIB {
        add(lines, format!("{lines} lines: a `lib.rs` has at most {LINES_PER_LIB}; move code out"));
    } else if lines > LINES_PER_FILE && !is_test(path) {
        add(lines, format!("{lines} lines: split the file where it has a seam ({LINES_PER_FILE})"));
    }
}

fn function_sizes(source: &Source, add: &mut impl FnMut(usize, String)) {
    static FUNCTION: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\bfn\s+(\w+)").expect("a constant pattern"));
    for found in FUNCTION.captures_iter(&source.code) {
        let (start, name) = (found.get(0).map_or(0, |whole| whole.start()), &found[1]);
        let Some(end) = body_end(&source.code[start..]) else { continue };
        let lines = source.code[start..start + end].matches('\n').count() + 1;
        if lines > LINES_PER_FUNCTION {
            let advice = "keep the branches here, move the loops into functions of their own";
            add(
                line_of(&source.code, start),
                format!("`{name}` has {lines} lines of at most {LINES_PER_FUNCTION}: {advice}"),
            );
        }
    }
}

/// Where the body of the function ends; `None` for a declaration without one.
fn body_end(code: &str) -> Option<usize> {
    let mut brackets = 0_usize;
    let mut braces = 0_usize;
    for (index, byte) in code.bytes().enumerate() {
        match byte {
            b'(' | b'[' => brackets += 1,
            b')' | b']' => brackets = brackets.saturating_sub(1),
            b';' if brackets == 0 && braces == 0 => return None,
            b'{' => braces += 1,
            b'}' => {
                braces = braces.saturating_sub(1);
                if braces == 0 {
                    return Some(index + 1);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(path: &str, text: &str) -> Vec<String> {
        check(Path::new(path), text).iter().map(ToString::to_string).collect()
    }

    /// One file that breaks the rule, at this line with this word, and one that keeps it.
    fn rule(path: &str, broken: &str, line: usize, word: &str, clean: &str) {
        let found = findings(path, broken);
        let at = format!("{path}:{line}: ");
        assert!(found.iter().any(|text| text.starts_with(&at) && text.contains(word)), "{found:?}");
        assert_eq!(findings(path, clean), Vec::<String>::new());
    }

    #[test]
    fn modules_start_with_documentation() {
        rule("a.rs", "use b;\n", 1, "//!", "#![no_main]\n//! What it is for.\nuse b;\n");
    }

    #[test]
    fn lines_are_short() {
        let long = format!("//! {}\n", "x".repeat(100));
        rule("a.rs", &long, 1, "104 columns", "//! x\n");
        let table = format!("//! x\nconst A: &str = \"{}\";\n", "x".repeat(100));
        assert_eq!(findings("tests/a.rs", &table), Vec::<String>::new());
        rule("src/a.rs", &table, 2, "columns", "//! x\n");
    }

    #[test]
    fn nothing_is_left_over() {
        let clean = "//! x\nconst A: &str = \"dbg!(todo!()) TODO #[ignore]\"; // to do: nothing\n";
        rule("a.rs", "//! x\nfn a() { dbg!(1); }\n", 2, "dbg!", clean);
        rule("a.rs", "//! x\nfn a() { todo!() }\n", 2, "missing", clean);
        rule("a.rs", "//! x\nfn a() { unimplemented!() }\n", 2, "missing", clean);
        rule("a.rs", "//! x\n// FIXME: this\n", 2, "FIXME", clean);
        rule("a.rs", "//! x\n// TODO\n", 2, "TODO", clean);
        rule("a.rs", "//! x\n#[ignore = \"slow\"]\nfn a() {}\n", 2, "ignored", clean);
        rule("a.rs", "//! x\n#[should_panic]\nfn a() {}\n", 2, "should_panic", clean);
    }

    #[test]
    fn unsafe_has_its_places() {
        let block =
            "//! x\n#![deny(unsafe_code)]\nfn a() {\n    // SAFETY: b\n    unsafe { c() }\n}\n";
        let found = findings("crates/http11/src/a.rs", block);
        assert!(found[0].contains("crates/http11/src/a.rs:5: `unsafe` outside"), "{found:?}");
        assert_eq!(findings("crates/simd/src/a.rs", block), Vec::<String>::new());
    }

    #[test]
    fn unsafe_says_why_it_is_safe() {
        let broken = "//! x\nfn a() {\n    unsafe { c() }\n}\n";
        let clean = "//! x\nfn a() {\n    // SAFETY: b\n    unsafe { c() }\n}\n";
        rule("crates/simd/src/a.rs", broken, 3, "SAFETY", clean);
    }

    #[test]
    fn files_are_small() {
        let lines = |count: usize| format!("//! x\n{}", "\n".repeat(count - 1));
        rule("src/a.rs", &lines(601), 601, "split", &lines(600));
        rule("src/lib.rs", &lines(201), 201, "lib.rs", &lines(200));
        assert_eq!(findings("tests/a.rs", &lines(601)), Vec::<String>::new());
    }

    #[test]
    fn functions_are_small() {
        let function = |lines: usize| {
            let body = "    b(\"}\");\n".repeat(lines - 2);
            format!("//! x\ntrait T {{ fn n(a: [u8; 2]); }}\nfn a<'a>() {{\n{body}}}\n")
        };
        rule("src/a.rs", &function(71), 3, "`a` has 71 lines", &function(70));
        assert_eq!(findings("tests/a.rs", &function(71)), Vec::<String>::new());
    }
}
