//! Starts servers and the generator, and reads what they say.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::{Context as _, Result, bail};
use serde::de::DeserializeOwned;

use super::archive::Cpus;
use super::engines::Built;
use crate::bench::cpus;
use crate::bench::stats::Random;
use crate::shell;

/// Bounds the size of the environment, which moves the stack.
const PADDING: u64 = 4096;

/// A server that listens. It ends with this value.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    address: String,
    /// Kept, so that a server that says more is not ended by it.
    output: BufReader<ChildStdout>,
}

impl Server {
    /// A fresh process of the engine, with an environment of random size.
    pub(crate) fn start(built: &Built, workload: &str, random: &mut Random) -> Result<Self> {
        let mut command = Command::new(&built.path);
        command.args(["--port", "0", "--workers", "1"]).args(built.engine.arguments(workload));
        command.env("PADDING", "-".repeat(usize::try_from(random.below(PADDING))?));
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let line = shell::display(&command);
        let mut child = command.spawn().with_context(|| format!("cannot start `{line}`"))?;
        let output = BufReader::new(child.stdout.take().context("no output")?);
        let mut server = Self { child, address: String::new(), output };
        let mut said = String::new();
        server.output.read_line(&mut said)?;
        let Some(address) = said.trim_end().strip_prefix("listening ") else {
            bail!("{}: it said {said:?} where `listening ADDRESS` was awaited", built.engine.name);
        };
        server.address = address.to_owned();
        Ok(server)
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Servers end by a signal; there is nothing to lose in them.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The generator's executable, and where it and the servers run.
#[derive(Debug)]
pub(crate) struct Generator<'a> {
    pub(crate) path: &'a Path,
    pub(crate) cpus: Cpus,
}

impl Generator<'_> {
    /// Whether it never sleeps. A server that answers a sleeping client on its own machine pays for
    /// waking it, the more often the faster the generator is; one on another machine never does. A
    /// generator without a CPU of its own must sleep, or it would take the server's.
    pub(crate) fn spins(&self) -> bool {
        self.cpus.generator.is_some()
    }

    /// Runs a command of the generator's against the server, and reads its answer.
    pub(crate) fn ask<T: DeserializeOwned>(
        &self,
        what: &str,
        server: &Server,
        workload: &str,
        more: &[String],
    ) -> Result<T> {
        let mut command = Command::new(self.path);
        command.args([what, "--address", server.address(), "--workload", workload]);
        command.args(["--server-pid", &server.id().to_string()]);
        let cpus = [("--server-cpu", self.cpus.server), ("--cpu", self.cpus.generator)];
        for (flag, cpu) in cpus.iter().filter_map(|(flag, cpu)| Some((flag, (*cpu)?))) {
            command.args([*flag, &cpu.to_string()]);
        }
        if what == "run" && self.spins() {
            command.arg("--spin");
        }
        command.args(more);
        let line = shell::display(&command);
        let output = command
            .stdin(Stdio::null())
            .output()
            .with_context(|| format!("cannot start {line}"))?;
        if !output.status.success() {
            let error = String::from_utf8_lossy(&output.stderr).into_owned();
            bail!("{}", error.trim_end().trim_start_matches("Error: "));
        }
        serde_json::from_slice(&output.stdout).with_context(|| format!("what `{line}` printed"))
    }
}

impl Cpus {
    /// The first two CPUs that this process may run on, if there are two.
    pub(crate) fn find() -> Self {
        match *cpus::allowed() {
            [server, generator, ..] => Self { server: Some(server), generator: Some(generator) },
            _ => Self::default(),
        }
    }
}

/// Nanoseconds that a process' threads have been on a CPU; `None` where the system does not tell.
pub(crate) fn cpu_nanoseconds(id: u32) -> Option<u64> {
    let tasks = std::fs::read_dir(format!("/proc/{id}/task")).ok()?;
    tasks
        .map(|task| {
            let text = std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
            text.split(' ').next()?.parse::<u64>().ok()
        })
        .sum()
}
