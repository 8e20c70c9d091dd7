//! The modes: what the arguments ask for, and what all modes share.

mod alloc;
mod list;
mod once;
mod serve;
mod timing;
mod verify;

use std::io::{self, Write};
use std::process::ExitCode;

use regex::Regex;
use serde::Serialize;

use crate::Registry;
use crate::bench::Registered;

/// Registers what `register` registers, and the control, and runs the mode that the process's
/// arguments ask for.
#[must_use]
pub fn run(register: &[fn(&mut Registry)]) -> ExitCode {
    let mut registry = Registry::new();
    for register in register {
        register(&mut registry);
    }
    crate::control::register(&mut registry);
    for problem in registry.problems() {
        complain(problem);
    }
    if !registry.problems().is_empty() {
        return Outcome::Failed.into();
    }
    let outcome = match Mode::parse(std::env::args().skip(1)) {
        Err(sentence) => Outcome::refused(&sentence),
        Ok(Mode::Timing) => timing::run(&registry),
        Ok(Mode::List(filter)) => to_stdout(|out| list::run(&registry, filter.as_ref(), out)),
        Ok(Mode::Alloc(filter)) => to_stdout(|out| alloc::run(&registry, filter.as_ref(), out)),
        Ok(Mode::Verify(filter)) => to_stdout(|out| verify::run(&registry, filter.as_ref(), out)),
        Ok(Mode::Once { id, n }) => to_stdout(|out| once::run(&registry, &id, n, out)),
        Ok(Mode::Serve) => to_stdout(|out| serve::run(&registry, &mut io::stdin().lock(), out)),
    };
    outcome.into()
}

/// How a mode ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Exit code 0.
    Passed,
    /// Exit code 1: a benchmark failed and was named.
    Failed,
    /// Exit code 2: the arguments or the build are not what the mode needs.
    Refused,
}

impl Outcome {
    fn refused(sentence: &str) -> Self {
        complain(sentence);
        Self::Refused
    }
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Passed => Self::SUCCESS,
            Outcome::Failed => Self::from(1),
            Outcome::Refused => Self::from(2),
        }
    }
}

#[derive(Debug)]
enum Mode {
    Timing,
    List(Option<Regex>),
    Alloc(Option<Regex>),
    Verify(Option<Regex>),
    Once { id: String, n: u64 },
    Serve,
}

impl Mode {
    /// Reads the arguments. Without `--kit` they are criterion's. Cargo's own `--bench` is passed
    /// over.
    fn parse(arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let arguments: Vec<String> = arguments.filter(|argument| argument != "--bench").collect();
        let Some(at) = arguments.iter().position(|argument| argument == "--kit") else {
            return Ok(Self::Timing);
        };
        let (mode, rest) = match arguments.get(at + 1..) {
            Some([mode, rest @ ..]) if at == 0 => (mode.as_str(), rest),
            _ => return Err("--kit comes first, with a mode after it".to_owned()),
        };
        match (mode, rest) {
            ("once", [id, n]) => {
                let n = n.parse().map_err(|_| format!("not a number of operations: {n}"))?;
                Ok(Self::Once { id: id.clone(), n })
            }
            ("once", _) => Err("--kit once takes an ID and a number of operations".to_owned()),
            ("serve", []) => Ok(Self::Serve),
            ("list", rest) => Ok(Self::List(filter(rest)?)),
            ("alloc", rest) => Ok(Self::Alloc(filter(rest)?)),
            ("verify", rest) => Ok(Self::Verify(filter(rest)?)),
            _ => Err(format!(
                "no such mode: {mode} {}; there are list, alloc, verify [--filter REGEX], \
                 once ID N and serve",
                rest.join(" ")
            )),
        }
    }
}

fn filter(arguments: &[String]) -> Result<Option<Regex>, String> {
    match arguments {
        [] => Ok(None),
        [flag, pattern] if flag == "--filter" => Regex::new(pattern)
            .map(Some)
            .map_err(|error| format!("not a regular expression: {pattern}: {error}")),
        other => Err(format!("not understood: {}; there is --filter REGEX", other.join(" "))),
    }
}

/// Runs a mode on the standard output. A reader that went away ends the mode; it is no failure of
/// a benchmark.
fn to_stdout(mode: impl FnOnce(&mut dyn Write) -> io::Result<Outcome>) -> Outcome {
    let mut out = io::stdout().lock();
    match mode(&mut out).and_then(|outcome| out.flush().map(|()| outcome)) {
        Ok(outcome) => outcome,
        Err(error) => Outcome::refused(&format!("standard output: {error}")),
    }
}

fn line(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    writeln!(out)
}

/// The line of a benchmark that failed.
#[derive(Serialize)]
struct Failure<'a> {
    id: &'a str,
    error: &'a str,
}

/// Names a benchmark that failed, for the machine and for the reader.
fn report(out: &mut dyn Write, bench: &Registered, error: &str) -> io::Result<()> {
    complain(&format!("{}: {error}", bench.id));
    line(out, &Failure { id: bench.id.as_str(), error })
}

fn complain(sentence: &str) {
    eprintln!("shockwave-bench-kit: {sentence}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Mode, String> {
        Mode::parse(arguments.iter().map(|&argument| argument.to_owned()))
    }

    #[test]
    fn what_is_not_ours_is_criterions() {
        for arguments in [&[][..], &["--bench"], &["get-27", "--bench"], &["--test"], &["--list"]] {
            assert!(matches!(parse(arguments), Ok(Mode::Timing)), "{arguments:?}");
        }
    }

    #[test]
    fn the_modes_are_told_apart() {
        assert!(matches!(parse(&["--kit", "list", "--bench"]), Ok(Mode::List(None))));
        assert!(matches!(parse(&["--kit", "alloc", "--filter", "a|b"]), Ok(Mode::Alloc(Some(_)))));
        assert!(matches!(parse(&["--bench", "--kit", "serve"]), Ok(Mode::Serve)));
        assert!(matches!(parse(&["--kit", "once", "x", "3"]), Ok(Mode::Once { n: 3, .. })));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for arguments in [
            &["--kit"][..],
            &["--kit", "fly"],
            &["x", "--kit", "list"],
            &["--kit", "once", "x"],
            &["--kit", "once", "x", "many"],
            &["--kit", "list", "--filter"],
            &["--kit", "list", "--filter", "("],
            &["--kit", "list", "more"],
        ] {
            assert!(parse(arguments).is_err(), "{arguments:?}");
        }
    }
}
