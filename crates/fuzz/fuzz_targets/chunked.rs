#![no_main]
//! The chunked transfer coding: RFC 9112 section 7.1.

libfuzzer_sys::fuzz_target!(|data: &[u8]| shockwave_http11::fuzz::fuzz_chunked(data));
