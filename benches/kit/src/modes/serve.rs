//! `--kit serve`: the child of a paired comparison.
//!
//! The first line of the output is `{"protocol":1}`. Then each line `ID n` of the input is answered
//! by a line `ns checksum`, or by `error` and a sentence. A benchmark is checked and set up when it
//! is first named, and kept. The child ends with its input.

use std::collections::HashMap;
use std::io::{self, BufRead, Write};
use std::time::Instant;

use super::{Outcome, complain};
use crate::bench::{Work, caught};
use crate::{Registry, region};

const PROTOCOL: u32 = 1;

pub(super) fn run(
    registry: &Registry,
    input: &mut dyn BufRead,
    out: &mut dyn Write,
) -> io::Result<Outcome> {
    writeln!(out, "{{\"protocol\":{PROTOCOL}}}")?;
    out.flush()?;
    let mut works: HashMap<String, Work> = HashMap::new();
    let mut outcome = Outcome::Passed;
    let mut command = String::new();
    loop {
        command.clear();
        if input.read_line(&mut command)? == 0 {
            return Ok(outcome);
        }
        match answer(registry, &mut works, command.trim()) {
            Ok((nanoseconds, checksum)) => writeln!(out, "{nanoseconds} {checksum}")?,
            Err(sentence) => {
                complain(&format!("{}: {sentence}", command.trim()));
                writeln!(out, "error {}", sentence.replace('\n', " "))?;
                outcome = Outcome::Failed;
            }
        }
        out.flush()?;
    }
}

fn answer(
    registry: &Registry,
    works: &mut HashMap<String, Work>,
    command: &str,
) -> Result<(u128, u64), String> {
    let (id, n) = command.split_once(' ').ok_or("a command is `ID n`")?;
    let n = n.parse().map_err(|_| format!("not a number of operations: {n}"))?;
    if !works.contains_key(id) {
        let bench = registry.find(id).ok_or("no such benchmark")?;
        bench.check()?;
        works.insert(id.to_owned(), bench.make()?);
    }
    let work = works.get_mut(id).ok_or("no such benchmark")?;
    caught("the benchmark", || {
        let start = Instant::now();
        let checksum = region::run(work, n);
        (start.elapsed().as_nanos(), checksum)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Bench, Digest, Verification, repeat};

    #[test]
    fn it_answers_each_line() {
        let mut registry = Registry::new();
        registry.add(Bench::new("kit/a/b/c", Digest::new(), || repeat(|| 2)));
        let wrong = Bench::new("kit/a/b/d", Digest::new(), || repeat(|| 2));
        registry.add(wrong.verify(|| Verification::strict(b"1").expecting(b"2")));
        let mut out = Vec::new();
        let mut input = &b"kit/a/b/c 3\nkit/a/b/d 1\nkit/a/b/c 4\nkit/none 1\nnonsense\n"[..];
        assert_eq!(run(&registry, &mut input, &mut out).unwrap(), Outcome::Failed);
        let out = String::from_utf8(out).unwrap();
        let lines: Vec<&str> = out.lines().collect();
        assert_eq!(lines[0], "{\"protocol\":1}");
        let (nanoseconds, checksum) = lines[1].split_once(' ').unwrap();
        assert!(nanoseconds.parse::<u64>().is_ok());
        assert_eq!(checksum, "6");
        assert!(lines[2].starts_with("error the answer is wrong"));
        assert!(lines[3].ends_with(" 8"));
        assert!(lines[4].starts_with("error ") && lines[5].starts_with("error "));
        assert_eq!(lines.len(), 6);
    }
}
