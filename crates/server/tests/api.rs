//! The public interface, as a user meets it.

use shockwave_server::Request;

mod common;

#[test]
fn hello() {
    let server = common::start(common::bound(), async |_request: Request<'_>| "Hello, world!");
    let mut client = server.connect();
    let response = client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").response();
    assert!(response.starts_with("HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n"));
    assert!(response.ends_with("\r\nContent-Length: 13\r\n\r\nHello, world!"), "{response}");
    drop(client);
    server.finish();
}

#[test]
fn a_hook_is_told_where_the_server_listens() {
    let (sender, receiver) = std::sync::mpsc::channel();
    let server = common::bound().on_listening(move |addresses| {
        let _ = sender.send(addresses.to_vec());
    });
    let server = common::start(server, async |_request: Request<'_>| "");
    assert_eq!(receiver.recv(), Ok(vec![server.address]));
    server.finish();
}
