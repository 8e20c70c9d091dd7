//! What the machine is like: settings of the kernel that times depend on.

use std::path::Path;
use std::process::Command;

use super::{Finding, Standing};
use crate::bench::fingerprint::{Conditions, Fingerprint};
use crate::bench::health;
use crate::shell;

/// A setting that one file tells.
struct Setting {
    name: &'static str,
    /// Where it stands; the first file that exists counts.
    files: &'static [&'static str],
    /// Whether it suits measurements.
    suits: fn(&str) -> bool,
    /// What it means where it does not.
    note: &'static str,
}

const SETTINGS: [Setting; 7] = [
    Setting {
        name: "frequency governor",
        files: &["/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"],
        suits: |value| value == "performance",
        note: "the clock follows the load; `cpupower frequency-set -g performance`",
    },
    Setting {
        name: "turbo off (intel)",
        files: &["/sys/devices/system/cpu/intel_pstate/no_turbo"],
        suits: |value| value == "1",
        note: "the clock depends on heat and on other cores; \
               `echo 1 > /sys/devices/system/cpu/intel_pstate/no_turbo`",
    },
    Setting {
        name: "turbo on (amd, others)",
        files: &["/sys/devices/system/cpu/cpufreq/boost"],
        suits: |value| value == "0",
        note: "the clock depends on heat and on other cores; \
               `echo 0 > /sys/devices/system/cpu/cpufreq/boost`",
    },
    Setting {
        name: "simultaneous multithreading",
        files: &["/sys/devices/system/cpu/smt/active"],
        suits: |value| value == "0",
        note: "what runs on a core's other thread slows this one; \
               `echo off > /sys/devices/system/cpu/smt/control`",
    },
    Setting {
        name: "clock source",
        files: &["/sys/devices/system/clocksource/clocksource0/current_clocksource"],
        suits: |value| matches!(value, "tsc" | "kvm-clock" | "arch_sys_counter"),
        note: "reading the time is a system call here",
    },
    Setting {
        name: "transparent huge pages",
        files: &["/sys/kernel/mm/transparent_hugepage/enabled"],
        suits: |value| !value.contains("[always]"),
        note: "whether memory is in huge pages is luck; \
               `echo madvise > /sys/kernel/mm/transparent_hugepage/enabled`",
    },
    Setting {
        name: "perf_event_paranoid",
        files: &["/proc/sys/kernel/perf_event_paranoid"],
        suits: |value| value.parse::<i32>().is_ok_and(|level| level <= 2),
        note: "perf may not sample; `sysctl kernel.perf_event_paranoid=2`",
    },
];

/// Free space below which a build of two versions may not fit.
const SPACE_MIB: u64 = 6 << 10;

pub(super) fn findings(fingerprint: &Fingerprint, target: &Path) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut fact = |name: &str, value: Option<String>| {
        let value = value.unwrap_or_else(|| "not told".into());
        findings.push(Finding::new("machine", name, value, Standing::Fact, ""));
    };
    fact("CPU", fingerprint.cpu.clone());
    fact("logical CPUs", Some(fingerprint.logical_cpus.to_string()));
    fact("hypervisor", fingerprint.hypervisor.clone());
    fact("kernel", fingerprint.kernel.clone());
    findings.extend(SETTINGS.iter().filter_map(Setting::finding));
    findings.push(layout(fingerprint));
    findings.extend(quota());
    findings.push(space(target));
    findings
}

/// What the moment is like: load, and what the hypervisor took away since `before`.
pub(super) fn moment(before: &Conditions, cpus: usize) -> Vec<Finding> {
    let checks = [health::load(before, cpus), health::steal(before, &Conditions::take())];
    checks.into_iter().flatten().map(Finding::from).collect()
}

impl Setting {
    /// `None` where this system does not have it.
    fn finding(&self) -> Option<Finding> {
        let read = |file: &&str| std::fs::read_to_string(file).ok();
        let value = self.files.iter().find_map(read)?.trim().to_owned();
        let (standing, note) =
            if (self.suits)(&value) { (Standing::Well, "") } else { (Standing::Note, self.note) };
        Some(Finding::new("machine", self.name, value, standing, note))
    }
}

/// Layouts are to differ from launch to launch: one that is held still is measured with the code.
fn layout(fingerprint: &Fingerprint) -> Finding {
    let value = fingerprint.aslr.clone().unwrap_or_else(|| "not told".into());
    let standing = if value == "off" { Standing::Note } else { Standing::Well };
    let note = "every launch has the same layout, lucky or not; \
                `sysctl kernel.randomize_va_space=2`";
    let note = if standing == Standing::Note { note } else { "" };
    Finding::new("machine", "address layout randomised", value, standing, note)
}

/// How much CPU time the control group may use, if that is bounded.
fn quota() -> Option<Finding> {
    let groups = std::fs::read_to_string("/proc/self/cgroup").ok()?;
    let path = groups.lines().find_map(|line| line.strip_prefix("0::"))?;
    let file = Path::new("/sys/fs/cgroup").join(path.trim_start_matches('/')).join("cpu.max");
    let value = std::fs::read_to_string(file).ok()?.trim().to_owned();
    let free = value.starts_with("max");
    let (standing, note) = if free {
        (Standing::Well, "")
    } else {
        (Standing::Note, "the process is stopped when its share of a period is used up")
    };
    Some(Finding::new("machine", "quota of the control group", value, standing, note))
}

fn space(target: &Path) -> Finding {
    // The folder may not be there yet.
    let there = target.ancestors().find(|folder| folder.is_dir()).unwrap_or(target);
    let mut command = Command::new("df");
    let listed = shell::output(command.args(["-Pk"]).arg(there)).ok();
    let Some(mib) = listed.as_deref().and_then(available_mib) else {
        let fact = Standing::Fact;
        return Finding::new("machine", "free disk space", "not told".into(), fact, "");
    };
    let (standing, note) = if mib >= SPACE_MIB {
        (Standing::Well, "")
    } else {
        (Standing::Note, "builds of two versions with their peers take up to 6 GiB")
    };
    let value = format!("{mib} MiB for {}", there.display());
    Finding::new("machine", "free disk space", value, standing, note)
}

/// The fourth column of the second line of `df -Pk`.
fn available_mib(listed: &str) -> Option<u64> {
    let kib: u64 = listed.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()?;
    Some(kib / 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_suit_and_others() {
        let setting = |name: &str| SETTINGS.iter().find(|setting| setting.name == name).unwrap();
        let suits = |name, value| (setting(name).suits)(value);
        assert!(suits("frequency governor", "performance") && suits("clock source", "kvm-clock"));
        assert!(!suits("frequency governor", "powersave") && !suits("clock source", "hpet"));
        assert!(suits("transparent huge pages", "always [madvise] never"));
        assert!(!suits("transparent huge pages", "[always] madvise never"));
        assert!(suits("perf_event_paranoid", "-1") && !suits("perf_event_paranoid", "3"));
    }

    #[test]
    fn space_out_of_df() {
        let listed = "Filesystem 1024-blocks Used Available Capacity Mounted on\n\
                      /dev/vda 264000000 33000000 62914560 36% /\n";
        assert_eq!(available_mib(listed), Some(61_440));
        assert_eq!(available_mib("df: no such file\n"), None);
        // A folder that is not there yet is on the disk of the one that it will be in.
        let finding = space(&std::env::temp_dir().join("not/yet/there"));
        assert_ne!(finding.value, "not told");
    }
}
