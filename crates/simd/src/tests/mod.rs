//! One table and one set of properties, run over every implementation.

use crate::all::{Block, TABLE, all_unreserved, classify};
use crate::maps::BLOCKS;
use crate::{
    Class, HeadMaps, Isa, aarch64, eq_ignore_ascii_case, has_control, is_token, is_unreserved,
};

mod websocket;

type Fill = Box<dyn Fn(&[u8], &mut HeadMaps) -> usize>;

/// Every implementation that can be run here. NEON runs on its model where there is no NEON.
fn implementations() -> Vec<(String, Fill)> {
    let mut list: Vec<(String, Fill)> = vec![("neon".into(), Box::new(aarch64::neon::fill))];
    for isa in Isa::available() {
        #[cfg(target_arch = "x86_64")]
        let fill: Fill = Box::new(move |octets, maps| crate::x86_64::fill(isa, octets, maps));
        #[cfg(not(target_arch = "x86_64"))]
        let fill: Fill = Box::new(crate::maps::fill_portable);
        list.push((format!("{isa:?}"), fill));
    }
    list
}

/// The definition, one octet at a time.
fn naive(octets: &[u8]) -> Block {
    let map = |class: Class| {
        octets
            .iter()
            .enumerate()
            .filter(|&(_, &octet)| class.contains(octet))
            .fold(0, |map, (at, _)| map | 1_u64 << at)
    };
    Block {
        nontoken: map(Class::NONTOKEN),
        nontarget: map(Class::NONTARGET),
        control: map(Class::CONTROL),
    }
}

/// Checks every implementation on one input: each block that was filled is the definition's, and
/// filling stopped only at the end, at the bound, or after three controls in a row.
fn check(octets: &[u8]) {
    for (name, fill) in implementations() {
        let mut maps = HeadMaps::default();
        let filled = fill(octets, &mut maps);
        let blocks: Vec<&[u8]> = octets.chunks(64).collect();
        assert!(filled <= BLOCKS && filled <= blocks.len(), "{name}: {filled} blocks");
        let mut in_start_line = true;
        for (at, block) in blocks.iter().take(filled).enumerate() {
            let mut expected = naive(block);
            if !in_start_line {
                expected.nontarget = maps.nontarget[at];
            }
            in_start_line &= expected.control == 0;
            let found = Block {
                nontoken: maps.nontoken[at],
                nontarget: maps.nontarget[at],
                control: maps.control[at],
            };
            assert_eq!(found, expected, "{name}, block {at} of {}", octets.escape_ascii());
        }
        let end = (64 * filled).min(octets.len());
        let run = octets[..end].windows(3).any(|w| w.iter().all(|&o| Class::CONTROL.contains(o)));
        let complete = filled == blocks.len().min(BLOCKS);
        assert!(complete || run, "{name} stopped after {filled} blocks of {}", blocks.len());
    }
}

/// Inputs worth a table: each is tried at every shift and padded to every length up to two blocks.
const SEEDS: &[&[u8]] = &[
    b"",
    b"\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"\t \x00\x1F\x20\x7E\x7F\x80\xFF",
    b"!#$%&'*+-.^_`|~0189AZaz",
    b"\"(),/:;<=>?@[\\]{}",
    b"\n\n\n",
];

#[test]
fn seeds_at_every_shift_and_length() {
    for seed in SEEDS {
        for shift in 0..=64 {
            for after in [0, 1, 31, 32, 33, 63, 64, 65] {
                let mut octets = vec![b'a'; shift];
                octets.extend_from_slice(seed);
                octets.resize(octets.len() + after, b'z');
                check(&octets);
            }
        }
    }
}

#[test]
fn every_octet_in_every_lane() {
    for octet in 0..=255_u8 {
        for lane in 0..64 {
            let mut octets = [b'a'; 64];
            octets[lane] = octet;
            check(&octets);
        }
    }
}

/// Numbers from a seed.
fn random(seed: u64) -> impl FnMut() -> u64 {
    let mut state = seed;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    }
}

#[test]
fn random_octets() {
    let mut next = random(0x9112);
    for _ in 0..2_000 {
        let length = usize::try_from(next() % 1_400).unwrap();
        let controls = next().is_multiple_of(40);
        let octets: Vec<u8> = (0..length)
            .map(|_| {
                let octet = next().to_le_bytes()[3];
                if controls || octet >= 0x20 || next().is_multiple_of(16) { octet } else { b'x' }
            })
            .collect();
        check(&octets);
    }
}

#[test]
fn the_scan_answers_as_a_search_does() {
    for length in [0, 1, 63, 64, 65, 1_023, 1_024, 1_025, 3_000] {
        let octets: Vec<u8> = (0..length)
            .map(|i: usize| match i % 97 {
                13 => b':',
                70 => b' ',
                90 => b'\r',
                91 => b'\n',
                _ => b'a',
            })
            .collect();
        let naive = |class: Class, from: usize| {
            octets.iter().skip(from).position(|&o| class.contains(o)).map(|at| at + from)
        };
        for isa in Isa::available() {
            let mut maps = HeadMaps::default();
            let mut scan = maps.scan_with(isa, &octets);
            for from in 0..length + 2 {
                assert_eq!(scan.nontoken(from), naive(Class::NONTOKEN, from), "{isa:?} {from}");
            }
            let mut scan = maps.scan_with(isa, &octets);
            // Up to the first control only.
            for from in 0..(length + 2).min(91) {
                assert_eq!(scan.nontarget(from), naive(Class::NONTARGET, from), "{isa:?} {from}");
            }
            let mut scan = maps.scan_with(isa, &octets);
            for from in 0..length + 2 {
                assert_eq!(scan.control(from), naive(Class::CONTROL, from), "{isa:?} {from}");
            }
        }
    }
}

#[test]
fn an_early_stop_hides_nothing() {
    let mut octets = vec![b'a'; 3_000];
    octets[100..104].copy_from_slice(b"\r\n\r\n");
    octets[2_500] = b'\n';
    for isa in Isa::available() {
        let mut maps = HeadMaps::default();
        let mut scan = maps.scan_with(isa, &octets);
        assert_eq!(scan.control(0), Some(100));
        assert_eq!(scan.control(104), Some(2_500), "{isa:?}");
        assert_eq!(scan.control(2_501), None);
    }
}

#[test]
fn a_target_may_be_longer_than_the_maps() {
    let mut octets = vec![b'a'; 3_000];
    octets[2_500] = b' ';
    for isa in Isa::available() {
        let mut maps = HeadMaps::default();
        let mut scan = maps.scan_with(isa, &octets);
        for from in [0, 63, 1_023, 1_024, 2_000, 2_500] {
            assert_eq!(scan.nontarget(from), Some(2_500), "{isa:?} {from}");
        }
        assert_eq!(scan.nontarget(2_501), None);
    }
}

#[test]
fn classes_agree_with_their_definitions_in_the_rfcs() {
    // RFC 9110 section 5.6.2: tchar.
    let tchar = b"!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    // RFC 9110 section 5.5: field-vchar is VCHAR and obs-text; SP and HTAB may stand between.
    for octet in 0..=255_u8 {
        assert_eq!(!Class::NONTOKEN.contains(octet), tchar.contains(&octet), "{octet:#x}");
        let value = octet == b'\t' || (0x20..=0x7E).contains(&octet) || octet >= 0x80;
        assert_eq!(!Class::CONTROL.contains(octet), value, "{octet:#x}");
        let target = (0x21..=0x7E).contains(&octet) && !b"\"#<>\\".contains(&octet);
        assert_eq!(!Class::NONTARGET.contains(octet), target, "{octet:#x}");
        let unreserved = octet.is_ascii_alphanumeric() || b"-._~".contains(&octet);
        assert_eq!(Class::RESERVED.contains(octet), !unreserved, "{octet:#x}");
        assert_eq!(TABLE[usize::from(octet)] & 0x0F, 0, "no other class");
        assert_eq!(is_token(&[octet]), tchar.contains(&octet));
        assert_eq!(has_control(&[b'a', octet, b'b']), !value);
    }
    assert!(!is_token(b""));
    assert!(!has_control(b""));
    assert_eq!(classify(b"a"), Block::default());
}

#[test]
fn unreserved_octets_in_every_lane_and_length() {
    for length in 0..=130 {
        let plain = vec![b'a'; length];
        assert!(is_unreserved(&plain));
        for (at, octet) in
            (0..length).flat_map(|at| [b'~', b'/', b':', 0x80, 0xE1].map(|o| (at, o)))
        {
            let mut octets = plain.clone();
            octets[at] = octet;
            assert_eq!(is_unreserved(&octets), all_unreserved(&octets), "{octet:#x} at {at}");
            assert_eq!(is_unreserved(&octets), octet == b'~');
        }
    }
    for octet in 0..=255_u8 {
        assert_eq!(is_unreserved(&[octet]), !Class::RESERVED.contains(octet), "{octet:#x}");
    }
}

#[test]
fn case_is_ignored_for_letters_only() {
    for a in 0..=255_u8 {
        for b in 0..=255_u8 {
            let (long_a, long_b) = (
                [b'x', a, b'y', b'z', a, b'q', b'r', b's', a],
                [b'X', b, b'Y', b'Z', b, b'Q', b'R', b'S', b],
            );
            assert_eq!(
                eq_ignore_ascii_case(&long_a, &long_b),
                a.eq_ignore_ascii_case(&b),
                "{a:#x} {b:#x}"
            );
        }
    }
    assert!(!eq_ignore_ascii_case(b"abc", b"ab"));
    assert!(eq_ignore_ascii_case(b"", b""));
}
