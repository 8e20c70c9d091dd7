//! Tables, splits and random octets for both versions.

use super::v2::crc32c_without;
use super::*;
use crate::fuzz::fuzz_proxy;

const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

fn addresses(source: &str, destination: &str) -> ProxyHeader {
    ProxyHeader {
        source: Some(source.parse().unwrap()),
        destination: Some(destination.parse().unwrap()),
    }
}

/// A header of version 2.
fn binary(command: u8, family: u8, block: &[u8]) -> Vec<u8> {
    let length = u16::try_from(block.len()).unwrap().to_be_bytes();
    [SIGNATURE, &[command, family], &length, block].concat()
}

fn tlv(kind: u8, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(value.len()).unwrap().to_be_bytes();
    [&[kind], &length[..], value].concat()
}

const V4: &[u8] = &[192, 0, 2, 1, 198, 51, 100, 2, 0xdb, 0xa5, 0x01, 0xbb];

fn v6() -> Vec<u8> {
    let one = "2001:db8::1".parse::<std::net::Ipv6Addr>().unwrap().octets();
    let two = "::ffff:192.0.2.1".parse::<std::net::Ipv6Addr>().unwrap().octets();
    [&one[..], &two, &[0, 0, 0xff, 0xff]].concat()
}

/// A header with `others`, and the right checksum behind them.
fn summed(others: &[u8]) -> Vec<u8> {
    let block = [V4, others, &tlv(3, &[0; 4])].concat();
    let mut header = binary(0x21, 0x11, &block);
    let hole = header.len() - 4;
    let sum = crc32c_without(&header, hole).to_be_bytes();
    header[hole..].copy_from_slice(&sum);
    header
}

fn accepted() -> Vec<(Vec<u8>, ProxyHeader)> {
    let none = ProxyHeader::default();
    let v4_addresses = addresses("192.0.2.1:56229", "198.51.100.2:443");
    let v6_addresses = addresses("[2001:db8::1]:0", "[::ffff:192.0.2.1]:65535");
    let long_unknown = [&b"PROXY UNKNOWN "[..], &[b'f'; 91], b"\r\n"].concat();
    assert_eq!(long_unknown.len(), MAX_V1_LENGTH);
    let longest_v1 = "PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff \
                      FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF 65535 65535\r\n";
    let all_ones = addresses(
        "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535",
        "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535",
    );
    let noop = tlv(4, &[0; 9]);
    vec![
        (b"PROXY UNKNOWN\r\n".to_vec(), none),
        (b"PROXY UNKNOWN any  thing\r\n".to_vec(), none),
        (long_unknown, none),
        (b"PROXY TCP4 192.0.2.1 198.51.100.2 56229 443\r\n".to_vec(), v4_addresses),
        (
            b"PROXY TCP4 0.0.0.0 255.255.255.255 0 65535\r\n".to_vec(),
            addresses("0.0.0.0:0", "255.255.255.255:65535"),
        ),
        (b"PROXY TCP6 2001:DB8::1 ::ffff:192.0.2.1 0 65535\r\n".to_vec(), v6_addresses),
        (b"PROXY TCP6 :: ::1 1 2\r\n".to_vec(), addresses("[::]:1", "[::1]:2")),
        (longest_v1.as_bytes().to_vec(), all_ones),
        (binary(0x21, 0x11, V4), v4_addresses),
        (binary(0x21, 0x12, V4), v4_addresses),
        (binary(0x21, 0x10, V4), none),
        (binary(0x21, 0x21, &v6()), v6_addresses),
        (binary(0x21, 0x31, &[b'/'; 216]), none),
        (binary(0x21, 0x00, b""), none),
        (binary(0x21, 0x00, b"nothing that is known"), none),
        // Section 2.2: with LOCAL, the family and what follows are ignored.
        (binary(0x20, 0x00, b""), none),
        (binary(0x20, 0x11, V4), none),
        (binary(0x20, 0xff, &[3, 0, 1, 0]), none),
        (binary(0x21, 0x11, &[V4, &noop, &tlv(0xee, b""), &tlv(1, b"h2")].concat()), v4_addresses),
        (binary(0x21, 0x21, &[&v6()[..], &noop].concat()), v6_addresses),
        (summed(b""), v4_addresses),
        (summed(&noop), v4_addresses),
        (binary(0x21, 0x11, &[V4, &tlv(4, &[7; 4_096 - 15])].concat()), v4_addresses),
        (binary(0x20, 0x00, &[7; 4_096]), none),
    ]
}

#[test]
fn accepted_headers() {
    for (input, header) in accepted() {
        let complete = Ok(Some((input.len(), header)));
        let shown = input.escape_ascii();
        let version = if input[0] == b'P' { ProxyProtocol::V1 } else { ProxyProtocol::V2 };
        let other = if input[0] == b'P' { ProxyProtocol::V2 } else { ProxyProtocol::V1 };
        assert_eq!(parse(&input, version), complete, "{shown}");
        assert_eq!(parse(&input, ProxyProtocol::Any), complete, "{shown}");
        let refused = ProxyError::new(ProxyViolation::Signature, 0);
        assert_eq!(parse(&input, other), Err(refused), "{shown}");
        let followed = [&input[..], b"GET / HTTP/1.1\r\n"].concat();
        assert_eq!(parse(&followed, ProxyProtocol::Any), complete, "{shown}");
        for cut in 0..input.len() {
            assert_eq!(parse(&input[..cut], ProxyProtocol::Any), Ok(None), "{shown} at {cut}");
        }
        fuzz_proxy(&input);
    }
}

/// Each with its broken rule and where.
fn rejected() -> Vec<(Vec<u8>, ProxyViolation, usize)> {
    use ProxyViolation::*;
    let line = |text: &str, violation, offset| (text.as_bytes().to_vec(), violation, offset);
    let mut wrong_sum = summed(b"");
    let last = wrong_sum.len() - 1;
    wrong_sum[last] ^= 1;
    let twice = [V4, &tlv(3, &[0; 4]), &tlv(3, &[0; 4])].concat();
    vec![
        line("GET / HTTP/1.1\r\n", Signature, 0),
        line("proxy TCP4", Signature, 0),
        line("PROXX", Signature, 4),
        line("PROXY\r\n", Signature, 5),
        line("PROXY\tTCP4", Signature, 5),
        line("PROXY \r\n", Words, 6),
        line("PROXY  TCP4 192.0.2.1 198.51.100.2 1 2\r\n", Words, 6),
        line("PROXY tcp4 192.0.2.1 198.51.100.2 1 2\r\n", Family, 6),
        line("PROXY TCP5 192.0.2.1 198.51.100.2 1 2\r\n", Family, 6),
        line("PROXY UNKNOWNS\r\n", Family, 6),
        line("PROXY TCP4\r\n", Words, 10),
        line("PROXY TCP4 \r\n", Words, 11),
        line("PROXY TCP4  192.0.2.1 198.51.100.2 1 2\r\n", Words, 11),
        line("PROXY TCP4 192.0.2.1 198.51.100.2\r\n", Words, 33),
        line("PROXY TCP4 192.0.2.1 198.51.100.2 1\r\n", Words, 35),
        line("PROXY TCP4 192.0.2.1 198.51.100.2 1 2 \r\n", Words, 38),
        line("PROXY TCP4 192.0.2.1 198.51.100.2 1 2 3\r\n", Words, 38),
        line("PROXY TCP4 192.0.2.01 198.51.100.2 1 2\r\n", Address, 11),
        line("PROXY TCP4 192.0.2 198.51.100.2 1 2\r\n", Address, 11),
        line("PROXY TCP4 192.0.2.256 198.51.100.2 1 2\r\n", Address, 11),
        line("PROXY TCP4 0xc0.0.2.1 198.51.100.2 1 2\r\n", Address, 11),
        line("PROXY TCP4 3221225985 198.51.100.2 1 2\r\n", Address, 11),
        line("PROXY TCP4 ::1 198.51.100.2 1 2\r\n", Address, 11),
        line("PROXY TCP4 192.0.2.1 localhost 1 2\r\n", Address, 21),
        line("PROXY TCP6 192.0.2.1 ::1 1 2\r\n", Address, 11),
        line("PROXY TCP6 [::1] ::1 1 2\r\n", Address, 11),
        line("PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n", Address, 11),
        line("PROXY TCP6 1::2::3 ::1 1 2\r\n", Address, 11),
        line("PROXY TCP6 00001::2 ::1 1 2\r\n", Address, 11),
        line("PROXY TCP4 192.0.2.1 198.51.100.2 01 2\r\n", Port, 34),
        line("PROXY TCP4 192.0.2.1 198.51.100.2 00 2\r\n", Port, 34),
        line("PROXY TCP4 192.0.2.1 198.51.100.2 +1 2\r\n", Port, 34),
        line("PROXY TCP4 192.0.2.1 198.51.100.2 -1 2\r\n", Port, 34),
        line("PROXY TCP4 192.0.2.1 198.51.100.2 1 65536\r\n", Port, 36),
        line("PROXY TCP4 192.0.2.1 198.51.100.2 1 99999999999999999999\r\n", Port, 36),
        line("PROXY TCP4 192.0.2.1\t198.51.100.2 1 2\r\n", Octet, 20),
        line("PROXY TCP4 192.0.2.1 198.51.100.2 1 2\n", Octet, 37),
        line("PROXY TCP4 192.0.2.1 198.51.100.2 1 2\r\r", Octet, 38),
        line("PROXY UNKNOWN \0\r\n", Octet, 14),
        line("PROXY UNKNOWN é\r\n", Octet, 14),
        (([&b"PROXY UNKNOWN "[..], &[b'f'; 92], b"\r\n"].concat()), TooLong, 105),
        (b"\r\n\r\n\0\r\nQUIT\r".to_vec(), Signature, 11),
        (b"\r\n\r\nGET".to_vec(), Signature, 4),
        (binary(0x11, 0x11, V4), Version, 12),
        (binary(0x01, 0x11, V4), Version, 12),
        (binary(0x31, 0x11, V4), Version, 12),
        (binary(0x22, 0x11, V4), Command, 12),
        (binary(0x2f, 0x11, V4), Command, 12),
        (binary(0x21, 0x41, V4), Family, 13),
        (binary(0x21, 0xf1, V4), Family, 13),
        (binary(0x21, 0x13, V4), Transport, 13),
        (binary(0x21, 0x11, &V4[..11]), Length, 14),
        (binary(0x21, 0x21, &v6()[..35]), Length, 14),
        (binary(0x21, 0x31, &[0; 215]), Length, 14),
        (binary(0x21, 0x11, b""), Length, 14),
        (binary(0x21, 0x11, &[0; 4_097]), TooLong, 14),
        (binary(0x20, 0x00, &[0; 4_097]), TooLong, 14),
        (binary(0x21, 0x11, &[V4, &[4]].concat()), Tlv, 28),
        (binary(0x21, 0x11, &[V4, &[4, 0]].concat()), Tlv, 28),
        (binary(0x21, 0x11, &[V4, &[4, 0, 1]].concat()), Tlv, 28),
        (binary(0x21, 0x11, &[V4, &tlv(1, b"h2"), &[4, 0xff, 0xff, 0]].concat()), Tlv, 33),
        (binary(0x21, 0x11, &[V4, &tlv(3, &[0; 3])].concat()), Checksum, 28),
        (binary(0x21, 0x11, &[V4, &tlv(3, &[0; 5])].concat()), Checksum, 28),
        (binary(0x21, 0x11, &[V4, &tlv(3, &[0; 4])].concat()), Checksum, 28),
        (binary(0x21, 0x11, &twice), Checksum, 35),
        (wrong_sum, Checksum, 28),
    ]
}

#[test]
fn rejected_headers() {
    for (input, violation, offset) in rejected() {
        let error = Err(ProxyError { violation, offset });
        let shown = input.escape_ascii();
        assert_eq!(parse(&input, ProxyProtocol::Any), error, "{shown}");
        fuzz_proxy(&input);
    }
}

#[test]
fn off_takes_nothing() {
    let nothing = Ok(Some((0, ProxyHeader::default())));
    assert_eq!(ProxyProtocol::default(), ProxyProtocol::Off);
    assert_eq!(parse(b"PROXY UNKNOWN\r\n", ProxyProtocol::Off), nothing);
    assert_eq!(parse(b"", ProxyProtocol::Off), nothing);
}

#[test]
fn an_error_names_what_and_where() {
    let error = parse(b"PROXY TCP9 \r\n", ProxyProtocol::V1).unwrap_err();
    assert_eq!(error.to_string(), "PROXY protocol: an unknown address family at octet 6");
    assert!(size_of::<ProxyError>() <= 16);
}

/// The check value of the CRC catalogue, and RFC 3720 appendix B.4.
#[test]
fn crc32c() {
    assert_eq!(crc32c_without(b"123456789", 99), 0xe306_9283);
    assert_eq!(crc32c_without(&[0; 32], 99), 0x8a91_36aa);
    assert_eq!(crc32c_without(&[0xff; 32], 99), 0x62a8_ab43);
    assert_eq!(crc32c_without(b"\xff\xff\xff\xff", 0), crc32c_without(&[0; 4], 99));
}

/// Headers that are right but for some octets, and any octets at all.
#[test]
fn random_octets_keep_the_promises() {
    let seeds = accepted();
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for round in 0..4_000 {
        let mut input = seeds[random.below(seeds.len())].0.clone();
        input.truncate(300);
        for _ in 0..random.below(4) {
            let at = random.below(input.len());
            input[at] = u8::try_from(random.below(256)).unwrap();
        }
        if round % 4 == 0 {
            input.truncate(12 + random.below(40));
            input.extend((0..random.below(60)).map(|n| u8::try_from(n % 7).unwrap()));
        }
        fuzz_proxy(&input);
    }
}

struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).unwrap()
    }
}
