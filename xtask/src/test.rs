//! `cargo xtask test`: everything that a newcomer has to run, through plain `cargo test`.

use anyhow::Result;

use crate::metadata::Metadata;
use crate::shell;

/// Runs the workspace's tests and examples with all features. Before that, each library's features
/// one by one, since code behind a feature must compile without its neighbours: everything is
/// checked, and the unit tests run. (To link and run all tests for each feature, of which most
/// change nothing for most tests, would take longer than all else together.) The replay of the fuzz
/// corpora is a normal test of each core.
pub(crate) fn run() -> Result<()> {
    for features in feature_sets(&Metadata::load()?) {
        for step in [&["check", "--all-targets"][..], &["test", "--lib"]] {
            let mut command = shell::cargo();
            command.args(step).args(&features);
            shell::step("features", command)?;
        }
    }
    let mut command = shell::cargo();
    command.args(["test", "--workspace", "--all-features"]);
    shell::step("test", command)
}

/// The arguments that choose a package and its features, for the libraries under `crates/` that
/// have features of their own.
fn feature_sets(metadata: &Metadata) -> Vec<Vec<String>> {
    let mut sets = Vec::new();
    for package in &metadata.packages {
        let features: Vec<_> = package.features.keys().filter(|name| *name != "default").collect();
        if features.is_empty() || !metadata.folder(package).starts_with("crates") {
            continue;
        }
        let base = ["--package", &package.name, "--no-default-features"];
        let base: Vec<String> = base.map(str::to_owned).into();
        sets.push(base.clone());
        for feature in features {
            let mut set = base.clone();
            set.extend(["--features".to_owned(), feature.clone()]);
            sets.push(set);
        }
    }
    sets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_feature_of_a_library_is_alone_once() {
        let metadata: Metadata = serde_json::from_str(
            r#"{"workspace_root": "/w", "target_directory": "/w/target", "packages": [
                {"name": "m", "manifest_path": "/w/crates/m/Cargo.toml", "dependencies": [],
                 "targets": [], "features": {"default": [], "arena": []}},
                {"name": "k", "manifest_path": "/w/benches/k/Cargo.toml", "dependencies": [],
                 "targets": [], "features": {"count": []}},
                {"name": "n", "manifest_path": "/w/crates/n/Cargo.toml", "dependencies": [],
                 "targets": [], "features": {}}]}"#,
        )
        .unwrap();
        let sets: Vec<_> = feature_sets(&metadata).iter().map(|set| set.join(" ")).collect();
        assert_eq!(
            sets,
            [
                "--package m --no-default-features",
                "--package m --no-default-features --features arena"
            ]
        );
    }
}
