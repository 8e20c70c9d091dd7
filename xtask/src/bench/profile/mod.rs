//! `cargo xtask bench profile`: where one benchmark spends time, instructions and memory; and the
//! evidence that a comparison attaches to what changed.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::build::Binary;
use super::measure::Valgrind;
use super::{RESULTS, fingerprint};
use crate::flags::ProfileArgs;
use crate::{Outcome, shell};

mod callgrind;
mod dhat;
mod evidence;
mod find;
mod helper;
mod instructions;
mod perf;
mod source;
mod tables;

pub(crate) use callgrind::{CALLS, run as callgrind, total};
pub(crate) use evidence::{Evidence, evidence};
#[cfg(test)]
pub(crate) use evidence::{FunctionChange, SiteChange};
pub(crate) use helper::Helper;
pub(crate) use instructions::take as instructions;
#[cfg(test)]
pub(crate) use source::Function;
use tables::{Profile, Rows};

/// What can be profiled; all of it where nothing is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Wanted {
    cpu: bool,
    alloc: bool,
    instructions: bool,
}

impl Wanted {
    fn of(args: &ProfileArgs) -> Self {
        let ProfileArgs { cpu, alloc, instructions, .. } = *args;
        let all = !cpu && !alloc && !instructions;
        Self { cpu: cpu || all, alloc: alloc || all, instructions: instructions || all }
    }
}

pub(super) fn profile(args: &ProfileArgs) -> Result<Outcome> {
    let (binary, id) = find::find(&args.benchmark)?;
    let (commit, dirty) = fingerprint::commit(&shell::root());
    let folder = match &args.out {
        Some(folder) => folder.clone(),
        None => {
            let run = fingerprint::archive_name(&fingerprint::now(), &commit, dirty);
            Path::new(RESULTS).join(format!("{run}-profile-{}", id.replace('/', "-")))
        }
    };
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot create {folder:?}"))?;
    if let Some(other) = args.against.as_ref().filter(|other| !other.is_file()) {
        bail!("there is no executable {}", other.display());
    }
    let wanted = Wanted::of(args);
    let helper = if wanted.cpu || wanted.instructions { Some(Helper::build()?) } else { None };
    let mut profile = Profile { id, commit, dirty, ..Profile::default() };
    if let Some(helper) = helper.as_ref().filter(|_| wanted.cpu) {
        let taken = perf::take(&binary, &profile.id, args.seconds, &folder, helper)?;
        match taken {
            Ok(samples) => profile.cpu = Some(draw(&samples, &profile.id, &folder, helper)?),
            Err(skipped) => profile.skipped.push(skipped),
        }
    }
    let valgrind = Valgrind::find();
    if let Some(program) = valgrind.program() {
        if let Some(helper) = helper.as_ref().filter(|_| wanted.instructions) {
            let taken = instructions::take(program, &binary, &profile.id, &folder, helper)?;
            profile.instructions = Some(Rows::of_instructions(&taken));
        }
        if wanted.alloc {
            let sites = evidence::steady_sites(program, &binary, &profile.id, &folder)?;
            profile.allocations = Some(Rows::of_sites(&sites));
        }
    } else {
        for (wanted, metric) in
            [(wanted.instructions, "instructions by function"), (wanted.alloc, "allocation sites")]
        {
            profile.skipped.extend(wanted.then(|| Valgrind::missing(metric)));
        }
    }
    if let Some(other) = &args.against {
        let other = Binary { path: other.clone(), ..binary.clone() };
        // The tools' files are of this build, and are not to be replaced by those of the other.
        let scratch = folder.join("against");
        let evidence = evidence([&other, &binary], &profile.id, &valgrind, &scratch)?;
        std::fs::remove_dir_all(&scratch)?;
        profile.changes = Some(evidence);
    }
    tell(&profile, &folder, args.json)?;
    // What was asked for and could not be taken is not passed over in silence.
    Ok(if profile.skipped.is_empty() { Outcome::Pass } else { Outcome::Inconclusive })
}

/// The flame graph, and the folded stacks that it was drawn from.
fn draw(samples: &perf::Samples, id: &str, folder: &Path, helper: &Helper) -> Result<Rows> {
    let folded: String =
        samples.folded.iter().map(|(stack, count)| format!("{stack} {count}\n")).collect();
    let about = format!("{} samples of the CPU's clock inside the operations", samples.inside);
    write(folder.join("cpu.folded"), &folded)?;
    if samples.inside > 0 {
        let svg = helper.flame([id, &about, "samples"], folded)?;
        write(folder.join("cpu.svg"), &svg)?;
    }
    Ok(Rows::of_samples(samples))
}

fn tell(profile: &Profile, folder: &Path, json: bool) -> Result<()> {
    let text = profile.markdown();
    write(folder.join("profile.md"), &text)?;
    let model = serde_json::to_string_pretty(profile)? + "\n";
    write(folder.join("profile.json"), &model)?;
    if json {
        print!("{model}")
    } else {
        print!("{text}")
    }
    for skipped in &profile.skipped {
        eprintln!("skipped {}: {}; {}", skipped.metric, skipped.reason, skipped.remedy);
    }
    eprintln!("files: {}", folder.display());
    Ok(())
}

fn write(path: PathBuf, text: &str) -> Result<()> {
    std::fs::write(&path, text).with_context(|| format!("cannot write {path:?}"))
}

#[cfg(test)]
mod tests;
