//! One side of a contest: a child that runs one benchmark whenever it is asked to.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child as Process, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};

use super::Entrant;

/// The protocol of the kit's serve mode that is spoken here.
const PROTOCOL: u32 = 1;
/// Nanoseconds that a block should take: far above the clock's grain, far below a scheduler's
/// slice.
const BLOCK: u64 = 1_000_000;
/// Patience is counted in these, not on the clock: one that was stopped together with its child,
/// as by a job control, is not to find that its child took too long.
const TICK: Duration = Duration::from_millis(100);
/// What is kept of what a child says on standard error.
const LAST_WORDS: u64 = 2048;

/// The child does not speak the protocol: it is of another version of the kit.
#[derive(Debug)]
pub(crate) struct OtherProtocol(String);

impl std::fmt::Display for OtherProtocol {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "it does not serve protocol {PROTOCOL}: {}", self.0)
    }
}

impl std::error::Error for OtherProtocol {}

/// A running child. It ends with this value.
pub(super) struct Child<'a> {
    entrant: &'a Entrant,
    process: Process,
    input: ChildStdin,
    lines: Receiver<String>,
}

impl<'a> Child<'a> {
    /// A fresh process of the entrant, with an environment of `padding` more octets, which moves
    /// its stack.
    pub(super) fn start(entrant: &'a Entrant, padding: usize, cpu: Option<usize>) -> Result<Self> {
        let mut command = Command::new(&entrant.binary);
        command.args(["--kit", "serve"]).envs(entrant.environment.iter().cloned());
        command.env("PADDING", "-".repeat(padding));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let start = || format!("cannot start {:?}", entrant.binary);
        let mut process = command.spawn().with_context(start)?;
        if let Some(cpu) = cpu {
            // Who cannot pin itself says so once; a child that has ended already says why below.
            let _ = crate::bench::cpus::pin(Some(process.id()), &[cpu]);
        }
        let input = process.stdin.take().context("no input")?;
        let output = BufReader::new(process.stdout.take().context("no output")?);
        let (sender, lines) = mpsc::channel();
        // Ends when the child does, or when nobody listens any more.
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        let mut child = Self { entrant, process, input, lines };
        child.greet()?;
        Ok(child)
    }

    fn greet(&mut self) -> Result<()> {
        let hello = format!("{{\"protocol\":{PROTOCOL}}}");
        match self.line() {
            Ok(line) if line == hello => Ok(()),
            Ok(line) => Err(OtherProtocol(line).into()),
            // The kit's answer to arguments that it does not know.
            Err(error) if self.process.wait()?.code() == Some(2) => {
                Err(OtherProtocol(format!("{error:#}")).into())
            }
            Err(error) => Err(error),
        }
    }

    fn line(&mut self) -> Result<String> {
        let mut waited = Duration::ZERO;
        while waited < self.entrant.patience {
            match self.lines.recv_timeout(TICK) {
                Ok(line) => return Ok(line.trim_end().to_owned()),
                Err(RecvTimeoutError::Timeout) => waited += TICK,
                Err(RecvTimeoutError::Disconnected) => {
                    let words = self.last_words();
                    bail!("{}: the child ended without an answer{words}", self.entrant.id);
                }
            }
        }
        let words = self.last_words();
        bail!("{}: no answer within {:.1?}{words}", self.entrant.id, self.entrant.patience)
    }

    /// What the child said before it ended, which it does now.
    fn last_words(&mut self) -> String {
        let _ = self.process.kill();
        let mut said = Vec::new();
        if let Some(errors) = self.process.stderr.take() {
            let _ = errors.take(LAST_WORDS).read_to_end(&mut said);
        }
        let said = String::from_utf8_lossy(&said);
        if said.trim().is_empty() { String::new() } else { format!(": {}", said.trim()) }
    }

    /// Nanoseconds of so many calls.
    pub(super) fn ask(&mut self, calls: u64) -> Result<u64> {
        let command = format!("{} {calls}\n", self.entrant.id);
        // A child that is gone has said why; the answer that is missing tells.
        let _ = self.input.write_all(command.as_bytes()).and_then(|()| self.input.flush());
        let line = self.line()?;
        let time = line.split(' ').next().and_then(|word| word.parse::<u64>().ok());
        Ok(time.ok_or_else(|| anyhow!("{}: {line}", self.entrant.id))?.max(1))
    }

    /// How many calls a block takes. Warms up on the way.
    pub(super) fn calibrate(&mut self) -> Result<u64> {
        let mut calls = 1_u64;
        loop {
            let time = self.ask(calls)?;
            if time >= BLOCK / 2 {
                let fitting = u128::from(calls) * u128::from(BLOCK) / u128::from(time);
                return Ok(u64::try_from(fitting)?.max(1));
            }
            calls = calls.saturating_mul(2);
        }
    }
}

impl Drop for Child<'_> {
    fn drop(&mut self) {
        // It ends by itself when its input does; one that hangs is ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
