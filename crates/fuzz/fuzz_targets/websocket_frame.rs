#![no_main]
//! Frame headers: RFC 6455 section 5.2.

libfuzzer_sys::fuzz_target!(|data: &[u8]| shockwave_websocket::fuzz::fuzz_frame(data));
