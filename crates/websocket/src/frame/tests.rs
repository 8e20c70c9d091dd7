//! Headers: round trips, and every fault.

use super::*;

fn decode(frame: &[u8], side: Side) -> Result<Option<(First, Rest)>, Violation> {
    let Some(&octet) = frame.first() else { return Ok(None) };
    let first = First::decode(octet, false)?;
    Ok(Rest::decode(frame, first, side)?.map(|rest| (first, rest)))
}

#[test]
fn what_is_encoded_is_decoded() {
    for opcode in [Opcode::Continuation, Opcode::Text, Opcode::Binary] {
        for fin in [false, true] {
            for length in [0, 1, 125, 126, 127, 65_535, 65_536, 1 << 20, 1 << 40] {
                for key in [None, Some([1, 2, 3, 4])] {
                    let first = First { opcode, fin, compressed: false };
                    let (octets, header) = Header { first, length, key }.encode();
                    let side = if key.is_some() { Side::Server } else { Side::Client };
                    let mask = Mask::new(key.unwrap_or_default());
                    let rest = Rest { length: length as u64, mask, header };
                    assert_eq!(decode(&octets[..header], side), Ok(Some((first, rest))));
                    for cut in 0..header {
                        assert_eq!(decode(&octets[..cut], side), Ok(None), "cut at {cut}");
                    }
                }
            }
        }
    }
}

/// RFC 6455 section 5.2: every first octet.
#[test]
fn every_first_octet() {
    for octet in 0..=255_u8 {
        for deflate in [false, true] {
            let (opcode, fin) = (octet & 0x0F, octet & 0x80 != 0);
            let expected = match octet {
                _ if octet & 0x30 != 0 => Err(Violation::ReservedBits),
                _ if octet & 0x40 != 0 && !deflate => Err(Violation::ReservedBits),
                _ if !matches!(opcode, 0..=2 | 8..=10) => Err(Violation::ReservedOpcode),
                _ if opcode >= 8 && !fin => Err(Violation::FragmentedControl),
                _ if opcode >= 8 && octet & 0x40 != 0 => Err(Violation::ReservedBits),
                _ => Ok((opcode, fin, octet & 0x40 != 0)),
            };
            let found = First::decode(octet, deflate)
                .map(|first| (first.opcode as u8, first.fin, first.compressed));
            assert_eq!(found, expected, "{octet:#x}");
            if let Ok(first) = First::decode(octet, deflate) {
                assert_eq!(first.encode(), octet);
            }
        }
    }
}

#[test]
fn lengths_are_minimal_and_below_2_to_63() {
    for (frame, expected) in [
        (&b"\x82\x7E\x00\x7D"[..], Violation::LengthNotMinimal),
        (b"\x82\x7E\x00\x00", Violation::LengthNotMinimal),
        (b"\x82\x7F\x00\x00\x00\x00\x00\x00\xFF\xFF", Violation::LengthNotMinimal),
        (b"\x82\x7F\x00\x00\x00\x00\x00\x00\x00\x7D", Violation::LengthNotMinimal),
        (b"\x82\x7F\x80\x00\x00\x00\x00\x00\x00\x00", Violation::LengthTooLarge),
        (b"\x82\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", Violation::LengthTooLarge),
        (b"\x89\x7E\x00\x7E", Violation::ControlTooLong),
        (b"\x88\x7F\x00", Violation::ControlTooLong),
        (b"\x82\x80", Violation::Masked),
    ] {
        assert_eq!(decode(frame, Side::Client), Err(expected), "{}", frame.escape_ascii());
    }
    assert_eq!(decode(b"\x82\x00", Side::Server), Err(Violation::Unmasked));
}
