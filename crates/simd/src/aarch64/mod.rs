//! AArch64: NEON. Compiled into the tests of other machines too, over a model of the few
//! instructions that it uses, so that its logic is checked wherever the tests run.

#[cfg(not(target_arch = "aarch64"))]
mod model;
pub(crate) mod neon;
pub(crate) mod utf8;
