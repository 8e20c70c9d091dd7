//! Expect: 100-continue (RFC 9110 section 10.1.1), whatever the handler does.

use shockwave_server::{Error, Request, Sent};

use super::common::{GET, bound, impatient, start};
use super::{patient, served};

const HEAD: &str =
    "POST /read HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n";

#[test]
fn who_reads_sends_100() {
    let server = patient();
    let mut client = server.connect();
    for _ in 0..3 {
        assert_eq!(client.send(HEAD).response(), "HTTP/1.1 100 Continue\r\n\r\n");
        let response = client.send("hello").response();
        assert!(response.ends_with("\r\n\r\nhello"), "{response:?}");
    }
    // Behind another request.
    client.send(GET).send(HEAD);
    assert!(client.response().ends_with("GET /"));
    assert_eq!(client.response(), "HTTP/1.1 100 Continue\r\n\r\n");
    assert!(client.send("hello").response().ends_with("\r\n\r\nhello"));
    server.check();
    server.finish();
}

#[test]
fn who_does_not_wait_for_it_gets_none() {
    let server = patient();
    let mut client = server.connect();
    let response = client.send(HEAD.to_owned() + "hello").response();
    assert!(response.ends_with("\r\n\r\nhello"), "{response:?}");
    server.check();
    server.finish();
}

#[test]
fn who_does_not_read_closes() {
    let server = patient();
    let mut client = server.connect();
    let response = client.send(HEAD.replace("/read", "/ignore")).end_of_response();
    assert!(response.starts_with("HTTP/1.1 200 "), "{response:?}");
    assert!(response.contains("\r\nConnection: close\r\n"), "{response:?}");
    server.check();
    server.finish();
}

#[test]
fn who_waits_in_vain_is_a_408() {
    let server = served();
    let mut client = server.connect();
    assert_eq!(client.send(HEAD).response(), "HTTP/1.1 100 Continue\r\n\r\n");
    let response = client.rest();
    assert!(response.starts_with("HTTP/1.1 408 "), "{response:?}");
    server.check();
    server.finish();
}

/// Who streams both ways wants the content, and begins the response first.
#[test]
fn who_streams_gets_the_content_as_long_as_there_is_a_body() {
    let server = start(bound().timeouts(impatient()), both_ways);
    let mut client = server.connect();
    client.send(HEAD.replace("/read", "/echo"));
    assert_eq!(client.response(), "HTTP/1.1 100 Continue\r\n\r\n");
    let response = client.send("hello").response();
    assert!(response.ends_with("\r\n\r\n5\r\nhello\r\n0\r\n\r\n"), "{response:?}");
    // Without a body nothing is to be sent.
    let response = client.send(HEAD.replace("/read", "/dropped")).end_of_response();
    assert!(response.ends_with("\r\n\r\n4\r\nnone\r\n0\r\n\r\n"), "{response:?}");
    assert!(response.contains("\r\nConnection: close\r\n"), "{response:?}");
    server.check();
    server.finish();
}

/// A handler that has answered has told the client that it need not send anything: what it then
/// reads is an error, and not a wait without end.
#[test]
fn content_is_not_waited_for_behind_the_response() {
    let server = start(bound().timeouts(impatient()), both_ways);
    let mut client = server.connect();
    let response = client.send(HEAD.replace("/read", "/answered")).end_of_response();
    assert!(response.starts_with("HTTP/1.1 200 "), "{response:?}");
    assert!(response.contains("\r\nConnection: close\r\n"), "{response:?}");
    server.check();
    assert_eq!((server.stats().panics, server.stats().timeouts), (0, 0));
    server.finish();
}

async fn both_ways(request: Request<'_>) -> Result<Sent, Error> {
    let path = request.path();
    let (_, mut body, responder) = request.split();
    match path {
        "/echo" => {
            let mut stream = responder.stream()?;
            while let Some(piece) = body.chunk().await {
                stream.write(piece?).await?;
            }
            stream.finish()
        }
        "/dropped" => {
            drop(body);
            let mut stream = responder.stream()?;
            stream.write("none").await?;
            stream.finish()
        }
        "/answered" => {
            let sent = responder.text("answered");
            assert!(matches!(body.chunk().await, Some(Err(Error::AlreadyResponded))));
            assert!(body.chunk().await.is_none());
            Ok(sent)
        }
        _ => Ok(responder.text("well")),
    }
}
