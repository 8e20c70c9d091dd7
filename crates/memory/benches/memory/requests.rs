//! The small allocations of one handler: copied values, formatted lines, and a list of them.
//!
//! The engine `bumpalo` is the library that the arena is built on, used as its documentation shows,
//! without a limit and with its infallible calls: what the arena's bounds and errors cost.

use std::fmt::Write as _;
use std::hint::black_box;

use shockwave_bench_kit::{Bench, Digest, Registry, Verification, repeat};
use shockwave_memory::{Arena, ArenaError, ArenaLimits, ArenaPool, RecyclerLimits};

/// Lines of the page that the handler builds.
const LINES: u32 = 16;
const NAME: &str = "Hypertext Transfer Protocol";

pub(crate) fn register(registry: &mut Registry) {
    registry.add(arena());
    registry.add(bumpalo());
    registry.add(malloc());
}

fn digest() -> Digest {
    crate::source(include_str!("requests.rs"), "")
}

fn expected() -> String {
    (0..LINES).map(|id| format!("{NAME}-{id}\n")).collect()
}

/// The handler's result, summed up (timed) or joined (checked).
fn total<'l>(lines: impl Iterator<Item = &'l str>) -> u64 {
    lines.map(|line| black_box(line).len() as u64).sum()
}

fn in_arena(arena: &Arena) -> Result<&mut [&str], ArenaError> {
    let mut lines = arena.vec();
    for id in 0..black_box(LINES) {
        let name = arena.alloc_str(black_box(NAME))?;
        lines.push(arena.alloc_fmt(format_args!("{name}-{id}\n"))?)?;
    }
    Ok(lines.into_slice())
}

fn arena() -> Bench {
    let pool = || ArenaPool::new(ArenaLimits::DEFAULT, RecyclerLimits::DEFAULT);
    Bench::new("pooling/request/16-lines/shockwave", digest(), move || {
        let pool = pool();
        repeat(move || {
            let arena = pool.take();
            in_arena(&arena).map_or(0, |lines| total(lines.iter().copied()))
        })
    })
    .budget(0, 0)
    .verify(move || {
        let pool = pool();
        in_arena(&pool.take()).expect("below max_bytes"); // what must not be seen again
        let arena = pool.take();
        let lines = in_arena(&arena).expect("below max_bytes").concat();
        Verification::strict(lines).expecting(expected())
    })
}

fn in_bump(bump: &bumpalo::Bump) -> &mut [&str] {
    let mut lines = bumpalo::collections::Vec::new_in(bump);
    for id in 0..black_box(LINES) {
        let name = bump.alloc_str(black_box(NAME));
        let mut line = bumpalo::collections::String::new_in(bump);
        writeln!(line, "{name}-{id}").expect("a string takes all");
        lines.push(line.into_bump_str());
    }
    lines.into_bump_slice_mut()
}

fn bumpalo() -> Bench {
    Bench::new("pooling/request/16-lines/bumpalo", digest(), || {
        let mut bump = bumpalo::Bump::new();
        repeat(move || {
            let total = total(in_bump(&bump).iter().copied());
            bump.reset();
            total
        })
    })
    .budget(0, 0)
    .verify(|| {
        let bump = bumpalo::Bump::new();
        Verification::strict(in_bump(&bump).concat()).expecting(expected())
    })
}

fn on_heap() -> Vec<String> {
    let mut lines = Vec::new();
    for id in 0..black_box(LINES) {
        let name = black_box(NAME).to_owned();
        lines.push(format!("{name}-{id}\n"));
    }
    lines
}

fn malloc() -> Bench {
    Bench::new("pooling/request/16-lines/malloc", digest(), || {
        repeat(|| total(on_heap().iter().map(String::as_str)))
    })
    .verify(|| Verification::strict(on_heap().concat()).expecting(expected()))
}
