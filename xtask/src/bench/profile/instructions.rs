//! What each function of a benchmark costs in instructions: exact, by callgrind.
//!
//! One call is the cold cost; what a hundred more add, divided by a hundred, is the steady one. A
//! function that was inlined has its own row, and what Rust's library spends is its caller's.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use anyhow::Result;

use super::callgrind::{self, CALLS, Spent};
use super::helper::{Frames, Helper};
use super::source::{Function, responsible};
use crate::bench::build::Binary;

/// Of the first operation, and of one after it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Cost {
    pub(crate) cold: u64,
    pub(crate) steady: f64,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Profile {
    /// What each function spent itself.
    pub(crate) functions: BTreeMap<Function, Cost>,
    /// What was spent on asking for memory and giving it back, with all that this called.
    pub(crate) allocator: Cost,
}

impl Profile {
    pub(crate) fn total(&self) -> Cost {
        self.functions.values().fold(Cost::default(), |sum, cost| Cost {
            cold: sum.cold + cost.cold,
            steady: sum.steady + cost.steady,
        })
    }
}

/// The two runs. Their files stay in `folder`, as `callgrind.1.out` and `callgrind.101.out`.
pub(crate) fn take(
    valgrind: &Path,
    binary: &Binary,
    id: &str,
    folder: &Path,
    helper: &Helper,
) -> Result<Profile> {
    let run = |calls: u64| {
        let file = folder.join(format!("callgrind.{calls}.out"));
        let text = callgrind::run(valgrind, binary, (id, calls), &file, &["--dump-instr=yes"])?;
        callgrind::read(&text)
    };
    let (once, many) = (run(1)?, run(1 + CALLS)?);
    let name = binary.path.to_string_lossy();
    let of_binary = |spent: &&Spent| *spent.object == *name;
    let addresses: BTreeSet<u64> =
        once.iter().chain(&many).filter(of_binary).map(|spent| spent.address).collect();
    let frames = helper.frames(&binary.path, &addresses)?;
    Ok(profile([&once, &many].map(|spent| Attributed::of(spent, &name, &frames))))
}

/// The costs of one run.
#[derive(Debug, Default)]
struct Attributed {
    functions: HashMap<Function, u64>,
    allocator: u64,
}

impl Attributed {
    /// `frames` are those of the addresses of `binary`.
    fn of(spent: &[Spent], binary: &str, frames: &Frames) -> Self {
        let mut attributed = Self::default();
        for spent in spent {
            let stack = frames.get(&spent.address).filter(|_| *spent.object == *binary);
            let frame = stack.and_then(|stack| responsible(stack));
            if spent.callee.is_none() {
                let function = frame.map_or_else(|| compiled(spent, binary), |f| f.function());
                *attributed.functions.entry(function).or_default() += spent.instructions;
            }
            // What an allocator's own functions do is in what calling them cost.
            let called = spent.callee.as_deref().is_some_and(is_allocator);
            let inlined = frame.is_some_and(|frame| is_allocators(&frame.file));
            if !is_allocator(&spent.function) && (called || inlined) {
                attributed.allocator += spent.instructions;
            }
        }
        attributed
    }
}

/// A function that no line is known of: by the name that it was compiled under.
fn compiled(spent: &Spent, binary: &str) -> Function {
    let library = Path::new(&*spent.object).file_name().filter(|_| *spent.object != *binary);
    let file = library.map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    Function { name: spent.function.to_string(), file }
}

/// Whether a compiled function asks for memory or gives it back.
fn is_allocator(function: &str) -> bool {
    const EXACT: [&str; 7] =
        ["malloc", "calloc", "realloc", "free", "aligned_alloc", "posix_memalign", "memalign"];
    const PARTS: [&str; 6] =
        ["__rust_alloc", "__rust_dealloc", "__rust_realloc", "__rdl_", "__rg_", "bumpalo::"];
    EXACT.contains(&function)
        || function.starts_with("mi_")
        || function.starts_with("_mi_")
        || PARTS.iter().any(|part| function.contains(part))
}

/// Whether code of an allocator stands in this file, which was inlined.
fn is_allocators(file: &str) -> bool {
    file.contains("/bumpalo-") || file.contains("mimalloc")
}

fn profile([once, many]: [Attributed; 2]) -> Profile {
    let cost = |once: u64, many: u64| Cost {
        cold: once,
        steady: (many as f64 - once as f64) / CALLS as f64,
    };
    let all: BTreeSet<&Function> = once.functions.keys().chain(many.functions.keys()).collect();
    let of = |run: &Attributed, function| run.functions.get(function).copied().unwrap_or(0);
    let functions = all
        .into_iter()
        .map(|function| (function.clone(), cost(of(&once, function), of(&many, function))));
    Profile { functions: functions.collect(), allocator: cost(once.allocator, many.allocator) }
}

#[cfg(test)]
mod tests {
    use super::super::source::Frame;
    use super::*;

    fn spent(function: &str, address: u64, callee: Option<&str>, instructions: u64) -> Spent {
        let object = if function == "malloc" { "/lib/libc.so.6" } else { "/t/bench" };
        let callee = callee.map(Into::into);
        Spent { object: object.into(), address, function: function.into(), callee, instructions }
    }

    /// `parse` calls malloc; bumpalo's code is inlined into it, and calls something in turn.
    fn run(calls: u64) -> Vec<Spent> {
        vec![
            spent("parse", 1, None, 50 * calls),
            spent("parse", 2, None, 7 * calls + 3),
            spent("parse", 3, Some("malloc"), 20 * calls),
            spent("malloc", 1, None, 15 * calls),
            spent("malloc", 2, Some("sysmalloc"), 5 * calls),
            spent("sysmalloc", 9, None, 5 * calls),
            spent("parse", 4, None, 4 * calls),
            spent("parse", 4, Some("memset"), 6 * calls),
            spent("memset", 8, None, 6 * calls),
        ]
    }

    fn frames() -> Frames {
        let std = Frame::new("get<u8>", "/rustc/59/library/core/src/slice/index.rs:1");
        let parse = Frame::new("parse", "/w/crates/http11/src/head/mod.rs:7");
        let locate = Frame::new("locate", "/w/crates/http11/src/head/request_line.rs:8");
        let bump = Frame::new("alloc_layout", "/c/registry/src/x/bumpalo-3.20.4/src/lib.rs:9");
        Frames::from([
            (1, vec![std, parse.clone()]),
            (2, vec![locate, parse.clone()]),
            (3, vec![parse.clone()]),
            (4, vec![bump, parse]),
        ])
    }

    #[test]
    fn costs_by_function_and_of_the_allocators() {
        let of = |calls| Attributed::of(&run(calls), "/t/bench", &frames());
        let profile = profile([of(1), of(1 + CALLS)]);
        let cost = |name: &str| {
            let found = profile.functions.iter().find(|(function, _)| function.name == name);
            found.map(|(function, cost)| (function.file.as_str(), cost.cold, cost.steady)).unwrap()
        };
        assert_eq!(cost("parse"), ("crates/http11/src/head/mod.rs", 50, 50.0));
        assert_eq!(cost("locate"), ("crates/http11/src/head/request_line.rs", 10, 7.0));
        assert_eq!(cost("alloc_layout"), ("bumpalo-3.20.4/src/lib.rs", 4, 4.0));
        assert_eq!(cost("malloc"), ("libc.so.6", 15, 15.0));
        assert_eq!(cost("memset"), ("", 6, 6.0));
        // malloc with what it calls, and the inlined code with what that calls; nothing twice.
        assert_eq!(profile.allocator, Cost { cold: 30, steady: 30.0 });
        assert_eq!(profile.total(), Cost { cold: 90, steady: 87.0 });
    }

    #[test]
    fn names_of_allocators() {
        for name in ["malloc", "_mi_page_malloc", "mi_free", "bumpalo::Bump::new", "__rdl_alloc"] {
            assert!(is_allocator(name), "{name}");
        }
        for name in ["mallocate", "alloc::fmt::format", "mix", "free_list"] {
            assert!(!is_allocator(name), "{name}");
        }
    }
}
