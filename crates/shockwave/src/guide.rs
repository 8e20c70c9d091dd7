//! A guide, from the first handler to the last connection.
//!
//! - [Handlers and replies](#handlers-and-replies)
//! - [Reading a request's content](#reading-a-requests-content)
//! - [Streaming a response](#streaming-a-response)
//! - [Errors](#errors)
//! - [Middleware and state](#middleware-and-state)
//! - [Timeouts and limits](#timeouts-and-limits)
//! - [Shutting down](#shutting-down)
//! - [Embedding](#embedding)
//! - What allocates: [`allocations`]
//! - Coming from hyper or axum: [`migrating`]
//!
//! # Handlers and replies
//!
//! A handler is an async function, or an async closure, from a [`Request`] to a [`Reply`]. It runs
//! on its connection's thread, beside that thread's other connections. It need not be `Send` across
//! its waits, so an `Rc` or a `RefCell` is fine. It must not block: other connections wait then.
//!
//! ```
//! use shockwave::{Request, Sent};
//!
//! /// A value is a reply: text, octets, a status, `Option`, `Result`, pairs of status and value.
//! async fn hello(request: Request<'_>) -> (u16, String) {
//!     (200, format!("hello from {}\n", request.path()))
//! }
//!
//! /// With fields of its own, a handler answers itself. `Sent` shows that it did.
//! async fn moved(request: Request<'_>) -> Sent {
//!     request.respond().status(301).header("location", "/elsewhere").empty()
//! }
//! # fn holds<R: shockwave::Reply + 'static>(_: impl AsyncFn(Request<'_>) -> R) {}
//! # holds(hello);
//! # holds(moved);
//! ```
//!
//! All that a request lends, its path and its fields, lives as long as the request and not as long
//! as the borrow. So `let path = request.path(); request.respond().text(path)` compiles.
//!
//! Routes are a `match`. Where arms reply with different types, [`Request::reply_with`] makes a
//! [`Sent`] of each. For patterns with parameters there is [`routes!`](crate::routes).
//!
//! ```
//! use shockwave::{Method, Request, Sent, routes};
//!
//! async fn hello(_request: Request<'_>) -> &'static str {
//!     "hello\n"
//! }
//!
//! async fn user(request: Request<'_>) -> Option<String> {
//!     let number: u32 = request.param("id")?.parse().ok()?; // 404 for `None`
//!     Some(format!("user {number}\n"))
//! }
//!
//! async fn app(request: Request<'_>) -> Sent {
//!     match (request.method(), request.path()) {
//!         (Method::Get | Method::Head, "/hello") => request.reply_with(hello).await,
//!         (_, "/hello") => request.respond().status(405).header("allow", "GET, HEAD").empty(),
//!         _ => request.respond().status(404).empty(),
//!     }
//! }
//!
//! let same_with_a_parameter = routes! {
//!     GET "/hello" => hello,
//!     GET "/users/{id}" => user,
//! };
//! # fn holds<R: shockwave::Reply + 'static>(_: impl AsyncFn(Request<'_>) -> R) {}
//! # holds(app);
//! # holds(same_with_a_parameter);
//! ```
//!
//! Four things that the compiler will tell you, and what it means:
//!
//! - *`AsyncFn` is not general enough*, or *cannot infer type*: a closure that is stored in a
//!   variable first wants its argument's type: `async |request: Request<'_>| ...`. One that is
//!   passed at once does not. `|request| async move { ... }` is no async closure: the `async` goes
//!   in front.
//! - *one type is more general than the other*: the reply borrows from the request. Answer by
//!   [`Request::respond`], which may borrow, or own what you return. The same is said of handlers
//!   that return `impl Reply`: name the type.
//! - *cannot infer type of the type parameter `E`*: a closure with `?` wants its type:
//!   `async |request: Request<'_>| -> Result<String, Error> { ... }`.
//! - *... is no reply*: see the list at [`Reply`], and implement it for your own type.
//!
//! A handler that is to be chosen at run time is boxed by you, and called from a closure:
//!
//! ```
//! use std::pin::Pin;
//!
//! use shockwave::{Request, Sent};
//!
//! type Boxed = Box<dyn for<'r> Fn(Request<'r>) -> Pin<Box<dyn Future<Output = Sent> + 'r>>>;
//!
//! let chosen: Boxed = Box::new(|request| Box::pin(async { request.respond().text("boxed\n") }));
//! let handler = async move |request: Request<'_>| chosen(request).await;
//! # let _ = handler;
//! ```
//!
//! # Reading a request's content
//!
//! None of it is held for you. [`Body::chunk`] lends a piece until the next one is asked for;
//! [`Body::collect`] and [`Body::json`] ask for their limit. A client that waits for 100 (Continue)
//! gets it when the content is first asked for. What you leave is thrown away, or the connection
//! closes where it is much.
//!
//! ```
//! use shockwave::{Error, Request};
//!
//! async fn count(mut request: Request<'_>) -> Result<String, Error> {
//!     let mut octets = 0;
//!     while let Some(chunk) = request.body().chunk().await {
//!         octets += chunk?.len();
//!     }
//!     Ok(format!("{octets} octets\n"))
//! }
//!
//! async fn reversed(mut request: Request<'_>) -> Result<Vec<u8>, Error> {
//!     let mut content = request.body().collect(1 << 20).await?; // 413 if it is more
//!     content.reverse();
//!     Ok(content)
//! }
//! # fn holds<R: shockwave::Reply + 'static>(_: impl AsyncFn(Request<'_>) -> R) {}
//! # holds(count);
//! # holds(reversed);
//! ```
//!
//! [`Request::respond`] ends the reading: the rest is left. To read while you answer, and to keep
//! the head, take the request apart with [`Request::split`].
//!
//! # Streaming a response
//!
//! [`Responder::stream`](crate::Responder::stream) sends the head; [`ResponseStream::write`] the
//! pieces. Small ones are collected and leave when the handler waits for something, so that no
//! flush is needed before a timer. `write` waits while the client does not read.
//!
//! ```
//! use shockwave::{Error, Request, Sent};
//!
//! async fn echo(request: Request<'_>) -> Result<Sent, Error> {
//!     let (_head, mut body, responder) = request.split();
//!     let mut response = responder.stream()?;
//!     while let Some(chunk) = body.chunk().await {
//!         response.write(chunk?).await?;
//!     }
//!     response.finish_with(body.trailers())
//! }
//! # fn holds<R: shockwave::Reply + 'static>(_: impl AsyncFn(Request<'_>) -> R) {}
//! # holds(echo);
//! ```
//!
//! A stream that is dropped without [`finish`](crate::ResponseStream::finish) closes the
//! connection, so that the client can tell that something is missing. After `stream` it is too late
//! for another status: an error that the handler returns then does the same.
//!
//! Who writes for ever, as server-sent events do, notices at the next `write` that the client is
//! gone. So write now and then, a comment line if there is no event, and look at
//! [`ResponseStream::has_content`] first: a HEAD has no content whose writing could fail.
//!
//! # Errors
//!
//! [`Error`] says what went wrong while reading or answering, and is a [`Reply`]: `?` is all that
//! most handlers need. For errors of your own, implement [`Reply`] once and convert into it.
//!
//! ```
//! use shockwave::{Error, Reply, Request, Responder, Sent};
//!
//! enum Failure {
//!     Http(Error),
//!     NotFound,
//! }
//!
//! impl From<Error> for Failure {
//!     fn from(error: Error) -> Self {
//!         Self::Http(error)
//!     }
//! }
//!
//! impl Reply for Failure {
//!     fn reply(self, responder: Responder<'_>) -> Sent {
//!         match self {
//!             Self::Http(error) => error.reply(responder),
//!             Self::NotFound => responder.status(404).text("there is no such thing\n"),
//!         }
//!     }
//! }
//!
//! async fn find(mut request: Request<'_>) -> Result<String, Failure> {
//!     let wanted = request.body().collect(1 << 10).await?;
//!     if wanted != b"the thing" {
//!         return Err(Failure::NotFound);
//!     }
//!     Ok("here it is\n".to_owned())
//! }
//! # fn holds<R: Reply + 'static>(_: impl AsyncFn(Request<'_>) -> R) {}
//! # holds(find);
//! ```
//!
//! What a client does wrong is answered before any handler is asked, with 400, 408, 413, 414, 431
//! or whatever is due, and counted in [`Stats`](crate::Stats). A handler that panics is a 500 and
//! ends its connection; the others go on.
//!
//! # Middleware and state
//!
//! A middleware is a function from handler to handler. State is what a closure captures: of its own
//! type, behind an `Arc` only where it is also used elsewhere, for the handler itself is shared.
//!
//! ```
//! use shockwave::{Known, Reply, Request, Sent};
//!
//! /// Lets every reply through.
//! fn logged<F, R>(handler: F) -> impl AsyncFn(Request<'_>) -> R
//! where
//!     F: AsyncFn(Request<'_>) -> R,
//! {
//!     async move |request: Request<'_>| {
//!         let head = request.head(); // stays when the request is handed on
//!         let reply = handler(request).await;
//!         println!("{} {}", head.method(), head.path());
//!         reply
//!     }
//! }
//!
//! /// Replies itself, or has the handler reply.
//! fn authorised<F, R>(handler: F) -> impl AsyncFn(Request<'_>) -> Sent
//! where
//!     F: AsyncFn(Request<'_>) -> R,
//!     R: Reply,
//! {
//!     async move |request: Request<'_>| match request.known(Known::AUTHORIZATION) {
//!         Some(b"Bearer sesame") => request.reply_with(&handler).await,
//!         _ => request.respond().status(401).header("www-authenticate", "Bearer").empty(),
//!     }
//! }
//!
//! struct App {
//!     greeting: String,
//! }
//!
//! async fn greet(app: &App, _request: Request<'_>) -> String {
//!     app.greeting.clone()
//! }
//!
//! let app = App { greeting: "hello\n".to_owned() };
//! let handler = async move |request: Request<'_>| greet(&app, request).await;
//! let server = shockwave::Server::bind("127.0.0.1:0").start(logged(authorised(handler)))?;
//! # drop(server);
//! # Ok::<_, std::io::Error>(())
//! ```
//!
//! What is to be known of every response, its status and its length, is told to
//! [`Server::on_response`](crate::Server::on_response).
//!
//! # Timeouts and limits
//!
//! All are on. [`Config`] has them, each with its default, and what it stops, in its documentation.
//!
//! ```
//! use std::time::Duration;
//!
//! use shockwave::{Config, Server};
//!
//! let mut config = Config::new();
//! config.http1.timeouts.head = Duration::from_secs(5);
//! config.http1.timeouts.idle = Duration::from_secs(120);
//! config.http1.limits.max_field_count = 50;
//! config.limits.max_body_bytes = 1 << 20;
//! let server = Server::bind("127.0.0.1:0").config(config).max_connections(10_000);
//! # drop(server);
//! ```
//!
//! These types may grow, so they cannot be written out, not even with `..`: take the defaults and
//! assign.
//!
//! How long a handler takes is the handler's affair: wrap what may hang into
//! `tokio::time::timeout`. All that is cancelled by that can be: a read loses nothing, a write that
//! was half-way ends the response.
//!
//! A handler that waits for something is dropped where it waits when its client resets the
//! connection. A client that ends it in order may still be reading, and is answered; with
//! [`Config::half_close`](crate::Config::half_close) off, its handler is dropped, too.
//!
//! What all of this does is counted: [`Server::monitor`](crate::Server::monitor) answers what reads
//! the counters, for a handler to take along.
//!
//! # Shutting down
//!
//! [`Server::shutdown`](crate::Server::shutdown) takes a future, and ends gracefully when it is
//! there. [`signal::ctrl_c_or_term`](crate::signal::ctrl_c_or_term) is the usual one.
//!
//! ```no_run
//! use std::time::Duration;
//!
//! # fn main() -> std::io::Result<()> {
//! shockwave::Server::bind("0.0.0.0:8080")
//!     .shutdown(shockwave::signal::ctrl_c_or_term(), Duration::from_secs(30))
//!     .run(async |_request| "Hello, world!")
//! # }
//! ```
//!
//! With [`Server::start`](crate::Server::start) you hold the server instead, as tests like to:
//!
//! ```
//! use std::io::{Read as _, Write as _};
//!
//! let running = shockwave::Server::bind("127.0.0.1:0").start(async |_request| "hello")?;
//! let mut client = std::net::TcpStream::connect(running.local_addrs()[0])?;
//! client.write_all(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")?;
//! let mut response = String::new();
//! client.read_to_string(&mut response)?;
//! assert!(response.ends_with("\r\n\r\nhello"));
//! drop(client);
//! running.shutdown();
//! running.join()?;
//! # Ok::<_, std::io::Error>(())
//! ```
//!
//! # Embedding
//!
//! [`serve_connection`](crate::serve_connection) serves one connection over anything that tokio can
//! read and write, in your own runtime. For many, make a [`Worker`](crate::Worker) for each thread:
//! its connections share buffers and a clock. The example `embed` is a whole server of that kind,
//! and `sans-io` one without a runtime, over the core in [`http11`](crate::http11).
//!
//! [`Body::chunk`]: crate::Body::chunk
//! [`Body::collect`]: crate::Body::collect
//! [`Body::json`]: crate::Body#method.json
//! [`Config`]: crate::Config
//! [`Error`]: crate::Error
//! [`Reply`]: crate::Reply
//! [`Request`]: crate::Request
//! [`Request::reply_with`]: crate::Request::reply_with
//! [`Request::respond`]: crate::Request::respond
//! [`Request::split`]: crate::Request::split
//! [`ResponseStream::has_content`]: crate::ResponseStream::has_content
//! [`ResponseStream::write`]: crate::ResponseStream::write
//! [`Sent`]: crate::Sent

pub mod allocations;
pub mod migrating;
