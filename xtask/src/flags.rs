//! Every flag of every command, in one place.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use regex::Regex;

/// The project's command line.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
pub(crate) struct Flags {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Measure, compare with the peers, archive and report.
    Bench(Box<BenchArgs>),
    /// Run every test: all features, the documentation's examples, each feature by itself.
    Test,
    /// Everything that CI runs, in its order; stops at the first failure.
    Ci {
        /// Leave out the tests, for a caller that has just run `cargo xtask test`.
        #[arg(long)]
        skip_test: bool,
    },
    /// Hold the examples against other people's suites.
    Conformance { suite: Suite },
    /// Check the house rules that a program can check.
    Tidy,
    /// Hold each core's table of MUSTs against its source and its tests.
    Spec {
        /// Fail also where a MUST has no test or no citation yet.
        #[arg(long)]
        strict: bool,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Suite {
    /// The Autobahn cases against `ws-echo`, all but those of compression. Needs Python 3.10, and
    /// the network where its runner is not installed yet under `target/conformance`.
    Websocket,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct BenchArgs {
    #[command(subcommand)]
    pub(crate) command: Option<BenchCommand>,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BenchCommand {
    /// Verify, count, time, compare, archive and report (what `cargo xtask bench` alone does).
    Run(RunArgs),
    /// Verify outputs and hold allocations to their budgets; times nothing, archives nothing.
    Check(SelectArgs),
    /// The inventory: every registered benchmark with its category, engine and budget.
    List {
        #[command(flatten)]
        select: SelectArgs,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Make an archive's report again from its raw data.
    Report {
        /// The archive's folder; the newest one under `results/` by default.
        dir: Option<PathBuf>,
        /// Also print the report's model as JSON.
        #[arg(long)]
        json: bool,
        /// Also put its figures into README.md, between the markers there.
        #[arg(long)]
        readme: bool,
    },
    /// Whether the gates of `benches/gates.toml` let pass.
    ///
    /// Of an archive that `compare` left: its verdicts again, by the gates as they are now. Without
    /// one: the exact figures of the work tree against the baseline that is committed for its kind
    /// of machine, and against the budgets. No time is taken then.
    Gate(GateArgs),
    /// Whether the harness sees what it must: injected faults are caught, identical code passes.
    ///
    /// Compares the bench kit's controls with themselves, where one side allocates, grows, runs
    /// 8 % more operations, changes its definition, panics, aborts, hangs or answers wrong. The
    /// children, the statistics and the gates are those of every comparison. Ends with 0 where
    /// every verdict is the right one as often as it must be.
    Selftest(SelftestArgs),
    /// Whole servers under load: requests for each second of their CPU, latency, idle memory.
    ///
    /// Builds the servers of `benches/load/peers.toml`, holds their answers against each other, and
    /// then loads them in turn, a fresh process for each round, the server on one CPU and the
    /// generator on another. A closed loop finds what a request costs; an open loop, at a rate that
    /// all can bear, what latency is. Archives every value under `results/`.
    Load(LoadArgs),
    /// What changed between two git refs, two archives, or two files of benchmarks.
    ///
    /// A folder with a run.json is an archive; a file holds benchmarks in Go's format; anything
    /// else is a git ref. Archives and files are compared as benchstat does it, for information:
    /// times of runs that were minutes or more apart prove nothing on a shared machine.
    ///
    /// Git refs are built, their answers verified, their allocations and instructions counted, and
    /// their times taken side by side; one ref alone is held against the work tree as it stands.
    /// The verdicts are those of `benches/gates.toml`; what the screening of the times finds
    /// suspicious is decided by fresh launches. Ends with 0 (pass), 3 (regression), 4 (the machine
    /// could not tell) or 1, and leaves an archive under `results/`.
    Compare(CompareArgs),
    /// How figures went from run to run on this machine: a table, and a page with plots.
    ///
    /// A time is called beyond its fence where its last step was greater than the upper quartile
    /// of the last 30 steps by more than three times the distance of their quartiles. For exact
    /// figures, the commit is named at which they changed last.
    Trend(TrendArgs),
    /// The comparison with the peers alone: outputs verified, then time side by side.
    ///
    /// Every engine of a group must give the same answer before it is timed. What we lose is
    /// told first.
    Peers(PeersArgs),
    /// An archive's figures for other programs.
    Export(ExportArgs),
    /// The exact figures that changes are held against, for each class of machine and toolchain.
    #[command(subcommand)]
    Baseline(BaselineCommand),
    /// The same benchmarks over other memory: an arena for requests, mimalloc.
    ///
    /// Each variant is built into a folder of its own under `target/variants` and run beside the
    /// standard build: time, instructions and the allocator's share of them, allocations, memory.
    Variants(VariantsArgs),
    /// Whether the benchmarks, the machine and the tools are fit for figures that one may believe.
    ///
    /// The exit code is 1 where a benchmark or the harness is at fault, 4 where something is to be
    /// noted (a missing tool, a busy machine), else 0.
    Doctor(DoctorArgs),
    /// Where one benchmark spends time, instructions and memory.
    ///
    /// Time is sampled by perf into a flame graph; instructions are counted by callgrind for each
    /// function; DHAT finds the places that allocate. All three unless some are chosen. Writes
    /// `profile.md`, `profile.json`, `cpu.svg` and the tools' own files. The exit code is 4 where a
    /// tool is missing; the command that installs it is told.
    Profile(ProfileArgs),
}

#[derive(Debug, Subcommand)]
pub(crate) enum BaselineCommand {
    /// Take an archive's exact figures as the baseline of its class, under `results/baseline/`.
    Save {
        /// The archive's folder; the newest one under `results/` by default.
        dir: Option<PathBuf>,
    },
}

#[derive(Clone, Debug, Args)]
pub(crate) struct TrendArgs {
    #[command(flatten)]
    pub(crate) select: SelectArgs,
    /// The history, a JSON object a run.
    #[arg(long, value_name = "FILE", default_value = "results/history.jsonl")]
    pub(crate) history: PathBuf,
    /// Where the page with plots goes.
    #[arg(long, value_name = "FILE", default_value = "results/trend.html")]
    pub(crate) out: PathBuf,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct ExportArgs {
    /// The archive's folder; the newest one under `results/` by default.
    pub(crate) dir: Option<PathBuf>,
    #[arg(long)]
    pub(crate) format: ExportFormat,
    /// A file in the place of standard output.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// Bencher's metric format: one JSON object.
    Bmf,
    /// A line for each figure of each benchmark.
    Csv,
    /// Go's benchmark format, which benchstat reads.
    Gobench,
    /// A JSON object for each benchmark.
    Jsonl,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct CompareArgs {
    /// The side that is held against: a ref, an archive's folder, or a file.
    pub(crate) old: String,
    /// The side that is judged; beside a ref the work tree, where there is none.
    pub(crate) new: Option<String>,
    #[command(flatten)]
    pub(crate) select: SelectArgs,
    /// Allocations and instructions alone: they are the same on a busy machine, and the first ones
    /// on any machine.
    #[arg(long)]
    pub(crate) exact: bool,
    /// Of refs: time for the launches, for instance `90s`, `5m`; what it was not enough for is
    /// told.
    #[arg(long, value_parser = parse_duration, value_name = "TIME")]
    pub(crate) budget: Option<Duration>,
    /// Of refs: seed of the orders of launches and blocks, and of the choice of the controls.
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// Of refs: print the verdicts as JSON on standard output.
    #[arg(long)]
    pub(crate) json: bool,
    /// Of archives and files: a folder for `comparison.txt`, and for `old.txt` and `new.txt`, which
    /// benchstat reads.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct VariantsArgs {
    #[command(flatten)]
    pub(crate) select: SelectArgs,
    /// Seed of the orders of launches and blocks.
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// Print the rows as JSON on standard output.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    pub(crate) select: SelectArgs,
    /// The machine and the tools alone: builds and runs no benchmark.
    #[arg(long)]
    pub(crate) machine: bool,
    /// Print what was found as JSON on standard output.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct ProfileArgs {
    /// The benchmark: its id, or a regular expression that matches one.
    #[arg(value_name = "ID")]
    pub(crate) benchmark: Regex,
    /// Sample where time is spent (perf).
    #[arg(long)]
    pub(crate) cpu: bool,
    /// Find the places that allocate (valgrind).
    #[arg(long)]
    pub(crate) alloc: bool,
    /// Count the instructions of each function (valgrind).
    #[arg(long)]
    pub(crate) instructions: bool,
    /// How long to sample.
    #[arg(long, value_parser = parse_seconds, default_value = "3")]
    pub(crate) seconds: f64,
    /// The folder of the results, for instance that of an archive; a new one under `results/` by
    /// default.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Another build of the benchmark's executable: also say which functions' instructions and
    /// which allocations changed since then.
    #[arg(long, value_name = "EXECUTABLE")]
    pub(crate) against: Option<PathBuf>,
    /// Print the profile as JSON on standard output.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Debug, Default, Args)]
pub(crate) struct LoadArgs {
    /// Only these peers beside Shockwave and the floor, for instance `hyper,axum`.
    #[arg(long, value_delimiter = ',', value_name = "A,B")]
    pub(crate) peers: Vec<String>,
    /// Only these workloads: plaintext, pipelined-16, json, 10k, post, browser. All but the last
    /// by default.
    #[arg(long, value_delimiter = ',', value_name = "A,B")]
    pub(crate) workload: Vec<String>,
    /// Seconds of each measurement; 3 by default, and up to four times as many where the server
    /// does not get its CPU. The split of CPU time into user and system is coarse below that.
    #[arg(long, value_parser = parse_seconds)]
    pub(crate) seconds: Option<f64>,
    /// Measurements of each server and workload; 6 by default, from which on the spread is an
    /// interval.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) rounds: Option<u16>,
    /// Connections that are kept open.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) connections: u16,
    /// Two rounds of a second, of plaintext and pipelined-16, where nothing else is asked for: to
    /// see that everything works.
    #[arg(long)]
    pub(crate) quick: bool,
    /// No open loop.
    #[arg(long)]
    pub(crate) no_latency: bool,
    /// Instead: the memory of so many idle connections, after one request each, and without any.
    #[arg(long, value_name = "N", conflicts_with_all = ["workload", "against_wrk", "no_latency"])]
    pub(crate) idle: Option<u32>,
    /// Instead: the generator beside wrk, which must find the same cost of a request within 5 %.
    #[arg(long, conflicts_with_all = ["workload", "no_latency"])]
    pub(crate) against_wrk: bool,
    /// Seed of the order in which servers are started.
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// Print the report's model as JSON on standard output.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Which benchmarks.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct SelectArgs {
    /// Only these categories, for instance `http11,pooling`.
    #[arg(long, value_delimiter = ',', value_name = "A,B")]
    pub(crate) category: Vec<String>,
    /// Only ids that match.
    #[arg(long, value_name = "REGEX")]
    pub(crate) filter: Option<Regex>,
    /// Only these peers beside Shockwave's own engines, for instance `hyper,httparse`.
    #[arg(long, value_delimiter = ',', value_name = "A,B")]
    pub(crate) peers: Vec<String>,
    /// Neither build nor run the peers.
    #[arg(long, conflicts_with = "peers")]
    pub(crate) no_peers: bool,
}

/// Of a comparison with the peers.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct PeersArgs {
    /// Only against these peers, for instance `hyper,httparse`; all by default.
    #[arg(long, value_delimiter = ',', value_name = "A,B")]
    pub(crate) vs: Vec<String>,
    /// Only these categories, for instance `http11,pooling`.
    #[arg(long, value_delimiter = ',', value_name = "A,B")]
    pub(crate) category: Vec<String>,
    /// Only ids that match.
    #[arg(long, value_name = "REGEX")]
    pub(crate) filter: Option<Regex>,
    /// Twice as many launches.
    #[arg(long)]
    pub(crate) full: bool,
    /// Time for the measurements after the build, for instance `90s`, `5m`.
    #[arg(long, value_parser = parse_duration, value_name = "TIME")]
    pub(crate) budget: Option<Duration>,
    /// Seed of the orders of launches and blocks.
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// Print the report's model as JSON on standard output.
    #[arg(long)]
    pub(crate) json: bool,
}

impl From<PeersArgs> for RunArgs {
    fn from(args: PeersArgs) -> Self {
        let PeersArgs { vs, category, filter, full, budget, seed, json } = args;
        let select = SelectArgs { category, filter, peers: vs, no_peers: false };
        Self { select, quick: false, full, budget, seed, json, peers_alone: true }
    }
}

#[derive(Clone, Debug, Default, Args)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) select: SelectArgs,
    /// Three processes a benchmark and short measurements: the default, by its name.
    #[arg(long, conflicts_with = "full")]
    pub(crate) quick: bool,
    /// Ten processes a benchmark and longer measurements.
    #[arg(long)]
    pub(crate) full: bool,
    /// Time for the measurements after the build, for instance `90s`, `5m`; sets the rounds.
    #[arg(long, value_parser = parse_duration, value_name = "TIME")]
    pub(crate) budget: Option<Duration>,
    /// Seed of the order in which processes are launched.
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// Print the report's model as JSON on standard output.
    #[arg(long)]
    pub(crate) json: bool,
    /// Nothing but the comparison with the peers: `bench peers`.
    #[arg(skip)]
    pub(crate) peers_alone: bool,
}

#[derive(Clone, Debug, Default, Args)]
pub(crate) struct GateArgs {
    /// The archive of a comparison.
    #[arg(conflicts_with_all = ["category", "filter"])]
    pub(crate) dir: Option<PathBuf>,
    /// Only these categories, for instance `http11,pooling`.
    #[arg(long, value_delimiter = ',', value_name = "A,B")]
    pub(crate) category: Vec<String>,
    /// Only ids that match.
    #[arg(long, value_name = "REGEX")]
    pub(crate) filter: Option<Regex>,
    /// Print the verdicts as JSON on standard output.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct SelftestArgs {
    /// Only what is exact; takes no time, and so is the same on a busy machine.
    #[arg(long)]
    pub(crate) quick: bool,
    /// Only cases whose name matches.
    #[arg(long, value_name = "REGEX")]
    pub(crate) case: Option<Regex>,
    /// Comparisons for each case that takes times.
    #[arg(long, default_value_t = 10, value_name = "N")]
    pub(crate) trials: usize,
    /// Seed of the orders of launches and blocks.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
}

fn parse_seconds(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(seconds) if (0.1..=600.0).contains(&seconds) => Ok(seconds),
        _ => Err("expected seconds from 0.1 to 600, as in `1.5`".to_owned()),
    }
}

fn parse_duration(text: &str) -> Result<Duration, String> {
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(split);
    let seconds_per_unit = match unit {
        "s" | "" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return Err(format!("unknown unit `{unit}`: use s, m or h, as in `5m`")),
    };
    let number: u64 = digits.parse().map_err(|_| "expected a number, as in `5m`".to_owned())?;
    match number.checked_mul(seconds_per_unit) {
        Some(seconds) if seconds > 0 => Ok(Duration::from_secs(seconds)),
        _ => Err("expected a time above zero, as in `5m`".to_owned()),
    }
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
    fn bench_alone_is_bench_run() {
        let flags = Flags::parse_from(["x", "bench", "--full", "--category", "http11,pooling"]);
        let Command::Bench(args) = flags.command else { panic!("not bench") };
        assert!(args.command.is_none() && args.run.full);
        assert_eq!(args.run.select.category, ["http11", "pooling"]);
    }

    #[test]
    fn durations() {
        assert_eq!(parse_duration("5m"), Ok(Duration::from_secs(300)));
        assert_eq!(parse_duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(parse_duration("90"), Ok(Duration::from_secs(90)));
        for wrong in ["", "m", "5d", "0s", "-1s", "99999999999999999999s"] {
            assert!(parse_duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn wrong_seconds_and_rounds_are_usage_errors() {
        let parse = |words: &str| Flags::try_parse_from(words.split(' '));
        assert!(parse("x bench load --seconds 1.5 --rounds 2 --peers hyper,axum").is_ok());
        for wrong in ["--seconds 0", "--seconds NaN", "--rounds 0", "--idle 5 --against-wrk"] {
            assert!(parse(&format!("x bench load {wrong}")).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_wrong_filter_is_a_usage_error() {
        assert!(Flags::try_parse_from(["x", "bench", "--filter", "("]).is_err());
        assert!(Flags::try_parse_from(["x", "bench", "--no-peers", "--peers", "a"]).is_err());
    }
}
