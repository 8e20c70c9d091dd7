//! What the archives of all kinds of runs say first: what was asked, of which version, when, where.

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::class;
use super::fingerprint::{self, Conditions, Fingerprint};
use crate::metadata::Metadata;

/// The circumstances of a run. Its fields stand among those of its archive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Session {
    pub(crate) started: String,
    pub(crate) ended: Option<String>,
    pub(crate) commit: String,
    pub(crate) dirty: bool,
    /// The arguments after `cargo xtask`, the seed among them.
    pub(crate) arguments: Vec<String>,
    pub(crate) seed: u64,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) before: Conditions,
    pub(crate) after: Option<Conditions>,
}

impl Session {
    pub(crate) fn begin(metadata: &Metadata, arguments: Vec<String>, seed: u64) -> Result<Self> {
        let (commit, dirty) = fingerprint::commit(&metadata.workspace_root);
        Ok(Self {
            started: fingerprint::now(),
            ended: None,
            commit,
            dirty,
            arguments,
            seed,
            fingerprint: Fingerprint::take(metadata)?,
            before: Conditions::take(),
            after: None,
        })
    }

    /// Notes the end. A run that was cut short has none.
    pub(crate) fn end(&mut self, is_whole: bool) {
        self.ended = is_whole.then(fingerprint::now);
        self.after = Some(Conditions::take());
    }

    /// Whether another run was on a machine like this one.
    pub(crate) fn is_on_machine_of(&self, other: &Self) -> bool {
        class::machine(&self.fingerprint) == class::machine(&other.fingerprint)
    }

    /// The name of the archive's folder.
    pub(crate) fn name(&self) -> String {
        fingerprint::archive_name(&self.started, &self.commit, self.dirty)
    }
}
