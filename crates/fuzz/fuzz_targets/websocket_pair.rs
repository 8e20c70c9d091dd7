#![no_main]
//! What one side of a WebSocket sends, the other gets.

libfuzzer_sys::fuzz_target!(|data: &[u8]| shockwave_websocket::fuzz::fuzz_pair(data));
