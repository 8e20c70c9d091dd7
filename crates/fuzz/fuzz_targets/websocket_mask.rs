#![no_main]
//! Masking and UTF-8: RFC 6455 sections 5.3 and 8.1.

libfuzzer_sys::fuzz_target!(|data: &[u8]| shockwave_websocket::fuzz::fuzz_mask(data));
