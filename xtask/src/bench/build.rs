//! Finds the bench targets of the workspace, builds them, and asks each for its inventory.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};

use super::protocol::{self, Benchmark};
use crate::metadata::{Metadata, Package};
use crate::shell;

/// A build of its own, since counting would tax the timings of what allocates.
const COUNTING_FEATURE: &str = "shockwave-bench-kit/count-allocations";

/// Setting up and running one benchmark takes a thousandth of it, and some seconds under callgrind.
const PATIENCE: Duration = Duration::from_secs(60);

/// A bench target of a member of the workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BenchTarget {
    pub(crate) package: String,
    pub(crate) name: String,
    /// Of the package: those of `[package.metadata.shockwave-bench]`.
    pub(crate) features: Vec<String>,
    /// The categories that the package says its benchmarks are of; any, where it says nothing.
    #[serde(default)]
    pub(crate) categories: Vec<String>,
}

impl BenchTarget {
    /// Whether it may hold benchmarks of one of these categories, or of any where there are none.
    pub(crate) fn may_have(&self, categories: &[String]) -> bool {
        let wanted = |category| categories.is_empty() || categories.contains(category);
        self.categories.is_empty() || self.categories.iter().any(wanted)
    }
}

/// A built bench target.
#[derive(Clone, Debug)]
pub(crate) struct Binary {
    pub(crate) target: BenchTarget,
    pub(crate) path: PathBuf,
    /// Variables of the environment of every process of it, besides ours.
    pub(crate) environment: Vec<(String, String)>,
    /// How long a process of it may say nothing before it is ended as one that hangs.
    pub(crate) patience: Duration,
}

impl Binary {
    pub(crate) fn new(target: BenchTarget, path: PathBuf) -> Self {
        Self { target, path, environment: Vec::new(), patience: PATIENCE }
    }
}

/// A binary with what is registered in it.
#[derive(Debug)]
pub(crate) struct Registered {
    pub(crate) binary: Binary,
    pub(crate) benchmarks: Vec<Benchmark>,
}

/// Every `[[bench]]` with `harness = false`. Those of the packages under `benches/` hold the peers.
pub(crate) fn targets(metadata: &Metadata, with_peers: bool) -> Result<Vec<BenchTarget>> {
    let mut targets = Vec::new();
    for package in &metadata.packages {
        if !with_peers && metadata.folder(package).starts_with("benches") {
            continue;
        }
        let manifest = std::fs::read_to_string(&package.manifest_path)?;
        targets.extend(own_harness(package, &manifest)?);
    }
    if targets.is_empty() {
        bail!("no member of the workspace has a `[[bench]]` with `harness = false`");
    }
    Ok(targets)
}

/// The package's bench targets whose manifest says that they have a `main` of their own.
fn own_harness(package: &Package, manifest: &str) -> Result<Vec<BenchTarget>> {
    #[derive(Deserialize)]
    struct Manifest {
        #[serde(default)]
        bench: Vec<Bench>,
    }
    #[derive(Deserialize)]
    struct Bench {
        name: String,
        #[serde(default = "yes")]
        harness: bool,
    }
    fn yes() -> bool {
        true
    }
    let manifest: Manifest =
        toml::from_str(manifest).with_context(|| format!("in {:?}", package.manifest_path))?;
    let own = |name: &str| manifest.bench.iter().any(|bench| bench.name == name && !bench.harness);
    let target = |name: &str| BenchTarget {
        package: package.name.clone(),
        name: name.to_owned(),
        features: package.bench_table().map_or_else(Vec::new, |table| table.features.clone()),
        categories: package.bench_table().map_or_else(Vec::new, |table| table.categories.clone()),
    };
    Ok(package.benches().filter(|name| own(name)).map(target).collect())
}

/// Where another version's tree lies, and the folder that it is built into.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    pub(crate) root: &'a Path,
    pub(crate) target: &'a Path,
    /// Features besides those of the targets, as `package/feature`.
    pub(crate) features: &'a [&'a str],
}

/// Builds the targets in one go, with the counting allocator or without.
pub(crate) fn build(targets: &[BenchTarget], counting: bool) -> Result<Vec<Binary>> {
    build_at(None, targets, counting)
}

/// The same of another version, or of this one.
pub(crate) fn build_at(
    place: Option<Place<'_>>,
    targets: &[BenchTarget],
    counting: bool,
) -> Result<Vec<Binary>> {
    let mut command = shell::cargo();
    command.args(["bench", "--no-run", "--message-format=json-render-diagnostics"]);
    if let Some(Place { root, target, features }) = place {
        command.current_dir(root).env("CARGO_TARGET_DIR", target);
        command.args(features.iter().flat_map(|feature| ["--features", feature]));
    }
    for target in targets {
        command.args(["--package", &target.package, "--bench", &target.name]);
        for feature in &target.features {
            command.args(["--features", &format!("{}/{feature}", target.package)]);
        }
    }
    if counting {
        command.args(["--features", COUNTING_FEATURE]);
    }
    let built = executables(&shell::output(&mut command)?, "bench");
    targets
        .iter()
        .map(|target| {
            let built = built.iter().find(|(name, path)| {
                *name == target.name && belongs_to(path, target) && path.is_file()
            });
            let (_, path) = built.with_context(|| {
                format!("cargo built no executable for bench `{}`", target.name)
            })?;
            Ok(Binary::new(target.clone(), path.clone()))
        })
        .collect()
}

/// Executables carry their target's name and a hash.
fn belongs_to(path: &Path, target: &BenchTarget) -> bool {
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    stem.rsplit_once('-').is_some_and(|(name, _)| name == target.name.replace('-', "_"))
        || stem.rsplit_once('-').is_some_and(|(name, _)| name == target.name)
}

/// Name and path of each executable of this kind (`bench`, `bin`) out of cargo's messages.
pub(crate) fn executables(messages: &str, kind: &str) -> Vec<(String, PathBuf)> {
    #[derive(Deserialize)]
    struct Message {
        reason: String,
        target: Option<Target>,
        executable: Option<PathBuf>,
    }
    #[derive(Deserialize)]
    struct Target {
        name: String,
        kind: Vec<String>,
    }
    let mut found = Vec::new();
    // Cargo's stream may hold other lines; only artifacts concern us.
    for message in messages.lines().filter_map(|line| serde_json::from_str::<Message>(line).ok()) {
        if message.reason != "compiler-artifact" {
            continue;
        }
        if let (Some(target), Some(path)) = (message.target, message.executable)
            && target.kind.iter().any(|it| it == kind)
        {
            found.push((target.name, path));
        }
    }
    found
}

/// Asks each binary what is registered in it.
pub(crate) fn inventories(binaries: Vec<Binary>) -> Result<Vec<Registered>> {
    let ask = |binary: Binary| {
        let mut command = Command::new(&binary.path);
        command.args(["--kit", "list"]).stdin(Stdio::null());
        command.envs(binary.environment.iter().cloned());
        let origin = format!("{} --kit list", binary.target.name);
        let benchmarks = protocol::inventory(&shell::output(&mut command)?, &origin)?;
        Ok(Registered { binary, benchmarks })
    };
    binaries.into_iter().map(ask).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn target(features: &[&str]) -> BenchTarget {
        let features = features.iter().map(|feature| (*feature).to_owned()).collect();
        let categories = vec!["http11".to_owned()];
        BenchTarget { package: "p".into(), name: "a".into(), features, categories }
    }

    #[test]
    fn only_benches_with_their_own_main() {
        let package: Package = serde_json::from_str(
            r#"{"name": "p", "manifest_path": "/p/Cargo.toml", "dependencies": [], "features": {},
                "targets": [{"name": "a", "kind": ["bench"]}, {"name": "b", "kind": ["bench"]},
                            {"name": "p", "kind": ["lib"]}],
                "metadata": {"other": 1, "shockwave-bench": {"features": ["arena"],
                             "categories": ["http11"]}}}"#,
        )
        .unwrap();
        let manifest = "[[bench]]\nname = \"a\"\nharness = false\n[[bench]]\nname = \"b\"\n";
        let targets = own_harness(&package, manifest).unwrap();
        assert_eq!(targets, [target(&["arena"])]);
    }

    #[test]
    fn a_target_that_says_nothing_may_have_any_category() {
        let of = |categories: &[&str]| {
            let categories = categories.iter().map(|it| (*it).to_owned()).collect();
            BenchTarget { categories, ..target(&[]) }
        };
        let pooling = ["pooling".to_owned()];
        assert!(of(&[]).may_have(&pooling) && of(&["http11", "pooling"]).may_have(&pooling));
        assert!(!of(&["http11"]).may_have(&pooling) && of(&["http11"]).may_have(&[]));
    }

    #[test]
    fn executables_out_of_cargos_messages() {
        let artifact = |name: &str, kind: &str, executable: serde_json::Value| {
            let target = json!({"name": name, "kind": [kind]});
            json!({"reason": "compiler-artifact", "target": target, "executable": executable})
        };
        let messages = [
            artifact("p", "lib", json!(null)),
            artifact("a", "bench", json!("/t/a-1f")),
            json!({"reason": "build-finished", "success": true}),
        ];
        let messages = messages.map(|message| message.to_string()).join("\n");
        assert_eq!(executables(&messages, "bench"), [("a".to_owned(), PathBuf::from("/t/a-1f"))]);
        assert!(belongs_to(Path::new("/t/a-1f"), &target(&[])));
        assert!(!belongs_to(Path::new("/t/ab-1f"), &target(&[])));
    }
}
