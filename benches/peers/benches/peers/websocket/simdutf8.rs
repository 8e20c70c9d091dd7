//! simdutf8: whole texts.

use shockwave_bench_kit::Registry;

use crate::websocket_suite::octets::{utf8_by, utf8_cases};

pub(super) fn register(registry: &mut Registry) {
    for (case, payload, length) in utf8_cases() {
        let check = |octets: &[u8]| simdutf8::basic::from_utf8(octets).map_or(0, str::len) as u64;
        registry.add(utf8_by(format!("websocket/utf8/{case}/simdutf8"), payload, length, check));
    }
}
