//! `peers.toml` tells the truth about what is built.

use toml::Table;

fn read(text: &str) -> Table {
    text.parse().expect("the file is TOML")
}

fn locked(name: &str) -> Vec<String> {
    let lock = read(include_str!("../../../Cargo.lock"));
    let packages = lock["package"].as_array().expect("packages");
    let named = packages.iter().filter(|package| package["name"].as_str() == Some(name));
    named.map(|package| package["version"].as_str().expect("a version").to_owned()).collect()
}

#[test]
fn each_peer_has_the_locked_version_its_settings_and_the_reason() {
    let peers = read(include_str!("../peers.toml"));
    let peers = peers["peer"].as_array().expect("peers");
    assert!(!peers.is_empty());
    for peer in peers {
        let package = peer["package"].as_str().expect("a package");
        let version = peer["version"].as_str().expect("a version").to_owned();
        assert!(locked(package).contains(&version), "{package} is locked at {:?}", locked(package));
        for key in ["engine", "settings", "reason", "checks"] {
            let text = peer.get(key).and_then(|value| value.as_str()).unwrap_or_default();
            assert!(!text.is_empty(), "{package} has no {key}");
        }
        assert!(["strict", "lenient"].contains(&peer["checks"].as_str().expect("a word")));
        assert!(peer.get("differs").is_some(), "{package}: what does it check less or more?");
    }
}
