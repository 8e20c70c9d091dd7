//! Scratches: what a parser writes the places of a head's fields to. A stand-in of the same size,
//! since this crate knows no protocol.

use std::hint::black_box;

use shockwave_bench_kit::{Bench, Digest, Registry, Verification, repeat};
use shockwave_memory::{Recycler, RecyclerLimits, Reset};

/// Field lines that there is room for, and those of the request.
const ROOM: usize = 100;
const FIELDS: u32 = 14;

/// As many octets as a field's place takes.
type Place = [u32; 4];

#[derive(Default)]
struct Scratch {
    places: Vec<Place>,
    index: [u16; 32],
}

impl Scratch {
    fn with_room() -> Self {
        Self { places: Vec::with_capacity(ROOM), index: [0; 32] }
    }

    fn parse(&mut self) -> u64 {
        for line in 0..black_box(FIELDS) {
            self.places.push([line, 1, 2, 3]);
        }
        self.index[3] = 7;
        black_box(&self.places[..]).len() as u64
    }

    fn answer(&mut self) -> Verification {
        let fresh = self.places.is_empty();
        let answer = format!("{fresh} {}", self.parse());
        Verification::strict(answer).expecting(format!("true {FIELDS}"))
    }
}

impl Reset for Scratch {
    fn reset(&mut self) {
        self.places.clear();
    }
    fn held_bytes(&self) -> usize {
        self.places.held_bytes()
    }
}

pub(crate) fn register(registry: &mut Registry) {
    registry.add(recycled());
    registry.add(recycled_boxed());
    registry.add(fresh());
}

fn digest() -> Digest {
    crate::source(include_str!("scratches.rs"), "")
}

fn recycled() -> Bench {
    let pool = || -> Recycler<Scratch> { Recycler::new(RecyclerLimits::DEFAULT) };
    Bench::new("pooling/scratch/14-fields/shockwave", digest(), move || {
        let pool = pool();
        pool.adopt(Scratch::with_room());
        repeat(move || pool.take_or_else(Scratch::with_room).parse())
    })
    .budget(0, 0)
    .verify(move || {
        let pool = pool();
        pool.take().parse(); // what must not be seen again
        pool.take().answer()
    })
}

fn recycled_boxed() -> Bench {
    let pool = || -> Recycler<Box<Scratch>> { Recycler::new(RecyclerLimits::DEFAULT) };
    Bench::new("pooling/scratch/14-fields/shockwave-boxed", digest(), move || {
        let pool = pool();
        pool.adopt(Box::new(Scratch::with_room()));
        repeat(move || pool.take().parse())
    })
    .budget(0, 0)
    .verify(move || {
        let pool = pool();
        pool.take().parse(); // what must not be seen again
        pool.take().answer()
    })
}

fn fresh() -> Bench {
    Bench::new("pooling/scratch/14-fields/malloc", digest(), || {
        repeat(|| Scratch::with_room().parse())
    })
    .budget(1, (ROOM * size_of::<Place>()) as u64)
    .verify(|| Scratch::with_room().answer())
}
