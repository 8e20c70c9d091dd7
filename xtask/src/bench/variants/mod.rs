//! `cargo xtask bench variants`: the same benchmarks over other memory, each variant a build of its
//! own, held against the standard one side by side.
//!
//! A feature of a package that is named as a variant is on in that variant's build alone, and so
//! is the kit's. Benchmarks have the same id in every build, but for those of the category
//! `allocator`, whose engines are the variants.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use super::RESULTS;
use super::archive::{Failure, Pair, Sample, Skipped, Stage, replace};
use super::build::Binary;
use super::gate::Gates;
use super::measure::{self, Deadline, Valgrind};
use super::paired::{self, Contest, Entrant, Settings};
use super::plan::Plan;
use super::profile;
use super::protocol::{Allocations, Benchmark, MODES, STANDARD};
use super::session::Session;
use super::stats::Random;
use crate::Outcome;
use crate::flags::VariantsArgs;
use crate::metadata::Metadata;

mod builds;
mod judge;
mod table;

use builds::Built;
use judge::rows;
use table::markdown;

/// The variants, the one first that the others are held against.
pub(crate) const VARIANTS: [&str; 3] = [STANDARD, "arena", "mimalloc"];

pub(crate) const ARCHIVE: &str = "variants.json";
/// Raised whenever the meaning of a field changes.
const SCHEMA: u32 = 1;

/// Everything that was measured, as it came.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Archive {
    schema: u32,
    /// True until the last measurement is in.
    pub(crate) partial: bool,
    #[serde(flatten)]
    pub(crate) session: Session,
    pub(crate) subjects: Vec<Subject>,
    pub(crate) launches: Vec<Launched>,
    pub(crate) failures: Vec<Failure>,
    pub(crate) skipped: Vec<Skipped>,
}

/// One benchmark in one variant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Subject {
    pub(crate) variant: String,
    /// The id in the standard build.
    pub(crate) id: String,
    pub(crate) instructions: Option<Spending>,
    pub(crate) allocations: Option<Allocations>,
}

/// Instructions of a warm operation, and those of them that were spent on asking for memory and
/// giving it back.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Spending {
    pub(crate) total: f64,
    pub(crate) allocator: f64,
}

/// A launch of a benchmark in the standard build beside the one in the variant's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Launched {
    pub(crate) variant: String,
    pub(crate) pair: Pair,
}

pub(super) fn run(args: &VariantsArgs) -> Result<Outcome> {
    let gates = Gates::load()?;
    let metadata = Metadata::load()?;
    let seed = args.seed.unwrap_or_else(|| {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
    });
    let mut builds = Vec::new();
    for variant in VARIANTS {
        builds.push(Built::new(&metadata, variant, &args.select)?);
    }
    let mut archive = Archive {
        schema: SCHEMA,
        partial: true,
        session: Session::begin(&metadata, arguments(args, seed), seed)?,
        subjects: Vec::new(),
        launches: Vec::new(),
        failures: Vec::new(),
        skipped: Vec::new(),
    };
    let dir = Path::new(RESULTS).join(format!("{}-variants", archive.session.name()));
    std::fs::create_dir_all(&dir).with_context(|| format!("cannot create {dir:?}"))?;
    let scratch = metadata.target_directory.join(format!("xtask-bench-{}", std::process::id()));
    let measured = measure_all(&mut builds, &mut archive, &gates, &dir, &scratch);
    if scratch.exists() {
        std::fs::remove_dir_all(&scratch)?;
    }
    archive.partial = measured.is_err();
    archive.session.end(measured.is_ok());
    replace(&dir.join(ARCHIVE), &archive)?;
    let text = write(&dir, &archive, &gates)?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&rows(&archive, &gates))?);
    } else {
        print!("{text}");
    }
    for skipped in &archive.skipped {
        eprintln!("skipped {}: {}; {}", skipped.metric, skipped.reason, skipped.remedy);
    }
    eprintln!("archive: {}", dir.display());
    measured?;
    Ok(if archive.failures.is_empty() { Outcome::Pass } else { Outcome::HarnessError })
}

/// Makes `variants.md` again from the archive beside it, and prints it.
pub(crate) fn report(dir: &Path) -> Result<()> {
    print!("{}", write(dir, &read(dir)?, &Gates::load()?)?);
    Ok(())
}

/// Reads an archive of this kind.
fn read(dir: &Path) -> Result<Archive> {
    let path = dir.join(ARCHIVE);
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {path:?}"))?;
    let archive: Archive =
        serde_json::from_str(&text).with_context(|| format!("{}: not whole", path.display()))?;
    anyhow::ensure!(
        archive.schema == SCHEMA,
        "{}: schema {} where this xtask reads {SCHEMA}",
        path.display(),
        archive.schema
    );
    Ok(archive)
}

/// Writes `variants.md` beside the archive, and gives its text.
fn write(dir: &Path, archive: &Archive, gates: &Gates) -> Result<String> {
    let text = markdown(archive, gates);
    let path = dir.join("variants.md");
    std::fs::write(&path, &text).with_context(|| format!("cannot write {path:?}"))?;
    Ok(text)
}

fn measure_all(
    builds: &mut [Built],
    archive: &mut Archive,
    gates: &Gates,
    dir: &Path,
    scratch: &Path,
) -> Result<()> {
    let valgrind = Valgrind::find();
    if valgrind.program().is_none() {
        archive.skipped.push(Valgrind::missing("instructions/op and the allocator's share"));
    }
    for built in builds.iter_mut() {
        verify_and_count(built, archive)?;
        if let Some(program) = valgrind.program() {
            spending(built, archive, program, scratch)?;
        }
        replace(&dir.join(ARCHIVE), archive)?;
    }
    let Some((standard, others)) = builds.split_first() else { return Ok(()) };
    let mut random = Random::new(archive.session.seed);
    for other in others {
        let contests = contests(standard, other)?;
        let launches = &gates.time.confirm;
        let settings = Settings::new(launches.launches, launches.blocks);
        let name = format!("{} beside {STANDARD}", other.variant);
        paired::run(&name, &contests, &settings, &mut random, &mut |index, launch| {
            let ids = contests[index].sides.each_ref().map(|side| side.id.clone());
            let variant = other.variant.to_owned();
            match launch {
                Ok(launch) => {
                    let pair = Pair::of(ids, launch);
                    archive.launches.push(Launched { variant, pair });
                }
                Err(error) => archive.failures.push(Failure {
                    stage: Stage::Pairs,
                    id: Some(ids[1].clone()),
                    message: format!("{variant}: {error:#}"),
                }),
            }
            Ok(())
        })?;
        replace(&dir.join(ARCHIVE), archive)?;
    }
    Ok(())
}

/// The id in the standard build of a variant's benchmark: `None` where it belongs to another
/// variant.
fn standards_id(benchmark: &Benchmark, variant: &str) -> Option<String> {
    if benchmark.category != MODES {
        return Some(benchmark.id.clone());
    }
    (benchmark.engine == variant).then(|| format!("{}/{STANDARD}", benchmark.group()))
}

fn verify_and_count(built: &mut Built, archive: &mut Archive) -> Result<()> {
    let variant = built.variant;
    let failures = &mut archive.failures;
    let mut note = |sample: &Sample| {
        if let Sample::Failure(failure) = sample {
            let message = format!("{variant}: {}", failure.message);
            failures.push(Failure { message, ..failure.clone() });
        }
    };
    measure::verify(&mut built.plan, Deadline::none(), &mut |sample| {
        note(&sample);
        Ok(())
    })?;
    let mut counted = Vec::new();
    measure::allocations(&built.plan, &built.counting, Deadline::none(), &mut |sample| {
        note(&sample);
        if let Sample::Allocations(counts) = sample {
            counted.push(counts);
        }
        Ok(())
    })?;
    for planned in &built.plan.benchmarks {
        let Some(id) = standards_id(&planned.benchmark, variant) else { continue };
        let own = &planned.benchmark.id;
        let allocations = counted.iter().find(|counts| counts.id == *own).cloned();
        let variant = variant.to_owned();
        archive.subjects.push(Subject { variant, id, instructions: None, allocations });
    }
    Ok(())
}

/// Instructions by function, for the allocator's share of them.
fn spending(built: &Built, archive: &mut Archive, valgrind: &Path, scratch: &Path) -> Result<()> {
    let helper = profile::Helper::build()?;
    let take = |index: usize, binary: &Binary, id: &str| {
        let folder = scratch.join(format!("{index}"));
        std::fs::create_dir_all(&folder)?;
        let taken = profile::instructions(valgrind, binary, id, &folder, &helper)?;
        let (total, allocator) = (taken.total().steady, taken.allocator.steady);
        Ok(Spending { total, allocator })
    };
    let Archive { subjects, failures, .. } = archive;
    let mut keep = |id: &str, taken: Result<Spending>| {
        let planned = built.plan.benchmarks.iter().find(|planned| planned.benchmark.id == id);
        let id = planned.and_then(|planned| standards_id(&planned.benchmark, built.variant));
        let is_it = |subject: &&mut Subject| {
            subject.variant == built.variant && id.as_ref() == Some(&subject.id)
        };
        match (taken, subjects.iter_mut().find(is_it)) {
            (Ok(spending), Some(subject)) => subject.instructions = Some(spending),
            (Ok(_), None) => {}
            (Err(error), _) => failures.push(Failure {
                stage: Stage::Instructions,
                id,
                message: format!("{}: {error:#}", built.variant),
            }),
        }
        Ok(())
    };
    let name = format!("instructions, {}", built.variant);
    measure::two_at_a_time(&name, &built.plan, Deadline::none(), &take, &mut keep)?;
    Ok(())
}

/// Each benchmark of the standard build beside the same of the other.
fn contests(standard: &Built, other: &Built) -> Result<Vec<Contest>> {
    let mut contests = Vec::new();
    for planned in &other.plan.benchmarks {
        let Some(id) = standards_id(&planned.benchmark, other.variant) else { continue };
        let same = standard.plan.benchmarks.iter().find(|planned| planned.benchmark.id == id);
        let Some(same) = same else { continue };
        let entrant = |plan: &Plan, binary: usize, id: &str| {
            let binary = plan.binaries.get(binary).context("no such binary")?;
            anyhow::Ok(Entrant::new(binary, id))
        };
        contests.push(Contest {
            sides: [
                entrant(&standard.plan, same.binary, &id)?,
                entrant(&other.plan, planned.binary, &planned.benchmark.id)?,
            ],
        });
    }
    Ok(contests)
}

/// The arguments that give this run again.
fn arguments(args: &VariantsArgs, seed: u64) -> Vec<String> {
    let mut words = vec!["bench".to_owned(), "variants".to_owned()];
    if !args.select.category.is_empty() {
        words.extend(["--category".to_owned(), args.select.category.join(",")]);
    }
    if let Some(filter) = &args.select.filter {
        let quoted = filter.as_str().replace('\'', r"'\''");
        words.extend(["--filter".to_owned(), format!("'{quoted}'")]);
    }
    words.extend(["--seed".to_owned(), seed.to_string()]);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn committed() -> Gates {
        Gates::parse(include_str!("../../../../benches/gates.toml")).unwrap()
    }

    fn subject(variant: &str) -> Subject {
        let counts = r#"{"id":"x","allocs":2,"bytes":64,"peak_live":64,"retained":128}"#;
        Subject {
            variant: variant.into(),
            id: "allocator/a/b/standard".into(),
            instructions: Some(Spending { total: 200.0, allocator: 50.0 }),
            allocations: Some(serde_json::from_str(counts).unwrap()),
        }
    }

    /// Twelve launches in which the variant takes so many percent of the standard's time.
    fn launches(variant: &str, percent: [u64; 2]) -> impl Iterator<Item = Launched> {
        let ids = ["allocator/a/b/standard".to_owned(), format!("allocator/a/b/{variant}")];
        (0..12).map(move |launch| Launched {
            variant: variant_of(&ids[1]),
            pair: Pair {
                ids: ids.clone(),
                launch,
                calls: [100; 2],
                times: vec![[100_000, 1000 * percent[launch % 2]]; 4],
                noise: None,
            },
        })
    }

    fn variant_of(id: &str) -> String {
        id.rsplit('/').next().unwrap_or_default().to_owned()
    }

    fn archive(arena: [u64; 2], mimalloc: [u64; 2]) -> Archive {
        let (run, _) = crate::bench::model::fixture::archive();
        Archive {
            schema: SCHEMA,
            partial: false,
            session: run.session,
            subjects: VARIANTS.map(subject).into(),
            launches: launches("arena", arena).chain(launches("mimalloc", mimalloc)).collect(),
            failures: Vec::new(),
            skipped: Vec::new(),
        }
    }

    fn winner(arena: [u64; 2], mimalloc: [u64; 2]) -> Option<String> {
        let rows = rows(&archive(arena, mimalloc), &committed());
        judge::winner(&rows.iter().collect::<Vec<_>>()).map(str::to_owned)
    }

    #[test]
    fn a_winner_only_beyond_doubt() {
        assert_eq!(winner([50, 52], [90, 92]), Some("arena".into()));
        assert_eq!(winner([97, 104], [96, 103]), None);
        assert_eq!(winner([120, 124], [130, 133]), Some("standard".into()));
        // Both are faster, and neither than the other.
        assert_eq!(winner([50, 54], [51, 53]), None);
    }

    #[test]
    fn the_table_has_time_memory_and_the_allocators_share() {
        let text = markdown(&archive([50, 52], [97, 104]), &committed());
        assert!(text.contains("## allocator/a/b\n"), "{text}");
        assert!(text.contains("winner: arena (arena: faster, mimalloc: no difference shown)"));
        assert!(text.contains("25.0 %") && text.contains(" 128 |") && text.contains("-49."));
    }

    #[test]
    fn engines_of_the_category_are_the_variants() {
        let benchmark = |id: &str| {
            let parts: Vec<_> = id.split('/').collect();
            let text = format!(
                r#"{{"id":"{id}","category":"{}","operation":"{}","case":"{}","engine":"{}"}}"#,
                parts[0], parts[1], parts[2], parts[3]
            );
            serde_json::from_str::<Benchmark>(&text).unwrap()
        };
        let of = |id: &str, variant| standards_id(&benchmark(id), variant);
        assert_eq!(of("http11/a/b/shockwave", "arena"), Some("http11/a/b/shockwave".into()));
        assert_eq!(of("allocator/a/b/arena", "arena"), Some("allocator/a/b/standard".into()));
        assert_eq!(of("allocator/a/b/standard", "mimalloc"), None);
    }

    #[test]
    fn an_archive_comes_back_as_it_was() {
        let folder = std::env::temp_dir().join(format!("xtask-variants-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let archive = archive([50, 52], [97, 104]);
        replace(&folder.join(ARCHIVE), &archive).unwrap();
        let read = read(&folder).unwrap();
        assert_eq!((read.subjects, read.launches), (archive.subjects, archive.launches));
        std::fs::write(folder.join(ARCHIVE), "{\"schema\":").unwrap();
        assert!(format!("{:#}", super::read(&folder).unwrap_err()).contains("not whole"));
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
