//! The closed loop, which finds what a request costs, and the open one, which finds its latency.

use anyhow::{Result, bail};

use super::Run;
use super::archive::{Load, Report};
use super::processes::Server;
use super::summary;
use crate::bench::fingerprint::Conditions;
use crate::bench::progress::Progress;

/// Seconds before each measurement.
const WARM_UP: f64 = 0.5;
/// Of the time that a measurement takes, what the server should have had of its CPU at least: where
/// others take it, the measurement takes longer.
const SERVER_PART: f64 = 0.7;
/// Of the slowest server's capacity: all can bear it, and none is idle.
const OFFERED: f64 = 0.6;

/// Every engine as fast as it goes, round after round.
pub(super) fn closed(run: &mut Run<'_>) -> Result<()> {
    let (workloads, rounds) = (run.settings.workloads.clone(), run.settings.rounds);
    let measurements = workloads.len() * rounds * run.binaries.engines.len();
    let minutes = measurements as f64 * (run.settings.seconds + WARM_UP + 0.1) / 60.0;
    let progress = Progress::start("closed loop", measurements);
    progress.note(&format!("about {minutes:.0} minutes, more where others use the CPUs"));
    let mut orders = vec![Vec::new(); workloads.len()];
    for round in 0..rounds {
        for (workload, order) in workloads.iter().zip(&mut orders) {
            run.order(workload, round, order);
            for index in order.clone() {
                progress.step(workload);
                one(run, index, workload, round, &[])?;
            }
        }
        progress.note(&format!("round {} of {rounds} done", round + 1));
        run.save()?;
    }
    progress.finish();
    Ok(())
}

/// Every engine at one rate, which the slowest can bear.
pub(super) fn open(run: &mut Run<'_>) -> Result<()> {
    // Pipelining is no way in which independent users come.
    let depth_one = |workload: &&&str| !workload.starts_with("pipelined");
    let Some(workload) = run.settings.workloads.iter().find(depth_one).copied() else {
        run.skip("latency".into(), "only pipelined workloads were asked for".into());
        return Ok(());
    };
    let rows = summary::closed(&run.archive, workload);
    let slowest = rows.iter().map(|row| row.rate.median).reduce(f64::min);
    let Some(slowest) = slowest else { bail!("no server was measured, so there is no rate") };
    let rate = (slowest * OFFERED).floor().max(1.0);
    // Half the rounds, and both directions of the order at least.
    let rounds = run.settings.rounds.div_ceil(2).max(2);
    let progress = Progress::start("open loop", rounds * run.binaries.engines.len());
    let mut order = Vec::new();
    for round in 0..rounds {
        run.order(workload, round, &mut order);
        // In a round all servers have the same arrivals.
        let seed = run.settings.seed.wrapping_add(round as u64).to_string();
        let more = ["--rate".to_owned(), rate.to_string(), "--seed".to_owned(), seed];
        for index in order.clone() {
            progress.step(workload);
            one(run, index, workload, round, &more)?;
        }
        run.save()?;
    }
    progress.finish();
    Ok(())
}

/// One measurement of a fresh process.
fn one(
    run: &mut Run<'_>,
    index: usize,
    workload: &str,
    round: usize,
    more: &[String],
) -> Result<()> {
    let Some(built) = run.binaries.engines.get(index) else { return Ok(()) };
    let engine = built.engine.name.clone();
    let mut words = more.to_vec();
    let mut option = |name: &str, value: String| words.extend([name.to_owned(), value]);
    option("--connections", run.settings.connections.to_string());
    option("--seconds", run.settings.seconds.to_string());
    option("--warm-up", WARM_UP.to_string());
    option("--server-seconds", (run.settings.seconds * SERVER_PART).to_string());
    let server = Server::start(built, workload, &mut run.random)?;
    let before = Conditions::take();
    let report: Result<Report> = run.generator.ask("run", &server, workload, &words);
    let steal = Conditions::take().steal_since(&before);
    match report {
        Ok(report) => run.archive.loads.push(Load { engine, round, steal, report }),
        // The rest of the run goes on, and the report says what is missing.
        Err(error) => {
            run.skip(format!("{engine}, {workload}, round {round}"), format!("{error:#}"))
        }
    }
    Ok(())
}
