//! Scans of octets, at the speed of the machine: byte classes, UTF-8, and WebSocket's masking.
//!
//! The one scan that matters to HTTP/1.1 is [`HeadScan`]: it classifies a head 64 octets at a time
//! into three bitmaps and answers "where is the next octet that is not a token octet, not a target
//! octet, a control?" by shifting and counting zeros. A parser on top of it looks at two positions
//! a field line and at no octet twice. [`HeadScan`] explains why that is enough for a strict parse.
//!
//! Each scan has one definition, the table of [`Class`] in `all/`, and one implementation for each
//! instruction set, all held to the definition by the same tests: AVX-512 (VBMI), AVX2 and SSE2 on
//! x86-64, NEON on AArch64, and a portable one. The best that the processor has is chosen at run
//! time, once a parse.
//!
//! WebSocket has two scans of its own: [`Mask`] is the XOR with a key of RFC 6455 section 5.3, in
//! place or while copying, and [`Utf8`] checks a text that comes in pieces, also while it unmasks
//! it.
//!
//! Nothing here allocates, but a masked copy whose target has no room. This is the one crate of
//! Shockwave's cores with `unsafe`: pointer loads and stores, the calls through the dispatch, and
//! what was found to be text handed out as text.

#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing))]

mod all;
#[doc(hidden)]
pub mod fuzz;
mod isa;
mod maps;
mod mask;
mod utf8;
#[cfg(target_arch = "x86_64")]
mod x86_64;

#[cfg(any(target_arch = "aarch64", test))]
mod aarch64;

#[cfg(test)]
mod tests;

// The public interface.
pub use all::{Class, eq_ignore_ascii_case, has_control, is_token, is_unreserved};
pub use isa::Isa;
pub use maps::{HeadMaps, HeadScan};
pub use mask::Mask;
pub use utf8::{InvalidUtf8, Piece, Split, Utf8, from_masked_utf8, from_utf8};
