//! What `cargo metadata` says of the workspace, as far as these commands need it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde::Deserialize;

use crate::shell;

#[derive(Debug, Deserialize)]
pub(crate) struct Metadata {
    pub(crate) packages: Vec<Package>,
    pub(crate) target_directory: PathBuf,
    pub(crate) workspace_root: PathBuf,
}

/// A member of the workspace.
#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) manifest_path: PathBuf,
    pub(crate) dependencies: Vec<Dependency>,
    pub(crate) features: BTreeMap<String, Vec<String>>,
    pub(crate) targets: Vec<Target>,
    /// `[package.metadata]`, of which each tool reads its own table.
    #[serde(default)]
    pub(crate) metadata: Option<Tables>,
}

/// The tables of `[package.metadata]` that these commands read.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Tables {
    #[serde(default, rename = "shockwave-bench")]
    pub(crate) bench: BenchTable,
}

/// `[package.metadata.shockwave-bench]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BenchTable {
    /// The package's features that its bench targets are built with.
    #[serde(default)]
    pub(crate) features: Vec<String>,
    /// The categories of the package's benchmarks, so that one who asks for others need not build
    /// them to find out.
    #[serde(default)]
    pub(crate) categories: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// `None` for a normal dependency, else `dev` or `build`.
    pub(crate) kind: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Target {
    pub(crate) name: String,
    pub(crate) kind: Vec<String>,
    /// Without these features of its package it is not built.
    #[serde(default, rename = "required-features")]
    pub(crate) required_features: Vec<String>,
}

impl Metadata {
    pub(crate) fn load() -> Result<Self> {
        Self::load_at(&shell::root())
    }

    /// Of the workspace with this root.
    pub(crate) fn load_at(root: &Path) -> Result<Self> {
        let mut command = shell::cargo();
        command.args(["metadata", "--format-version=1", "--no-deps", "--quiet"]);
        command.current_dir(root);
        let text = shell::output(&mut command)?;
        serde_json::from_str(&text).context("cannot read what `cargo metadata` printed")
    }

    /// The member's folder, relative to the root.
    pub(crate) fn folder<'a>(&self, package: &'a Package) -> &'a Path {
        let folder = package.manifest_path.parent().unwrap_or(&package.manifest_path);
        folder.strip_prefix(&self.workspace_root).unwrap_or(folder)
    }

    pub(crate) fn is_member(&self, name: &str) -> bool {
        self.packages.iter().any(|package| package.name == name)
    }
}

impl Package {
    /// What it says of its bench targets.
    pub(crate) fn bench_table(&self) -> Option<&BenchTable> {
        self.metadata.as_ref().map(|tables| &tables.bench)
    }

    /// The bench targets by name.
    pub(crate) fn benches(&self) -> impl Iterator<Item = &str> {
        let is_bench = |target: &&Target| target.kind.iter().any(|kind| kind == "bench");
        self.targets.iter().filter(is_bench).map(|target| target.name.as_str())
    }
}
