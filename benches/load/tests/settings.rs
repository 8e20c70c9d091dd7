//! `peers.toml` and the peers' manifest tell the truth about what is built.

use toml::{Table, Value};

fn read(text: &str) -> Table {
    text.parse().expect("the file is TOML")
}

fn is_locked(lock: &Table, name: &str, version: &str) -> bool {
    let packages = lock["package"].as_array().expect("packages");
    let is = |package: &Value, key: &str, value: &str| package[key].as_str() == Some(value);
    packages.iter().any(|it| is(it, "name", name) && is(it, "version", version))
}

#[test]
fn each_engine_has_the_locked_version_its_settings_and_the_reason() {
    let main = read(include_str!("../../../Cargo.lock"));
    let peers = read(include_str!("../peers/Cargo.lock"));
    let table = read(include_str!("../peers.toml"));
    let engines = table["engine"].as_array().expect("engines");
    assert!(engines.len() > 3);
    for engine in engines {
        let text = |key: &str| engine.get(key).and_then(Value::as_str).unwrap_or_default();
        for key in ["name", "binary", "package", "version", "settings", "reason"] {
            assert!(!text(key).is_empty(), "{engine} has no {key}");
        }
        assert!(["ours", "floor", "peer"].contains(&text("role")), "{engine}");
        let lock = match text("workspace") {
            "main" => &main,
            "peers" => &peers,
            other => panic!("no workspace {other:?}"),
        };
        let (package, version) = (text("package"), text("version"));
        assert!(is_locked(lock, package, version), "{package} {version} is not what is locked");
    }
}

#[test]
fn the_peers_are_built_with_the_profile_of_the_others() {
    let profile = |text: &str| read(text)["profile"]["bench"].clone();
    let main = include_str!("../../../Cargo.toml");
    assert_eq!(profile(main), profile(include_str!("../peers/Cargo.toml")));
}

#[test]
fn both_sides_have_one_tokio() {
    // Else the peers would run on another version of the runtime than the floor and Shockwave.
    let version = |text: &str| {
        let lock = read(text);
        let packages = lock["package"].as_array().expect("packages").clone();
        let tokio = packages.into_iter().find(|it| it["name"].as_str() == Some("tokio"));
        tokio.expect("tokio is locked")["version"].clone()
    };
    let main = version(include_str!("../../../Cargo.lock"));
    let peers = version(include_str!("../peers/Cargo.lock"));
    assert_eq!(main, peers, "bring them together with `cargo update --package tokio --precise`");
}
