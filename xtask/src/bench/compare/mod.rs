//! `cargo xtask bench compare OLD NEW`: what changed.
//!
//! What the two are decides how. Git refs are built, and their processes run in turn: that is
//! evidence. Archives and benchmark files were measured at other times, and are compared as
//! benchstat does it, for information.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use self::side::Side;
use crate::Outcome;
use crate::bench::{RESULTS, archive};
use crate::flags::CompareArgs;

mod benchstat;
mod gofile;
mod refs;
mod side;
mod unpaired;

/// What an argument names.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Named {
    /// A folder with a `run.json`.
    Archive(PathBuf),
    /// A file in Go's benchmark format.
    File(PathBuf),
    /// Anything else: git will say whether it knows it.
    Ref(String),
}

impl Named {
    /// An archive under `results/` may be named by its folder alone.
    fn of(argument: &str, results: &Path) -> Self {
        let path = PathBuf::from(argument);
        for folder in [path.clone(), results.join(argument)] {
            if folder.join(archive::RUN).is_file() {
                return Self::Archive(folder);
            }
        }
        if path.is_file() { Self::File(path) } else { Self::Ref(argument.to_owned()) }
    }
}

pub(super) fn run(args: &CompareArgs) -> Result<Outcome> {
    let results = Path::new(RESULTS);
    let old = Named::of(&args.old, results);
    let new = args.new.as_ref().map(|new| Named::of(new, results));
    match (old, new) {
        (Named::Ref(old), None) => refs::run(&old, None, args),
        (Named::Ref(old), Some(Named::Ref(new))) => refs::run(&old, Some(&new), args),
        (_, None) => bail!("{} is no git ref: the side that is judged is missing", args.old),
        (old, Some(new)) => inform(&old, &new, args),
    }
}

/// Archives and files, in any combination: for information, and without a verdict.
fn inform(old: &Named, new: &Named, args: &CompareArgs) -> Result<Outcome> {
    let read = |named: &Named| match named {
        Named::Archive(dir) => Side::archive(dir, &args.select),
        Named::File(path) => Side::file(path, &args.select),
        Named::Ref(name) => bail!(
            "{name} is no archive and no file, and a git ref can only be compared with another: a \
             comparison of times needs both to run"
        ),
    };
    let (old, new) = (read(old)?, read(new)?);
    let names = [old.name.clone(), new.name.clone()];
    let texts = [old.text.clone(), new.text.clone()];
    let found = unpaired::compare(old, new, args.exact)?;
    print!("{}", found.text);
    if let Some(out) = &args.out {
        write(out, &found.text, &texts)?;
    }
    if !found.refused.is_empty() && !args.exact {
        bail!(
            "the times of {} and {} are not compared, as they are of different machines: {}; \
             `--exact` asks for the exact figures alone",
            names[0],
            names[1],
            found.refused.join("; ")
        );
    }
    Ok(Outcome::Pass)
}

/// The comparison, and what benchstat would make one from.
fn write(out: &Path, comparison: &str, [old, new]: &[String; 2]) -> Result<()> {
    std::fs::create_dir_all(out).with_context(|| format!("cannot create {}", out.display()))?;
    let files = [("comparison.txt", comparison), ("old.txt", old), ("new.txt", new)];
    files.into_iter().try_for_each(|(file, text)| archive::replace_text(&out.join(file), text))
}

#[cfg(test)]
mod tests;
