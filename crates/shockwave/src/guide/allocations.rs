//! What allocates, call by call.
//!
//! "Warm" means that the worker has seen a request of this kind and size: then buffers, lists of
//! field lines and arenas come from its pools. A warm server that answers from constants allocates
//! nothing per request, its connection and its task included; a test counts it.
//!
//! | call | allocates, once warm |
//! |---|---|
//! | accepting a connection | its task, and its socket's entry with the runtime |
//! | a request's head, whatever it holds | no |
//! | `path`, `query`, `header`, `known`, `cookies`, `param` and the like | no: borrowed |
//! | `Body::chunk` | no: lent |
//! | `Body::trailers` | no |
//! | `Body::collect`, `bytes` | once, of an announced length up to 64 KiB; else as it grows |
//! | `Body::collect_into` | as far as your buffer is too small |
//! | `Body::json` | what the type owns; its `String`s, say |
//! | `Request::respond`, `split`, `head`, `reply_with` | no |
//! | `Responder::status`, `header` | no |
//! | `text`, `html`, `bytes`, `body` of borrowed content | no: copied to a pooled buffer |
//! | the same, of `String`, `Vec`, `Bytes` | no more than you did to make it |
//! | `json` | no: serialised to a pooled buffer |
//! | `file` | no |
//! | `empty`, or a reply of `&'static str`, `Status`, `()` | no |
//! | `stream`, `write`, `flush`, `finish` | no |
//! | `Request::informational` | no |
//! | `Head::arena` | no, up to what an idle arena may keep |
//! | `Files::send` | for the path, and the values of its fields |
//! | `routes!` | no, up to four parameters |
//! | `Running::stats`, `Stats::iter` | no |
//!
//! A pool keeps what was common and not what was once: buffers beyond its largest class, and what
//! is above its bound ([`Limits::max_pooled_bytes`](crate::Limits::max_pooled_bytes)), are freed.
//!
//! An idle connection holds no buffer. While a request is answered it holds one for what was read
//! and one for what is to be written.
//!
//! A handler's own strings are made without the allocator in [`Head::arena`] (feature `arena`), or
//! in an array of its own:
//!
//! ```
//! use std::io::Write as _;
//!
//! use shockwave::{Request, Sent};
//!
//! async fn squares(request: Request<'_>) -> Sent {
//!     let mut text = [0; 64];
//!     let mut left = &mut text[..];
//!     for number in 1..5 {
//!         let _ = write!(left, "{} ", number * number);
//!     }
//!     let left = left.len();
//!     request.respond().text(text.split_at(text.len() - left).0)
//! }
//! # fn holds<R: shockwave::Reply + 'static>(_: impl AsyncFn(Request<'_>) -> R) {}
//! # holds(squares);
//! ```
//!
//! [`Head::arena`]: crate::Head#method.arena
