//! A warm server allocates nothing for a request: counted over the whole process, tokio included.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use shockwave_bench_kit::count_process;
use shockwave_server::{Request, Server};

shockwave_bench_kit::install_counting_allocator!();

/// Requests, how many they are, and what the handler does with each.
const WORKLOADS: [(&str, &str, usize); 7] = [
    ("plain", "GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: test\r\nAccept: */*\r\n\r\n", 1),
    (
        "many fields",
        "GET /fields HTTP/1.1\r\nHost: a\r\nAccept: */*\r\nX-A: 1\r\nX-B: 2\r\n\r\n",
        1,
    ),
    ("streamed", "GET /stream HTTP/1.1\r\nHost: a\r\n\r\n", 1),
    ("streamed in small pieces", "GET /pieces HTTP/1.1\r\nHost: a\r\n\r\n", 1),
    (
        "chunked",
        "POST /sum HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\
                 5\r\nhello\r\n6\r\n, worl\r\n0\r\nX-T: 1\r\n\r\n",
        1,
    ),
    ("pipelined 16", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 16),
    ("pipelined 200", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 200),
];

async fn handler(request: Request<'_>) -> Result<shockwave_server::Sent, shockwave_server::Error> {
    match request.path() {
        "/fields" => {
            let value = request.header("x-b").unwrap_or_default();
            Ok(request.respond().header("X-Seen", value).header("X-More", "yes").text("fields"))
        }
        "/stream" => {
            let mut stream = request.respond().header("X-A", "b").stream()?;
            stream.write("one").await?;
            stream.write([b'x'; 10_000]).await?;
            stream.finish()
        }
        "/pieces" => {
            let mut stream = request.respond().stream()?;
            for _ in 0..30 {
                stream.write([b'x'; 1000]).await?;
            }
            stream.finish()
        }
        "/sum" => {
            let (_, mut body, responder) = request.split();
            let mut sum = 0_u64;
            while let Some(chunk) = body.chunk().await {
                sum += chunk?.iter().map(|&octet| u64::from(octet)).sum::<u64>();
            }
            assert_eq!(body.trailers().get("x-t"), Some(&b"1"[..]));
            Ok(responder.text(if sum == 1060 { "right" } else { "wrong" }))
        }
        #[cfg(feature = "json")]
        "/json" => {
            #[derive(serde::Deserialize)]
            struct Order {
                id: u64,
                quantity: u32,
                note: serde::de::IgnoredAny,
            }
            #[derive(serde::Serialize)]
            struct Answer {
                id: u64,
                total: u64,
            }
            let mut request = request;
            let order: Order = request.body().json(4096).await?;
            let Order { id, quantity, note: serde::de::IgnoredAny } = order;
            Ok(request.respond().json(&Answer { id, total: u64::from(quantity) * 25 }))
        }
        _ => Ok(request.respond().text("Hello, world!")),
    }
}

#[test]
fn a_warm_server_allocates_nothing_for_a_request() {
    let running = Server::bind("127.0.0.1:0").workers(1).start(handler).expect("it starts");
    let mut socket = TcpStream::connect(running.local_addrs()[0]).expect("it listens");
    let json = cfg!(feature = "json").then(|| {
        let note = "n".repeat(980);
        let content = format!("{{\"id\":7,\"quantity\":3,\"note\":\"{note}\"}}");
        let length = content.len();
        format!("POST /json HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n{content}")
    });
    let workloads = WORKLOADS.into_iter().chain(json.as_deref().map(|json| ("JSON", json, 1)));
    for (name, request, count) in workloads {
        let requests = request.repeat(count);
        let mut exchange = exchange(&mut socket, &requests);
        for _ in 0..100 {
            exchange();
        }
        let ((), counts) = count_process(|| {
            for _ in 0..1000 {
                exchange();
            }
        });
        assert_eq!(counts.allocs, 0, "{name}: {counts:?} in 1000 exchanges");
    }
    running.shutdown();
    drop(socket);
    running.join().expect("it ends");
}

/// Sends `requests` and reads as much as comes for them the first time.
fn exchange<'s>(socket: &'s mut TcpStream, requests: &'s str) -> impl FnMut() + use<'s> {
    socket.write_all(requests.as_bytes()).expect("it reads");
    let mut octets = vec![0; 1 << 20];
    let mut length = 0;
    // Until nothing more comes: all answers are there.
    socket.set_read_timeout(Some(std::time::Duration::from_millis(200))).expect("a timeout");
    while let Ok(count @ 1..) = socket.read(&mut octets[length..]) {
        length += count;
    }
    assert!(octets.starts_with(b"HTTP/1.1 200 OK\r\n"), "{}", octets[..length].escape_ascii());
    socket.set_read_timeout(Some(std::time::Duration::from_secs(10))).expect("a timeout");
    octets.truncate(length);
    move || {
        socket.write_all(requests.as_bytes()).expect("it reads");
        socket.read_exact(&mut octets).expect("it answers");
        assert!(octets.starts_with(b"HTTP/1.1 200 OK\r\n"));
    }
}
