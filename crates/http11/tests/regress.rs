//! Replays the fuzzers' corpus, with all that they ever found, on any toolchain.

use std::fs;
use std::path::Path;

use shockwave_http11::fuzz;

/// Calls `target` with each file of its corpus.
fn replay(name: &str, target: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(name);
    let files = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let mut count = 0;
    for file in files {
        let path = file.unwrap().path();
        let data = fs::read(&path).unwrap();
        // Named before it is run, so that a panic is seen to be this file's.
        println!("{}", path.display());
        target(&data);
        count += 1;
    }
    assert!(count >= 5, "{folder:?} has {count} files: where is the rest of the corpus?");
}

#[test]
fn request_head() {
    replay("request_head", fuzz::fuzz_request_head);
}

#[test]
fn response_head() {
    replay("response_head", fuzz::fuzz_response_head);
}

#[test]
fn chunked() {
    replay("chunked", fuzz::fuzz_chunked);
}

#[test]
fn connection() {
    replay("connection", fuzz::fuzz_connection);
}

#[test]
fn commands() {
    replay("commands", fuzz::fuzz_commands);
}

#[test]
fn pair() {
    replay("pair", fuzz::fuzz_pair);
}

#[test]
fn encode() {
    replay("encode", fuzz::fuzz_encode);
}

/// A target without a test here would have a corpus that nobody replays.
#[test]
fn every_target_is_replayed() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let targets = fs::read_dir(manifest.join("../fuzz/fuzz_targets")).unwrap();
    let here = include_str!("regress.rs");
    for target in targets {
        let path = target.unwrap().path();
        let (name, text) = (path.file_stem().unwrap().to_str().unwrap(), fs::read(&path).unwrap());
        let is_ours = text.windows(16).any(|window| window == b"shockwave_http11");
        assert!(!is_ours || here.contains(&format!("replay(\"{name}\"")), "{name} is not replayed");
    }
}
