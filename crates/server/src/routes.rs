//! Routing without boxes: [`routes!`](crate::routes).

use core::fmt;

use shockwave_wire::Method;

use crate::Request;

/// A handler that passes each request on to the handler of its path and method.
///
/// ```
/// use shockwave_server::{Request, Sent, Server, routes};
///
/// async fn index(_request: Request<'_>) -> &'static str {
///     "welcome\n"
/// }
///
/// async fn user(request: Request<'_>) -> Sent {
///     let id = request.param("id").unwrap_or_default();
///     request.respond().text(id)
/// }
///
/// let greeting = String::from("hello\n");
/// let server = Server::bind("127.0.0.1:0").start(routes! {
///     GET "/" => index,
///     GET "/users/{id}" => user,
///     GET "/greeting" => async |_request: Request<'_>| greeting.clone(),
///     POST "/files/{*path}" => async |request: Request<'_>| request.param("path").map(|_| ()),
///     _ => async |_request: Request<'_>| (404, "there is nothing here\n"),
/// })?;
/// # Ok::<_, std::io::Error>(())
/// ```
///
/// - Handlers may reply with different types. What they capture is moved into the whole.
/// - `{name}` stands for one segment of the path and `{*name}` for the rest of it; the most
///   specific pattern wins. [`Head::param`](crate::Head::param) answers what was matched, as sent.
/// - A handler for `GET` answers `HEAD`, too, if there is none.
/// - A path that has handlers, but none for the method, is a 405 with Allow. Without `_`, any other
///   path is a 404.
///
/// Finding a route allocates nothing, up to four parameters. The whole is one future without a box.
///
/// # Panics
///
/// When it is made, not when it is called: two routes are the same, or a pattern is malformed.
#[macro_export]
macro_rules! routes {
    (
        $($method:ident $pattern:literal => $handler:expr),+
        $(, _ => $fallback:expr)? $(,)?
    ) => {{
        let routes = $crate::Routes::new(&[$((stringify!($method), $pattern)),+]);
        async move |request: $crate::Request<'_>| -> $crate::Sent {
            let found = routes.find(&request);
            if let $crate::Route::Found(index, params) = &found {
                let request = request.with_params(params);
                let mut at = 0_usize;
                $(
                    if at == *index {
                        return request.reply_with($handler).await;
                    }
                    at += 1;
                )+
                let _ = at;
                return request.respond().status(404_u16).empty();
            }
            if let $crate::Route::OtherMethods(allow) = found {
                return request.respond().status(405_u16).header("Allow", allow).empty();
            }
            $(return request.reply_with($fallback).await;)?
            #[allow(unreachable_code)]
            request.respond().status(404_u16).empty()
        }
    }};
}

/// The patterns of [`routes!`](crate::routes), for it to use.
#[doc(hidden)]
pub struct Routes {
    /// From patterns to places in `paths`.
    router: matchit::Router<usize>,
    paths: Vec<Path>,
}

/// The routes of one pattern.
struct Path {
    pattern: &'static str,
    /// Method and number of each route.
    routes: Vec<(&'static str, usize)>,
    /// The value of Allow.
    allow: String,
}

/// What was found for a request.
#[doc(hidden)]
#[derive(Debug)]
#[allow(clippy::exhaustive_enums, reason = "for the macro alone")]
pub enum Route<'r> {
    /// The number of the route, and what its pattern has matched.
    Found(usize, Params<'r>),
    /// The path has routes, with these methods.
    OtherMethods(&'r str),
    /// There is none.
    Missing,
}

/// What the parameters of a pattern stand for.
#[doc(hidden)]
#[derive(Debug)]
pub struct Params<'r>(matchit::Params<'r, 'r>);

impl<'r> Params<'r> {
    pub(crate) fn get(&'r self, name: &str) -> Option<&'r str> {
        self.0.get(name)
    }
}

impl Routes {
    /// Of methods and patterns, in the order of the routes.
    ///
    /// # Panics
    ///
    /// As [`routes!`](crate::routes).
    #[must_use]
    #[track_caller]
    #[allow(clippy::panic, reason = "a mistake in the program, told when it starts")]
    pub fn new(routes: &[(&'static str, &'static str)]) -> Self {
        let mut paths: Vec<Path> = Vec::new();
        for (number, &(method, pattern)) in routes.iter().enumerate() {
            let at = paths.iter().position(|path| path.pattern == pattern);
            let at = at.unwrap_or_else(|| {
                paths.push(Path { pattern, routes: Vec::new(), allow: String::new() });
                paths.len().saturating_sub(1)
            });
            let Some(path) = paths.get_mut(at) else { continue };
            if path.routes.iter().any(|&(other, _)| other == method) {
                panic!("two routes for {method} {pattern}");
            }
            path.routes.push((method, number));
        }
        let mut router = matchit::Router::new();
        for (at, path) in paths.iter_mut().enumerate() {
            path.allow = path.allowed();
            if let Err(error) = router.insert(path.pattern, at) {
                panic!("the route {:?}: {error}", path.pattern);
            }
        }
        Self { router, paths }
    }

    /// The route of a request.
    #[must_use]
    pub fn find<'r>(&'r self, request: &Request<'r>) -> Route<'r> {
        let Ok(found) = self.router.at(request.path()) else { return Route::Missing };
        let Some(path) = self.paths.get(*found.value) else { return Route::Missing };
        let method = request.method();
        let route = path.route(method.as_bytes()).or_else(|| match method {
            Method::Head => path.route(b"GET"),
            _ => None,
        });
        match route {
            Some(number) => Route::Found(number, Params(found.params)),
            None => Route::OtherMethods(&path.allow),
        }
    }
}

impl Path {
    fn route(&self, method: &[u8]) -> Option<usize> {
        let route = self.routes.iter().find(|(name, _)| name.as_bytes() == method);
        route.map(|&(_, number)| number)
    }

    fn allowed(&self) -> String {
        let mut methods: Vec<_> = self.routes.iter().map(|&(method, _)| method).collect();
        if methods.contains(&"GET") && !methods.contains(&"HEAD") {
            methods.push("HEAD");
        }
        methods.join(", ")
    }
}

impl fmt::Debug for Routes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let patterns = self.paths.iter().map(|path| (path.pattern, &path.allow));
        f.debug_map().entries(patterns).finish()
    }
}
