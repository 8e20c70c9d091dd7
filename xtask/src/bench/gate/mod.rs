//! The gate: what a change may cost (`benches/gates.toml`), and whether it does.

use anyhow::Result;

mod rules;
mod table;

pub(crate) use rules::{Change, Finding, Grade, Metric, Time, judge};
pub(crate) use table::{Gates, Launches};

use super::versions::Compared;
use crate::Outcome;
use crate::flags::GateArgs;

pub(super) fn run(args: &GateArgs) -> Result<Outcome> {
    let gates = Gates::load()?;
    let Some(dir) = &args.dir else { anyhow::bail!("the archive of a comparison is needed") };
    let compared = Compared::read(dir, &gates)?;
    compared.tell(args.json)?;
    Ok(compared.judgement.outcome)
}
