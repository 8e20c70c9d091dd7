//! Rules for the arrows of dependency, checked on `cargo metadata`.
//!
//! `simd <- wire <- {http11, http2, http3, websocket} <- server <- shockwave`, `memory <- server`;
//! the bench kit knows no core, nobody depends on the peers, xtask depends on none of ours.

use std::path::Path;

use super::Finding;
use crate::metadata::{Dependency, Metadata, Package};

const CORES: [&str; 4] =
    ["shockwave-http11", "shockwave-http2", "shockwave-http3", "shockwave-websocket"];
const KIT: &str = "shockwave-bench-kit";
/// A core has no sockets and no clock; nothing that brings them may come in.
const RUNTIMES: [&str; 7] =
    ["tokio", "tokio-util", "quinn", "quinn-proto", "async-std", "smol", "mio"];
/// Other people's implementations, to be measured against and tested against, never built upon.
const PEERS: [&str; 17] = [
    "hyper",
    "hyper-util",
    "httparse",
    "h2",
    "h3",
    "h3-quinn",
    "tungstenite",
    "tokio-tungstenite",
    "fastwebsockets",
    "tokio-websockets",
    "sockudo-ws",
    "actix-http",
    "actix-web",
    "axum",
    "may_minihttp",
    "ntex",
    "xitca-web",
];

pub(super) fn check(metadata: &Metadata) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in &metadata.packages {
        let folder = metadata.folder(package);
        let manifest = folder.join("Cargo.toml");
        for dependency in &package.dependencies {
            if let Some(reason) = violation(metadata, package, folder, dependency) {
                let message = format!("depends on `{}`: {reason}", dependency.name);
                findings.push(Finding::new(&manifest, 1, message));
            }
        }
    }
    findings
}

/// Why this arrow must not be; `None` where it may.
fn violation(
    metadata: &Metadata,
    package: &Package,
    folder: &Path,
    dependency: &Dependency,
) -> Option<&'static str> {
    let (from, to) = (package.name.as_str(), dependency.name.as_str());
    let ours = metadata.is_member(to);
    let development = dependency.kind.as_deref() == Some("dev");
    let bench = |name: &str| name.starts_with("shockwave-bench-");
    let core = |name: &str| CORES.contains(&name);

    if from == "xtask" && ours {
        return Some("xtask depends on no Shockwave crate");
    }
    if bench(to) && !(to == KIT && (development || bench(from))) {
        return Some("only the kit may be used outside benches/, and only as a dev-dependency");
    }
    if from == KIT && core(to) {
        return Some("the kit knows no core; register the benchmark from the core's own benches");
    }
    if core(from) && core(to) {
        return Some("cores never import each other; move what both need to wire");
    }
    if PEERS.contains(&to) && !development && !folder.starts_with("benches") {
        return Some("a peer belongs in benches/ or in dev-dependencies");
    }
    if development {
        return None;
    }
    match from {
        "shockwave-simd" if ours => Some("simd is a leaf"),
        "shockwave-wire" if ours && to != "shockwave-simd" => Some("wire stands on simd alone"),
        "shockwave-memory" if ours => Some("memory knows no protocol and stands alone"),
        _ if core(from) && RUNTIMES.contains(&to) => Some("a core has no runtime and no sockets"),
        _ if core(from) && ours && !["shockwave-simd", "shockwave-wire"].contains(&to) => {
            Some("a core stands on simd and wire alone")
        }
        _ => None,
    }
}

/// Cores forbid `unsafe` in their own source, where no lint table can be forgotten.
pub(super) fn cores_forbid_unsafe(
    metadata: &Metadata,
    read: impl Fn(&Path) -> Option<String>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in &metadata.packages {
        if !CORES.contains(&package.name.as_str()) {
            continue;
        }
        let lib = metadata.folder(package).join("src/lib.rs");
        let text = read(&lib).unwrap_or_default();
        if !text.contains("#![forbid(unsafe_code)]") {
            let message = "a core without `#![forbid(unsafe_code)]`: add it below the docs";
            findings.push(Finding::new(&lib, 1, message));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A workspace of all the members, where `from` depends on `to`.
    fn workspace(from: &str, to: &str, kind: Option<&str>) -> Metadata {
        let members = [
            ("shockwave-simd", "crates/simd"),
            ("shockwave-wire", "crates/wire"),
            ("shockwave-http11", "crates/http11"),
            ("shockwave-http2", "crates/http2"),
            ("shockwave-memory", "crates/memory"),
            ("shockwave-server", "crates/server"),
            ("shockwave-bench-kit", "benches/kit"),
            ("shockwave-bench-peers", "benches/peers"),
            ("xtask", "xtask"),
        ];
        let packages: Vec<_> = members
            .iter()
            .map(|(name, folder)| {
                let edge = json!([{"name": to, "kind": kind}]);
                json!({
                    "name": name,
                    "manifest_path": format!("/w/{folder}/Cargo.toml"),
                    "features": {}, "targets": [],
                    "dependencies": if *name == from { edge } else { json!([]) },
                })
            })
            .collect();
        let all =
            json!({"workspace_root": "/w", "target_directory": "/w/target", "packages": packages});
        serde_json::from_value(all).unwrap()
    }

    fn found(from: &str, to: &str, kind: Option<&str>) -> Vec<String> {
        check(&workspace(from, to, kind)).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn arrows_that_must_not_be() {
        let dev = Some("dev");
        for (from, to, kind, word) in [
            ("shockwave-simd", "shockwave-wire", None, "leaf"),
            ("shockwave-wire", "shockwave-http11", None, "simd alone"),
            ("shockwave-memory", "shockwave-wire", None, "alone"),
            ("shockwave-http11", "shockwave-http2", dev, "never import each other"),
            ("shockwave-http11", "tokio", None, "no runtime"),
            ("shockwave-http11", "shockwave-memory", None, "alone"),
            ("shockwave-server", "hyper", None, "a peer"),
            ("shockwave-bench-kit", "shockwave-http11", dev, "knows no core"),
            ("shockwave-http11", "shockwave-bench-peers", dev, "only the kit"),
            ("shockwave-http11", "shockwave-bench-kit", None, "only the kit"),
            ("xtask", "shockwave-wire", None, "no Shockwave crate"),
        ] {
            let found = found(from, to, kind);
            assert_eq!(found.len(), 1, "{from} -> {to}");
            assert!(found[0].contains(word), "{found:?}");
        }
    }

    #[test]
    fn arrows_that_may_be() {
        let dev = Some("dev");
        for (from, to, kind) in [
            ("shockwave-wire", "shockwave-simd", None),
            ("shockwave-http11", "shockwave-wire", None),
            ("shockwave-http11", "httparse", dev),
            ("shockwave-http11", "shockwave-bench-kit", dev),
            ("shockwave-server", "tokio", None),
            ("shockwave-bench-peers", "hyper", None),
            ("shockwave-bench-peers", "shockwave-bench-kit", None),
            ("xtask", "regex", None),
        ] {
            assert_eq!(found(from, to, kind), Vec::<String>::new(), "{from} -> {to}");
        }
    }

    #[test]
    fn cores_forbid_unsafe_themselves() {
        let metadata = workspace("xtask", "regex", None);
        let clean = |_: &Path| Some("//! x\n#![forbid(unsafe_code)]\n".to_owned());
        assert!(cores_forbid_unsafe(&metadata, clean).is_empty());
        let broken = cores_forbid_unsafe(&metadata, |_| Some("//! x\n".to_owned()));
        assert_eq!(broken.len(), 2);
        assert!(broken[0].to_string().starts_with("crates/http11/src/lib.rs:1: a core without"));
    }
}
