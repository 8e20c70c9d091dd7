//! Replays the fuzzers' corpus, with all that they ever found, on any toolchain.

use std::fs;
use std::path::Path;

use shockwave_server::fuzz;

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
fn proxy() {
    replay("proxy", fuzz::fuzz_proxy);
}
