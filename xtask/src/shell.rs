//! Running other programs, and saying what is being run.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};

/// Goes to the root of the work tree, so that every command means the same from any folder.
pub(crate) fn enter_root() -> Result<()> {
    std::env::set_current_dir(root()).context("cannot enter the root of the work tree")
}

/// The root of the work tree that this program was compiled from.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// The cargo that runs us, so that a chosen toolchain stays chosen.
pub(crate) fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// The command as one would type it.
pub(crate) fn display(command: &Command) -> String {
    let program = command.get_program();
    let program = Path::new(program).file_name().unwrap_or(program);
    let variables = command
        .get_envs()
        .filter_map(|(name, value)| Some(format!("{}={}", name.display(), quoted(value?))));
    let words = std::iter::once(program).chain(command.get_args()).map(quoted);
    variables.chain(words).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.into_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// Runs a step of a longer list: prints the command, its output as it comes, and its time.
pub(crate) fn step(name: &str, mut command: Command) -> Result<()> {
    let line = display(&command);
    println!("==> {name}: {line}");
    let start = Instant::now();
    let status = command.status().with_context(|| format!("cannot start `{line}`"))?;
    if !status.success() {
        bail!("{name} failed ({status}). To repeat it: {line}");
    }
    println!("    {name}: {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}

/// The standard output of a command that must succeed.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let line = display(command);
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start `{line}`"))?;
    if !output.status.success() {
        bail!("`{line}` failed ({})", output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{line}` printed no UTF-8"))
}

/// What a program says of its version, by lines; `None` where it is not installed.
pub(crate) fn version_lines(program: &str, arguments: &[&str]) -> Option<Vec<String>> {
    let output = Command::new(program).args(arguments).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.lines().map(str::to_owned).collect())
}

/// The first of those lines.
pub(crate) fn version(program: &str, arguments: &[&str]) -> Option<String> {
    Some(version_lines(program, arguments)?.into_iter().next().unwrap_or_default())
}

/// Writes a program that is run at once. Another process does the writing: a file that is open for
/// writing cannot be executed, and a thread that forks meanwhile would hold it open.
#[cfg(test)]
pub(crate) fn write_program(path: &Path, text: &str) {
    use std::io::Write as _;
    let mut command = Command::new("sh");
    command.args(["-c", r#"cat > "$0" && chmod +x "$0""#]).arg(path).stdin(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_one_would_type_it() {
        let mut command = Command::new("/usr/bin/cargo");
        command.args(["bench", "--filter", "a|b"]).env("RUSTDOCFLAGS", "-Dwarnings");
        assert_eq!(display(&command), "RUSTDOCFLAGS=-Dwarnings cargo bench --filter 'a|b'");
    }

    #[test]
    fn a_failing_step_names_the_command_that_repeats_it() {
        let error = step("nothing", Command::new("false")).unwrap_err().to_string();
        assert!(error.contains("nothing failed") && error.contains("repeat it: false"), "{error}");
    }

    #[test]
    fn a_missing_program_has_no_version() {
        assert_eq!(version("no-such-program-here", &["--version"]), None);
    }
}
