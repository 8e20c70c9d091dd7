//! Callgrind: runs a benchmark under it, and reads the file that it writes.
//!
//! The format is that of the Valgrind manual, chapter "Callgrind Format Specification": names that
//! are given once and then stand as numbers, and positions that stand relative to the line before.

use std::collections::HashMap;
use std::path::Path;
use std::process::Command;
use std::rc::Rc;

use anyhow::{Context as _, Result, anyhow, bail};

use crate::bench::build::Binary;
use crate::bench::measure::{last_words, process};

/// The function of the kit inside which the measured calls happen.
pub(crate) const REGION: &str = "shockwave_bench_region";
/// Calls after the first that steady figures are taken over.
pub(crate) const CALLS: u64 = 100;

/// Runs so many calls of a benchmark, collects the region alone, and gives the text of the file,
/// which stays where it is. `options` are further ones of callgrind's.
pub(crate) fn run(
    valgrind: &Path,
    binary: &Binary,
    (id, calls): (&str, u64),
    file: &Path,
    options: &[&str],
) -> Result<String> {
    let mut command = Command::new(valgrind);
    command.arg("--tool=callgrind").arg(format!("--toggle-collect={REGION}"));
    command.arg(format!("--callgrind-out-file={}", file.display())).args(options);
    command.arg(&binary.path).args(["--kit", "once", id, &calls.to_string()]);
    command.envs(binary.environment.iter().cloned());
    let output = process::output(&mut command, binary.patience)?;
    if !output.status.success() {
        bail!("{}", last_words(&output));
    }
    let text = std::fs::read(file).context("callgrind wrote no file")?;
    let text = String::from_utf8_lossy(&text).into_owned();
    match total(&text, "Ir") {
        None => Err(anyhow!("callgrind's file has no total")),
        Some(0) => Err(anyhow!("no instruction was counted inside {REGION}")),
        Some(_) => Ok(text),
    }
}

/// The total of one event: `Ir` are instructions, `Bcm` and `Bim` mispredicted branches.
pub(crate) fn total(text: &str, event: &str) -> Option<u64> {
    let line = |name: &str| text.lines().rev().find_map(|line| line.strip_prefix(name));
    let column = line("events:")?.split_whitespace().position(|name| name == event)?;
    line("totals:").or_else(|| line("summary:"))?.split_whitespace().nth(column)?.parse().ok()
}

/// What was spent at one address: by its own instructions, or by what it called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spent {
    /// The file of the program or library, and the address in it.
    pub(crate) object: Rc<str>,
    pub(crate) address: u64,
    /// The function that the code was compiled into.
    pub(crate) function: Rc<str>,
    /// Where a function was called: the callee. What was spent is its cost with all that it called.
    pub(crate) callee: Option<Rc<str>>,
    pub(crate) instructions: u64,
}

/// Reads a file that was written with `--dump-instr=yes`.
pub(crate) fn read(text: &str) -> Result<Vec<Spent>> {
    let mut reader = Reader::default();
    let mut spent = Vec::new();
    for (index, line) in text.lines().enumerate() {
        spent.extend(reader.line(line).with_context(|| {
            format!("callgrind's file, line {}: not as its format says: {line:?}", index + 1)
        })?);
    }
    Ok(spent)
}

#[derive(Default)]
struct Reader {
    /// The names that have stood once, by their kind and number.
    names: HashMap<(Kind, u64), Rc<str>>,
    object: Rc<str>,
    function: Rc<str>,
    callee: Option<Rc<str>>,
    /// A line `calls=` was read: the next line of costs is what they cost.
    is_call: bool,
    address: u64,
    /// Columns: of positions, and of the instructions among all.
    positions: usize,
    instructions: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Object,
    Function,
}

impl Reader {
    fn line(&mut self, line: &str) -> Result<Option<Spent>> {
        if line.starts_with(|c: char| c.is_ascii_digit() || "+-*".contains(c)) {
            return self.costs(line).map(Some);
        }
        if let Some((key, value)) = line.split_once('=') {
            match key {
                "ob" => self.object = self.name(Kind::Object, value)?,
                "fn" => self.function = self.name(Kind::Function, value)?,
                "cob" => drop(self.name(Kind::Object, value)?),
                "cfn" => self.callee = Some(self.name(Kind::Function, value)?),
                "calls" => self.is_call = true,
                // Files: the symbols of an address say more than these do.
                _ => {}
            }
        } else if let Some(names) = line.strip_prefix("positions:") {
            let names: Vec<_> = names.split_whitespace().collect();
            if names.first() != Some(&"instr") {
                bail!("the positions are no addresses");
            }
            self.positions = names.len();
        } else if let Some(names) = line.strip_prefix("events:") {
            let at = names.split_whitespace().position(|name| name == "Ir");
            self.instructions = self.positions + at.context("no instructions were counted")?;
        }
        Ok(None)
    }

    /// `(7) name` defines, `(7)` refers, and a name alone is just that.
    fn name(&mut self, kind: Kind, value: &str) -> Result<Rc<str>> {
        let Some((number, name)) = value.strip_prefix('(').and_then(|rest| rest.split_once(')'))
        else {
            return Ok(value.into());
        };
        let key = (kind, number.parse()?);
        if name.is_empty() {
            return self.names.get(&key).cloned().context("a name that was not given before");
        }
        let name: Rc<str> = name.trim_start().into();
        self.names.insert(key, Rc::clone(&name));
        Ok(name)
    }

    fn costs(&mut self, line: &str) -> Result<Spent> {
        let columns: Vec<_> = line.split_whitespace().collect();
        let address = columns.first().context("no address")?;
        self.address = match address.split_at(1) {
            ("*", _) => self.address,
            ("+", more) => self.address.wrapping_add(more.parse()?),
            ("-", less) => self.address.wrapping_sub(less.parse()?),
            _ => u64::from_str_radix(address.trim_start_matches("0x"), 16)?,
        };
        // Columns at the end that are zero are left out.
        let instructions = columns.get(self.instructions).map_or(Ok(0), |count| count.parse())?;
        Ok(Spent {
            object: Rc::clone(&self.object),
            address: self.address,
            function: Rc::clone(&self.function),
            callee: if std::mem::take(&mut self.is_call) { self.callee.take() } else { None },
            instructions,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = include_str!("../../../testdata/callgrind.out");

    #[test]
    fn totals_by_event() {
        let text = "events: Ir Bc Bcm\nsummary: 7 2 1\n\ntotals: 2584 30 4\n";
        assert_eq!((total(text, "Ir"), total(text, "Bcm")), (Some(2584), Some(4)));
        assert_eq!((total(text, "Bim"), total("events: Ir\n", "Ir")), (None, None));
        assert_eq!(total(FILE, "Ir"), Some(143));
    }

    #[test]
    fn a_file_is_read_with_its_abbreviations() {
        let spent = read(FILE).unwrap();
        let seen: Vec<_> = spent
            .iter()
            .map(|s| (&*s.function, s.address, s.callee.as_deref(), s.instructions))
            .collect();
        let expected = [
            ("bench::repeat::{{closure}}", 0x17d340, None, 1),
            ("bench::repeat::{{closure}}", 0x17d345, None, 101),
            ("bench::repeat::{{closure}}", 0x17d345, Some("head::parse"), 40),
            ("bench::repeat::{{closure}}", 0x17d343, None, 1),
            ("head::parse", 0x258990, None, 30),
            ("head::parse", 0x258993, Some("malloc"), 10),
            ("malloc", 0x9000, None, 10),
        ];
        assert_eq!(seen, expected);
        assert_eq!((&*spent[0].object, &*spent[6].object), ("/t/bench", "/lib/libc.so.6"));
        // What functions spent themselves is all that was spent.
        let own: u64 = spent.iter().filter(|s| s.callee.is_none()).map(|s| s.instructions).sum();
        assert_eq!(Some(own), total(FILE, "Ir"));
    }

    #[test]
    fn what_is_cut_off_or_damaged_is_told_with_its_line() {
        let error = |text: &str| format!("{:#}", read(text).unwrap_err());
        assert!(error("positions: line\n").contains("line 1"));
        assert!(error("positions: instr line\nevents: Ir\nfn=(3)\n").contains("line 3"));
        assert!(error("positions: instr\nevents: Ir\n0xzz 1\n").contains("line 3"));
        assert!(error("positions: instr\nevents: Dr\n").contains("no instructions"));
    }
}
