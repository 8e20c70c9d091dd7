#![no_main]
//! Both sides of the opening handshake: RFC 6455 section 4.

libfuzzer_sys::fuzz_target!(|data: &[u8]| shockwave_websocket::fuzz::fuzz_handshake(data));
