//! Replays the fuzzers' corpus, with all that they ever found, on any toolchain.

use std::fs;
use std::path::Path;

use shockwave_websocket::fuzz;

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
fn frame() {
    replay("websocket_frame", fuzz::fuzz_frame);
}

#[test]
fn message() {
    replay("websocket_message", fuzz::fuzz_message);
}

#[test]
fn pair() {
    replay("websocket_pair", fuzz::fuzz_pair);
}

#[cfg(feature = "deflate")]
#[test]
fn deflate() {
    replay("websocket_deflate", fuzz::fuzz_deflate);
}

#[test]
fn handshake() {
    replay("websocket_handshake", fuzz::fuzz_handshake);
}

#[test]
fn mask() {
    replay("websocket_mask", fuzz::fuzz_mask);
}

/// Octets that no fuzzer has weighed, so that these laws are tried wherever the tests run.
#[test]
fn octets_from_a_seed() {
    let mut state = 0x6455_7692_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[2]
    };
    for _ in 0..3_000 {
        let length = usize::from(next()) % 90;
        let data: Vec<u8> = (0..length).map(|_| next()).collect();
        fuzz::fuzz_frame(&data);
        fuzz::fuzz_message(&data);
        fuzz::fuzz_pair(&data);
        fuzz::fuzz_mask(&data);
        #[cfg(feature = "deflate")]
        fuzz::fuzz_deflate(&data);
    }
}
