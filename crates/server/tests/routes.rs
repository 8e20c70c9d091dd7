//! `routes!`: what leads where.

use shockwave_server::{Request, Sent, routes};

mod common;

async fn user(request: Request<'_>) -> Sent {
    let id = request.param("id").unwrap_or("none");
    request.respond().text(id)
}

async fn created(mut request: Request<'_>) -> Result<(u16, Vec<u8>), shockwave_server::Error> {
    Ok((201, request.body().collect(100).await?))
}

#[test]
fn each_request_finds_its_handler() {
    let greeting = String::from("hello");
    let server = common::start(
        common::bound(),
        routes! {
            GET "/" => async |_request: Request<'_>| "index",
            GET "/users/{id}" => user,
            GET "/users/me" => async |_request: Request<'_>| greeting.clone(),
            POST "/users" => created,
            PUT "/users" => async |_request: Request<'_>| (),
            GET "/files/{*path}" => async |request: Request<'_>| {
                request.param("path").map(str::to_owned)
            },
        },
    );
    let mut client = server.connect();
    for (request, status, content) in [
        ("GET /", "200", "index"),
        ("GET /?a=b", "200", "index"),
        ("GET /users/7", "200", "7"),
        ("GET /users/me", "200", "hello"),
        ("GET /files/a/b%20c", "200", "a/b%20c"),
        ("PUT /users", "204", ""),
        ("GET /nowhere", "404", ""),
        ("GET /users/7/", "404", ""),
        ("DELETE /users", "405", ""),
        ("get /", "405", ""),
    ] {
        client.send(format!("{request} HTTP/1.1\r\nHost: a\r\n\r\n"));
        let response = client.response();
        assert_eq!(&response[9..12], status, "{request}: {response}");
        assert_eq!(response.split_once("\r\n\r\n").unwrap().1, content, "{request}");
    }
    client.send("DELETE /users HTTP/1.1\r\nHost: a\r\n\r\n");
    assert!(client.response().contains("\r\nAllow: POST, PUT\r\n"));
    client.send("POST /users HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
    assert!(client.response().ends_with("\r\n\r\nabc"));
    // The handler of GET answers HEAD, without the content.
    client.send("HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    let response = client.rest();
    assert!(response.contains("\r\nContent-Length: 5\r\n") && response.ends_with("\r\n\r\n"));
}

#[test]
fn other_paths_have_a_handler_of_their_own() {
    let server = common::start(
        common::bound(),
        routes! {
            GET "/a" => async |_request: Request<'_>| "a",
            _ => async |request: Request<'_>| (404, format!("no {}", request.path())),
        },
    );
    let mut client = server.connect();
    let response = client.send("GET /b HTTP/1.1\r\nHost: a\r\n\r\n").response();
    assert!(response.starts_with("HTTP/1.1 404 ") && response.ends_with("no /b"), "{response}");
}

#[test]
fn a_mistake_in_the_routes_is_told_when_they_are_made() {
    let said = |routes: &'static [(&'static str, &'static str)]| {
        let made = std::panic::catch_unwind(|| shockwave_server::Routes::new(routes));
        *made.unwrap_err().downcast::<String>().unwrap()
    };
    assert_eq!(said(&[("GET", "/a"), ("GET", "/a")]), "two routes for GET /a");
    assert!(said(&[("GET", "/{a}"), ("GET", "/{b}")]).starts_with("the route \"/{b}\": "));
    assert!(said(&[("GET", "/{a")]).starts_with("the route \"/{a\": "));
}
