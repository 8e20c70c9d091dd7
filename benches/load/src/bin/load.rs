//! The load generator: asks a server on this machine, checks every answer, tells what it took.

#![forbid(unsafe_code)]

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use clap::{Args, Parser, Subcommand};
use shockwave_bench_load::drive::{self, Pace, Settings};
use shockwave_bench_load::http11::Http11;
use shockwave_bench_load::workload::{self, WORKLOADS, Wire, Workload};
use shockwave_bench_load::{idle, process, verify};

/// Asks a server for known answers, checks each, and prints one JSON object.
///
/// `cargo xtask bench load` builds, pins and compares; this is its one measurement.
#[derive(Debug, Parser)]
#[command(name = "load", version)]
struct Flags {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Requests one after the other on each connection, or at a given rate.
    Run(RunArgs),
    /// One batch of requests, every answer compared field by field.
    Verify(Target),
    /// The server's memory for connections that do nothing.
    Idle {
        #[command(flatten)]
        target: Target,
        /// Connections to open; fewer where the limit of open files is lower.
        #[arg(long, value_name = "N")]
        count: u64,
        /// Send no octet on them, instead of one request each.
        #[arg(long)]
        silent: bool,
    },
}

#[derive(Debug, Args)]
struct Target {
    /// Address of the server, as it prints it.
    #[arg(long)]
    address: SocketAddr,
    /// A row of the table of workloads.
    #[arg(long, default_value = "plaintext", value_parser = find)]
    workload: &'static Workload,
    /// The server's process: its CPU time or memory is measured.
    #[arg(long, value_name = "PID")]
    server_pid: Option<u32>,
    /// Lets the server's threads run on this CPU alone.
    #[arg(long, value_name = "CPU", requires = "server_pid")]
    server_cpu: Option<usize>,
    /// Lets the generator run on this CPU alone.
    #[arg(long, value_name = "CPU")]
    cpu: Option<usize>,
}

#[derive(Debug, Args)]
struct RunArgs {
    #[command(flatten)]
    target: Target,
    /// Connections to keep open.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..))]
    connections: u16,
    /// Seconds that are measured.
    #[arg(long, default_value_t = 3.0, value_parser = seconds)]
    seconds: f64,
    /// Closed loop: measure for longer, up to four times as long, until the server has had so many
    /// seconds of CPU time.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    server_seconds: Option<f64>,
    /// Seconds before that.
    #[arg(long, default_value_t = 0.5, value_parser = seconds)]
    warm_up: f64,
    /// Open loop: start so many requests a second, whatever the server does, and measure from the
    /// intended start. Without it a connection asks again as soon as it is answered.
    #[arg(long, value_name = "PER_SECOND", value_parser = rate)]
    rate: Option<f64>,
    /// Open loop: start at random, as independent users would, from this seed.
    #[arg(long, requires = "rate")]
    seed: Option<u64>,
    /// Look for answers without a pause, so that the server does not pay for waking the generator.
    /// For a generator that has a CPU of its own.
    #[arg(long)]
    spin: bool,
    /// Seconds after which an answer is not awaited any more.
    #[arg(long, default_value_t = 5.0, value_parser = seconds)]
    timeout: f64,
}

fn find(name: &str) -> Result<&'static Workload, String> {
    let names = || WORKLOADS.map(|workload| workload.name).join(", ");
    workload::find(name).ok_or_else(|| format!("known are {}", names()))
}

fn seconds(text: &str) -> Result<f64, String> {
    positive(text, 3600.0)
}

fn rate(text: &str) -> Result<f64, String> {
    positive(text, 1e8)
}

fn positive(text: &str, most: f64) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "expected a number".to_owned())?;
    if number > 0.0 && number <= most {
        Ok(number)
    } else {
        Err(format!("expected a number above zero, up to {most}"))
    }
}

fn main() -> Result<()> {
    let json = match Flags::parse().command {
        Command::Run(args) => run(&args)?,
        Command::Verify(target) => {
            pin(&target)?;
            serde_json::to_string(&verify::verify(target.address, target.workload)?)?
        }
        Command::Idle { target, count, silent } => {
            pin(&target)?;
            let server = target.server_pid.context("--server-pid is needed")?;
            let workload = (!silent).then_some(target.workload);
            serde_json::to_string(&idle::measure(target.address, count, workload, server)?)?
        }
    };
    println!("{json}");
    Ok(())
}

fn pin(target: &Target) -> Result<()> {
    let own = (None, target.cpu, "the generator");
    let server = (target.server_pid, target.server_cpu, "the server");
    for (process, cpu, what) in [own, server] {
        if let Some(cpu) = cpu {
            process::pin(process, cpu)
                .map_err(|error| anyhow!("cannot pin {what} to CPU {cpu}: {error}"))?;
        }
    }
    Ok(())
}

fn run(args: &RunArgs) -> Result<String> {
    pin(&args.target)?;
    let Target { address, workload, server_pid, .. } = args.target;
    let settings = Settings {
        address,
        workload: workload.name.to_owned(),
        connections: usize::from(args.connections),
        // One request at a time starts when it is due.
        depth: if args.rate.is_some() { 1 } else { workload.depth },
        pace: args.rate.map_or(Pace::Closed, |rate| Pace::Open { rate, seed: args.seed }),
        warm_up: Duration::from_secs_f64(args.warm_up),
        duration: Duration::from_secs_f64(args.seconds),
        server_time: Duration::from_secs_f64(args.server_seconds.unwrap_or(0.0)),
        timeout: Duration::from_secs_f64(args.timeout),
        server: server_pid,
        spin: args.spin,
    };
    let report = match workload.wire {
        Wire::Http11 => drive::run(&settings, Http11::new(workload, &address.to_string()))?,
    };
    Ok(serde_json::to_string(&report)?)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_declaration_is_consistent() {
        Flags::command().debug_assert();
    }

    #[test]
    fn wrong_words_are_usage_errors() {
        let base = ["load", "run", "--address", "127.0.0.1:1"];
        let parse = |more: &[&str]| Flags::try_parse_from(base.iter().chain(more));
        assert!(parse(&[]).is_ok());
        for wrong in [["--workload", "x"], ["--seconds", "0"], ["--rate", "NaN"], ["--seed", "1"]] {
            assert!(parse(&wrong).is_err(), "{wrong:?}");
        }
    }
}
