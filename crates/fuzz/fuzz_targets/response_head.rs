#![no_main]
//! Response heads: RFC 9112 sections 2, 4, 5 and 6.

libfuzzer_sys::fuzz_target!(|data: &[u8]| shockwave_http11::fuzz::fuzz_response_head(data));
