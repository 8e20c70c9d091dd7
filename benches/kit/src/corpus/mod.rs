//! The corpus: the inputs of all benchmarks, each with its provenance in
//! `benches/corpus/corpus.toml`.
//!
//! Heads are kept in an escaped text form, so that a diff can be read and no tool that touches line
//! ends can change an octet: `\r`, `\n`, `\t`, `\0`, `\\` and `\xHH` stand for octets, and the line
//! ends of the file stand for nothing. What follows a pattern is generated, by a generator that
//! documents it.

mod escaped;
mod generated;

use crate::Digest;

/// What a strict recipient does with an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_enums, reason = "there is no third verdict")]
pub enum Verdict {
    /// It takes the message.
    Accept,
    /// It refuses the message.
    Reject,
}

/// One input of the corpus.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Input {
    /// Its name, as in `corpus.toml`.
    pub name: &'static str,
    /// Its messages, in order. Most inputs are one.
    pub messages: Vec<Vec<u8>>,
}

impl Input {
    /// All messages, one after the other, as they would come over a connection.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.messages.concat()
    }

    /// How many octets the messages are.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.messages.iter().map(|message| message.len() as u64).sum()
    }

    /// A digest of the messages and of where one ends and the next begins.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.messages.iter().fold(Digest::new(), |digest, message| digest.field(message))
    }
}

/// One head at an edge of the grammar, and what a strict recipient does with it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Edge {
    /// Its name, unique in its table.
    pub name: &'static str,
    /// What a strict recipient does.
    pub verdict: Verdict,
    /// The head.
    pub head: Vec<u8>,
}

macro_rules! files {
    ($($name:literal)*) => {
        /// The inputs that are files: name and escaped text.
        const FILES: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../../corpus/http11/", $name, ".http")))),*];
    };
}

files! {
    "get-27" "get-37" "get-107" "plaintext-169" "browser-703" "post-json"
    "response-small" "response-cdn" "response-not-modified" "response-chunked"
}

type Generator = fn() -> Vec<Vec<u8>>;

/// The inputs that are generated.
const GENERATED: &[(&str, Generator)] = &[
    ("fields-10", || vec![generated::request_with_fields(10)]),
    ("fields-20", || vec![generated::request_with_fields(20)]),
    ("fields-32", || vec![generated::request_with_fields(32)]),
    ("fields-64", || vec![generated::request_with_fields(64)]),
    ("distinct-64", || generated::distinct_requests(64)),
    ("pipelined-16", || vec![message("plaintext-169"); 16]),
    ("chunked-one", || vec![generated::chunked(&[1 << 10])]),
    ("chunked-64k", || vec![generated::chunked(&[4 << 10; 16])]),
    ("chunked-tiny", || vec![generated::chunked(&[1, 2, 3, 5, 8, 13].repeat(32))]),
];

/// The names of all inputs, in the order of `corpus.toml`.
pub fn names() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|(name, _)| *name).chain(GENERATED.iter().map(|(name, _)| *name))
}

/// The input called `name`.
///
/// # Panics
/// Where the corpus has no such input, or its file is malformed.
#[must_use]
pub fn input(name: &str) -> Input {
    for (known, text) in FILES {
        if *known == name {
            let message = escaped::decode(text).unwrap_or_else(|error| panic!("{name}: {error}"));
            return Input { name: known, messages: vec![message] };
        }
    }
    for (known, generate) in GENERATED {
        if *known == name {
            return Input { name: known, messages: generate() };
        }
    }
    panic!("the corpus has no input {name:?}");
}

/// The octets of the input called `name`: [`input`], [`Input::bytes`].
///
/// # Panics
/// As [`input`] does.
#[must_use]
pub fn message(name: &str) -> Vec<u8> {
    input(name).bytes()
}

/// Request heads at the edges of the grammar.
#[must_use]
pub fn request_edges() -> Vec<Edge> {
    edges(include_str!("../../../corpus/http11/verdicts.txt"))
}

/// Response heads at the edges of the grammar.
#[must_use]
pub fn response_edges() -> Vec<Edge> {
    edges(include_str!("../../../corpus/http11/response-verdicts.txt"))
}

/// Reads a table of edges: a name, `accept` or `reject`, and an escaped head on each line that is
/// not empty and no comment.
fn edges(table: &'static str) -> Vec<Edge> {
    let read = |line: &'static str| {
        let (name, rest) = line.split_once(' ')?;
        let (verdict, head) = rest.trim_start().split_once(' ')?;
        let verdict = match verdict {
            "accept" => Verdict::Accept,
            "reject" => Verdict::Reject,
            _ => return None,
        };
        Some(Edge { name, verdict, head: escaped::decode(head.trim_start()).ok()? })
    };
    table
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| read(line).unwrap_or_else(|| panic!("not `name verdict head`: {line}")))
        .collect()
}

/// The edges as [`Verification::judging`](crate::Verification::judging) takes them.
pub fn judged(edges: &[Edge]) -> impl Iterator<Item = (&str, Verdict, &[u8])> {
    edges.iter().map(|edge| (edge.name, edge.verdict, edge.head.as_slice()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canonical;
    use std::collections::HashSet;

    #[test]
    fn names_that_state_a_size_have_it() {
        for name in names() {
            let input = input(name);
            let (kind, size) = name.rsplit_once('-').unwrap();
            let Ok(size) = size.parse::<usize>() else {
                continue;
            };
            match kind {
                "fields" => {
                    let head = canonical::request_by_oracle(&input.bytes());
                    assert_eq!(head.iter().filter(|&&b| b == b'\n').count(), size + 1, "{name}");
                }
                "distinct" | "pipelined" => assert_eq!(input.messages.len(), size, "{name}"),
                _ => assert_eq!(input.bytes().len(), size, "{name}"),
            }
        }
        for (name, size) in
            [("get-27", 27), ("get-37", 37), ("get-107", 107), ("plaintext-169", 169)]
        {
            assert_eq!(message(name).len(), size);
        }
        assert_eq!(message("browser-703").len(), 703);
        assert_eq!(message("pipelined-16").len(), 16 * 169);
    }

    #[test]
    fn heads_are_sound_and_of_the_shape_that_is_claimed() {
        let fields_of = |canonical: &[u8]| canonical.iter().filter(|&&b| b == b'\n').count() - 1;
        for name in ["get-27", "get-37", "get-107", "plaintext-169", "browser-703"] {
            let canonical = canonical::request_by_oracle(&message(name));
            if name == "browser-703" {
                assert_eq!(fields_of(&canonical), 10);
            }
        }
        for name in ["response-small", "response-cdn", "response-not-modified", "response-chunked"]
        {
            let canonical = canonical::response_by_oracle(&message(name));
            if name == "response-cdn" {
                assert_eq!(fields_of(&canonical), 15);
            }
        }
    }

    #[test]
    fn the_posts_content_has_the_length_that_it_states() {
        let post = message("post-json");
        let head = post.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
        let stated = format!("Content-Length: {}\r\n", post.len() - head);
        assert!(post.windows(stated.len()).any(|window| window == stated.as_bytes()));
    }

    #[test]
    fn distinct_requests_are() {
        let requests = input("distinct-64").messages;
        let distinct: HashSet<Vec<u8>> =
            requests.iter().map(|request| canonical::request_by_oracle(request)).collect();
        assert_eq!(distinct.len(), 64);
        let lengths: HashSet<usize> = requests.iter().map(Vec::len).collect();
        assert!(lengths.len() > 32, "{}", lengths.len());
    }

    #[test]
    fn chunked_bodies_are_sound() {
        assert_eq!(canonical::content_by_oracle(&message("chunked-one")).len(), 1 << 10);
        assert_eq!(canonical::content_by_oracle(&message("chunked-64k")).len(), 64 << 10);
        assert_eq!(canonical::content_by_oracle(&message("chunked-tiny")).len(), 32 * 32);
    }

    #[test]
    fn names_are_unique() {
        assert_eq!(names().collect::<HashSet<_>>().len(), names().count());
        for edges in [request_edges(), response_edges()] {
            let unique: HashSet<&str> = edges.iter().map(|edge| edge.name).collect();
            assert_eq!(unique.len(), edges.len());
            let heads: HashSet<&[u8]> = edges.iter().map(|edge| edge.head.as_slice()).collect();
            assert_eq!(heads.len(), edges.len());
            assert!(edges.iter().any(|edge| edge.verdict == Verdict::Accept));
        }
        let malformed = request_edges().iter().filter(|e| e.verdict == Verdict::Reject).count();
        assert!(malformed >= 40, "{malformed}");
    }

    #[test]
    fn every_edge_reaches_the_end_of_a_head() {
        // Else "needs more octets" would pass for a verdict.
        for edge in request_edges().iter().chain(&response_edges()) {
            let ends = edge.head.ends_with(b"\r\n\r\n")
                || edge.head.ends_with(b"\n\n")
                || edge.head.ends_with(b"\n\r\n")
                || edge.head.ends_with(b"\r\n\n");
            assert!(ends, "{}", edge.name);
        }
    }

    #[test]
    fn corpus_toml_describes_every_input_and_no_other() {
        let text = include_str!("../../../corpus/corpus.toml");
        let table: toml::Table = text.parse().unwrap();
        let entries = table["input"].as_array().unwrap();
        let described: Vec<&str> =
            entries.iter().map(|entry| entry["name"].as_str().unwrap()).collect();
        assert_eq!(described, names().collect::<Vec<_>>());
        for entry in entries {
            let name = entry["name"].as_str().unwrap();
            for key in ["provenance", "shows"] {
                let text = entry.get(key).and_then(|value| value.as_str());
                assert!(text.is_some_and(|text| !text.is_empty()), "{name} has no {key}");
            }
            let is_file = FILES.iter().any(|(file, _)| *file == name);
            let file = entry.get("file").map(|file| file.as_str().unwrap().to_owned());
            assert_eq!(file, is_file.then(|| format!("http11/{name}.http")));
        }
    }
}
