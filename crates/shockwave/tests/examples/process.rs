//! Examples and tools as processes.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// How long anything may take that is waited for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// An example that runs. It is killed when this is dropped.
pub(crate) struct Example {
    child: Child,
    lines: Receiver<String>,
    /// What it says it listens on.
    pub(crate) address: String,
}

impl Example {
    /// Starts one on a port that the system chooses, and waits until it listens.
    pub(crate) fn start(name: &str) -> Self {
        Self::start_with(name, &["127.0.0.1:0"])
    }

    /// Starts one with these arguments, and waits until it listens.
    pub(crate) fn start_with(name: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new(built(name));
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the example starts");
        let output = BufReader::new(child.stdout.take().expect("it is piped"));
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let mut example = Self { child, lines, address: String::new() };
        example.address = example.word_after("listening on ");
        example
    }

    /// The next line that it prints.
    pub(crate) fn line(&self) -> String {
        self.lines.recv_timeout(PATIENCE).expect("a line of the example's")
    }

    /// The next line that it prints, without its known beginning.
    pub(crate) fn word_after(&self, beginning: &str) -> String {
        let line = self.line();
        line.strip_prefix(beginning).unwrap_or_else(|| panic!("`{line}`")).to_owned()
    }

    /// The URL of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The number of its process.
    #[cfg(target_os = "linux")]
    #[cfg_attr(not(feature = "websocket-deflate"), allow(dead_code, reason = "of one feature"))]
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal by the name that `kill` knows.
    #[cfg(unix)]
    pub(crate) fn signal(&self, name: &str) {
        let process = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &process]).status();
        assert!(sent.expect("there is `kill`").success());
    }

    /// Waits for its end.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        ended(&mut self.child)
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where Cargo has put an example: beside this test's own folder.
fn built(name: &str) -> PathBuf {
    let mut path = std::env::current_exe().expect("this test has a path");
    path.pop();
    if path.ends_with("deps") {
        path.pop();
    }
    path.push("examples");
    path.push(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(
        path.exists(),
        "{} is not built: `cargo test -p shockwave` does so, and so does \
         `cargo build -p shockwave --examples`",
        path.display()
    );
    path
}

fn ended(child: &mut Child) -> ExitStatus {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("it is a child of ours") {
            return status;
        }
        if start.elapsed() > PATIENCE {
            let _ = child.kill();
            panic!("a process does not end");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A program that is not ours. `None`, said aloud, where it is not installed.
pub(crate) fn tool(name: &str) -> Option<Command> {
    let mut probe = Command::new(name);
    probe.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    match probe.status() {
        Ok(_) => Some(Command::new(name)),
        Err(error) => {
            println!("skipped: {name} cannot be run here: {error}");
            None
        }
    }
}

/// What a tool has printed. It must succeed, and be done in time by itself.
pub(crate) fn output(mut command: Command) -> String {
    let output = command.stdin(Stdio::null()).output().expect("the tool runs");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{printed}\n{errors}", output.status);
    printed
}

/// What curl prints, with these arguments and its own bound on time. `None` where there is no curl.
pub(crate) fn curl(arguments: &[&str]) -> Option<String> {
    let mut command = tool("curl")?;
    command.args(["--silent", "--show-error", "--noproxy", "*", "--max-time", "20"]);
    command.args(arguments);
    Some(output(command))
}
