#![no_main]
//! Every implementation of the head scan against the tables.

libfuzzer_sys::fuzz_target!(|data: &[u8]| shockwave_simd::fuzz::fuzz_head_scan(data));
