//! How far a run is: a bar with the time left on a terminal, plain lines elsewhere and in CI.

use std::io::IsTerminal as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

static SILENT: AtomicBool = AtomicBool::new(false);

/// From now on no stage says anything: for one that runs hundreds of them.
pub(crate) fn silence() {
    SILENT.store(true, Ordering::Relaxed);
}

/// One stage of a run.
#[derive(Debug)]
pub(crate) struct Progress {
    name: String,
    bar: Option<ProgressBar>,
    started: Instant,
}

impl Progress {
    pub(crate) fn start(name: &str, steps: usize) -> Self {
        let plain = std::env::var_os("CI").is_some() || !std::io::stderr().is_terminal();
        let silent = is_silent();
        let bar = (!plain && !silent).then(|| bar(name, steps));
        if plain && !silent {
            eprintln!("{name}: {steps} to do");
        }
        Self { name: name.to_owned(), bar, started: Instant::now() }
    }

    pub(crate) fn step(&self, what: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(what.to_owned());
            bar.inc(1);
        }
    }

    /// For a stage whose length shows only on the way.
    pub(crate) fn set_steps(&self, steps: usize) {
        if let Some(bar) = &self.bar {
            bar.set_length(steps as u64);
        }
    }

    /// A line that stays.
    pub(crate) fn note(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.println(format!("{}: {line}", self.name)),
            None if is_silent() => {}
            None => eprintln!("{}: {line}", self.name),
        }
    }

    pub(crate) fn finish(self) -> Duration {
        let elapsed = self.started.elapsed();
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        if !is_silent() {
            eprintln!("{}: {:.1} s", self.name, elapsed.as_secs_f64());
        }
        elapsed
    }
}

fn is_silent() -> bool {
    SILENT.load(Ordering::Relaxed)
}

fn bar(name: &str, steps: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix} {bar:30} {pos}/{len} {eta} left {wide_msg}");
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::new(steps as u64).with_style(style).with_prefix(name.to_owned());
    bar.enable_steady_tick(Duration::from_millis(250));
    bar
}
