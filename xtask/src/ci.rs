//! `cargo xtask ci`: exactly what CI runs, in its order, stopping at the first failure.

use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result};

use crate::flags::SelectArgs;
use crate::{bench, shell, spec, test, tidy};

pub(crate) fn run(skip_test: bool) -> Result<()> {
    if !skip_test {
        own_step("test", "cargo xtask test", test::run)?;
    }
    shell::step("fmt", cargo(&["fmt", "--all", "--check"]))?;
    let clippy = ["clippy", "--workspace", "--all-targets", "--all-features"];
    let mut command = cargo(&clippy);
    command.args(["--", "-D", "warnings"]);
    shell::step("clippy", command)?;
    let mut command = cargo(&["doc", "--workspace", "--no-deps", "--all-features"]);
    command.env("RUSTDOCFLAGS", "-Dwarnings");
    shell::step("doc", command)?;
    own_step("tidy", "cargo xtask tidy", tidy::run)?;
    own_step("spec", "cargo xtask spec", || spec::run(false))?;
    own_step("benches", "cargo xtask bench check", || bench::check(&SelectArgs::default()))?;
    own_step("bench-gate", "cargo xtask bench gate, and selftest --quick", bench::gate_in_ci)?;
    deny()?;
    miri()?;
    fuzz()?;
    println!("ci: everything passed");
    Ok(())
}

fn cargo(arguments: &[&str]) -> Command {
    let mut command = shell::cargo();
    command.args(arguments);
    command
}

/// A step that is one of our own commands.
fn own_step(name: &str, repeat: &str, step: impl FnOnce() -> Result<()>) -> Result<()> {
    println!("==> {name}: {repeat}");
    let start = Instant::now();
    step().with_context(|| format!("{name} failed. To repeat it: {repeat}"))?;
    println!("    {name}: {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}

/// Licences, advisories and duplicate versions, where the tool is installed.
fn deny() -> Result<()> {
    if !std::fs::exists("deny.toml")? {
        return skip("deny", "there is no deny.toml");
    }
    if shell::version("cargo-deny", &["--version"]).is_none() {
        return skip("deny", "install cargo-deny with `cargo install --locked cargo-deny`");
    }
    // Advisories need a download; what is judged here must not change from hour to hour.
    shell::step("deny", cargo(&["deny", "check", "bans", "licenses", "sources"]))
}

/// The crate with `unsafe` under Miri, where that is installed. It interprets no AVX-512; the other
/// implementations and the dispatch it does.
fn miri() -> Result<()> {
    if shell::version("cargo", &["+nightly", "miri", "--version"]).is_none() {
        let how = "install it with `rustup +nightly component add miri rust-src`";
        return skip("miri", how);
    }
    let mut command = Command::new("cargo");
    command.args(["+nightly", "miri", "test", "-p", "shockwave-simd", "-p", "shockwave-wire"]);
    command.env_remove("RUSTUP_TOOLCHAIN").env_remove("CARGO").env_remove("RUSTC");
    shell::step("miri", command)
}

/// The fuzz targets compile, where the tools for them are installed.
fn fuzz() -> Result<()> {
    if !std::fs::exists("crates/fuzz/Cargo.toml")? {
        return skip("fuzz", "there are no fuzz targets");
    }
    if shell::version("cargo-fuzz", &["--version"]).is_none() {
        return skip("fuzz", "install cargo-fuzz with `cargo install --locked cargo-fuzz`");
    }
    if shell::version("rustc", &["+nightly", "--version"]).is_none() {
        return skip("fuzz", "install a nightly with `rustup toolchain install nightly`");
    }
    let mut command = Command::new("cargo");
    command.args(["+nightly", "fuzz", "build", "--fuzz-dir", "crates/fuzz"]);
    // The cargo that runs us has set its own toolchain for its children.
    command.env_remove("RUSTUP_TOOLCHAIN").env_remove("CARGO").env_remove("RUSTC");
    shell::step("fuzz", command)
}

fn skip(name: &str, reason: &str) -> Result<()> {
    println!("==> {name}: skipped: {reason}");
    Ok(())
}
