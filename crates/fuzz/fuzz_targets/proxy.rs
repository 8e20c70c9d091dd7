#![no_main]
//! Headers of the PROXY protocol, versions 1 and 2.

libfuzzer_sys::fuzz_target!(|data: &[u8]| shockwave_server::fuzz::fuzz_proxy(data));
