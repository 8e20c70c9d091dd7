#![no_main]
//! Messages, however the input is cut: RFC 6455 section 5.4.

libfuzzer_sys::fuzz_target!(|data: &[u8]| shockwave_websocket::fuzz::fuzz_message(data));
