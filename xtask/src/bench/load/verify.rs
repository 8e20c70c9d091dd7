//! Before anything is timed: every server must answer as the contract says, and as the others do.

use anyhow::Result;

use super::Run;
use super::archive::{Answer, Verified};
use super::processes::Server;
use crate::bench::progress::Progress;

/// What is said of a server that does not.
pub(super) const UNLIKE: &str = "the answers of ";

/// Asks every server for every workload. One that answers otherwise is measured no further.
pub(super) fn verify(run: &mut Run<'_>) -> Result<()> {
    let engines = run.binaries.engines.clone();
    let progress = Progress::start("answers", engines.len() * run.settings.workloads.len());
    for built in &engines {
        let name = &built.engine.name;
        for workload in run.settings.workloads.clone() {
            progress.step(name);
            if !built.engine.takes(workload) {
                continue;
            }
            let answer = Server::start(built, workload, &mut run.random)
                .and_then(|server| run.generator.ask("verify", &server, workload, &[]));
            let first = run.archive.answers.iter().find(|it| it.answer.workload == workload);
            let wrong = match (&answer, first) {
                (Err(error), _) => Some(format!("{workload}: {error:#}")),
                (Ok(answer), Some(first)) if !are_alike(answer, &first.answer) => {
                    Some(format!("{workload}: {answer:?}, where {} has {first:?}", first.engine))
                }
                _ => None,
            };
            if let Ok(answer) = answer
                && wrong.is_none()
            {
                run.archive.answers.push(Verified { engine: name.clone(), answer });
            }
            if let Some(why) = wrong {
                run.skip(format!("{UNLIKE}{name}"), why);
                run.binaries.engines.retain(|it| it.engine.name != *name);
                break;
            }
        }
    }
    progress.finish();
    Ok(())
}

/// But for the size of the head, to which each adds what it likes.
fn are_alike(one: &Answer, other: &Answer) -> bool {
    Answer { head_bytes: 0, ..one.clone() } == Answer { head_bytes: 0, ..other.clone() }
}
