//! Where code comes from: frames with names and files that mean the same in every work tree.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A frame of a stack, of which several share an address where functions were inlined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) name: String,
    pub(crate) file: String,
    pub(crate) line: u32,
}

/// A function of the source, wherever it was compiled into.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Function {
    pub(crate) name: String,
    /// From the root of the work tree, or from the crate's name and version on; of code without
    /// lines, the library. Empty where nothing is known.
    pub(crate) file: String,
}

impl fmt::Display for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.file.is_empty() {
            f.write_str(&self.name)
        } else {
            write!(f, "{} ({})", self.name, self.file)
        }
    }
}

impl Frame {
    /// Reads `file:line`; what has no number at its end is a file.
    pub(crate) fn new(name: &str, place: &str) -> Self {
        let (file, line) = match place.rsplit_once(':') {
            Some((file, line)) => (file, line.parse().unwrap_or(0)),
            None => (place, 0),
        };
        Self { name: plain(name).to_owned(), file: file.to_owned(), line }
    }

    /// Whether it is of Rust's own library, which is called from everywhere: what it spends is its
    /// caller's.
    pub(crate) fn is_std(&self) -> bool {
        self.file.contains("/library/")
            && (self.file.contains("/rustc/") || self.file.contains("/rustlib/src/"))
    }

    pub(crate) fn function(&self) -> Function {
        Function { name: self.name.clone(), file: relative(&self.file).to_owned() }
    }

    /// `name (file:line)`.
    pub(crate) fn place(&self) -> String {
        format!("{} ({}:{})", self.name, relative(&self.file), self.line)
    }
}

/// The innermost frame that is not of Rust's own library; in place of a closure, which has no name
/// of its own, the function that it stands in.
pub(crate) fn responsible(frames: &[Frame]) -> Option<&Frame> {
    let mut ours = frames.iter().filter(|frame| !frame.is_std() && !frame.file.is_empty());
    let first = ours.next()?;
    let is_closure = |frame: &Frame| frame.name.starts_with('{');
    let around = |frame: &&Frame| frame.file == first.file && !is_closure(frame);
    Some(if is_closure(first) { ours.find(around).unwrap_or(first) } else { first })
}

/// A function's name without the types that it was made for: they fill lines, and hold hashes.
fn plain(name: &str) -> &str {
    let Some(inner) = name.strip_suffix('>') else { return name };
    let mut depth = 1;
    for (at, character) in inner.char_indices().rev() {
        match character {
            // The arrow of a function's type is no bracket.
            '>' if !inner[..at].ends_with('-') => depth += 1,
            '<' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            let cut = inner[..at].trim_end_matches("::");
            return if cut.is_empty() { name } else { cut };
        }
    }
    name
}

/// The part of a path that is the same on every machine.
pub(crate) fn relative(file: &str) -> &str {
    // <cargo's home>/registry/src/<registry>/<crate>-<version>/src/lib.rs
    if let Some((_, rest)) = file.split_once("/registry/src/") {
        return rest.split_once('/').map_or(rest, |(_, rest)| rest);
    }
    if let Some(at) = file.find("/library/").filter(|_| file.contains("rust")) {
        return &file[at + 1..];
    }
    let member = |folder| file.rfind(folder).map(|at| at + 1);
    let start = member("/crates/").or_else(|| member("/benches/")).or_else(|| member("/xtask/"));
    &file[start.unwrap_or(0)..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_without_their_types() {
        let cases = [
            ("find<shockwave_simd::maps::{impl#1}::nontoken::{closure_env#0}>", "find"),
            ("a::RawVecInner<A>::finish_grow", "a::RawVecInner<A>::finish_grow"),
            ("a::grow::<alloc::alloc::Global>", "a::grow"),
            ("call<fn(u8) -> u8, Vec<Vec<u8>>>", "call"),
            ("<T as Into<U>>", "<T as Into<U>>"),
            ("malloc", "malloc"),
            ("odd>", "odd>"),
        ];
        for (name, expected) in cases {
            assert_eq!(plain(name), expected);
        }
    }

    #[test]
    fn paths_that_are_the_same_everywhere() {
        let cases = [
            ("/a/b/crates/http11/benches/http11/parse.rs", "crates/http11/benches/http11/parse.rs"),
            ("/a/benches/kit/src/region.rs", "benches/kit/src/region.rs"),
            ("/h/.cargo/registry/src/x-1f/bumpalo-3.20.4/src/lib.rs", "bumpalo-3.20.4/src/lib.rs"),
            ("/rustc/59/library/core/src/cmp.rs", "library/core/src/cmp.rs"),
            ("crates/simd/src/maps.rs", "crates/simd/src/maps.rs"),
            ("??", "??"),
        ];
        for (file, expected) in cases {
            assert_eq!(relative(file), expected);
        }
    }

    #[test]
    fn what_the_library_spends_is_its_callers() {
        let frames = [
            Frame::new("get<u8>", "/rustc/59/library/core/src/slice/index.rs:368"),
            Frame::new("locate", "/w/crates/http11/src/head/request_line.rs:104"),
            Frame::new("parse", "/w/crates/http11/src/head/mod.rs:78"),
        ];
        let frame = responsible(&frames).unwrap();
        assert_eq!(frame.place(), "locate (crates/http11/src/head/request_line.rs:104)");
        assert!(responsible(&frames[..1]).is_none());
        let closure = Frame::new("{closure#0}<u8>", "/w/crates/http11/src/head/mod.rs:77");
        let inside = [closure.clone(), frames[0].clone(), frames[1].clone(), frames[2].clone()];
        assert_eq!(responsible(&inside).unwrap().name, "parse");
        assert_eq!(responsible(&inside[..3]), Some(&closure));
        assert!(!Frame::new("x", "/w/library/crates/a/src/x.rs:1").is_std());
    }
}
