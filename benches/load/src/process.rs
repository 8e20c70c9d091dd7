//! What the system says of a process: CPU time, resident memory; and what it may be told: the CPU
//! to run on, how many files it may open. Linux only; elsewhere each of these is an error that says
//! so.

use std::fs;
use std::io;

use rustix::process::{Pid, Resource, Rlimit};
use serde::{Deserialize, Serialize};

/// A process by its number; `None` is this one.
pub type Process = Option<u32>;

/// CPU time since the process started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cpu {
    /// On a CPU, in nanoseconds, over the threads that live: from `schedstat`. A thread that runs
    /// at the moment is behind by up to one tick of the scheduler.
    run_ns: u64,
    /// In user mode and in the kernel, in clock ticks: from `stat`. Most kernels sample the mode
    /// at each tick, so the split is a statistic, and the sum is exact.
    user_ticks: u64,
    system_ticks: u64,
}

/// CPU time between two moments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CpuTime {
    /// In all.
    pub seconds: f64,
    /// Of it in user mode: the exact sum, split as the clock ticks fell.
    pub user_seconds: f64,
    /// Ticks that the split rests on: the more, the surer.
    pub ticks: u64,
}

impl Cpu {
    /// Now.
    ///
    /// # Errors
    ///
    /// There is no such process, or no `/proc`.
    pub fn of(process: Process) -> io::Result<Self> {
        let folder = folder(process);
        let mut run_ns = 0;
        for task in fs::read_dir(format!("{folder}/task"))? {
            // A thread may end between the listing and the reading.
            let Ok(text) = fs::read_to_string(task?.path().join("schedstat")) else { continue };
            run_ns += first_number(&text).ok_or_else(|| strange("schedstat"))?;
        }
        let stat = fs::read_to_string(format!("{folder}/stat"))?;
        let (user_ticks, system_ticks) = ticks(&stat).ok_or_else(|| strange("stat"))?;
        Ok(Self { run_ns, user_ticks, system_ticks })
    }

    /// What was used since then.
    pub fn since(&self, before: &Self) -> CpuTime {
        let seconds = self.run_ns.saturating_sub(before.run_ns) as f64 / 1e9;
        let user = self.user_ticks.saturating_sub(before.user_ticks);
        let ticks = user + self.system_ticks.saturating_sub(before.system_ticks);
        let user_seconds = if ticks == 0 { 0.0 } else { seconds * user as f64 / ticks as f64 };
        CpuTime { seconds, user_seconds, ticks }
    }
}

/// The octets of memory that the process has, as the system counts them.
///
/// # Errors
///
/// There is no such process, or no `/proc`.
pub fn resident_bytes(process: Process) -> io::Result<u64> {
    let folder = folder(process);
    // Where the kernel has no roll-up, `status` says the same, less exactly.
    let sources = [("smaps_rollup", "Rss:"), ("status", "VmRSS:")];
    let found = sources.iter().find_map(|(file, name)| {
        let text = fs::read_to_string(format!("{folder}/{file}")).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix(name))?;
        first_number(line.trim_start()).map(|kib| kib * 1024)
    });
    found.ok_or_else(|| strange("smaps_rollup and status"))
}

/// Lets all threads of the process run on this CPU alone.
///
/// # Errors
///
/// There is no such process or CPU.
#[cfg(target_os = "linux")]
pub fn pin(process: Process, cpu: usize) -> io::Result<()> {
    use rustix::thread::{CpuSet, sched_setaffinity};
    let mut set = CpuSet::new();
    set.set(cpu);
    for task in fs::read_dir(format!("{}/task", folder(process)))? {
        let name = task?.file_name();
        let id = name.to_str().and_then(|name| name.parse().ok()).and_then(Pid::from_raw);
        sched_setaffinity(id, &set)?;
    }
    Ok(())
}

/// Lets all threads of the process run on this CPU alone.
///
/// # Errors
///
/// Always: this system has no such call.
#[cfg(not(target_os = "linux"))]
pub fn pin(_process: Process, _cpu: usize) -> io::Result<()> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "processes are pinned on Linux only"))
}

/// Raises how many files the process may open to what it is allowed to ask for; how many that is.
///
/// # Errors
///
/// There is no such process, or it belongs to somebody else.
#[cfg(target_os = "linux")]
pub fn raise_file_limit(process: Process) -> io::Result<u64> {
    use rustix::process::prlimit;
    let unchanged = rustix::process::getrlimit(Resource::Nofile);
    let id = match process {
        None => None,
        Some(id) => Some(i32::try_from(id).ok().and_then(Pid::from_raw).ok_or_else(no_process)?),
    };
    // A child has the hard limit of its parent, unless it lowered it.
    let wanted = Rlimit { current: unchanged.maximum, maximum: unchanged.maximum };
    prlimit(id, Resource::Nofile, wanted)?;
    Ok(unchanged.maximum.unwrap_or(u64::MAX))
}

/// Raises how many files the process may open.
///
/// # Errors
///
/// Always: this system has no such call for other processes.
#[cfg(not(target_os = "linux"))]
pub fn raise_file_limit(_process: Process) -> io::Result<u64> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "limits are raised on Linux only"))
}

#[cfg(target_os = "linux")]
fn no_process() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "no number of a process")
}

fn folder(process: Process) -> String {
    process.map_or_else(|| "/proc/self".to_owned(), |id| format!("/proc/{id}"))
}

fn strange(file: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("no numbers in /proc's {file}"))
}

fn first_number(text: &str) -> Option<u64> {
    text.split_whitespace().next()?.parse().ok()
}

/// User and system ticks: the 14th and 15th field, counted past the name, which may hold anything.
fn ticks(stat: &str) -> Option<(u64, u64)> {
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ').skip(11);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_process_may_hold_anything() {
        let stat = "7 (a ) b) S 1 2 3 4 5 6 7 8 9 10 111 222 0 0";
        assert_eq!(ticks(stat), Some((111, 222)));
        assert_eq!(ticks("7 (a) S 1"), None);
    }

    #[test]
    fn the_sum_is_split_as_the_ticks_fell() {
        let at = |run_ns, user_ticks, system_ticks| Cpu { run_ns, user_ticks, system_ticks };
        let time = at(3_000_000_000, 110, 310).since(&at(1_000_000_000, 10, 10));
        assert_eq!((time.seconds, time.user_seconds, time.ticks), (2.0, 0.5, 400));
        assert_eq!(at(5, 1, 1).since(&at(5, 1, 1)), CpuTime::default());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_uses_time_and_memory() {
        let before = Cpu::of(None).unwrap();
        let mut sum = 0_u64;
        while Cpu::of(None).unwrap().since(&before).seconds < 0.02 {
            sum = std::hint::black_box(sum + 1);
        }
        assert!(resident_bytes(None).unwrap() > 100 << 10);
        assert!(raise_file_limit(None).unwrap() > 3);
        assert!(Cpu::of(Some(u32::MAX)).is_err() && resident_bytes(Some(u32::MAX)).is_err());
    }
}
