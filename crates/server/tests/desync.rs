//! Many requests on one connection, and handlers that do with their content what they like: each
//! response is that of its request, and nothing waits for ever. There are no deadlines here that
//! could hide a wake-up that was lost.

use core::future::poll_fn;
use core::task::Poll;
use core::time::Duration;
use std::rc::Rc;

use shockwave_server::{Config, ConnectionInfo, Error, Request, Sent, Worker};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

static LARGE: [u8; 200_000] = [b'l'; 200_000];

/// What a handler can do with its request.
const WAYS: [&str; 12] = [
    "read", "one", "ignore", "large", "echo", "late", "leak", "cancel", "both", "drop", "known",
    "fail",
];

struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).expect("a small number")
    }

    fn one_in(&mut self, bound: usize) -> bool {
        self.below(bound) == 0
    }
}

/// Lets others run.
async fn pause() {
    let mut is_over = false;
    poll_fn(|cx| {
        if is_over {
            return Poll::Ready(());
        }
        is_over = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

async fn handler(request: Request<'_>) -> Result<Sent, Error> {
    let (head, mut body, responder) = request.split();
    let mut segments = head.path().split('/').skip(1);
    let id = segments.next().unwrap_or_default();
    let responder = responder.header("x-id", id);
    let mut sum = 0_usize;
    match segments.next().unwrap_or_default() {
        "read" => {
            let content = body.collect(1 << 20).await?;
            Ok(responder.text(content.len().to_string()))
        }
        "one" => {
            let first = body.chunk().await.transpose()?.map_or(0, <[u8]>::len);
            Ok(responder.text(first.to_string()))
        }
        "large" => Ok(responder.bytes(&LARGE[..])),
        "known" => Ok(responder.bytes(shockwave_server::ResponseBody::from_static(&LARGE))),
        "echo" => {
            let mut stream = responder.stream()?;
            while let Some(piece) = body.chunk().await {
                stream.write(piece?).await?;
            }
            stream.finish()
        }
        "late" => {
            let sent = responder.text("late");
            while let Some(Ok(_)) = body.chunk().await {}
            Ok(sent)
        }
        "leak" => {
            core::mem::forget(body);
            Ok(responder.text("leaked"))
        }
        "cancel" => loop {
            tokio::select! {
                biased;
                piece = body.chunk() => match piece.transpose()? {
                    Some(piece) => sum += piece.len(),
                    None => return Ok(responder.text(sum.to_string())),
                },
                () = pause() => {}
            }
        },
        "both" => {
            let mut stream = responder.stream()?;
            let reading = async {
                while let Some(piece) = body.chunk().await {
                    sum += piece?.len();
                }
                Ok::<_, Error>(())
            };
            let writing = async {
                for length in [1, 10, 5000, 100_000, 100] {
                    stream.write(&LARGE[..length]).await?;
                }
                Ok::<_, Error>(())
            };
            let (read, written) = tokio::join!(reading, writing);
            read.and(written)?;
            stream.finish()
        }
        "drop" => {
            drop(body);
            let mut stream = responder.stream()?;
            for length in [1, 10, 5000, 100_000, 100] {
                stream.write(&LARGE[..length]).await?;
                pause().await;
            }
            stream.finish()
        }
        "fail" => Ok(responder.header("x-bad", "a\r\nb").text("never")),
        _ => Ok(responder.text("ignored")),
    }
}

/// Requests with content of all kinds, and how many they are.
fn requests(random: &mut Random) -> (Vec<u8>, usize) {
    let mut octets = Vec::new();
    let count = 1 + random.below(12);
    for id in 0..count {
        let way = WAYS[random.below(WAYS.len())];
        let expect = if random.one_in(6) { "Expect: 100-continue\r\n" } else { "" };
        let size = [0, 1, 7, 100, 5000, 20_000, 70_000][random.below(7)];
        let start = format!("POST /{id}/{way} HTTP/1.1\r\nHost: a\r\n{expect}");
        match random.below(3) {
            0 => octets.extend(format!("GET /{id}/{way} HTTP/1.1\r\nHost: a\r\n\r\n").bytes()),
            1 => {
                octets.extend(format!("{start}Content-Length: {size}\r\n\r\n").bytes());
                // What looks like a request must not be taken for one.
                octets
                    .extend(b"GET /99/read HTTP/1.1\r\nHost: a\r\n\r\n".iter().cycle().take(size));
            }
            _ => {
                octets.extend(format!("{start}Transfer-Encoding: chunked\r\n\r\n").bytes());
                let mut left = size;
                while left != 0 {
                    let length = 1 + random.below(left);
                    octets.extend(format!("{length:x}\r\n").bytes());
                    octets.extend(b"GET /98 HTTP/1.1\r\n\r\n".iter().cycle().take(length));
                    octets.extend(b"\r\n");
                    left -= length;
                }
                let trailer = if random.one_in(2) { "X-T: 1\r\n" } else { "" };
                octets.extend(format!("0\r\n{trailer}\r\n").bytes());
            }
        }
    }
    (octets, count)
}

/// A connection with requests by `seed`; the requests, how many, and all that was answered.
fn converse(seed: u64) -> (usize, Vec<u8>) {
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let (octets, count) = requests(&mut random);
    let room = [50, 500, 5000, 100_000][random.below(4)];
    let most = [1, 10, 1000, 100_000][random.below(4)].max(octets.len() / 2000);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    let answered = runtime.expect("a runtime").block_on(async {
        let (client, server) = tokio::io::duplex(room);
        let (mut reader, mut writer) = tokio::io::split(client);
        let worker = Rc::new(Worker::new(Config::new()));
        let served = worker.serve_connection(server, ConnectionInfo::new(), &handler);
        let sending = async {
            let mut rest = &octets[..];
            while !rest.is_empty() {
                let (part, behind) = rest.split_at(1 + random.below(most.min(rest.len())));
                rest = behind;
                // The server may have closed.
                if writer.write_all(part).await.is_err() {
                    break;
                }
                if random.one_in(3) {
                    pause().await;
                }
            }
            let _ = writer.shutdown().await;
        };
        let reading = async {
            let mut answered = Vec::new();
            let _ = reader.read_to_end(&mut answered).await;
            answered
        };
        let all = async { tokio::join!(served, sending, reading) };
        let patience = Duration::from_secs(30);
        let ((), (), answered) =
            tokio::time::timeout(patience, all).await.unwrap_or_else(|_| panic!("{seed}: hangs"));
        answered
    });
    (count, answered)
}

/// One response: its head, and its length in all. `None`: it is not complete.
fn response(octets: &[u8]) -> Option<(String, usize)> {
    let end = octets.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = String::from_utf8(octets[..end].to_vec()).expect("text").to_ascii_lowercase();
    let value = |name: &str| head.lines().find_map(|line| line.strip_prefix(name));
    let length = if head.starts_with("http/1.1 1") {
        end
    } else if value("transfer-encoding: chunked").is_some() {
        let mut at = end;
        loop {
            let line = octets[at..].windows(2).position(|two| two == b"\r\n")?;
            let size = core::str::from_utf8(&octets[at..at + line]).expect("a size");
            let size = usize::from_str_radix(size, 16).expect("a size");
            at += line + 2 + size + 2;
            if size == 0 {
                break at;
            }
        }
    } else {
        end + value("content-length: ")?.parse::<usize>().expect("a number")
    };
    (octets.len() >= length).then_some((head, length))
}

#[test]
fn each_response_is_that_of_its_request() {
    let (mut complete, mut closed) = (0, 0);
    for seed in 1..=600 {
        let (count, octets) = converse(seed);
        let mut rest = &octets[..];
        let (mut id, mut is_last) = (0, false);
        while !rest.is_empty() {
            let Some((head, length)) = response(rest) else {
                panic!("{seed}: incomplete, {} octets of {}", rest.len(), octets.len());
            };
            rest = &rest[length..];
            if head.starts_with("http/1.1 1") {
                continue;
            }
            assert!(!is_last, "{seed}: {head} behind the last response");
            if head.starts_with("http/1.1 200 ") {
                assert!(head.contains(&format!("\r\nx-id: {id}\r\n")), "{seed}: {head} for {id}");
            } else {
                assert!(head.starts_with("http/1.1 500 "), "{seed}: {head} for {id}");
            }
            is_last = head.contains("\r\nconnection: close\r\n");
            id += 1;
        }
        assert!(id == count || (id < count && is_last), "{seed}: {id} of {count} responses");
        complete += usize::from(id == count);
        closed += usize::from(id < count);
    }
    assert!(complete > 50 && closed > 25, "{complete} complete, {closed} closed before");
}
