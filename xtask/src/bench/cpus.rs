//! Which CPUs this process may use, and how a process is kept on one of them.

use anyhow::Result;

/// The CPUs that this process may run on, by number. Empty where the system does not tell.
pub(crate) fn allowed() -> Vec<usize> {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
    parse(list.unwrap_or_default())
}

/// The numbers of a list such as `0-2,5`.
fn parse(list: &str) -> Vec<usize> {
    let mut numbers = Vec::new();
    for range in list.trim().split(',') {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        if let (Ok(first), Ok(last)) = (first.parse::<usize>(), last.parse()) {
            numbers.extend(first..=last);
        }
    }
    numbers
}

/// Keeps a process, or with `None` the calling thread and what it starts, on these CPUs.
#[cfg(target_os = "linux")]
pub(crate) fn pin(process: Option<u32>, cpus: &[usize]) -> Result<()> {
    use rustix::process::Pid;
    use rustix::thread::{CpuSet, sched_setaffinity};
    let mut set = CpuSet::new();
    cpus.iter().filter(|cpu| **cpu < CpuSet::MAX_CPU).for_each(|cpu| set.set(*cpu));
    let process = process.and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
    Ok(sched_setaffinity(process, &set)?)
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn pin(_: Option<u32>, _: &[usize]) -> Result<()> {
    anyhow::bail!("this system keeps no process on a CPU")
}

/// One CPU for what is measured and another for who measures, for as long as this value lives.
#[derive(Debug)]
pub(crate) struct Pinning {
    before: Vec<usize>,
    measured: Option<usize>,
    why_not: Option<String>,
}

impl Pinning {
    /// Moves the calling thread to the first CPU; the second is for what is measured.
    pub(crate) fn acquire() -> Self {
        let before = allowed();
        let [driver, measured, ..] = *before else {
            let why_not = Some("there is one CPU, for the measured and for who measures".into());
            return Self { before, measured: None, why_not };
        };
        match pin(None, &[driver]) {
            Ok(()) => Self { before, measured: Some(measured), why_not: None },
            Err(error) => Self { before, measured: None, why_not: Some(format!("{error:#}")) },
        }
    }

    /// The CPU that children are pinned to.
    pub(crate) fn measured(&self) -> Option<usize> {
        self.measured
    }

    /// Why nothing is pinned, if so.
    pub(crate) fn why_not(&self) -> Option<&str> {
        self.why_not.as_deref()
    }
}

impl Drop for Pinning {
    fn drop(&mut self) {
        if self.measured.is_some() {
            // It worked in the narrower direction; were it to fail here, all would only be slower.
            let _ = pin(None, &self.before);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_cpus() {
        assert_eq!(parse("\t0-2,5\n"), [0, 1, 2, 5]);
        assert_eq!(parse("3"), [3]);
        assert_eq!(parse(""), [0; 0]);
    }

    #[test]
    fn a_pinning_ends_with_its_value() {
        let before = allowed();
        let pinning = Pinning::acquire();
        // The thread's own list: the process' is that of its first thread.
        let own = || {
            let status = std::fs::read_to_string("/proc/thread-self/status").unwrap_or_default();
            let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
            parse(list.unwrap_or_default())
        };
        if let Some(measured) = pinning.measured() {
            assert_eq!(own(), [before[0]]);
            assert_eq!(measured, before[1]);
        } else {
            assert!(pinning.why_not().is_some());
        }
        drop(pinning);
        assert_eq!(own(), before);
    }
}
