//! What the server registers. The bench target of the peers includes this file too, so that all
//! engines of a group run in one process.

pub(crate) mod cases;
pub(crate) mod client;
mod served;

pub(crate) use served::register;
