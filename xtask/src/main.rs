//! The project's command line: parse the flags, pick the command, run it. One module a command.

use std::process::ExitCode;

use clap::Parser as _;

use crate::flags::{Command, Flags, Suite};

mod bench;
mod ci;
mod conformance;
mod flags;
mod metadata;
mod shell;
mod spec;
mod test;
mod tidy;

fn main() -> ExitCode {
    match run(Flags::parse()) {
        Ok(outcome) => outcome.into(),
        Err(error) => {
            eprintln!("error: {error:#}");
            Outcome::HarnessError.into()
        }
    }
}

fn run(flags: Flags) -> anyhow::Result<Outcome> {
    shell::enter_root()?;
    match flags.command {
        Command::Bench(args) => bench::run(*args),
        Command::Test => test::run().map(|()| Outcome::Pass),
        Command::Ci { skip_test } => ci::run(skip_test).map(|()| Outcome::Pass),
        Command::Conformance { suite: Suite::Websocket } => {
            conformance::websocket().map(|()| Outcome::Pass)
        }
        Command::Tidy => tidy::run().map(|()| Outcome::Pass),
        Command::Spec { strict } => spec::run(strict).map(|()| Outcome::Pass),
    }
}

/// What the exit code says. A usage error is 2, and is clap's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
enum Outcome {
    Pass,
    HarnessError,
    Regression,
    Inconclusive,
}

impl Outcome {
    fn word(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::HarnessError => "HARNESS ERROR",
            Self::Regression => "REGRESSION",
            Self::Inconclusive => "INCONCLUSIVE",
        }
    }

    fn code(self) -> u8 {
        match self {
            Self::Pass => 0,
            Self::HarnessError => 1,
            Self::Regression => 3,
            Self::Inconclusive => 4,
        }
    }
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(outcome.code())
    }
}
