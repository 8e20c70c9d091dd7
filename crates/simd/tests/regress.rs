//! Replays the fuzzer's corpus on any toolchain.

use std::fs;
use std::path::Path;

use shockwave_simd::fuzz;

#[test]
fn head_scan() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/head_scan");
    let mut count = 0;
    for file in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder:?}: {error}")) {
        fuzz::fuzz_head_scan(&fs::read(file.unwrap().path()).unwrap());
        count += 1;
    }
    assert!(count >= 5, "{folder:?} has {count} files");
}
