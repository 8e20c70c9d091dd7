//! The tools themselves, on a program that is built here: where they are installed.

use std::path::Path;
use std::process::Command;

use super::*;
use crate::bench::build::BenchTarget;
use crate::flags::{BenchCommand, Command as Parsed, Flags};

fn args(words: &str) -> ProfileArgs {
    use clap::Parser as _;
    let flags = Flags::parse_from(format!("x bench profile {words}").split(' '));
    let Parsed::Bench(bench) = flags.command else { panic!("not bench") };
    let Some(BenchCommand::Profile(args)) = bench.command else { panic!("not profile") };
    args
}

#[test]
fn everything_unless_something_is_chosen() {
    let all = Wanted { cpu: true, alloc: true, instructions: true };
    assert_eq!(Wanted::of(&args("a/b/c/d")), all);
    let one = Wanted { cpu: false, alloc: true, instructions: false };
    assert_eq!(Wanted::of(&args("a/b/c/d --alloc")), one);
}

/// A program that plays a bench binary: it allocates a box and adds numbers, in the region.
const PROGRAM: &str = r#"
    #[unsafe(no_mangle)]
    #[inline(never)]
    extern "C" fn shockwave_bench_region(n: u64) -> u64 {
        (0..n).map(|at| allocate(at) + add(EXTRA)).sum()
    }
    #[inline(always)]
    fn add(n: u64) -> u64 {
        (0..n).fold(0, |sum, at| std::hint::black_box(sum + at))
    }
    #[inline(always)]
    fn allocate(at: u64) -> u64 {
        (0..BOXES).map(|_| *std::hint::black_box(Box::new(at))).sum()
    }
    fn main() {
        let n = std::env::args().nth(4).and_then(|n| n.parse().ok()).unwrap_or(0);
        println!("{}", shockwave_bench_region(n));
    }
"#;

/// Each in a folder of its own, so that the source is the same file to a reader.
fn compiled(folder: &Path, extra: u64, boxes: u64) -> Binary {
    let constants = format!("const EXTRA: u64 = {extra}; const BOXES: u64 = {boxes};");
    let source = folder.join("crates/program.rs");
    std::fs::create_dir_all(folder.join("crates")).unwrap();
    std::fs::write(&source, format!("{constants}{PROGRAM}")).unwrap();
    let path = folder.join("program");
    let mut rustc = Command::new("rustc");
    rustc.args(["--edition=2024", "-O", "-Cdebuginfo=line-tables-only", "-o"]).arg(&path);
    assert!(rustc.arg(&source).status().unwrap().success());
    let target = BenchTarget {
        package: "p".into(),
        name: "program".into(),
        features: vec![],
        categories: vec![],
    };
    Binary::new(target, path)
}

/// A change that runs more code and allocates more is traced to its functions, in both tools.
#[test]
fn evidence_names_the_function_and_the_site() {
    let valgrind = Valgrind::find();
    if valgrind.program().is_none() {
        eprintln!("skipped: valgrind is not installed (apt-get install valgrind)");
        return;
    }
    let folder = std::env::temp_dir().join(format!("xtask-evidence-{}", std::process::id()));
    let old = compiled(&folder.join("old"), 10, 1);
    let new = compiled(&folder.join("new"), 90, 2);
    let evidence = evidence([&old, &new], "a/b/c/d", &valgrind, &folder).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    let first = &evidence.functions[0];
    assert_eq!(first.function.to_string(), "add (crates/program.rs)", "{evidence:?}");
    assert!(first.before >= 10.0 && first.difference() >= 80.0, "{evidence:?}");
    let [site] = evidence.allocations.as_slice() else { panic!("{evidence:?}") };
    assert!(site.site.contains("allocate (crates/program.rs:"), "{evidence:?}");
    assert_eq!((site.allocs, site.bytes), ([1.0, 2.0], [8.0, 16.0]), "{evidence:?}");
}
