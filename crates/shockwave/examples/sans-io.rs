//! The HTTP/1.1 core alone, over blocking sockets of the standard library, a thread a connection.
//! No runtime: the core is given octets and appends octets.
//!
//! ```sh
//! cargo run -p shockwave --example sans-io -- 127.0.0.1:8080
//! curl -i http://127.0.0.1:8080/ -d 'some content'
//! ```

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use shockwave::http11::{Config, Connection, Event};
use shockwave::wire::{Content, Field, Fields, ResponseHead, Scratch, Side, Status};

/// Answers what has come. How many octets of it are done with.
fn answer(
    connection: &mut Connection,
    scratch: &mut Scratch,
    input: &[u8],
    out: &mut Vec<u8>,
    content: &mut u64,
) -> Result<usize, shockwave::http11::Error> {
    let mut start = 0;
    loop {
        let received = connection.receive(&input[start..], scratch)?;
        start += received.consumed;
        let is_complete = match received.event {
            Some(Event::Request { end, .. }) => {
                *content = 0;
                end
            }
            Some(Event::Data { data, end }) => {
                *content += data.len() as u64;
                end
            }
            Some(Event::Trailers(_)) => true,
            Some(_) | None => return Ok(start),
        };
        if connection.expects_continue() {
            connection.send_continue(out)?;
        }
        if is_complete {
            let text = format!("{content} octets of content\n");
            let list = [Field::new("Content-Type", b"text/plain")];
            let head = ResponseHead::new(Status::OK, Fields::from(&list));
            connection.send_response(&head, Content::Length(text.len() as u64), out)?;
            // Not for HEAD.
            if connection.is_sending() {
                connection.send_data(text.as_bytes(), true, out)?;
            }
        }
    }
}

fn serve(mut socket: TcpStream) -> std::io::Result<()> {
    // A core knows when it is too late, but has no clock: it is told the time at each read.
    socket.set_read_timeout(Some(Duration::from_secs(1)))?;
    socket.set_write_timeout(Some(Duration::from_secs(30)))?;
    let mut connection = Connection::new(Side::Server, Config::strict());
    let (mut scratch, mut input, mut out) = (Scratch::new(), Vec::new(), Vec::new());
    let (mut octets, mut content) = ([0; 16 << 10], 0);
    while !connection.should_close() {
        let mut outcome = connection.tick(Instant::now());
        match socket.read(&mut octets) {
            Ok(0) => outcome = outcome.and_then(|()| connection.receive_eof()),
            Ok(count) => input.extend_from_slice(&octets[..count]),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
        let answered = outcome
            .and_then(|()| answer(&mut connection, &mut scratch, &input, &mut out, &mut content));
        match answered {
            Ok(consumed) => drop(input.drain(..consumed)),
            // Tells the client whose fault it is, and which.
            Err(error) => drop(connection.send_error(error, None, &mut out)),
        }
        socket.write_all(&out)?;
        out.clear();
    }
    socket.shutdown(Shutdown::Write)
}

fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let listener = TcpListener::bind(address)?;
    println!("listening on {}", listener.local_addr()?);
    for socket in listener.incoming() {
        let socket = socket?;
        std::thread::spawn(move || serve(socket));
    }
    Ok(())
}
