//! Processes of the bench binaries that may panic, crash, hang or print without end.

use std::io::Read;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::Duration;

use anyhow::{Context as _, Result};

/// Patience is counted in these, not on the clock: one that was stopped together with its child is
/// not to find that its child took too long.
const TICK: Duration = Duration::from_millis(100);
/// More than any mode prints by far.
const MOST_OUTPUT: usize = 64 << 20;

/// Runs a process to its end and collects what it says. One that says nothing for longer than
/// `patience`, or too much, is ended, and its standard error says so at last.
pub(crate) fn output(command: &mut Command, patience: Duration) -> Result<Output> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let program = command.get_program().to_owned();
    let (sender, receiver) = mpsc::channel();
    let mut child = command.spawn().with_context(|| format!("cannot start {program:?}"))?;
    let streams: [Option<Box<dyn Read + Send>>; 2] = [
        child.stdout.take().map(|stream| Box::new(stream) as _),
        child.stderr.take().map(|stream| Box::new(stream) as _),
    ];
    for (index, stream) in streams.into_iter().enumerate() {
        let (stream, sender) = (stream.context("no output")?, sender.clone());
        std::thread::spawn(move || pass_on(index, stream, &sender));
    }
    drop(sender);
    let mut said = [Vec::new(), Vec::new()];
    let mut silent = Duration::ZERO;
    let mut verdict = None;
    loop {
        match receiver.recv_timeout(TICK) {
            Ok((index, octets)) => {
                silent = Duration::ZERO;
                let stream: &mut Vec<u8> = &mut said[index];
                if stream.len() < MOST_OUTPUT {
                    stream.extend_from_slice(&octets);
                } else if verdict.is_none() {
                    verdict = Some("it printed without end, and was ended".to_owned());
                    child.kill()?;
                }
            }
            Err(RecvTimeoutError::Timeout) => silent += TICK,
            Err(RecvTimeoutError::Disconnected) => break,
        }
        if silent >= patience && verdict.is_none() {
            verdict = Some(format!("it said nothing for {patience:.1?}, and was ended"));
            child.kill()?;
        }
    }
    let [stdout, mut stderr] = said;
    let status = child.wait()?;
    stderr.extend(verdict.into_iter().flat_map(|verdict| format!("\n{verdict}\n").into_bytes()));
    Ok(Output { status, stdout, stderr })
}

fn pass_on(index: usize, mut stream: Box<dyn Read + Send>, sender: &Sender<(usize, Vec<u8>)>) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok(read @ 1..) = stream.read(&mut buffer) {
        if sender.send((index, buffer[..read].to_vec())).is_err() {
            break;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(script: &str) -> (bool, String, String) {
        let mut command = Command::new("sh");
        let output = output(command.args(["-c", script]), Duration::from_millis(300)).unwrap();
        let text = |octets: Vec<u8>| String::from_utf8(octets).unwrap();
        (output.status.success(), text(output.stdout), text(output.stderr))
    }

    #[test]
    fn what_a_process_says_is_kept() {
        assert_eq!(said("echo a; echo b >&2"), (true, "a\n".into(), "b\n".into()));
        assert!(!said("exit 3").0);
    }

    #[test]
    fn one_that_hangs_is_ended_and_what_it_said_is_kept() {
        let (success, stdout, stderr) = said("echo a; exec sleep 100");
        assert!(!success && stdout == "a\n");
        assert_eq!(stderr, "\nit said nothing for 300.0ms, and was ended\n");
    }

    #[test]
    fn one_that_prints_without_end_is_ended() {
        let (success, stdout, stderr) = said("exec yes");
        assert!(!success && stdout.len() <= MOST_OUTPUT + (1 << 16), "{}", stdout.len());
        assert!(stderr.contains("without end"));
    }
}
