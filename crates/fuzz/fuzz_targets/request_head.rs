#![no_main]
//! Request heads: RFC 9112 sections 2, 3, 5 and 6.

libfuzzer_sys::fuzz_target!(|data: &[u8]| shockwave_http11::fuzz::fuzz_request_head(data));
