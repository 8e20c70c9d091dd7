#![no_main]
//! A client and a server that understand each other, whatever they are told to do.

libfuzzer_sys::fuzz_target!(|data: &[u8]| shockwave_http11::fuzz::fuzz_pair(data));
