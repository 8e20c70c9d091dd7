#![no_main]
//! What is encoded is rejected or parsed to be the same.

libfuzzer_sys::fuzz_target!(|data: &[u8]| shockwave_http11::fuzz::fuzz_encode(data));
