//! HTTP servers that allocate nothing per request, reject what they should not accept, and measure
//! what they claim.
//!
//! ```no_run
//! fn main() -> std::io::Result<()> {
//!     shockwave::Server::bind("0.0.0.0:8080").run(async |_request| "Hello, world!")
//! }
//! ```
//!
//! There is a [`guide`], with a page on [what allocates](guide::allocations), and one for who
//! [comes from hyper or axum](guide::migrating). The examples answer a question each: `cargo run
//! --example hello`, `json`, `echo`, `upload`, `sse`, `routes`, `static-files`, `middleware`,
//! `graceful`, `metrics` and others.
//!
//! This crate re-exports [`shockwave_server`]'s interface and holds the feature flags. The cores
//! that it stands on can be used alone: [`http11`], [`memory`], [`wire`].
//!
//! # Features
//!
//! | feature | adds | default |
//! |---|---|---|
//! | `json` | `Json<T>`, `Body::json`, `Responder::json`, over serde_json 1 | no |
//! | `arena` | `Head::arena`: memory that lives as long as the request, over bumpalo 3 | no |
//! | `mimalloc` | `memory::MiMalloc`, for your binary to install; needs a C compiler | no |
//! | `websocket` | `Request::upgrade_websocket`, the core | no |
//! | `websocket-deflate` | permessage-deflate for it, over flate2 and zlib-rs | no |
//! | `tracing` | events by the `tracing` crate, none on the path of a good request | no |

#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod guide;

pub use shockwave_server::*;

pub use shockwave_http11 as http11;
pub use shockwave_memory as memory;
pub use shockwave_wire as wire;
