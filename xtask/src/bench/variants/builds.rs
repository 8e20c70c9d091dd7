//! The builds: a target folder for each variant, since one folder would be built anew each time.

use std::path::PathBuf;

use anyhow::Result;

use super::VARIANTS;
use crate::bench::build::{self, BenchTarget, Binary, Place};
use crate::bench::plan::Plan;
use crate::bench::protocol::STANDARD;
use crate::flags::SelectArgs;
use crate::metadata::{Metadata, Package};

/// The benchmarks of one variant, ready to be run.
#[derive(Debug)]
pub(super) struct Built {
    pub(super) variant: &'static str,
    pub(super) plan: Plan,
    /// The builds that count, in the order of the plan's binaries.
    pub(super) counting: Vec<Binary>,
}

impl Built {
    pub(super) fn new(
        metadata: &Metadata,
        variant: &'static str,
        select: &SelectArgs,
    ) -> Result<Self> {
        let target: PathBuf = metadata.target_directory.join("variants").join(variant);
        let features = kits_features(variant);
        let place = Place { root: &metadata.workspace_root, target: &target, features };
        let targets: Vec<_> = build::targets(metadata, false)?
            .into_iter()
            .filter(|target| target.may_have(&select.category))
            .filter_map(|target| of_variant(metadata, target, variant))
            .collect();
        let timing = build::build_at(Some(place), &targets, false)?;
        let counting = build::build_at(Some(place), &targets, true)?;
        let select = SelectArgs { no_peers: true, peers: Vec::new(), ..select.clone() };
        let plan = Plan::of_any(build::inventories(timing)?, &select);
        Ok(Self { variant, plan, counting })
    }
}

/// The kit's feature that installs a variant's global allocator, where it has one.
fn kits_features(variant: &str) -> &'static [&'static str] {
    match variant {
        "mimalloc" => &["shockwave-bench-kit/mimalloc"],
        _ => &[],
    }
}

/// The target with the features that it has in a variant; `None` where it needs another's.
fn of_variant(metadata: &Metadata, target: BenchTarget, variant: &str) -> Option<BenchTarget> {
    let others = |feature: &String| {
        VARIANTS.contains(&feature.as_str()) && *feature != variant && *feature != STANDARD
    };
    let mut target = target;
    target.features.retain(|feature| !others(feature));
    let package = metadata.packages.iter().find(|package| package.name == target.package)?;
    required(package, &target.name).iter().all(|it| target.features.contains(it)).then_some(target)
}

/// The features without which cargo does not build a bench target.
fn required<'a>(package: &'a Package, bench: &str) -> &'a [String] {
    let is_it = |target: &&crate::metadata::Target| {
        target.name == bench && target.kind.iter().any(|kind| kind == "bench")
    };
    package.targets.iter().find(is_it).map_or(&[], |target| &target.required_features)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feature_named_as_a_variant_is_on_in_that_one() {
        let metadata: Metadata = serde_json::from_str(
            r#"{"workspace_root": "/w", "target_directory": "/w/target", "packages": [
                {"name": "s", "manifest_path": "/w/crates/s/Cargo.toml", "dependencies": [],
                 "features": {}, "targets": [
                    {"name": "s", "kind": ["bench"], "required-features": ["json"]},
                    {"name": "m", "kind": ["bench"], "required-features": ["mimalloc"]}]}]}"#,
        )
        .unwrap();
        let features = |name: &str, variant: &str| {
            let features = ["json", "arena", "mimalloc"].map(str::to_owned).into();
            let target = BenchTarget {
                package: "s".into(),
                name: name.into(),
                features,
                categories: Vec::new(),
            };
            of_variant(&metadata, target, variant).map(|target| target.features.join(" "))
        };
        assert_eq!(features("s", "standard"), Some("json".into()));
        assert_eq!(features("s", "arena"), Some("json arena".into()));
        assert_eq!(features("m", "mimalloc"), Some("json mimalloc".into()));
        assert_eq!(features("m", "standard"), None);
    }
}
