//! The program `xtask-profile`, which names addresses and draws flame graphs. It is built when it
//! is first asked for, so that no other command waits for it.

use std::collections::{BTreeSet, HashMap};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use super::source::Frame;
use crate::bench::build;
use crate::shell;

const PACKAGE: &str = "xtask-profile";

/// The frames at each address, the innermost first.
pub(crate) type Frames = HashMap<u64, Vec<Frame>>;

#[derive(Debug)]
pub(crate) struct Helper(PathBuf);

impl Helper {
    pub(crate) fn build() -> Result<Self> {
        let mut command = shell::cargo();
        command.args(["build", "--quiet", "--package", PACKAGE]);
        command.arg("--message-format=json-render-diagnostics");
        let built = build::executables(&shell::output(&mut command)?, "bin");
        let program = built.into_iter().find(|(name, _)| name == PACKAGE);
        Ok(Self(program.context("cargo built no program xtask-profile")?.1))
    }

    /// The frames at these addresses of a program.
    pub(crate) fn frames(&self, binary: &Path, addresses: &BTreeSet<u64>) -> Result<Frames> {
        self.ask("symbols", binary, addresses)
    }

    /// The frames at these offsets in a program's file.
    pub(crate) fn frames_at(&self, binary: &Path, offsets: &BTreeSet<u64>) -> Result<Frames> {
        self.ask("symbols-at", binary, offsets)
    }

    fn ask(&self, what: &str, binary: &Path, numbers: &BTreeSet<u64>) -> Result<Frames> {
        let lines: String = numbers.iter().map(|number| format!("{number:#x}\n")).collect();
        let mut command = Command::new(&self.0);
        frames(&fed(command.arg(what).arg(binary), lines)?)
    }

    /// A flame graph of folded stacks, as SVG.
    pub(crate) fn flame(&self, [title, about, unit]: [&str; 3], folded: String) -> Result<String> {
        let mut command = Command::new(&self.0);
        fed(command.args(["flame", title, about, unit]), folded)
    }
}

/// What a command prints that is given this input.
fn fed(command: &mut Command, input: String) -> Result<String> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
    let line = shell::display(command);
    let mut child = command.spawn().with_context(|| format!("cannot start `{line}`"))?;
    let mut pipe = child.stdin.take().context("no input")?;
    // A thread, as the child answers while it reads.
    let writer = std::thread::spawn(move || pipe.write_all(input.as_bytes()));
    let output = child.wait_with_output()?;
    if !output.status.success() {
        bail!("`{line}` failed ({})", output.status);
    }
    writer.join().map_err(|_| anyhow::anyhow!("`{line}`: its input failed"))??;
    String::from_utf8(output.stdout).with_context(|| format!("`{line}` printed no UTF-8"))
}

/// Reads `address<tab>name<tab>file:line<tab>...` of each line.
fn frames(text: &str) -> Result<Frames> {
    let mut frames = Frames::new();
    for line in text.lines() {
        let mut fields = line.split('\t');
        let address = fields.next().and_then(|field| field.strip_prefix("0x"));
        let address = address.and_then(|digits| u64::from_str_radix(digits, 16).ok());
        let address = address.with_context(|| format!("no address: {line:?}"))?;
        let mut stack = Vec::new();
        while let (Some(name), Some(place)) = (fields.next(), fields.next()) {
            stack.push(Frame::new(name, place));
        }
        frames.insert(address, stack);
    }
    Ok(frames)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_addresses() {
        let text =
            "0x1f\tget<u8>\t/rustc/5/library/core/src/i.rs:3\tparse\t/w/crates/a.rs:7\n0x2\n";
        let frames = frames(text).unwrap();
        assert_eq!(frames[&0x1f][1], Frame::new("parse", "/w/crates/a.rs:7"));
        assert_eq!((frames[&0x1f].len(), frames[&2].len()), (2, 0));
        assert!(super::frames("1f\tx\ty:1").is_err());
    }

    #[test]
    fn a_program_that_fails_is_named() {
        let error = fed(&mut Command::new("false"), "input".into()).unwrap_err().to_string();
        assert!(error.starts_with("`false` failed"), "{error}");
        assert_eq!(fed(&mut Command::new("cat"), "a;b 1\n".into()).unwrap(), "a;b 1\n");
    }
}
