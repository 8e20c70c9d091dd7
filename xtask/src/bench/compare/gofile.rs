//! Go's benchmark format, read: what `go test -bench` prints, benchstat reads, and we write.
//!
//! <https://go.dev/design/14313-benchmark-format>: a line is a benchmark with its iterations and
//! pairs of value and unit, or `key: value`, or `Unit` with what is known of one; other lines are
//! somebody's words. Times and rates are kept in seconds and octets a second, as by benchstat.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, bail};

/// What a file holds, in the order in which it came.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Benchmarks {
    /// `cpu`, `pkg` and what else the file says of where it was made.
    pub(super) config: BTreeMap<String, String>,
    /// Names without `Benchmark`, each once.
    pub(super) names: Vec<String>,
    pub(super) units: Vec<String>,
    /// Units whose values are the same on every run.
    pub(super) exact: BTreeSet<String>,
    /// Values by name and unit.
    values: BTreeMap<(String, String), Vec<f64>>,
}

impl Benchmarks {
    /// `origin` is what an error names, with the line.
    pub(super) fn parse(text: &str, origin: &str) -> Result<Self> {
        let mut found = Self::default();
        for (index, line) in text.lines().enumerate() {
            let place = || format!("{origin}:{}", index + 1);
            found.take(line).with_context(place)?;
        }
        if found.names.is_empty() {
            bail!("{origin}: no line of it is a benchmark in Go's format");
        }
        Ok(found)
    }

    pub(super) fn of(&self, name: &str, unit: &str) -> &[f64] {
        let key = (name.to_owned(), unit.to_owned());
        self.values.get(&key).map_or(&[], Vec::as_slice)
    }

    /// Leaves out what is not to be compared.
    pub(super) fn retain(&mut self, keep: impl Fn(&str, &str) -> bool) {
        self.values.retain(|(name, unit), _| keep(name, unit));
        let has = |matches: &dyn Fn(&(String, String)) -> bool| self.values.keys().any(matches);
        self.names.retain(|name| has(&|key| key.0 == *name));
        self.units.retain(|unit| has(&|key| key.1 == *unit));
    }

    fn take(&mut self, line: &str) -> Result<()> {
        let mut words = line.split_whitespace();
        let Some(first) = words.next() else { return Ok(()) };
        if let Some(name) = first.strip_prefix("Benchmark") {
            let starts = name.chars().next().is_none_or(|letter| !letter.is_lowercase());
            let rest: Vec<_> = words.collect();
            // A name alone is what `go test -v` prints before the result.
            if starts && !rest.is_empty() {
                return self.benchmark(name, &rest);
            }
        } else if first == "Unit" {
            self.unit(words);
        } else if let Some((key, value)) = line.split_once(':') {
            let is_key = key.starts_with(|c: char| c.is_lowercase())
                && !key.contains(|c: char| c.is_whitespace() || c.is_uppercase());
            if is_key {
                self.config.insert(key.to_owned(), value.trim().to_owned());
            }
        }
        Ok(())
    }

    fn benchmark(&mut self, name: &str, rest: &[&str]) -> Result<()> {
        let [iterations, pairs @ ..] = rest else { return Ok(()) };
        if iterations.parse::<u64>().is_err() {
            bail!("{name}: the iterations are no whole number: {iterations:?}");
        }
        if pairs.is_empty() || pairs.len() % 2 != 0 {
            bail!("{name}: values and units do not come in pairs");
        }
        if !self.names.iter().any(|known| known == name) {
            self.names.push(name.to_owned());
        }
        for pair in pairs.chunks_exact(2) {
            let [value, unit] = [pair[0], pair[1]];
            let number = value.parse().ok().filter(|number: &f64| number.is_finite());
            let number = number.with_context(|| format!("{name}: no number: {value:?}"))?;
            let (scale, unit) = tidied(unit);
            if !self.units.contains(&unit) {
                self.units.push(unit.clone());
            }
            self.values.entry((name.to_owned(), unit)).or_default().push(number * scale);
        }
        Ok(())
    }

    fn unit<'a>(&mut self, mut words: impl Iterator<Item = &'a str>) {
        let Some(unit) = words.next() else { return };
        if words.any(|word| word == "assume=exact") {
            self.exact.insert(tidied(unit).1);
        }
    }
}

/// Units whose scale is in their name lose it.
fn tidied(unit: &str) -> (f64, String) {
    const SCALED: [(&str, &str, f64); 2] = [("ns", "sec", 1e-9), ("MB", "B", 1e6)];
    for (scaled, plain, scale) in SCALED {
        if let Some(rest) = unit.strip_prefix(scaled)
            && (rest.is_empty() || rest.starts_with('/'))
        {
            return (scale, format!("{plain}{rest}"));
        }
    }
    (1.0, unit.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "goos: linux\ncpu: Example CPU\nUnit allocs/op better=lower assume=exact\n\
                        BenchmarkAlone\nbenchmarking is fun: yes\n\
                        BenchmarkA/b=c-8  \t 10 \t 1500 ns/op \t 20 MB/s  \t 3 allocs/op\n\
                        BenchmarkA/b=c-8 10 1700 ns/op\nPASS\nok  \tpkg\t1.0s\n";

    #[test]
    fn what_go_prints() {
        let found = Benchmarks::parse(FILE, "x").unwrap();
        assert_eq!(found.names, ["A/b=c-8"]);
        assert_eq!(found.units, ["sec/op", "B/s", "allocs/op"]);
        assert!(found.exact.contains("allocs/op") && found.exact.len() == 1);
        let times = found.of("A/b=c-8", "sec/op");
        assert!((times[0] - 1.5e-6).abs() < 1e-18 && times.len() == 2);
        assert_eq!(found.of("A/b=c-8", "B/s"), [2e7]);
        assert_eq!(
            (found.of("A", "sec/op"), found.config["cpu"].as_str()),
            (&[][..], "Example CPU")
        );
        assert_eq!(found.config.len(), 2);
    }

    #[test]
    fn what_is_left_out_is_gone() {
        let mut found = Benchmarks::parse(FILE, "x").unwrap();
        found.retain(|_, unit| unit != "sec/op");
        assert_eq!((found.units.len(), found.names.len()), (2, 1));
        found.retain(|name, _| name != "A/b=c-8");
        assert!(found.units.is_empty() && found.names.is_empty());
    }

    #[test]
    fn damage_is_told_with_its_place() {
        let wrong = [
            ("BenchmarkA 10 1 ns/op 2", "x:1: A: values and units do not come in pairs"),
            ("\nBenchmarkA 10", "x:2: A: values and units do not come in pairs"),
            ("BenchmarkA ten 1 ns/op", "x:1: A: the iterations are no whole number: \"ten\""),
            ("BenchmarkA 1 one ns/op", "x:1: A: no number: \"one\""),
            ("BenchmarkA 1 NaN ns/op", "x:1: A: no number: \"NaN\""),
            ("", "x: no line of it is a benchmark in Go's format"),
            ("Benchmarks are fun\nPASS", "x: no line of it is a benchmark in Go's format"),
        ];
        for (text, expected) in wrong {
            let error = format!("{:#}", Benchmarks::parse(text, "x").unwrap_err());
            assert_eq!(error, expected);
        }
    }
}
