//! The generator beside wrk: both must find the same cost of a request in the same server.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use super::archive::{Report, Wrk};
use super::processes::{Server, cpu_nanoseconds};
use super::{Run, summary};
use crate::Outcome;
use crate::bench::progress::Progress;
use crate::shell;

/// How far apart the two may be.
pub(super) const TOLERANCE: f64 = 0.05;
/// The server that both ask, with and without pipelining.
const CASES: [(&str, &str); 2] = [("plaintext", "hyper"), ("pipelined-16", "hyper-flush")];
/// What wrk sends in one go.
const SCRIPT: &str = "init = function(args)\n  local batch = {}\n  for i = 1, 16 do\n    \
                      batch[i] = wrk.format(\"GET\", \"/plaintext\")\n  end\n  \
                      requests = table.concat(batch)\nend\nrequest = function()\n  \
                      return requests\nend\n";

/// Rounds of both, in turn, each with a fresh server.
pub(super) fn compare(run: &mut Run<'_>) -> Result<()> {
    if shell::version("sh", &["-c", "command -v wrk"]).is_none() {
        run.skip("wrk".into(), "it is not installed; Debian's package is `wrk`".into());
        return Ok(());
    }
    let script = run.dir.join("pipeline.lua");
    std::fs::write(&script, SCRIPT)?;
    let progress = Progress::start("beside wrk", CASES.len() * run.settings.rounds * 2);
    for round in 0..run.settings.rounds {
        for (workload, engine) in CASES {
            let mut figures = [0.0; 2];
            let first = round % 2;
            for side in [first, 1 - first] {
                progress.step(workload);
                let engines = &run.binaries.engines;
                let built = engines.iter().find(|built| built.engine.name == engine);
                let built = built.with_context(|| format!("{engine} is not among the peers"))?;
                let server = Server::start(built, workload, &mut run.random)?;
                figures[side] = match side {
                    0 => wrk(run, &server, workload, &script)?,
                    _ => ours(run, &server, workload)?,
                };
            }
            let [wrk, ours] = figures;
            run.archive.wrk.push(Wrk { workload: workload.to_owned(), round, wrk, ours });
        }
        run.save()?;
    }
    progress.finish();
    Ok(())
}

/// Requests for each second of the server's CPU, by the generator's own account.
fn ours(run: &Run<'_>, server: &Server, workload: &str) -> Result<f64> {
    let words = [
        ("--connections", run.settings.connections.to_string()),
        ("--seconds", run.settings.seconds.to_string()),
    ];
    let words: Vec<_> = words.into_iter().flat_map(|(name, it)| [name.to_owned(), it]).collect();
    let report: Report = run.generator.ask("run", server, workload, &words)?;
    if report.faults() > 0 {
        bail!("{workload}: {:?}", report.faults);
    }
    report.requests_per_cpu_second().context("the system does not tell the server's CPU time")
}

/// The same, by wrk's count and this process' look at the server.
fn wrk(run: &Run<'_>, server: &Server, workload: &str, script: &Path) -> Result<f64> {
    // A look first: it also pins the server.
    run.generator.ask::<serde_json::Value>("verify", server, workload, &[])?;
    let seconds = run.settings.seconds.ceil().max(1.0);
    let mut command = match run.generator.cpus.generator {
        Some(cpu) if shell::version("taskset", &["--version"]).is_some() => {
            let mut command = Command::new("taskset");
            command.args(["--cpu-list", &cpu.to_string(), "wrk"]);
            command
        }
        _ => Command::new("wrk"),
    };
    command.args(["--threads", "1", "--connections", &run.settings.connections.to_string()]);
    command.args(["--duration", &format!("{seconds}s")]);
    if workload != "plaintext" {
        command.arg("--script").arg(script);
    }
    command.arg(format!("http://{}/plaintext", server.address())).stdin(Stdio::null());
    let before = cpu_nanoseconds(server.id()).context("no CPU time")?;
    let text = shell::output(&mut command)?;
    let after = cpu_nanoseconds(server.id()).context("no CPU time")?;
    let requests =
        requests(&text).with_context(|| format!("no count in what wrk said:\n{text}"))?;
    Ok(requests as f64 * 1e9 / after.saturating_sub(before).max(1) as f64)
}

/// Out of `  4567 requests in 3.00s, 1.23MB read`; `None` also where wrk counted errors.
fn requests(text: &str) -> Option<u64> {
    if text.contains("Socket errors") || text.contains("Non-2xx") {
        return None;
    }
    let line = text.lines().find(|line| line.contains(" requests in "))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Within the tolerance; outside of it with the whole spread; or neither.
pub(super) fn outcome(rounds: &[Wrk]) -> Outcome {
    let mut outcome = Outcome::Pass;
    for (_, ratio) in summary::beside_wrk(rounds) {
        let limits = 1.0 - TOLERANCE..=1.0 + TOLERANCE;
        if limits.contains(&ratio.median) {
            continue;
        }
        if ratio.high < *limits.start() || ratio.low > *limits.end() {
            return Outcome::HarnessError;
        }
        outcome = Outcome::Inconclusive;
    }
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_wrk_says() {
        let text = "Running 3s test\n  4567 requests in 3.00s, 1.23MB read\nRequests/sec: 1522\n";
        assert_eq!(requests(text), Some(4567));
        assert_eq!(requests(&format!("{text}  Non-2xx or 3xx responses: 3\n")), None);
        assert_eq!(requests("nothing"), None);
    }

    #[test]
    fn the_two_must_agree() {
        let rounds = |ours: [f64; 3]| {
            let round = |(round, ours)| Wrk { workload: "w".into(), round, wrk: 100.0, ours };
            ours.into_iter().enumerate().map(round).collect::<Vec<_>>()
        };
        assert_eq!(outcome(&rounds([96.0, 101.0, 130.0])), Outcome::Pass);
        assert_eq!(outcome(&rounds([96.0, 110.0, 130.0])), Outcome::Inconclusive);
        assert_eq!(outcome(&rounds([106.0, 110.0, 130.0])), Outcome::HarnessError);
    }
}
