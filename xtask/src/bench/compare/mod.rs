//! `cargo xtask bench compare OLD NEW`: what changed.
//!
//! What the two are decides how. Git refs are built, and their processes run in turn: that is
//! evidence. Archives and benchmark files were measured at other times, and are compared as
//! benchstat does it, for information.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::Outcome;
use crate::bench::{RESULTS, archive};
use crate::flags::CompareArgs;

mod refs;

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

    fn kind(&self) -> &'static str {
        match self {
            Self::Archive(_) => "an archive",
            Self::File(_) => "a file",
            Self::Ref(_) => "taken for a git ref, as there is no such archive or file",
        }
    }
}

pub(super) fn run(args: &CompareArgs) -> Result<Outcome> {
    let results = Path::new(RESULTS);
    let old = Named::of(&args.old, results);
    let new = args.new.as_ref().map(|new| Named::of(new, results));
    match (old, new) {
        (Named::Ref(old), None) => refs::run(&old, None, args),
        (Named::Ref(old), Some(Named::Ref(new))) => refs::run(&old, Some(&new), args),
        (old, None) => {
            bail!("{} is {}: the side that is judged is to be named, too", args.old, old.kind())
        }
        (old, Some(new)) => {
            let name = args.new.as_deref().unwrap_or_default();
            bail!("{} is {}, and {name} is {}", args.old, old.kind(), new.kind())
        }
    }
}
