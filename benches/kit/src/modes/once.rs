//! `--kit once ID N`: N operations inside the region, for callgrind and dhat.

use std::io::{self, Write};

use serde::Serialize;

use super::{Outcome, line, report};
use crate::bench::caught;
use crate::{Registry, region};

#[derive(Serialize)]
struct Ran<'a> {
    id: &'a str,
    n: u64,
    checksum: u64,
}

/// The benchmark's check is not run here: it would warm what the first operation is to find cold.
pub(super) fn run(
    registry: &Registry,
    id: &str,
    n: u64,
    out: &mut dyn Write,
) -> io::Result<Outcome> {
    let Some(bench) = registry.find(id) else {
        return Ok(Outcome::refused(&format!("no such benchmark: {id}")));
    };
    let ran =
        bench.make().and_then(|mut work| caught("the benchmark", || region::run(&mut work, n)));
    match ran {
        Ok(checksum) => {
            line(out, &Ran { id, n, checksum })?;
            Ok(Outcome::Passed)
        }
        Err(error) => {
            report(out, bench, &error)?;
            Ok(Outcome::Failed)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Bench, Digest, repeat};

    #[test]
    fn it_runs_n_operations() {
        let mut registry = Registry::new();
        registry.add(Bench::new("kit/a/b/c", Digest::new(), || repeat(|| 2)));
        let mut out = Vec::new();
        assert_eq!(run(&registry, "kit/a/b/c", 21, &mut out).unwrap(), Outcome::Passed);
        assert_eq!(out, b"{\"id\":\"kit/a/b/c\",\"n\":21,\"checksum\":42}\n");
        assert_eq!(run(&registry, "kit/a/b/x", 1, &mut out).unwrap(), Outcome::Refused);
    }
}
