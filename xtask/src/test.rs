//! `cargo xtask test`: everything that a newcomer has to run, through plain `cargo test`.

use anyhow::Result;

use crate::metadata::Metadata;
use crate::shell;

/// Runs the workspace's tests and examples with all features, then each library's features one by
/// one, since code behind a feature must compile and pass without its neighbours. The replay of
/// the fuzz corpora is a normal test of each core.
pub(crate) fn run() -> Result<()> {
    for arguments in feature_runs(&Metadata::load()?) {
        let mut command = shell::cargo();
        command.args(&arguments);
        shell::step("features", command)?;
    }
    let mut command = shell::cargo();
    command.args(["test", "--workspace", "--all-features"]);
    shell::step("test", command)
}

/// The `cargo test` calls for the libraries under `crates/` that have features of their own.
fn feature_runs(metadata: &Metadata) -> Vec<Vec<String>> {
    let mut runs = Vec::new();
    for package in &metadata.packages {
        let features: Vec<_> = package.features.keys().filter(|name| *name != "default").collect();
        if features.is_empty() || !metadata.folder(package).starts_with("crates") {
            continue;
        }
        let base = ["test", "--package", &package.name, "--no-default-features"];
        let base: Vec<String> = base.map(str::to_owned).into();
        runs.push(base.clone());
        for feature in features {
            let mut run = base.clone();
            run.extend(["--features".to_owned(), feature.clone()]);
            runs.push(run);
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_feature_of_a_library_runs_alone() {
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
        let runs: Vec<_> = feature_runs(&metadata).iter().map(|run| run.join(" ")).collect();
        assert_eq!(
            runs,
            [
                "test --package m --no-default-features",
                "test --package m --no-default-features --features arena"
            ]
        );
    }
}
