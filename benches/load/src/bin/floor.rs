//! The least that anyone could do on tokio: one read, count the ends of heads, write a canned reply
//! as often, in one write. It parses nothing, so it serves one workload, named by `--reply`, and
//! its Date is that of its start.

#![forbid(unsafe_code)]

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::Pin;
use std::process::ExitCode;
use std::task::{Poll, ready};

use memchr::memmem::Finder;
use shockwave_bench_load::contract::Arguments;
use shockwave_bench_load::serve::serve;
use shockwave_bench_load::workload;
use tokio::io::{AsyncRead as _, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;

/// Replies that are kept in a row, so that one write sends them all.
const MAX_BATCH: usize = 64;

thread_local! {
    /// Where all connections of a worker read to: an idle one holds no buffer.
    static INPUT: RefCell<Vec<u8>> = RefCell::new(vec![0; 64 << 10]);
}

fn main() -> ExitCode {
    let arguments = Arguments::of_process();
    let name = arguments.value("--reply").unwrap_or("plaintext");
    let Some(workload) = workload::find(name) else {
        eprintln!("error: no workload {name:?}");
        return ExitCode::from(2);
    };
    let expected = workload.exchange.expected();
    let mut reply = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {}\r\nContent-Length: {}\r\nDate: {}\r\n\r\n",
        expected.content_type,
        expected.content.len(),
        httpdate::fmt_http_date(std::time::SystemTime::now()),
    )
    .into_bytes();
    reply.extend_from_slice(&expected.content);
    // For the life of the process: no count of references on the way.
    let replies: &'static [u8] = reply.repeat(MAX_BATCH).leak();
    match serve(&arguments, move |stream| connection(stream, replies)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn connection(mut stream: TcpStream, replies: &'static [u8]) {
    let finder = Finder::new(&END);
    let mut tail = Tail::default();
    while let Some(mut count) = requests(&mut stream, &finder, &mut tail).await {
        while count > 0 {
            let batch = count.min(MAX_BATCH);
            let octets = replies.get(..replies.len() / MAX_BATCH * batch).unwrap_or_default();
            if stream.write_all(octets).await.is_err() {
                return;
            }
            count -= batch;
        }
    }
}

/// Reads once, and counts the heads that end in what came; `None` at the end.
async fn requests(stream: &mut TcpStream, finder: &Finder<'_>, tail: &mut Tail) -> Option<usize> {
    // A read by hand: `TcpStream::try_read` would need a second, futile read to find the socket
    // empty, where this one knows it from a read that does not fill the buffer.
    poll_fn(|context| {
        INPUT.with_borrow_mut(|input| {
            let mut buffer = ReadBuf::new(input);
            match ready!(Pin::new(&mut *stream).poll_read(context, &mut buffer)) {
                Ok(()) if !buffer.filled().is_empty() => {
                    Poll::Ready(Some(tail.count(finder, buffer.filled())))
                }
                _ => Poll::Ready(None),
            }
        })
    })
    .await
}

/// How many octets of an end the last input ended with, for an end that is cut in two.
#[derive(Debug, Default)]
struct Tail(usize);

const END: [u8; 4] = *b"\r\n\r\n";

impl Tail {
    fn count(&mut self, finder: &Finder<'_>, input: &[u8]) -> usize {
        let mut ends = 0;
        let mut rest = input;
        while self.0 > 0 {
            let Some((octet, after)) = rest.split_first() else { return ends };
            rest = after;
            self.0 = match (self.0, octet) {
                (3, b'\n') => 4,
                (2, b'\r') => 3,
                (1, b'\n') => 2,
                (_, b'\r') => 1,
                _ => 0,
            };
            if self.0 == END.len() {
                ends += 1;
                self.0 = 0;
            }
        }
        let mut after_last = 0;
        for at in finder.find_iter(rest) {
            ends += 1;
            after_last = at + END.len();
        }
        let left = &rest[after_last..];
        self.0 = (1..END.len()).rev().find(|&part| left.ends_with(&END[..part])).unwrap_or(0);
        ends
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_split_has_as_many_ends() {
        let finder = Finder::new(&END);
        let stream = b"GET / HTTP/1.1\r\nA: b\r\n\r\nGET / HTTP/1.1\r\n\r\n\r\n\r\nx\r\n";
        for first in 0..=stream.len() {
            for second in first..=stream.len() {
                let mut tail = Tail::default();
                let pieces = [&stream[..first], &stream[first..second], &stream[second..]];
                let pieces = pieces.iter().filter(|piece| !piece.is_empty());
                let ends: usize = pieces.map(|piece| tail.count(&finder, piece)).sum();
                assert_eq!(ends, 3, "{first} {second}");
            }
        }
        let mut tail = Tail::default();
        let ends: usize = stream.chunks(1).map(|octet| tail.count(&finder, octet)).sum();
        assert_eq!(ends, 3);
    }
}
