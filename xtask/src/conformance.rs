//! `cargo xtask conformance websocket`: the Autobahn cases against the example `ws-echo`.
//!
//! The cases of groups 1 to 7, 9 and 10 are driven by the package `kosoku`, in an environment of
//! Python's under `target/conformance`, which the first run sets up. Its exit code counts
//! NON-STRICT as a pass, so what it has found is read from its `index.json`. The cases of
//! permessage-deflate, 12 and 13, need the older `autobahntestsuite`, and are not driven.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use crate::shell;

/// The version that the verdicts below were made with.
const RUNNER: &str = "kosoku==0.1.0";

/// Cases that ask nothing of their peer: how a connection ends that a client breaks off, and Closes
/// with codes that are in nobody's registry.
const INFORMATIONAL: [&str; 3] = ["7.1.6", "7.13.1", "7.13.2"];

/// How many cases there are.
const CASES: usize = 301;

pub(crate) fn websocket() -> Result<()> {
    let folder = shell::root().join("target/conformance");
    let runner = runner(&folder)?;
    let mut build = shell::cargo();
    build.args(["build", "--release", "-p", "shockwave", "--features", "websocket-deflate"]);
    build.args(["--example", "ws-echo", "--message-format", "json-render-diagnostics"]);
    let built = shell::output(&mut build)?;
    let example = built.lines().filter_map(executable).next_back().context("no example")?;
    let (server, address) = start(&example)?;
    let reports = folder.join("websocket");
    if reports.exists() {
        std::fs::remove_dir_all(&reports)?; // an old verdict must not be taken for a new one
    }
    let mut drive = Command::new(runner);
    drive.args(["-x", "12.*", "-x", "13.*", "-o"]).arg(&reports).arg(&address);
    // What it prints and answers is judged below, by what it has written.
    let driven = drive.stdout(Stdio::null()).status();
    drop(server);
    driven.with_context(|| format!("cannot start `{}`", shell::display(&drive)))?;
    let text = std::fs::read_to_string(reports.join("index.json")).context("no index.json")?;
    let verdict = Verdict::new(&text)?;
    print!("{}", verdict.table);
    println!("12.* and 13.* (permessage-deflate) are not driven: they need autobahntestsuite");
    match verdict.wrong.as_slice() {
        [] => Ok(()),
        wrong => bail!("{} cases fail; see {}", wrong.len(), reports.display()),
    }
}

/// The program, installed if it is not.
fn runner(folder: &Path) -> Result<PathBuf> {
    let runner = folder.join("python/bin/kosoku");
    if !runner.exists() {
        let python = ["python3", "python3.13", "python3.12", "python3.11", "python3.10"]
            .into_iter()
            .find(|python| {
                let new = "import sys; sys.exit(sys.version_info < (3, 10))";
                Command::new(python).args(["-c", new]).status().is_ok_and(|s| s.success())
            })
            .context("there is no Python of 3.10 or later, which kosoku needs")?;
        let environment = folder.join("python");
        let mut make = Command::new(python);
        make.args(["-m", "venv"]).arg(&environment);
        shell::step("environment", make)?;
        let mut install = Command::new(environment.join("bin/pip"));
        install.args(["install", "--quiet", RUNNER]);
        shell::step("install", install)?;
    }
    Ok(runner)
}

/// What a line of cargo's says that it has built.
fn executable(line: &str) -> Option<PathBuf> {
    let message: serde_json::Value = serde_json::from_str(line).ok()?;
    Some(PathBuf::from(message.get("executable")?.as_str()?))
}

/// The server, which ends with this.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(example: &Path) -> Result<(Server, String)> {
    let mut command = Command::new(example);
    let child = command.arg("127.0.0.1:0").stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let mut server = Server(child);
    let mut line = String::new();
    let output = server.0.stdout.as_mut().context("it is piped")?;
    BufReader::new(output).read_line(&mut line)?;
    let address = line.trim().strip_prefix("listening on ").context("it does not listen")?;
    Ok((server, address.to_owned()))
}

/// What the runner says of one case.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Case {
    behavior: String,
    behavior_close: String,
}

/// What has come of all cases.
#[derive(Debug)]
struct Verdict {
    table: String,
    wrong: Vec<String>,
}

impl Verdict {
    fn new(index: &str) -> Result<Self> {
        let agents: BTreeMap<String, BTreeMap<String, Case>> = serde_json::from_str(index)?;
        let mut groups: BTreeMap<u32, BTreeMap<&str, usize>> = BTreeMap::new();
        let (mut count, mut wrong) = (0, Vec::new());
        for (id, case) in agents.values().flatten() {
            count += 1;
            let group = id.split('.').next().and_then(|group| group.parse().ok()).unwrap_or(0);
            *groups.entry(group).or_default().entry(&case.behavior).or_default() += 1;
            let expected = match INFORMATIONAL.contains(&id.as_str()) {
                true => "INFORMATIONAL",
                false => "OK",
            };
            if case.behavior != expected || case.behavior_close != expected {
                wrong.push(format!("{id}: {}, closed {}", case.behavior, case.behavior_close));
            }
        }
        if count != CASES {
            wrong.push(format!("{count} cases were driven, not {CASES}"));
        }
        let mut table = String::new();
        for (group, behaviors) in &groups {
            let cells: Vec<_> = behaviors.iter().map(|(name, n)| format!("{n} {name}")).collect();
            table += &format!("{:>5}  {}\n", format!("{group}.*"), cells.join(", "));
        }
        for line in &wrong {
            table += &format!("wrong: {line}\n");
        }
        let word = if wrong.is_empty() { "PASS" } else { "FAIL" };
        table += &format!("{word}: {count} cases, {} wrong\n", wrong.len());
        Ok(Self { table, wrong })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(behavior: &str, close: &str) -> String {
        let mut cases: Vec<_> = (1..CASES - 2).map(|n| format!("9.{n}")).collect();
        cases.extend(INFORMATIONAL.map(str::to_owned));
        let line = |id: &String| {
            let (behavior, close) = match INFORMATIONAL.contains(&id.as_str()) {
                true => ("INFORMATIONAL", "INFORMATIONAL"),
                false if id == "9.1" => (behavior, close),
                false => ("OK", "OK"),
            };
            format!(r#""{id}": {{"behavior": "{behavior}", "behaviorClose": "{close}"}}"#)
        };
        let lines: Vec<_> = cases.iter().map(line).collect();
        format!(r#"{{"agent": {{{}}}}}"#, lines.join(","))
    }

    #[test]
    fn only_what_is_ok_passes() {
        assert!(Verdict::new(&index("OK", "OK")).unwrap().wrong.is_empty());
        for (behavior, close) in [("NON-STRICT", "OK"), ("FAILED", "OK"), ("OK", "FAILED")] {
            let verdict = Verdict::new(&index(behavior, close)).unwrap();
            assert_eq!(verdict.wrong, [format!("9.1: {behavior}, closed {close}")]);
        }
    }

    #[test]
    fn cases_that_were_not_driven_are_missed() {
        let verdict = Verdict::new(r#"{"agent": {}}"#).unwrap();
        assert_eq!(verdict.wrong, ["0 cases were driven, not 301"]);
    }
}
