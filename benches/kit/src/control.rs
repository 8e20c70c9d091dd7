//! The control: a benchmark that allocates one known box an operation, to prove the counter alive.

use core::hint::black_box;

use crate::{Bench, Digest, Registry, Verification, repeat};

/// The control's id.
pub(crate) const ID: &str = "kit/control/allocates-once/kit";
const SIZE: usize = 64;

/// Registers the control.
pub(crate) fn register(registry: &mut Registry) {
    let operation = || {
        let boxed = black_box(Box::new([1_u8; SIZE]));
        u64::from(boxed[0])
    };
    registry.add(
        Bench::new(ID, Digest::of(include_bytes!("control.rs")), move || repeat(operation))
            .budget(1, SIZE as u64)
            .verify(move || Verification::strict(operation().to_string()).expecting(b"1")),
    );
}
