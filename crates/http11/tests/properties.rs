//! Properties of heads that hold for any input: what is encoded is parsed back, answers do not
//! depend on how input arrives, offsets stand within it, nothing panics.

mod common;

use common::{any_cut, dechunk, dechunk_any_cut, request, response};
use shockwave_bench_kit::{Random, canonical, corpus, mutate};
use shockwave_http11::{
    Config, Error, Framing, Limits, RequestKind, encode_chunk, encode_fields, encode_last_chunk,
    encode_request_line, encode_status_line,
};
use shockwave_wire::{Field, Fields, Known, Method, Scratch, Status};

const TCHARS: &[u8] = b"!#$%&'*+-.^_`|~0123456789\
    abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const KINDS: [RequestKind; 3] = [RequestKind::Other, RequestKind::Head, RequestKind::Connect];

/// All switches that change what a parser takes, in all combinations.
fn configs() -> Vec<Config> {
    (0..32_u32)
        .map(|bits| {
            let mut config = Config::strict();
            config.leniency.bare_lf = bits & 1 != 0;
            config.leniency.obs_fold = bits & 2 != 0;
            config.leniency.equal_content_lengths = bits & 4 != 0;
            config.leniency.raw_target = bits & 8 != 0;
            config.leniency.missing_reason_space = bits & 16 != 0;
            config
        })
        .collect()
}

fn some(random: &mut Random, octets: &[u8], least: usize, spread: usize) -> Vec<u8> {
    let length = least + random.below(spread);
    (0..length).map(|_| *random.choose(octets)).collect()
}

/// A field value: visible ASCII, obs-text, and whitespace that is not at an end.
fn some_value(random: &mut Random) -> Vec<u8> {
    let octets: Vec<u8> = (b'\t'..=b'\t').chain(b' '..=b'~').chain(0x80..=0xff).collect();
    let spread = if random.below(8) == 0 { 600 } else { 40 };
    let value = some(random, &octets, 0, spread);
    let first = value.iter().position(|octet| !matches!(octet, b' ' | b'\t'));
    let last = value.iter().rposition(|octet| !matches!(octet, b' ' | b'\t'));
    match (first, last) {
        (Some(first), Some(last)) => value[first..=last].to_vec(),
        _ => Vec::new(),
    }
}

/// Names that frame a message would make it another one.
fn some_name(random: &mut Random) -> Vec<u8> {
    loop {
        let known = ["accept", "COOKIE", "X-Request-Id", "Via", "te", "Set-Cookie"];
        let name = match random.below(4) {
            0 => random.choose(&known).as_bytes().to_vec(),
            1 => some(random, TCHARS, 1, 250),
            _ => some(random, TCHARS, 1, 24),
        };
        let framing = [&b"host"[..], b"content-length", b"transfer-encoding"];
        if !framing.iter().any(|other| name.eq_ignore_ascii_case(other)) {
            return name;
        }
    }
}

fn some_fields(random: &mut Random) -> Vec<(Vec<u8>, Vec<u8>)> {
    (0..random.below(12)).map(|_| (some_name(random), some_value(random))).collect()
}

fn fields_of(pairs: &[(Vec<u8>, Vec<u8>)]) -> Vec<Field<'_>> {
    pairs.iter().map(|(name, value)| Field { name, value }).collect()
}

#[test]
fn requests_that_are_encoded_are_parsed_back() {
    let mut random = Random::new(1);
    for _ in 0..1500 {
        let method = match random.below(3) {
            0 => b"GET".to_vec(),
            1 => random.choose(&["POST", "HEAD", "OPTIONS", "PATCH", "TRACE"]).as_bytes().to_vec(),
            _ => some(&mut random, TCHARS, 1, 20),
        };
        if method == b"CONNECT" {
            continue;
        }
        let octets: Vec<u8> = (b'!'..=b'~').filter(|octet| !b"\"#<>\\".contains(octet)).collect();
        let mut target = vec![b'/'];
        target.extend(some(&mut random, &octets, 0, 200));
        let mut pairs = some_fields(&mut random);
        let at = random.below(pairs.len() + 1);
        pairs.insert(at, (b"hOsT".to_vec(), b"a.example:80".to_vec()));
        let fields = fields_of(&pairs);

        let mut head = Vec::new();
        encode_request_line(Method::from_token(&method), &target, &mut head).unwrap();
        encode_fields(Fields::from(&fields[..]), &mut head).unwrap();
        head.extend_from_slice(b"\r\n");
        let length = head.len();
        let given = pairs.iter().map(|(name, value)| (name, value.as_slice()));
        let expected = canonical::request(&method, &target, 1, given);

        let found = any_cut(&head, |given| request(given, &Config::strict())).unwrap().unwrap();
        assert_eq!(found.text.as_bytes(), expected);
        assert_eq!((found.framing, found.consumed), (Framing::None, length));
        // What follows a head does not matter to it.
        head.extend(some(&mut random, b"\r\n :X\0\xff", 0, 100));
        assert_eq!(request(&head, &Config::strict()), Ok(Some(found.clone())));
        assert_eq!(request(&head, &Config::lenient()), Ok(Some(found)));
    }
}

#[test]
fn responses_that_are_encoded_are_parsed_back() {
    let mut random = Random::new(2);
    let printable: Vec<u8> = (b'\t'..=b'\t').chain(b' '..=b'~').chain(0x80..=0xff).collect();
    for _ in 0..1500 {
        let status = Status::new(100 + u16::try_from(random.below(900)).unwrap()).unwrap();
        let reason = some(&mut random, &printable, 1, 40);
        let pairs = some_fields(&mut random);
        let mut head = Vec::new();
        encode_status_line(status, &reason, &mut head).unwrap();
        encode_fields(Fields::from(&fields_of(&pairs)[..]), &mut head).unwrap();
        head.extend_from_slice(b"\r\n");
        let given = pairs.iter().map(|(name, value)| (name, value.as_slice()));
        let expected = canonical::response(1, status.code(), &reason, given);
        let to = *random.choose(&KINDS);
        let parse = |given: &[u8]| response(given, &Config::strict(), to);
        let found = any_cut(&head, parse).unwrap().unwrap();
        assert_eq!((found.text.as_bytes(), found.consumed), (&expected[..], head.len()));
    }
}

#[test]
fn content_that_is_chunked_is_decoded() {
    let mut random = Random::new(3);
    for _ in 0..300 {
        let chunks: Vec<Vec<u8>> =
            (0..random.below(8)).map(|_| some(&mut random, b"\r\n0;x\xff", 0, 40)).collect();
        let mut body = Vec::new();
        for chunk in &chunks {
            encode_chunk(chunk, &mut body);
        }
        encode_last_chunk(&mut body);
        let expected = (chunks.concat(), Some(body.len() - 2));
        assert_eq!(dechunk_any_cut(&body, &Limits::DEFAULT), Ok(expected.clone()));
        let octets: Vec<&[u8]> = body.chunks(1).collect();
        assert_eq!(dechunk(&octets, &Limits::DEFAULT), Ok(expected));
    }
}

/// Heads, sound and broken, to be broken further.
fn seeds() -> Vec<Vec<u8>> {
    let edges = corpus::request_edges().into_iter().chain(corpus::response_edges());
    let mut seeds: Vec<Vec<u8>> = edges.map(|edge| edge.head).collect();
    seeds.extend(["get-107", "post-json", "response-small"].map(corpus::message));
    let folded = [
        &b"GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\nY: d\r\n\te\r\n\r\n"[..],
        b"HTTP/1.1 200 OK\r\nX: b\r\n c\r\nContent-Length: 5\r\n \r\n\r\n",
        b"\r\n\r\nCONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\n\r\n",
        b"OPTIONS http://a:1?b HTTP/1.0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip,\r\n chunked\r\n\r\n",
    ];
    seeds.extend(folded.map(<[u8]>::to_vec));
    seeds
}

#[test]
fn answers_do_not_depend_on_how_mutated_heads_arrive() {
    let (seeds, configs) = (seeds(), configs());
    let mut random = Random::new(4);
    let (mut accepted, mut refused) = (0, 0);
    for seed in 0..6000 {
        let input = mutate(seed, random.choose::<Vec<u8>>(&seeds));
        let input = &input[..input.len().min(400)];
        let config = random.choose::<Config>(&configs);
        let outcomes = [
            any_cut(input, |given| request(given, config)),
            any_cut(input, |given| response(given, config, KINDS[random_kind(seed)])),
        ];
        for outcome in outcomes {
            match outcome {
                Ok(Some(head)) => {
                    assert!(head.consumed <= input.len());
                    accepted += 1;
                }
                Ok(None) => {}
                Err(error) => {
                    assert!(!matches!(error, Error::Misuse(_)), "{error:?}");
                    assert!(error.code().is_some(), "{error:?}");
                    refused += 1;
                }
            }
        }
    }
    assert!(accepted > 150 && refused > 3000, "{accepted} {refused}");
}

fn random_kind(seed: u64) -> usize {
    usize::try_from(seed % 3).unwrap()
}

#[test]
fn limits_are_kept_however_mutated_heads_arrive() {
    let seeds = seeds();
    let mut random = Random::new(5);
    let mut limited = 0;
    for seed in 0..4000 {
        let input = mutate(seed, random.choose::<Vec<u8>>(&seeds));
        let input = &input[..input.len().min(200)];
        let mut config = *random.choose::<Config>(&configs());
        config.limits.max_start_line_bytes = 10 + u32::try_from(random.below(20)).unwrap();
        config.limits.max_head_bytes = 30 + u32::try_from(random.below(60)).unwrap();
        config.limits.max_field_count = 1 + u16::try_from(random.below(4)).unwrap();
        config.limits.max_field_name_bytes = 1 + u16::try_from(random.below(16)).unwrap();
        config.limits.max_field_value_bytes = 1 + u32::try_from(random.below(16)).unwrap();
        config.limits.max_leading_empty_lines = u32::try_from(random.below(3)).unwrap();
        let outcomes = [
            any_cut(input, |given| request(given, &config)),
            any_cut(input, |given| response(given, &config, RequestKind::Other)),
        ];
        limited += outcomes.iter().filter(|o| matches!(o, Err(Error::Limit { .. }))).count();
        for head in outcomes.into_iter().flatten().flatten() {
            // Two octets for each empty line before it.
            assert!(head.consumed <= config.limits.max_head_bytes as usize + 4);
            let lines: Vec<&str> = head.text.lines().skip(1).collect();
            assert!(lines.len() <= usize::from(config.limits.max_field_count));
        }
    }
    assert!(limited > 500, "{limited}");
}

#[test]
fn what_strict_accepts_every_leniency_accepts_alike() {
    let (seeds, configs) = (seeds(), configs());
    let mut random = Random::new(6);
    for seed in 0..20_000 {
        let input = mutate(seed, random.choose::<Vec<u8>>(&seeds));
        let config = random.choose::<Config>(&configs);
        if let Ok(Some(strict)) = request(&input, &Config::strict()) {
            assert_eq!(request(&input, config), Ok(Some(strict)), "{}", input.escape_ascii());
        }
        let to = KINDS[random_kind(seed)];
        if let Ok(Some(strict)) = response(&input, &Config::strict(), to) {
            // A fold is replaced whatever the leniency, but a bare LF in one is not.
            assert_eq!(response(&input, config, to), Ok(Some(strict)), "{}", input.escape_ascii());
        }
    }
}

#[test]
fn nothing_panics() {
    let mut random = Random::new(7);
    let configs = configs();
    for _ in 0..20_000 {
        let alphabet: &[u8] = match random.below(3) {
            0 => b"\r\n \t:Aa/.1",
            1 => b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            _ => b"\0\x01\x7f\x80\xff\r\n :;,=\"\\[]%@#?*",
        };
        let prefix: &[u8] = random.choose::<&[u8]>(&[
            b"",
            b"GET / HTTP/1.1\r\n",
            b"HTTP/1.1 200 OK\r\n",
            b"GET http://",
            b"CONNECT ",
            b"GET / HTTP/1.1\r\nHost:",
        ]);
        let input = [prefix, &some(&mut random, alphabet, 0, 120)].concat();
        let config = random.choose::<Config>(&configs);
        for outcome in [request(&input, config), response(&input, config, RequestKind::Other)] {
            if let Err(error) = outcome {
                assert!(error.offset().is_some_and(|offset| offset <= input.len() as u64));
            }
        }
        let _ = dechunk(&[&input], &Limits::DEFAULT);
    }
}

#[test]
fn names_are_known_by_all_of_their_octets() {
    // Interning reads words; a name that differs in one octet is another all the same.
    let config = Config::strict();
    let names = corpus::message("fields-32");
    let names = String::from_utf8(names).unwrap();
    let names: Vec<&str> = names
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(':'))
        .map(|(name, _)| name)
        .chain(["Content-Length", "Transfer-Encoding", "TE", "Upgrade", "Trailer", "Expect"])
        .collect();
    let framing = [Known::HOST, Known::CONTENT_LENGTH, Known::TRANSFER_ENCODING];
    for name in names {
        for at in 0..name.len() {
            for other in TCHARS {
                let mut octets = name.as_bytes().to_vec();
                octets[at] = *other;
                let is_same = octets.eq_ignore_ascii_case(name.as_bytes());
                let known = Known::intern(name.as_bytes());
                assert_eq!(
                    Known::intern(&octets).is_some() && known == Known::intern(&octets),
                    is_same && known.is_some(),
                    "{}",
                    octets.escape_ascii()
                );
                if is_same || Known::intern(&octets).is_some_and(|known| framing.contains(&known)) {
                    continue;
                }
                let head = [b"GET / HTTP/1.1\r\nHost: a\r\n", &octets[..], b": x\r\n\r\n"].concat();
                let found = request(&head, &config).unwrap().unwrap();
                assert_eq!(found.framing, Framing::None);
            }
        }
    }
}

#[test]
fn a_scratch_that_has_seen_other_heads_changes_nothing() {
    let seeds = seeds();
    let mut random = Random::new(8);
    let mut used = Scratch::new();
    for seed in 0..5000 {
        let input = mutate(seed, random.choose::<Vec<u8>>(&seeds));
        let config = *random.choose::<Config>(&configs());
        let fresh = request(&input, &config);
        let again = common::request_in(&mut used, &input, &config);
        assert_eq!(again, fresh, "{}", input.escape_ascii());
    }
}
