#![no_main]
//! Compressed messages, however the input is cut: RFC 7692.

libfuzzer_sys::fuzz_target!(|data: &[u8]| shockwave_websocket::fuzz::fuzz_deflate(data));
