//! What fuzzers call: every implementation against the tables. Panics where one differs.

#![allow(clippy::panic, reason = "fuzzers panic")]

use crate::{Class, HeadMaps, Isa};

/// Every look-up, in ascending order, answers what the table does; that of targets for a start
/// line, which controls may stand before.
pub fn fuzz_head_scan(data: &[u8]) {
    let after = |from: usize, class: Class| {
        let found = data.iter().skip(from).position(|&octet| class.contains(octet));
        found.map(|at| at.saturating_add(from))
    };
    for isa in Isa::available() {
        let mut maps = HeadMaps::default();
        let start = data.iter().take_while(|&&octet| Class::CONTROL.contains(octet)).count();
        let target = maps.scan_with(isa, data).nontarget(start);
        assert_eq!(target, after(start, Class::NONTARGET), "target from {start} by {isa:?}");
        let (mut scan, mut from) = (maps.scan_with(isa, data), 0);
        while from < data.len() {
            let token = after(from, Class::NONTOKEN);
            assert_eq!(scan.nontoken(from), token, "token from {from} by {isa:?}");
            let control = after(from, Class::CONTROL);
            assert_eq!(scan.control(from), control, "control from {from} by {isa:?}");
            from = control.unwrap_or(data.len()).saturating_add(1);
        }
    }
    let text = data.iter().all(|&octet| !Class::CONTROL.contains(octet));
    assert_eq!(crate::has_control(data), !text);
    let token = !data.is_empty() && data.iter().all(|&octet| !Class::NONTOKEN.contains(octet));
    assert_eq!(crate::is_token(data), token);
}
