//! Which runs can be held against each other: what a time depends on, and what a count does.
//!
//! Facts that tell a machine apart from another are compared, and those that only tell a moment
//! from another are not: no clock rate above all, which one machine reports differently from boot
//! to boot.

use super::fingerprint::Fingerprint;

/// Facts by their names, in a fixed order.
pub(crate) type Facts = Vec<(&'static str, String)>;

/// What the same program's time depends on.
pub(crate) fn machine(of: &Fingerprint) -> Facts {
    vec![
        ("CPU", told(of.cpu.as_ref())),
        ("CPU vendor", told(of.cpu_vendor.as_ref())),
        ("CPU family", told(of.cpu_family.as_ref())),
        ("logical CPUs", of.logical_cpus.to_string()),
        ("memory", of.memory_mib.map_or_else(unknown, memory_class)),
        ("hypervisor", told(of.hypervisor.as_ref())),
        ("kernel", of.kernel.as_deref().map_or_else(unknown, kernel_series)),
    ]
}

/// What makes the same source another program.
pub(crate) fn build(of: &Fingerprint) -> Facts {
    let listed = |facts: &std::collections::BTreeMap<String, String>| {
        let facts = facts.iter().map(|(name, value)| format!("{name} {value}"));
        facts.collect::<Vec<_>>().join(", ")
    };
    vec![
        ("toolchain", of.rustc.join(", ")),
        ("bench profile", listed(&of.profile)),
        ("RUSTFLAGS", of.rustflags.clone().unwrap_or_default()),
        ("crates that the benches use", listed(&of.crates)),
    ]
}

/// What a count of instructions depends on beside the source: the program and, since the cores
/// choose an implementation when they start, what valgrind lets them see of the CPU. Versions of
/// peers are told apart by their own rows.
fn counting(of: &Fingerprint) -> Facts {
    let mut facts = build(of);
    facts.retain(|(name, _)| *name != "crates that the benches use");
    facts.push(("instruction set under valgrind", seen_by_valgrind(of).to_owned()));
    facts.push(("valgrind", told(of.valgrind.as_ref())));
    facts
}

/// Valgrind has no AVX-512, and hides it.
fn seen_by_valgrind(of: &Fingerprint) -> &str {
    match of.simd.as_deref() {
        Some("avx512") => "avx2",
        Some(set) => set,
        None => "baseline",
    }
}

/// Where the two differ, in words; empty where they do not.
pub(crate) fn differences(first: &Facts, second: &Facts) -> Vec<String> {
    let pairs = first.iter().zip(second);
    let differ = pairs.filter(|(a, b)| a != b);
    differ.map(|((name, a), (_, b))| format!("{name}: {a:?} and {b:?}")).collect()
}

/// Why counts of instructions of the two are not to be compared; empty where they are.
pub(crate) fn counting_differences(first: &Fingerprint, second: &Fingerprint) -> Vec<String> {
    differences(&counting(first), &counting(second))
}

/// The machine and the build in 16 digits: times with the same key make a history.
pub(crate) fn key(of: &Fingerprint) -> String {
    digits(machine(of).into_iter().chain(build(of)))
}

/// What counts of instructions depend on: those with the same key can be compared.
pub(crate) fn counting_key(of: &Fingerprint) -> String {
    digits(counting(of).into_iter())
}

/// The machine alone: times with the same key can be compared.
pub(crate) fn machine_key(of: &Fingerprint) -> String {
    digits(machine(of).into_iter())
}

fn digits(facts: impl Iterator<Item = (&'static str, String)>) -> String {
    let text: String = facts.map(|(name, value)| format!("{name}={value}\n")).collect();
    format!("{:016x}", fnv(&text))
}

/// The class of machines and toolchains that share a baseline of counts, as a file's name:
/// `x86_64-unknown-linux-gnu-avx2-rustc-1.95.0`.
pub(crate) fn counting_class(of: &Fingerprint) -> String {
    let line = |name: &str| of.rustc.iter().find_map(|line| line.strip_prefix(name));
    let host = line("host: ").unwrap_or("unknown");
    let release = line("release: ").unwrap_or("unknown");
    format!("{host}-{}-rustc-{release}", seen_by_valgrind(of))
}

fn told(fact: Option<&String>) -> String {
    fact.cloned().unwrap_or_else(unknown)
}

fn unknown() -> String {
    "unknown".into()
}

/// Some megabytes more or less that a kernel keeps for itself are no other machine.
fn memory_class(mib: u64) -> String {
    format!("up to {} GiB", mib.div_ceil(1024).next_power_of_two())
}

/// `6.18` of `6.18.5-arch1`.
fn kernel_series(release: &str) -> String {
    release.split('.').take(2).collect::<Vec<_>>().join(".")
}

/// FNV-1a, since a key in a file has to outlive the standard library's hasher.
fn fnv(text: &str) -> u64 {
    let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    text.bytes().fold(0xcbf2_9ce4_8422_2325, mix)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::model::fixture;

    fn fingerprint() -> Fingerprint {
        fixture::archive().0.session.fingerprint
    }

    #[test]
    fn the_hash_is_the_published_one() {
        // Test vectors of G. Fowler, L. C. Noll and P. Vo.
        assert_eq!(fnv(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv("foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn another_machine_has_another_key_and_is_named() {
        let (one, mut other) = (fingerprint(), fingerprint());
        assert_eq!(key(&one), key(&other));
        assert_eq!(differences(&machine(&one), &machine(&other)), [""; 0]);
        other.cpu = Some("Other CPU".into());
        assert_ne!(key(&one), key(&other));
        let told = differences(&machine(&one), &machine(&other));
        assert_eq!(told, [r#"CPU: "Example CPU" and "Other CPU""#]);
        // It counts alike: the program is the same.
        assert_eq!(counting_differences(&one, &other), [""; 0]);
        assert_eq!(counting_class(&one), counting_class(&other));
    }

    #[test]
    fn what_changes_from_boot_to_boot_is_no_other_machine() {
        let (one, mut other) = (fingerprint(), fingerprint());
        other.memory_mib = Some(4001);
        other.kernel = Some("6.0.77-cloud".into());
        other.governor = Some("powersave".into());
        other.aslr = Some("off".into());
        assert_eq!(key(&one), key(&other));
    }

    #[test]
    fn another_toolchain_counts_otherwise() {
        let (one, mut other) = (fingerprint(), fingerprint());
        other.rustc = ["rustc 1.96.0", "host: x86_64-unknown-linux-gnu", "release: 1.96.0"]
            .map(str::to_owned)
            .into();
        assert_ne!(key(&one), key(&other));
        assert_eq!(counting_differences(&one, &other).len(), 1);
        assert_eq!(counting_class(&other), "x86_64-unknown-linux-gnu-avx2-rustc-1.96.0");
        // The widest set is hidden by valgrind, so it makes no other class.
        other.simd = Some("avx512".into());
        assert_eq!(counting_class(&other), "x86_64-unknown-linux-gnu-avx2-rustc-1.96.0");
    }
}
