#![no_main]
//! What a connection makes of its input, however that is cut.

libfuzzer_sys::fuzz_target!(|data: &[u8]| shockwave_http11::fuzz::fuzz_connection(data));
