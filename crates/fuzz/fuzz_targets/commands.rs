#![no_main]
//! What a connection makes of any calls in any order.

libfuzzer_sys::fuzz_target!(|data: &[u8]| shockwave_http11::fuzz::fuzz_commands(data));
