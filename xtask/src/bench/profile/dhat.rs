//! DHAT: runs a benchmark under it, and reads where the measured calls allocate.
//!
//! It replaces malloc in the program as it was built, so nothing is built again, and inlined
//! functions are named. What a global allocator of the program's own (mimalloc) hands out it does
//! not see.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use super::callgrind::REGION;
use super::source::Frame;
use crate::bench::build::Binary;
use crate::bench::measure::{last_words, process};

/// What was allocated at one place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Blocks {
    pub(crate) count: u64,
    pub(crate) bytes: u64,
}

/// Inside the region, by place: the function that asked, and those that led to it.
pub(crate) type Sites = BTreeMap<String, Blocks>;

/// Runs so many calls of a benchmark and gives what they allocated. The file stays.
pub(crate) fn run(
    valgrind: &Path,
    binary: &Binary,
    (id, calls): (&str, u64),
    file: &Path,
) -> Result<Sites> {
    let mut command = Command::new(valgrind);
    command.args(["--tool=dhat", "--read-inline-info=yes", "--fullpath-after="]);
    // Inlined functions count, and futures are deep.
    command.arg("--num-callers=500").arg(format!("--dhat-out-file={}", file.display()));
    command.arg(&binary.path).args(["--kit", "once", id, &calls.to_string()]);
    command.envs(binary.environment.iter().cloned());
    let output = process::output(&mut command, binary.patience)?;
    if !output.status.success() {
        bail!("{}", last_words(&output));
    }
    let text = std::fs::read(file).context("DHAT wrote no file")?;
    read(&String::from_utf8_lossy(&text)).with_context(|| format!("in {}", file.display()))
}

/// Reads version 2 of DHAT's format.
fn read(text: &str) -> Result<Sites> {
    #[derive(Deserialize)]
    struct File {
        #[serde(rename = "dhatFileVersion")]
        version: u32,
        /// Program points: each stack that allocated.
        pps: Vec<Point>,
        ftbl: Vec<String>,
    }
    #[derive(Deserialize)]
    struct Point {
        #[serde(rename = "tb")]
        bytes: u64,
        #[serde(rename = "tbk")]
        blocks: u64,
        #[serde(rename = "fs")]
        frames: Vec<usize>,
    }
    let file: File = serde_json::from_str(text).context("not what DHAT writes")?;
    if file.version != 2 {
        bail!("DHAT's format {}, where 2 is understood", file.version);
    }
    let mut sites = Sites::new();
    for point in file.pps {
        let frames: Option<Vec<_>> =
            point.frames.iter().map(|index| Some(frame(file.ftbl.get(*index)?))).collect();
        let frames = frames.context("a frame that the table does not have")?;
        if let Some(site) = site(&frames) {
            let blocks = sites.entry(site).or_default();
            blocks.count += point.blocks;
            blocks.bytes += point.bytes;
        }
    }
    Ok(sites)
}

/// Reads `0x1f: name (file:line)`.
fn frame(text: &str) -> Frame {
    let text = text.split_once(": ").map_or(text, |(_, rest)| rest);
    match text.strip_suffix(')').and_then(|text| text.rsplit_once(" (")) {
        Some((name, place)) => Frame::new(name, place),
        None => Frame::new(text, ""),
    }
}

/// The place of a stack, if that is inside the region: the frame that asked for memory and the two
/// that led there, without those of Rust's library and of allocators.
fn site(frames: &[Frame]) -> Option<String> {
    const SHOWN: usize = 3;
    let region = frames.iter().position(|frame| frame.name == REGION)?;
    let inside = &frames[..region];
    let ours = |frame: &&Frame| !frame.is_std() && frame.line > 0 && !is_plumbing(frame);
    let places: Vec<_> = inside.iter().filter(ours).take(SHOWN).map(Frame::place).collect();
    if places.is_empty() { Some("unknown".into()) } else { Some(places.join(" < ")) }
}

/// What stands between the one who asks and malloc.
fn is_plumbing(frame: &Frame) -> bool {
    frame.file.ends_with("kit/src/allocator.rs") || frame.file.contains("/bumpalo-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites_inside_of_the_region() {
        let sites = read(include_str!("../../../testdata/dhat.json")).unwrap();
        let place = "lines_on_heap (crates/server/benches/allocator/modes.rs:119) < \
                     {async_block#0} (crates/server/benches/allocator/modes.rs:88)";
        let expected = [(place, Blocks { count: 303, bytes: 67_872 })];
        let seen: Vec<_> = sites.iter().map(|(site, blocks)| (site.as_str(), *blocks)).collect();
        assert_eq!(seen, expected);
    }

    #[test]
    fn what_is_no_file_of_dhats_is_an_error() {
        let error = |text: &str| format!("{:#}", read(text).unwrap_err());
        assert!(error("{").contains("not what DHAT writes"));
        assert!(error(r#"{"dhatFileVersion":3,"pps":[],"ftbl":[]}"#).contains("format 3"));
        let point = r#"{"tb":1,"tbk":1,"fs":[7]}"#;
        let text = format!(r#"{{"dhatFileVersion":2,"pps":[{point}],"ftbl":[]}}"#);
        assert!(error(&text).contains("a frame"));
    }
}
