//! The HTTP/1.1 core against httparse and hyper, on the corpus and on seeded mutations of it.
//!
//! What Shockwave accepts the others must accept and read alike. Where they accept what it refuses,
//! the reason must stand in a list, with the section that it is refused for; a reason that is not
//! listed fails, and so does a listed one that never comes up.

mod chunks;
mod heads;
mod hyper;
mod websocket;

use std::collections::BTreeMap;
use std::fmt::Debug;

use shockwave_bench_kit::{Random, corpus, mutate};

/// Reasons to differ: the name of a violation or a limit, and the section that is its ground.
type Reasons = &'static [(&'static str, &'static str)];

/// The reasons that came up, each with an example.
#[derive(Default)]
struct Differences(BTreeMap<String, String>);

impl Differences {
    fn note(&mut self, reason: impl Debug, input: &[u8]) {
        let example = || input.escape_ascii().to_string();
        self.0.entry(format!("{reason:?}")).or_insert_with(example);
    }

    #[track_caller]
    fn are(&self, expected: Reasons) {
        let is_expected = |reason: &str| expected.iter().any(|(name, _)| *name == reason);
        let unexpected: Vec<_> = self.0.iter().filter(|(reason, _)| !is_expected(reason)).collect();
        assert!(unexpected.is_empty(), "no reasons to differ: {unexpected:#?}");
        for (reason, section) in expected {
            assert!(section.starts_with("RFC "), "{reason}: {section}");
            assert!(self.0.contains_key(*reason), "{reason} never came up: {:?}", self.0.keys());
        }
    }
}

/// Request heads of the corpus, with content where they have it.
fn requests() -> Vec<Vec<u8>> {
    let names = ["get-27", "get-37", "get-107", "plaintext-169", "browser-703", "post-json"];
    let messages = names.into_iter().map(corpus::message);
    let distinct = corpus::input("distinct-64").messages;
    let edges = corpus::request_edges().into_iter().map(|edge| edge.head);
    let own = [
        &b"\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"[..],
        b"GET http://a:80/b?c HTTP/1.1\r\nHost: [::1]:80\r\n\r\n",
        b"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n",
        b"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\nContent-Length: 5\r\n\r\nhello",
        b"OPTIONS * HTTP/1.0\r\n\r\n",
        b"GET /{a}|b^`~ HTTP/1.1\r\nHost: a\r\nX:\t b \t\r\nY:\r\n\r\n",
    ];
    messages.chain(distinct).chain(edges).chain(own.map(<[u8]>::to_vec)).collect()
}

/// Response heads of the corpus.
fn responses() -> Vec<Vec<u8>> {
    let names = ["response-small", "response-cdn", "response-not-modified", "response-chunked"];
    let messages = names.into_iter().map(corpus::message);
    let edges = corpus::response_edges().into_iter().map(|edge| edge.head);
    let own = [
        &b"HTTP/1.0 404 Not Found\r\nX:\t b \t\r\nY:\r\n\r\n"[..],
        b"HTTP/1.1 200 \r\n\r\n",
        b"HTTP/1.1 599 \tx\r\nX: a\r\n b\r\n\tc\r\nY:\r\n d\r\n\r\n",
    ];
    messages.chain(edges).chain(own.map(<[u8]>::to_vec)).collect()
}

/// The seeds themselves, then `count` mutations of them.
fn mutations(seeds: &[Vec<u8>], count: u64) -> impl Iterator<Item = Vec<u8>> + '_ {
    let mut random = Random::new(count);
    let mutated = (0..count).map(move |seed| mutate(seed, random.choose::<Vec<u8>>(seeds)));
    seeds.iter().cloned().chain(mutated)
}
