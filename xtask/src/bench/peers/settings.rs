//! The peers as they were run: read from `benches/peers/peers.toml`, kept in the archive.

use std::path::Path;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

const FILE: &str = "benches/peers/peers.toml";

/// A row of the table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Peer {
    pub(crate) engine: String,
    /// Of crates.io, or where else it comes from.
    pub(crate) package: String,
    pub(crate) version: String,
    pub(crate) settings: String,
    /// Why these settings.
    pub(crate) reason: String,
    /// Whether it rejects what must be rejected: `strict`, `lenient`, or nothing to check.
    pub(crate) checks: String,
    /// What it does less or more than Shockwave.
    pub(crate) differs: String,
}

/// The whole table; none where there is no such file.
pub(crate) fn load() -> Result<Vec<Peer>> {
    if !Path::new(FILE).is_file() {
        return Ok(Vec::new());
    }
    parse(&std::fs::read_to_string(FILE)?).with_context(|| format!("in {FILE}"))
}

fn parse(text: &str) -> Result<Vec<Peer>> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        peer: Vec<Peer>,
    }
    Ok(toml::from_str::<File>(text)?.peer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_projects_own_file_parses() {
        let text = std::fs::read_to_string(crate::shell::root().join(FILE)).unwrap();
        let peers = parse(&text).unwrap();
        let has = |name: &str| peers.iter().any(|peer| peer.engine == name);
        assert!(has("hyper") && has("httparse"), "{peers:?}");
    }
}
