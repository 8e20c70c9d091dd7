//! What the process has of memory and of files.

/// Octets of the resident set; 0 where the system does not tell.
pub(crate) fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse().ok());
    kilobytes.map_or(0, |kilobytes: u64| kilobytes << 10)
}

/// Shows that `attack` makes the process grow by less than `bound` octets. Meanwhile: what it has
/// set up is still there when the memory is looked at.
#[track_caller]
pub(crate) fn bounded<T>(bound: u64, attack: impl FnOnce() -> T) -> T {
    let before = resident_bytes();
    let outcome = attack();
    let after = resident_bytes();
    if before == 0 {
        println!("skipped: the system does not tell the resident set");
    }
    assert!(after < before + bound, "from {before} to {after} octets, not below {bound} more");
    outcome
}

/// Raises the limit of open files as far as it goes; what it is then.
#[cfg(unix)]
pub(crate) fn raise_file_limit() -> u64 {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    let _ = setrlimit(Resource::Nofile, limit);
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}
