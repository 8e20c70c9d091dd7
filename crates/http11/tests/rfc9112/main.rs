//! RFC 9112, MUST by MUST: each test shows what is refused, with its violation, offset and status,
//! beside the nearest neighbour that is legal. The mark `‸` stands before the offending octet.
//! `spec.toml` says which test shows which requirement.

#[path = "../common/mod.rs"]
mod common;
mod content;
mod exchanges;
mod heads;
