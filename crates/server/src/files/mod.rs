//! Files over HTTP. `folder` and `send` open and send them; the rest is what can be decided without
//! a file: entity tags, preconditions, ranges, media types, and which file a request's path means.
//! All of that is pure, and nothing in it allocates once the caller's buffers are warm.

mod conditional;
mod etag;
mod folder;
mod media_type;
mod multipart;
mod path;
mod range;
mod send;

pub use folder::Files;
pub use path::DotFiles;
