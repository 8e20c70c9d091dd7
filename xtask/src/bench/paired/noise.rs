//! Whether the machine was others' as well while something was measured.

/// Beyond this part of the time of the measured CPU, the hypervisor's other guests were measured.
const STEAL: f64 = 0.02;

/// What the system said before.
#[derive(Debug)]
pub(super) struct Watch {
    cpu: Option<usize>,
    cpus: usize,
    ticks: Option<(u64, u64)>,
}

impl Watch {
    pub(super) fn start(cpu: Option<usize>) -> Self {
        let cpus = std::thread::available_parallelism().map_or(1, usize::from);
        // Pinned, this thread may use one; what is asked is what the machine has.
        let cpus = std::fs::read_to_string("/proc/stat").map_or(cpus, |stat| {
            stat.lines().filter(|line| line.starts_with("cpu")).count().saturating_sub(1).max(1)
        });
        Self { cpu, cpus, ticks: ticks(cpu) }
    }

    /// Why what was measured since then is to be measured again, if so.
    pub(super) fn complaint(&self) -> Option<String> {
        let steal = self.ticks.zip(ticks(self.cpu)).map(|(before, after)| part(before, after));
        if let Some(steal) = steal.filter(|steal| *steal > STEAL) {
            return Some(format!("steal of {:.0} %", steal * 100.0));
        }
        let loadavg = std::fs::read_to_string("/proc/loadavg").ok()?;
        let runnable = runnable(&loadavg)?;
        (runnable > self.cpus).then(|| format!("{runnable} runnable on {} CPUs", self.cpus))
    }
}

/// All ticks of a CPU (of all, where none is named), and those that the hypervisor took.
fn ticks(cpu: Option<usize>) -> Option<(u64, u64)> {
    let stat = std::fs::read_to_string("/proc/stat").ok()?;
    let name = cpu.map_or_else(|| "cpu ".to_owned(), |cpu| format!("cpu{cpu} "));
    let line = stat.lines().find_map(|line| line.strip_prefix(name.as_str()))?;
    crate::bench::fingerprint::ticks(line)
}

fn part(before: (u64, u64), after: (u64, u64)) -> f64 {
    let all = after.0.saturating_sub(before.0).max(1);
    after.1.saturating_sub(before.1) as f64 / all as f64
}

/// Those that run or could, at this moment: the fourth field, before the stroke.
fn runnable(loadavg: &str) -> Option<usize> {
    loadavg.split(' ').nth(3)?.split('/').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_load_of_the_moment() {
        assert_eq!(runnable("0.89 0.84 1.41 3/345 12345\n"), Some(3));
        assert_eq!(runnable("0.89"), None);
    }

    #[test]
    fn steal_is_a_part_of_the_time() {
        assert_eq!(part((100, 2), (200, 7)), 0.05);
        assert_eq!(part((100, 2), (100, 2)), 0.0);
    }
}
