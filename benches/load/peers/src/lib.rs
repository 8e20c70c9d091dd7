//! What every server under test has in common: the file that Shockwave's and hyper's use, too.

#[path = "../../src/contract.rs"]
pub mod contract;
