//! The memory of idle connections: after one request each, and without an octet.

use anyhow::Result;

use super::Run;
use super::archive::{Idle, IdleReport};
use super::processes::Server;
use crate::bench::progress::Progress;

/// What is asked for on each connection that is served.
const WORKLOAD: &str = "plaintext";

/// Every engine, round after round, a fresh process for each figure.
pub(super) fn measure(run: &mut Run<'_>, count: u32) -> Result<()> {
    let rounds = run.settings.rounds.min(3);
    let progress = Progress::start("idle", 2 * rounds * run.binaries.engines.len());
    let mut order = Vec::new();
    for round in 0..rounds {
        run.order(WORKLOAD, round, &mut order);
        for index in order.clone() {
            for silent in [false, true] {
                let Some(built) = run.binaries.engines.get(index) else { continue };
                let engine = built.engine.name.clone();
                progress.step(&engine);
                let mut words = vec!["--count".to_owned(), count.to_string()];
                words.extend(silent.then(|| "--silent".to_owned()));
                let report: Result<IdleReport> = Server::start(built, WORKLOAD, &mut run.random)
                    .and_then(|server| run.generator.ask("idle", &server, WORKLOAD, &words));
                match report {
                    Ok(report) => run.archive.idle.push(Idle { engine, round, report }),
                    Err(error) => run.skip(format!("{engine}, idle"), format!("{error:#}")),
                }
            }
        }
        run.save()?;
    }
    progress.finish();
    Ok(())
}
