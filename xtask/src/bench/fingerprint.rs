//! What the machine, the toolchain and the moment were: facts that help to judge a figure.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use crate::metadata::Metadata;
use crate::shell;

/// The facts that do not change during a run. `None` is: this system does not tell.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Fingerprint {
    pub(crate) cpu: Option<String>,
    pub(crate) cpu_vendor: Option<String>,
    /// As its maker counts: steadier than a name, which a hypervisor may make up.
    pub(crate) cpu_family: Option<String>,
    /// The widest of the instruction sets that the cores choose among.
    pub(crate) simd: Option<String>,
    pub(crate) logical_cpus: usize,
    pub(crate) memory_mib: Option<u64>,
    pub(crate) kernel: Option<String>,
    pub(crate) hypervisor: Option<String>,
    pub(crate) governor: Option<String>,
    pub(crate) aslr: Option<String>,
    /// `rustc -vV`, line by line.
    pub(crate) rustc: Vec<String>,
    /// The settings of `[profile.bench]`.
    pub(crate) profile: BTreeMap<String, String>,
    pub(crate) rustflags: Option<String>,
    pub(crate) valgrind: Option<String>,
    /// Versions of the crates that the packages under `benches/` depend on.
    pub(crate) crates: BTreeMap<String, String>,
}

/// The facts that do.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Conditions {
    /// Load averages over 1, 5 and 15 minutes.
    pub(crate) load: Option<String>,
    /// Ticks of all CPUs since boot, and those of them that the hypervisor took away.
    pub(crate) ticks: Option<u64>,
    pub(crate) stolen_ticks: Option<u64>,
}

impl Fingerprint {
    pub(crate) fn take(metadata: &Metadata) -> Result<Self> {
        let cpuinfo = read("/proc/cpuinfo").unwrap_or_default();
        let rustc = shell::version_lines("rustc", &["-vV"]).unwrap_or_default();
        let manifest = std::fs::read_to_string("Cargo.toml")?;
        let lock = std::fs::read_to_string("Cargo.lock").unwrap_or_default();
        Ok(Self {
            cpu: cpu_field(&cpuinfo, "model name"),
            cpu_vendor: cpu_field(&cpuinfo, "vendor_id"),
            cpu_family: cpu_field(&cpuinfo, "cpu family"),
            simd: simd(&cpuinfo),
            logical_cpus: std::thread::available_parallelism().map_or(1, usize::from),
            memory_mib: read("/proc/meminfo").as_deref().and_then(memory_mib),
            kernel: read("/proc/sys/kernel/osrelease"),
            hypervisor: hypervisor(&cpuinfo),
            governor: read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
            aslr: read("/proc/sys/kernel/randomize_va_space").map(|mode| aslr(&mode)),
            rustc,
            profile: bench_profile(&manifest)?,
            rustflags: std::env::var("RUSTFLAGS").ok().filter(|flags| !flags.is_empty()),
            valgrind: shell::version("valgrind", &["--version"]),
            crates: bench_crates(metadata, &lock)?,
        })
    }
}

impl Conditions {
    pub(crate) fn take() -> Self {
        let load = read("/proc/loadavg");
        let load = load.map(|text| text.split(' ').take(3).collect::<Vec<_>>().join(" "));
        let (ticks, stolen_ticks) = read("/proc/stat")
            .as_deref()
            .and_then(|stat| ticks(stat.lines().next()?.strip_prefix("cpu ")?))
            .unzip();
        Self { load, ticks, stolen_ticks }
    }

    /// The part of all CPU time since then that the hypervisor took away.
    pub(crate) fn steal_since(&self, before: &Self) -> Option<f64> {
        let all = self.ticks?.checked_sub(before.ticks?)?;
        let stolen = self.stolen_ticks?.checked_sub(before.stolen_ticks?)?;
        (all > 0).then(|| stolen as f64 / all as f64)
    }
}

fn read(path: &str) -> Option<String> {
    Some(std::fs::read_to_string(path).ok()?.trim().to_owned())
}

fn cpu_field(cpuinfo: &str, name: &str) -> Option<String> {
    let line = cpuinfo.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn simd(cpuinfo: &str) -> Option<String> {
    const SETS: [(&str, &str); 4] =
        [("avx512bw", "avx512"), ("avx2", "avx2"), ("sse4_2", "sse4.2"), ("asimd", "neon")];
    let flags = cpu_field(cpuinfo, "flags").or_else(|| cpu_field(cpuinfo, "Features"))?;
    let has = |flag: &str| flags.split(' ').any(|found| found == flag);
    SETS.iter().find(|(flag, _)| has(flag)).map(|(_, name)| (*name).to_owned())
}

fn memory_mib(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kib / 1024)
}

fn hypervisor(cpuinfo: &str) -> Option<String> {
    let flags = cpu_field(cpuinfo, "flags")?;
    if !flags.split(' ').any(|flag| flag == "hypervisor") {
        return Some("none seen".into());
    }
    let vendor = read("/sys/class/dmi/id/sys_vendor").filter(|vendor| !vendor.is_empty());
    Some(vendor.map_or_else(|| "yes".into(), |vendor| format!("yes ({vendor})")))
}

fn aslr(mode: &str) -> String {
    match mode {
        "0" => "off".into(),
        "1" => "on, but for the heap".into(),
        "2" => "on".into(),
        other => other.into(),
    }
}

/// All ticks and the stolen ones, out of a CPU's line of `/proc/stat` without its name.
pub(crate) fn ticks(line: &str) -> Option<(u64, u64)> {
    let fields: Vec<u64> = line.split_whitespace().map_while(|field| field.parse().ok()).collect();
    // user nice system idle iowait irq softirq steal; guest time is in user already.
    Some((fields.iter().take(8).sum(), *fields.get(7)?))
}

fn bench_profile(manifest: &str) -> Result<BTreeMap<String, String>> {
    let manifest: toml::Table = toml::from_str(manifest).context("in Cargo.toml")?;
    let profile = manifest.get("profile").and_then(|profiles| profiles.get("bench"));
    let settings = profile.and_then(toml::Value::as_table).into_iter().flatten();
    Ok(settings.map(|(name, value)| (name.clone(), value.to_string())).collect())
}

/// The locked versions of what the bench packages depend on directly.
fn bench_crates(metadata: &Metadata, lock: &str) -> Result<BTreeMap<String, String>> {
    #[derive(Deserialize)]
    struct Lock {
        #[serde(default)]
        package: Vec<Locked>,
    }
    #[derive(Deserialize)]
    struct Locked {
        name: String,
        version: String,
    }
    let lock: Lock = toml::from_str(lock).context("in Cargo.lock")?;
    let mut crates = BTreeMap::new();
    for package in &metadata.packages {
        if !metadata.folder(package).starts_with("benches") {
            continue;
        }
        for dependency in package.dependencies.iter().filter(|d| !metadata.is_member(&d.name)) {
            let versions: Vec<_> = lock
                .package
                .iter()
                .filter(|locked| locked.name == dependency.name)
                .map(|locked| locked.version.as_str())
                .collect();
            crates.insert(dependency.name.clone(), versions.join(", "));
        }
    }
    Ok(crates)
}

/// Now in UTC, as `2026-11-24T07:00:00Z`.
pub(crate) fn now() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    utc(seconds)
}

/// The civil date of a Unix time, by Hinnant's algorithm over eras of 400 years.
fn utc(seconds: u64) -> String {
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let shifted = days + 719_468; // days since 0000-03-01
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// The folder's name: the time without its separators, the commit, and whether it is only that.
pub(crate) fn archive_name(started: &str, commit: &str, dirty: bool) -> String {
    let time = started.replace(['-', ':'], "");
    let short = commit.get(..12).unwrap_or(commit);
    format!("{time}-{short}{}", if dirty { "-dirty" } else { "" })
}

/// The commit, and whether the work tree differs from it.
pub(crate) fn commit(root: &Path) -> (String, bool) {
    let git = |arguments: &[&str]| {
        let mut command = std::process::Command::new("git");
        let output = command.current_dir(root).args(arguments).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        output.status.success().then(|| text.trim().to_owned())
    };
    let commit = git(&["rev-parse", "HEAD"]).unwrap_or_else(|| "unknown".into());
    let dirty = git(&["status", "--porcelain"]).is_none_or(|status| !status.is_empty());
    (commit, dirty)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn civil_dates() {
        assert_eq!(utc(0), "1970-01-01T00:00:00Z");
        assert_eq!(utc(951_827_696), "2000-02-29T12:34:56Z");
        assert_eq!(utc(1_798_761_599), "2026-12-31T23:59:59Z");
    }

    #[test]
    fn names_sort_by_time() {
        let name = archive_name("2026-11-24T07:00:00Z", "0123456789abcdef", true);
        assert_eq!(name, "20261124T070000Z-0123456789ab-dirty");
    }

    #[test]
    fn facts_out_of_proc() {
        assert_eq!(memory_mib("MemTotal:       24689456 kB\nx"), Some(24_110));
        assert_eq!(cpu_field("a\t: b\nmodel name\t: EPYC\n", "model name"), Some("EPYC".into()));
        assert_eq!(simd("flags\t: fpu sse4_2 avx2\n"), Some("avx2".into()));
        assert_eq!(simd("Features\t: fp asimd evtstrm\n"), Some("neon".into()));
        assert_eq!(simd("flags\t: fpu\n"), None);
        assert_eq!(ticks(" 10 0 20 60 5 1 2 2 9 9"), Some((100, 2)));
        assert_eq!(ticks(" 10"), None);
    }

    #[test]
    fn steal_is_a_part_of_all_time() {
        let at = |ticks, stolen| Conditions {
            load: None,
            ticks: Some(ticks),
            stolen_ticks: Some(stolen),
        };
        assert_eq!(at(300, 6).steal_since(&at(100, 2)), Some(0.02));
        assert_eq!(at(100, 2).steal_since(&at(100, 2)), None);
        assert_eq!(at(1, 1).steal_since(&Conditions::default()), None);
    }

    #[test]
    fn the_bench_profile() {
        let profile = bench_profile("[profile.bench]\nlto = \"thin\"\ncodegen-units = 1").unwrap();
        assert_eq!(profile["codegen-units"], "1");
        assert_eq!(profile["lto"], "\"thin\"");
    }
}
