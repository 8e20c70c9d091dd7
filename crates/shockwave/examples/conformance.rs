//! A server that test suites of other people can ask about everything.
//!
//! | request | response |
//! |---|---|
//! | `POST /` and other methods | the content, with its Content-Type |
//! | `GET /` | `OK` |
//! | `/echo` | the request line and the field lines, one a line |
//! | `/cookie` | the cookies, `name=value`, one a line |
//! | `/chunked` | three chunks |
//! | `/trailers` | three chunks, and a trailer for who says `TE: trailers` |
//! | `/status/NNN` | that status |
//!
//! ```sh
//! cargo run -p shockwave --example conformance -- 8080
//! curl -i http://127.0.0.1:8080/ -d 'some content'
//! ```

use shockwave::{Error, Field, Fields, Known, Method, Request, Sent, Server};

async fn app(request: Request<'_>) -> Result<Sent, Error> {
    match (request.method(), request.path()) {
        (_, "/echo") => Ok(echo_fields(request)),
        (_, "/cookie") => Ok(cookies(request)),
        (_, "/chunked") => chunks(request, false).await,
        (_, "/trailers") => chunks(request, true).await,
        (_, path) if path.starts_with("/status/") => Ok(status(request)),
        (Method::Get | Method::Head | Method::Options, _) => Ok(request.respond().text("OK")),
        _ => echo(request).await,
    }
}

async fn echo(mut request: Request<'_>) -> Result<Sent, Error> {
    let content = request.body().collect(16 << 20).await?;
    let media_type = request.known(Known::CONTENT_TYPE).unwrap_or(b"application/octet-stream");
    Ok(request.respond().header("content-type", media_type).bytes(content))
}

fn echo_fields(request: Request<'_>) -> Sent {
    let mut lines = Vec::new();
    for part in [request.method().as_bytes(), b" ", request.target(), b"\n"] {
        lines.extend_from_slice(part);
    }
    for field in request.fields() {
        for part in [field.name, b": ", field.value, b"\n"] {
            lines.extend_from_slice(part);
        }
    }
    request.respond().text(lines)
}

fn cookies(request: Request<'_>) -> Sent {
    let mut lines = Vec::new();
    for (name, value) in request.cookies() {
        for part in [name, b"=", value, b"\n"] {
            lines.extend_from_slice(part);
        }
    }
    request.respond().text(lines)
}

async fn chunks(request: Request<'_>, has_trailers: bool) -> Result<Sent, Error> {
    let mut responder = request.respond().header("content-type", "text/plain");
    if has_trailers {
        responder = responder.header("trailer", "x-pieces");
    }
    let mut stream = responder.stream()?;
    for piece in ["one\n", "two\n", "three\n"] {
        stream.write(piece).await?;
    }
    match has_trailers {
        true => stream.finish_with(Fields::from(&[Field::new("x-pieces", b"3")])),
        false => stream.finish(),
    }
}

fn status(request: Request<'_>) -> Sent {
    let code = request.path().strip_prefix("/status/").and_then(|code| code.parse::<u16>().ok());
    match code {
        Some(code @ 200..=599) => request.respond().status(code).text("a status\n"),
        _ => request.respond().status(400).text("from 200 to 599\n"),
    }
}

fn main() -> std::io::Result<()> {
    let mut address = std::env::args().nth(1).unwrap_or_else(|| "8080".to_owned());
    if address.parse::<u16>().is_ok() {
        address = format!("127.0.0.1:{address}");
    }
    Server::bind(address)
        .on_listening(|addresses| println!("listening on {}", addresses[0]))
        .run(app)
}
