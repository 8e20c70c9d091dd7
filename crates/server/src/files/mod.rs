//! Files over HTTP: what can be decided without a file. Entity tags, preconditions, ranges, media
//! types, and which file a request's path means. All of it is pure, and nothing in it allocates
//! once the caller's buffers are warm.

pub(crate) mod conditional;
pub(crate) mod etag;
pub(crate) mod media_type;
pub(crate) mod multipart;
pub(crate) mod path;
pub(crate) mod range;
