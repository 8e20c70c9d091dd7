//! Inputs that follow a pattern, made by generators that always make the same.

use crate::Random;

/// Names, and values as clients send them, that a request may have one of each.
const COMMON: [(&str, &str); 16] = [
    ("User-Agent", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:128.0) Gecko/20100101"),
    ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
    ("Accept-Language", "en-GB,en;q=0.7,ja;q=0.3"),
    ("Accept-Encoding", "gzip, deflate, br"),
    ("Referer", "https://docs.example.org/guide/start"),
    ("Cookie", "id=7b1e55; lang=en; seen=1"),
    ("Connection", "keep-alive"),
    ("Cache-Control", "no-cache"),
    ("If-None-Match", "\"a1-2b3c4d\""),
    ("If-Modified-Since", "Mon, 15 Jul 2024 08:00:00 GMT"),
    ("Origin", "https://docs.example.org"),
    ("Priority", "u=1, i"),
    ("Upgrade-Insecure-Requests", "1"),
    ("X-Forwarded-For", "203.0.113.7, 198.51.100.21"),
    ("Via", "1.1 edge-3.example.net"),
    ("X-Request-Id", "8f14e45f-ceea-467f-a1b2-3c4d5e6f7081"),
];

/// A GET request with `count` field lines: Host, then the common fields in order, then
/// `X-Meta-<i>` fields with values of 8 to 39 octets.
pub(super) fn request_with_fields(count: usize) -> Vec<u8> {
    let mut random = Random::new(count as u64);
    let mut head = "GET /guide/start?section=2 HTTP/1.1\r\nHost: docs.example.org\r\n".to_owned();
    for index in 1..count {
        match COMMON.get(index - 1) {
            Some((name, value)) => push_field(&mut head, name, value),
            None => {
                let value = some_word(&mut random, 8, 32);
                push_field(&mut head, &format!("X-Meta-{index}"), &value);
            }
        }
    }
    head.push_str("\r\n");
    head.into_bytes()
}

/// `count` requests without content of which no two are alike: seven methods, targets of one to six
/// segments with and without a query, one of eight hosts, and three to fifteen further fields in an
/// order of their own, with values that vary. Sizes, positions and branches differ from one to the
/// next, so that a predictor cannot learn one request by heart.
pub(super) fn distinct_requests(count: usize) -> Vec<Vec<u8>> {
    const METHODS: [&str; 8] =
        ["GET", "GET", "GET", "HEAD", "DELETE", "OPTIONS", "PROPFIND", "PURGE"];
    let mut random = Random::new(64);
    (0..count)
        .map(|index| {
            let mut head = format!("{} /", random.choose(&METHODS));
            for _ in 0..random.below(6) {
                head.push_str(&some_word(&mut random, 1, 12));
                head.push('/');
            }
            head.push_str(&index.to_string());
            if random.below(2) == 0 {
                head.push_str(&format!("?q={}", some_word(&mut random, 1, 24)));
            }
            head.push_str(" HTTP/1.1\r\n");
            push_field(&mut head, "Host", &format!("host-{}.example.com", random.below(8)));
            let mut fields = COMMON;
            for place in 0..fields.len() {
                let other = place + random.below(fields.len() - place);
                fields.swap(place, other);
            }
            for (name, value) in fields.iter().take(2 + random.below(12)) {
                push_field(&mut head, name, value);
            }
            push_field(&mut head, "X-Trace", &some_word(&mut random, 4, 40));
            head.push_str("\r\n");
            head.into_bytes()
        })
        .collect()
}

/// A chunked body with a chunk of each of `sizes` and no trailers. The content is printable text.
pub(super) fn chunked(sizes: &[usize]) -> Vec<u8> {
    let mut random = Random::new(sizes.len() as u64);
    let mut body = Vec::new();
    for &size in sizes {
        body.extend(format!("{size:x}\r\n").bytes());
        body.extend(some_word(&mut random, size, 1).bytes());
        body.extend(b"\r\n");
    }
    body.extend(b"0\r\n\r\n");
    body
}

fn push_field(head: &mut String, name: &str, value: &str) {
    for part in [name, ": ", value, "\r\n"] {
        head.push_str(part);
    }
}

/// Letters and digits: at least `least` of them, and fewer than `least + spread`.
fn some_word(random: &mut Random, least: usize, spread: usize) -> String {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let length = least + random.below(spread);
    (0..length).map(|_| char::from(*random.choose(LETTERS))).collect()
}
