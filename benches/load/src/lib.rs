//! The load generator's parts, and what the servers that it measures have in common.
//!
//! The generator is a process of its own with a parser of its own: were it Shockwave's, a bug on
//! one side would cancel out on the other.

#![forbid(unsafe_code)]
#![allow(
    clippy::exhaustive_structs,
    clippy::exhaustive_enums,
    reason = "the parts of one program, which nobody else builds upon"
)]

pub mod contract;
pub mod drive;
pub mod fault;
pub mod http11;
pub mod idle;
pub mod process;
pub mod report;
pub mod schedule;
pub mod serve;
pub mod verify;
pub mod workload;
