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
    let finder = Finder::new(b"\r\n\r\n");
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

/// The last octets of what was read, for an end that is cut in two.
#[derive(Debug, Default)]
struct Tail {
    octets: [u8; 3],
    length: usize,
}

impl Tail {
    fn count(&mut self, finder: &Finder<'_>, input: &[u8]) -> usize {
        let mut ends = 0;
        let mut rest = input;
        if self.length > 0 {
            let mut seam = [0; 6];
            let head = input.len().min(3);
            let (before, after) = seam.split_at_mut(self.length);
            before.copy_from_slice(self.octets.get(..self.length).unwrap_or_default());
            after[..head].copy_from_slice(&input[..head]);
            if let Some(at) = finder.find(&seam[..self.length + head]) {
                ends += 1;
                rest = &input[at + 4 - self.length..];
            }
        }
        let mut after_last = input.len() - rest.len();
        for at in finder.find_iter(rest) {
            ends += 1;
            after_last = input.len() - rest.len() + at + 4;
        }
        // Octet by octet from a slow client: the tail of the tail stays.
        let left = &input[after_last..];
        if left.len() >= 3 || ends > 0 {
            let kept = &left[left.len().saturating_sub(3)..];
            self.length = kept.len();
            self.octets[..kept.len()].copy_from_slice(kept);
        } else {
            let mut all = [0; 6];
            all[..self.length].copy_from_slice(&self.octets[..self.length]);
            all[self.length..self.length + left.len()].copy_from_slice(left);
            let total = self.length + left.len();
            let from = total.saturating_sub(3);
            self.length = total - from;
            self.octets[..self.length].copy_from_slice(&all[from..total]);
        }
        ends
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_split_has_as_many_ends() {
        let finder = Finder::new(b"\r\n\r\n");
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
