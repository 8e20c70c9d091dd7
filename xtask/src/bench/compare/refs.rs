//! Two versions that Git knows, or one and the work tree.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Result;

use super::benchstat;
use super::gofile::Benchmarks;
use crate::Outcome;
use crate::bench::versions::{self, Asked, Compared};
use crate::flags::CompareArgs;

pub(super) fn run(old: &str, new: Option<&str>, args: &CompareArgs) -> Result<Outcome> {
    let seed = args.seed.unwrap_or_else(|| {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
    });
    let asked = Asked {
        select: &args.select,
        time: !args.exact,
        seed,
        budget: args.budget,
        arguments: arguments(args, seed),
    };
    let compared = versions::compare(old, new, &asked)?;
    write_texts(&compared)?;
    compared.tell(args.json)?;
    Ok(compared.judgement.outcome)
}

/// The comparison in benchstat's layout, ours after it; and what benchstat would make one from.
fn write_texts(compared: &Compared) -> Result<()> {
    let texts = compared.go_benchmarks()?;
    let [old, new] = [0, 1].map(|side| Benchmarks::parse(&texts[side], "what was measured"));
    let sides = &compared.comparison.sides;
    let text = match (old, new) {
        (Ok(old), Ok(new)) => {
            let side = |side: usize, of| benchstat::Side { name: &sides[side].name, of };
            benchstat::render(side(0, &old), side(1, &new))
        }
        // One of them has no benchmark at all, and so nothing that could be compared.
        _ => String::new(),
    };
    super::write(&compared.dir, &format!("{text}\n{}\n", compared.text()), &texts)
}

/// The arguments that give this comparison again, the seed among them even if it was not asked for.
fn arguments(args: &CompareArgs, seed: u64) -> Vec<String> {
    let mut words = vec!["bench".to_owned(), "compare".to_owned(), args.old.clone()];
    words.extend(args.new.clone());
    let mut option = |name: &str, value: String| words.extend([name.to_owned(), value]);
    if !args.select.category.is_empty() {
        option("--category", args.select.category.join(","));
    }
    if let Some(filter) = &args.select.filter {
        option("--filter", format!("'{}'", filter.as_str().replace('\'', r"'\''")));
    }
    if let Some(budget) = args.budget {
        option("--budget", format!("{}s", budget.as_secs()));
    }
    option("--seed", seed.to_string());
    if args.exact {
        words.push("--exact".to_owned());
    }
    words
}
