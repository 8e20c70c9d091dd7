//! Coming from hyper or axum: what stands for what.
//!
//! # The shape of a handler
//!
//! hyper and axum give a handler an owned request and want an owned response, which is sent when
//! the handler is over. Here a request borrows the connection's buffers, and a handler answers
//! through it. So there is no response type to build and no body type to name, and neither is
//! allocated. What must outlive the handler has to be copied out of the request.
//!
//! | hyper 1 | axum 0.8 | here |
//! |---|---|---|
//! | `service_fn(handler)` | `Router::new().route(..)` | a `match`, or [`routes!`](crate::routes) |
//! | `Request<Incoming>` | extractors | [`Request`], which has methods for the same |
//! | `req.method() == Method::POST` | `routing::post(handler)` | `Method::Post` in a pattern |
//! | `req.uri().path()` | `OriginalUri` | [`Head::path`], a `&str`, not decoded |
//! | `req.uri().query()` | `RawQuery` | [`Head::query`] |
//! | | `Path<T>` | [`Head::param`], one at a time, not decoded |
//! | `req.headers().get(HOST)` | `TypedHeader<T>` | [`Head::known`], or [`Head::header`] by name |
//! | | `CookieJar` (axum-extra) | [`Head::cookies`] |
//! | | `ConnectInfo<SocketAddr>` | [`Head::peer`] |
//! | `body.frame().await` | `Body::into_data_stream` | [`Body::chunk`] |
//! | `body.collect().await?` | `to_bytes(body, limit)` | [`Body::collect`], [`Body::bytes`] |
//! | | `Json<T>` as an argument | [`Body::json`](crate::Body#method.json) |
//! | `Response::new(body)` | `impl IntoResponse` | [`Reply`]: return a value |
//! | `Response::builder()` | `(StatusCode, headers, body)` | [`Request::respond`] |
//! | `StreamBody`, `Frame::data` | `Body::from_stream` | [`Responder::stream`] and `write` |
//! | | `Sse` | [`Responder::stream`]; the example `sse` |
//! | | `Redirect` | `status(303).header("location", ..)` |
//! | `Result<_, Infallible>` | `Result<_, impl IntoResponse>` | `Result<_, impl Reply>` |
//! | fields of the service | `State<S>` | what the closure captures |
//! | a tower `Layer` | `middleware::from_fn` | a function from handler to handler |
//! | | `Extension<T>` | an argument of your own function |
//! | | `DefaultBodyLimit` | [`Body::set_limit`], [`Limits::max_body_bytes`] |
//! | | `ServeDir` (tower-http) | [`Files`](crate::Files) |
//! | `http1::Builder` | `axum::serve` | [`Server`], with [`Config`] |
//! | `header_read_timeout` and a timer | | `Timeouts::head`, on by default |
//! | `max_headers`, `max_buf_size` | | `Http1Limits`, on by default |
//! | `serve_connection(io, service)` | | [`serve_connection`] |
//! | `conn.graceful_shutdown()` | `with_graceful_shutdown` | [`Server::shutdown`] |
//! | `#[tokio::main]`, a pool of threads | the same | [`Server::run`], a runtime a core |
//!
//! # axum's first example
//!
//! ```
//! use shockwave::{Request, Server, routes};
//!
//! async fn root(_request: Request<'_>) -> &'static str {
//!     "Hello, world!"
//! }
//!
//! let server = Server::bind("127.0.0.1:0").start(routes! { GET "/" => root })?;
//! # drop(server);
//! # Ok::<_, std::io::Error>(())
//! ```
//!
//! # What is different, and bites
//!
//! - A handler runs on its connection's thread and is not `Send`. `tokio::spawn` takes no part of
//!   the request; copy out what the task needs. `tokio::task::spawn_local` works, too.
//! - Blocking work belongs into `tokio::task::spawn_blocking`, as ever. A handler that computes for
//!   a second stalls its thread's other connections, for no other thread takes them over.
//! - A client that goes away is noticed when the handler next reads or writes, and not while it
//!   waits for something else. hyper drops the handler's future then.
//! - Paths, queries, parameters and cookies come as they were sent. Decode what you use.
//! - Field values are octets. [`Head::header_str`] answers text.
//! - Names of fields are sent as you write them.
//! - Trailers are read by [`Body::trailers`] when the content was read to its end.
//! - There is no HTTP/2, no TLS and no `tower` yet.
//!
//! [`Body::bytes`]: crate::Body::bytes
//! [`Body::chunk`]: crate::Body::chunk
//! [`Body::collect`]: crate::Body::collect
//! [`Body::set_limit`]: crate::Body::set_limit
//! [`Body::trailers`]: crate::Body::trailers
//! [`Config`]: crate::Config
//! [`Head::cookies`]: crate::Head::cookies
//! [`Head::header`]: crate::Head::header
//! [`Head::header_str`]: crate::Head::header_str
//! [`Head::known`]: crate::Head::known
//! [`Head::param`]: crate::Head::param
//! [`Head::path`]: crate::Head::path
//! [`Head::peer`]: crate::Head::peer
//! [`Head::query`]: crate::Head::query
//! [`Limits::max_body_bytes`]: crate::Limits::max_body_bytes
//! [`Reply`]: crate::Reply
//! [`Request`]: crate::Request
//! [`Request::respond`]: crate::Request::respond
//! [`Responder::stream`]: crate::Responder::stream
//! [`Server`]: crate::Server
//! [`Server::run`]: crate::Server::run
//! [`Server::shutdown`]: crate::Server::shutdown
//! [`serve_connection`]: crate::serve_connection
