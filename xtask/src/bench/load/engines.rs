//! The servers: read from `benches/load/peers.toml`, selected, built.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};

use super::archive::Skipped;
use crate::bench::build::executables;
use crate::metadata::Metadata;
use crate::shell;

const FILE: &str = "benches/load/peers.toml";
const PACKAGE: &str = "shockwave-bench-load";
const PEERS: &str = "benches/load/peers/Cargo.toml";
/// The same profile for everybody; a test of the package holds its two copies together.
const PROFILE: &str = "bench";

/// A row of the table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Engine {
    pub(crate) name: String,
    pub(crate) role: Role,
    workspace: Workspace,
    binary: String,
    pub(crate) package: String,
    pub(crate) version: String,
    arguments: Vec<String>,
    /// The only workloads that it is measured with; all, where there are none.
    #[serde(default)]
    workloads: Vec<String>,
    pub(crate) settings: String,
    pub(crate) reason: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Role {
    Ours,
    Floor,
    Peer,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Workspace {
    Main,
    Peers,
}

impl Engine {
    /// The arguments after those that all have.
    pub(crate) fn arguments(&self, workload: &str) -> Vec<String> {
        self.arguments.iter().map(|word| word.replace("{workload}", workload)).collect()
    }

    pub(crate) fn takes(&self, workload: &str) -> bool {
        self.workloads.is_empty() || self.workloads.iter().any(|only| only == workload)
    }
}

/// An engine and the executable that was built of it.
#[derive(Clone, Debug)]
pub(crate) struct Built {
    pub(crate) engine: Engine,
    pub(crate) path: PathBuf,
}

/// What was built.
#[derive(Debug)]
pub(crate) struct Binaries {
    pub(crate) generator: PathBuf,
    pub(crate) engines: Vec<Built>,
    pub(crate) skipped: Vec<Skipped>,
}

/// All engines, or ours, the floor and these peers.
pub(crate) fn select(peers: &[String]) -> Result<Vec<Engine>> {
    let text = std::fs::read_to_string(FILE).with_context(|| format!("cannot read {FILE}"))?;
    selected(&text, peers).with_context(|| format!("in {FILE}"))
}

fn selected(text: &str, peers: &[String]) -> Result<Vec<Engine>> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        engine: Vec<Engine>,
    }
    let file: File = toml::from_str(text)?;
    let mut engines = file.engine;
    let is_peer = |engine: &Engine| engine.role == Role::Peer;
    if let Some(unknown) =
        peers.iter().find(|name| !engines.iter().any(|it| is_peer(it) && it.name == **name))
    {
        let known = engines.iter().filter(|engine| is_peer(engine));
        let known: Vec<_> = known.map(|engine| engine.name.as_str()).collect();
        bail!("no peer `{unknown}`: known are {}", known.join(", "));
    }
    engines.retain(|it| peers.is_empty() || !is_peer(it) || peers.contains(&it.name));
    Ok(engines)
}

/// Builds the generator and the engines. A peer that cannot be built is skipped.
pub(crate) fn build(metadata: &Metadata, engines: Vec<Engine>) -> Result<Binaries> {
    let own = own_binaries()?;
    let find = |name: &str| {
        let found = own.iter().find(|(binary, _)| binary == name);
        found.map(|(_, path)| path.clone()).with_context(|| format!("{PACKAGE} has no `{name}`"))
    };
    let folder = metadata.target_directory.join("load-peers");
    let mut binaries =
        Binaries { generator: find("load")?, engines: Vec::new(), skipped: Vec::new() };
    for engine in engines {
        let path = match engine.workspace {
            Workspace::Main => find(&engine.binary),
            Workspace::Peers => peer_binary(&engine, &folder),
        };
        match path {
            Ok(path) => binaries.engines.push(Built { engine, path }),
            Err(error) if engine.workspace == Workspace::Peers => {
                binaries.skipped.push(Skipped {
                    what: engine.name,
                    why: format!("it does not build here: {error:#}"),
                });
            }
            Err(error) => return Err(error),
        }
    }
    Ok(binaries)
}

fn own_binaries() -> Result<Vec<(String, PathBuf)>> {
    let mut command = shell::cargo();
    command.args(["build", "--profile", PROFILE, "--package", PACKAGE, "--bins"]);
    command.arg("--message-format=json-render-diagnostics");
    Ok(executables(&shell::output(&mut command)?, "bin"))
}

/// Alone, with the feature of its name: no peer changes the features of another's dependencies.
fn peer_binary(engine: &Engine, folder: &Path) -> Result<PathBuf> {
    let mut command = shell::cargo();
    command.args(["build", "--locked", "--profile", PROFILE, "--manifest-path", PEERS]);
    command.arg("--target-dir").arg(folder);
    command.args(["--bin", &engine.binary, "--features", &engine.binary]);
    command.arg("--message-format=json-render-diagnostics");
    let built = executables(&shell::output(&mut command)?, "bin");
    let found = built.into_iter().find(|(name, _)| *name == engine.binary);
    Ok(found.context("cargo built no executable")?.1)
}

/// The project's own table, from wherever the tests run.
#[cfg(test)]
pub(super) fn select_for_tests() -> Vec<Engine> {
    let text = std::fs::read_to_string(shell::root().join(FILE)).unwrap();
    selected(&text, &[]).unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(peers: &[&str]) -> Result<Vec<String>> {
        let text = std::fs::read_to_string(shell::root().join(FILE)).unwrap();
        let peers: Vec<_> = peers.iter().map(|name| (*name).to_owned()).collect();
        Ok(selected(&text, &peers)?.into_iter().map(|engine| engine.name).collect())
    }

    #[test]
    fn the_projects_own_file_parses() {
        let all = names(&[]).unwrap();
        let has = |name: &str| all.iter().any(|it| it == name);
        assert!(has("floor") && has("hyper") && has("hyper-flush"), "{all:?}");
    }

    #[test]
    fn peers_are_selected_by_name() {
        let some = names(&["hyper"]).unwrap();
        assert!(some.contains(&"floor".to_owned()) && !some.contains(&"axum".to_owned()));
        let error = format!("{:#}", names(&["floor"]).unwrap_err());
        assert!(error.contains("no peer `floor`") && error.contains("hyper"), "{error}");
    }

    #[test]
    fn arguments_name_the_workload() {
        let engines = select_for_tests();
        let find = |name: &str| engines.iter().find(|engine| engine.name == name).unwrap();
        assert_eq!(find("floor").arguments("json"), ["--reply", "json"]);
        assert!(find("hyper-flush").takes("pipelined-16"));
        assert!(!find("hyper-flush").takes("json") && find("hyper").takes("json"));
    }
}
