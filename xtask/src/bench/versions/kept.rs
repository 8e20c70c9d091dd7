//! The executables of versions, built once and kept for a while.
//!
//! ```text
//! target/bench-versions/lock              one comparison at a time
//!                      /tree/             the files of the version that is being built
//!                      /target/           Cargo's target folder for all of them
//!                      /kept/<tree>/      built.json, and the executables of the last versions
//! ```

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use super::git::{self, Tree};
use crate::bench::archive::replace;
use crate::bench::build::{self, BenchTarget, Binary, Place};
use crate::metadata::Metadata;
use crate::shell;

/// Versions whose executables are kept.
const KEPT: usize = 5;
const BUILT: &str = "built.json";

/// The folder, for as long as nobody else may build in it.
#[derive(Debug)]
pub(crate) struct Workshop {
    root: PathBuf,
    folder: PathBuf,
    _lock: File,
}

/// What a kept version is: it counts only for the compiler and the flags that made it.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Built {
    compiler: Vec<String>,
    targets: Vec<BenchTarget>,
}

/// The executables of a version: for the time, and those that count, in the same order.
#[derive(Debug)]
pub(crate) struct Executables {
    pub(crate) timing: Vec<Binary>,
    pub(crate) counting: Vec<Binary>,
}

impl Workshop {
    /// Waits for a comparison that is under way.
    pub(crate) fn open(metadata: &Metadata) -> Result<Self> {
        let folder = metadata.target_directory.join("bench-versions");
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot create {folder:?}"))?;
        let lock = File::create(folder.join("lock"))?;
        if lock.try_lock().is_err() {
            eprintln!("waiting for another comparison in {}", folder.display());
            lock.lock().context("cannot lock the folder of versions")?;
        }
        Ok(Self { root: metadata.workspace_root.clone(), folder, _lock: lock })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The executables of a version that may have benchmarks of these categories; none of peers.
    pub(crate) fn build(&self, tree: &Tree, categories: &[String]) -> Result<Executables> {
        let kept = self.folder.join("kept").join(&tree.id);
        let compiler = compiler();
        let mut built = read(&kept).filter(|built| built.compiler == compiler).unwrap_or_default();
        let place = self.folder.join("tree");
        git::lay_out(&self.root, tree, &place)?;
        let metadata = Metadata::load_at(&place)
            .with_context(|| format!("{} has no workspace that Cargo knows", tree.side.name))?;
        let mut wanted = build::targets(&metadata, false)?;
        wanted.retain(|target| target.may_have(categories));
        let missing: Vec<BenchTarget> =
            wanted.iter().filter(|target| !built.targets.contains(target)).cloned().collect();
        if !missing.is_empty() {
            eprintln!("building {}", tree.side.name);
            let target = self.folder.join("target");
            let place = Place { root: &place, target: &target, features: &[] };
            std::fs::create_dir_all(&kept)?;
            for counting in [false, true] {
                let binaries = build::build_at(Some(place), &missing, counting)
                    .with_context(|| format!("{} does not build", tree.side.name))?;
                for binary in binaries {
                    let copy = kept.join(file_name(&binary.target, counting));
                    std::fs::copy(&binary.path, &copy)
                        .with_context(|| format!("cannot keep {copy:?}"))?;
                }
            }
            built.compiler = compiler;
            built.targets.extend(missing);
        }
        std::fs::create_dir_all(&kept)?;
        // Written each time: what is used stays.
        replace(&kept.join(BUILT), &built)?;
        self.clean();
        let binaries = |counting| {
            let binary = |target: &BenchTarget| {
                Binary::new(target.clone(), kept.join(file_name(target, counting)))
            };
            wanted.iter().map(binary).collect()
        };
        Ok(Executables { timing: binaries(false), counting: binaries(true) })
    }

    /// Removes what was not used for the longest. What cannot be removed is in nobody's way.
    fn clean(&self) {
        let Ok(entries) = std::fs::read_dir(self.folder.join("kept")) else { return };
        let used = |path: &PathBuf| -> Option<SystemTime> {
            std::fs::metadata(path.join(BUILT)).ok()?.modified().ok()
        };
        let mut folders: Vec<_> =
            entries.flatten().map(|entry| (used(&entry.path()), entry.path())).collect();
        folders.sort();
        for (_, folder) in folders.iter().rev().skip(KEPT) {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

fn file_name(target: &BenchTarget, counting: bool) -> String {
    format!("{}-{}", target.name, if counting { "counting" } else { "standard" })
}

fn read(kept: &Path) -> Option<Built> {
    let built: Built =
        serde_json::from_str(&std::fs::read_to_string(kept.join(BUILT)).ok()?).ok()?;
    let is_there = |target: &BenchTarget| {
        [false, true].iter().all(|counting| kept.join(file_name(target, *counting)).is_file())
    };
    built.targets.iter().all(is_there).then_some(built)
}

/// What the executables depend on besides the tree.
fn compiler() -> Vec<String> {
    let mut lines = shell::version_lines("rustc", &["-vV"]).unwrap_or_default();
    lines.extend(std::env::var("RUSTFLAGS").ok());
    lines
}
