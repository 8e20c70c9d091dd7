//! The programs that parts of the harness need, and how each is installed.

use std::process::{Command, Stdio};

use super::{Finding, Standing};
use crate::bench::fingerprint::Fingerprint;

struct Tool {
    name: &'static str,
    /// The names that it goes by; the first that runs counts.
    programs: &'static [&'static str],
    arguments: &'static [&'static str],
    /// What is skipped without it.
    purpose: &'static str,
    install: &'static str,
    /// Whether a plain run of the benchmarks uses it.
    is_used_always: bool,
}

const TOOLS: [Tool; 7] = [
    Tool {
        name: "valgrind",
        programs: &["valgrind"],
        arguments: &["--version"],
        purpose: "instruction counts, allocation sites",
        install: "apt-get install valgrind",
        is_used_always: true,
    },
    Tool {
        name: "git",
        programs: &["git"],
        arguments: &["--version"],
        purpose: "comparison of versions",
        install: "apt-get install git",
        is_used_always: true,
    },
    Tool {
        name: "perf",
        programs: &["perf"],
        arguments: &["--version"],
        purpose: "flame graphs",
        install: "apt-get install linux-perf",
        is_used_always: false,
    },
    Tool {
        name: "Chromium",
        programs: &["chromium", "chromium-browser", "google-chrome"],
        arguments: &["--version"],
        purpose: "the test of the report in a browser",
        install: "apt-get install chromium",
        is_used_always: false,
    },
    Tool {
        name: "SciPy",
        programs: &["python3"],
        arguments: &["-c", "import scipy; print(scipy.__version__)"],
        purpose: "the test of the statistics against SciPy",
        install: "python3 -m pip install scipy",
        is_used_always: false,
    },
    Tool {
        name: "wrk",
        programs: &["wrk"],
        arguments: &["-v"],
        purpose: "the test of the load generator over HTTP/1.1",
        install: "apt-get install wrk",
        is_used_always: false,
    },
    Tool {
        name: "h2load",
        programs: &["h2load"],
        arguments: &["--version"],
        purpose: "the test of the load generator over HTTP/2",
        install: "apt-get install nghttp2-client",
        is_used_always: false,
    },
];

pub(super) fn findings(fingerprint: &Fingerprint) -> Vec<Finding> {
    let mut findings: Vec<_> = TOOLS.iter().map(Tool::finding).collect();
    let manifest = std::fs::read_to_string("Cargo.toml").unwrap_or_default();
    findings.push(toolchain(fingerprint.rustc.first(), &manifest));
    findings
}

impl Tool {
    fn finding(&self) -> Finding {
        let found = self.programs.iter().find_map(|program| says(program, self.arguments));
        let Some(version) = found else {
            let standing = if self.is_used_always { Standing::Note } else { Standing::Fact };
            let note = format!("skipped without it: {}; `{}`", self.purpose, self.install);
            return Finding::new("tools", self.name, "not installed".into(), standing, note);
        };
        Finding::new("tools", self.name, version, Standing::Well, "")
    }
}

/// The first line that a program prints, whatever its exit code: wrk's is 1. `None` where it does
/// not run, or only complains.
fn says(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output().ok()?;
    let line = String::from_utf8_lossy(&output.stdout).lines().next()?.trim().to_owned();
    (!line.is_empty()).then_some(line)
}

/// The compiler, held against the oldest that the workspace supports.
fn toolchain(rustc: Option<&String>, manifest: &str) -> Finding {
    let wanted = rust_version(manifest);
    let version = rustc.and_then(|line| line.split(' ').nth(1));
    let (Some(version), Some(wanted)) = (version, wanted) else {
        return Finding::new("tools", "rustc", "not told".into(), Standing::Fact, "");
    };
    let (standing, note) = if numbers(version) >= numbers(&wanted) {
        (Standing::Well, String::new())
    } else {
        (Standing::Fault, format!("{wanted} is the oldest that is supported; `rustup update`"))
    };
    Finding::new("tools", "rustc", version.to_owned(), standing, note)
}

fn rust_version(manifest: &str) -> Option<String> {
    let manifest: toml::Table = toml::from_str(manifest).ok()?;
    let package = manifest.get("workspace")?.get("package")?;
    Some(package.get("rust-version")?.as_str()?.to_owned())
}

/// `1.89` and `1.95.0-nightly` as numbers that can be compared.
fn numbers(version: &str) -> Vec<u32> {
    let release = version.split('-').next().unwrap_or_default();
    release.split('.').map_while(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_numbers() {
        assert!(numbers("1.95.0-nightly") >= numbers("1.89") && numbers("1.9") < numbers("1.10"));
        let manifest = "[workspace.package]\nrust-version = \"1.89\"\n";
        let told =
            |version: &str| toolchain(Some(&format!("rustc {version} (x)")), manifest).standing;
        assert_eq!((told("99.0.0"), told("1.2.0")), (Standing::Well, Standing::Fault));
    }

    #[test]
    fn a_missing_tool_is_told_with_its_remedy() {
        let tool = |is_used_always| Tool {
            name: "nothing",
            programs: &["no-such-program-here"],
            arguments: &[],
            purpose: "nothing",
            install: "apt-get install nothing",
            is_used_always,
        };
        let finding = tool(true).finding();
        assert_eq!(finding.standing, Standing::Note);
        assert!(finding.note.ends_with("nothing; `apt-get install nothing`"), "{}", finding.note);
        assert_eq!(tool(false).finding().standing, Standing::Fact);
        assert_eq!(says("echo", &["one\ntwo"]), Some("one".into()));
    }
}
