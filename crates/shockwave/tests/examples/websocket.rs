//! ws-echo: a client of other people's, and clients that misbehave.

use std::fmt::Write as _;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
#[cfg(target_os = "linux")]
use std::time::Duration;

use crate::client::Client;
use crate::process::{Example, PATIENCE, output, tool};

const HANDSHAKE: &str = "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
     Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// A client that sends what it likes.
struct Socket(TcpStream);

impl Socket {
    /// One that was upgraded.
    fn open(address: &str) -> Self {
        let mut stream = TcpStream::connect(address).expect("the example listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        stream.set_write_timeout(Some(PATIENCE)).expect("a timeout");
        stream.write_all(format!("{HANDSHAKE}\r\n").as_bytes()).expect("it is sent");
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut octet = [0];
            stream.read_exact(&mut octet).expect("a head");
            head.push(octet[0]);
        }
        let head = String::from_utf8(head).expect("a head is text");
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        assert!(head.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), "{head}");
        Self(stream)
    }

    fn send(&mut self, octets: &[u8]) {
        self.0.write_all(octets).expect("it is sent");
    }

    /// The next frame: its first octet and its payload. `None` at the end.
    fn frame(&mut self) -> Option<(u8, Vec<u8>)> {
        let mut header = [0; 2];
        match self.0.read_exact(&mut header) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return None,
            Err(error) => panic!("{error}"),
        }
        assert_eq!(header[1] & 0x80, 0, "a server does not mask");
        let length = match header[1] {
            126 => {
                let mut length = [0; 2];
                self.0.read_exact(&mut length).expect("a length");
                usize::from(u16::from_be_bytes(length))
            }
            127 => {
                let mut length = [0; 8];
                self.0.read_exact(&mut length).expect("a length");
                usize::try_from(u64::from_be_bytes(length)).expect("a length")
            }
            length => usize::from(length),
        };
        let mut payload = vec![0; length];
        self.0.read_exact(&mut payload).expect("a payload");
        Some((header[0], payload))
    }

    /// The code of the Close that comes next, and nothing behind it.
    fn closes(&mut self) -> u16 {
        let (first, payload) = self.frame().expect("a Close");
        assert_eq!(first, 0x88, "{payload:?}");
        let code = payload.first_chunk().map_or(1005, |code| u16::from_be_bytes(*code));
        self.0.shutdown(std::net::Shutdown::Write).expect("our half ends");
        assert_eq!(self.frame(), None);
        code
    }
}

/// A client's frame, masked with zeroes.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut octets = vec![first];
    let length = payload.len();
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(length @ 0..=125), _) => octets.push(0x80 | length),
        (_, Ok(length)) => {
            octets.push(0x80 | 126);
            octets.extend(length.to_be_bytes());
        }
        _ => {
            octets.push(0x80 | 127);
            octets.extend((length as u64).to_be_bytes());
        }
    }
    octets.extend([0; 4]);
    octets.extend(payload);
    octets
}

#[test]
fn ws_echo_sends_back_what_it_gets() {
    let echo = Example::start("ws-echo");
    let mut socket = Socket::open(&echo.address);
    for length in [0, 1, 125, 126, 4_096, 65_535, 65_536, 1 << 20] {
        let payload = "x".repeat(length).into_bytes();
        for first in [0x81, 0x82] {
            socket.send(&frame(first, &payload));
            assert!(socket.frame() == Some((first, payload.clone())), "{first} {length}");
        }
    }
    // Fragments, with a Ping between.
    socket.send(&[frame(0x01, b"ab"), frame(0x89, b"p"), frame(0x80, b"c")].concat());
    assert_eq!(socket.frame(), Some((0x8A, b"p".to_vec())));
    assert_eq!(socket.frame(), Some((0x81, b"abc".to_vec())));
    // Everything at once, as a client may that does not wait.
    let many: Vec<u8> = (0..200).flat_map(|number| frame(0x82, &[number; 100])).collect();
    socket.send(&many);
    for number in 0..200 {
        assert_eq!(socket.frame(), Some((0x82, vec![number; 100])));
    }
    socket.send(&frame(0x88, &4000_u16.to_be_bytes()));
    assert_eq!(socket.closes(), 4000);
}

#[test]
fn ws_echo_takes_frames_that_come_with_the_handshake() {
    let echo = Example::start("ws-echo");
    let mut stream = TcpStream::connect(&echo.address).expect("the example listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    let mut octets = format!("{HANDSHAKE}\r\n").into_bytes();
    octets.extend(frame(0x81, b"early"));
    octets.extend(frame(0x88, &[]));
    stream.write_all(&octets).expect("it is sent");
    let mut all = Vec::new();
    stream.read_to_end(&mut all).expect("the server closes");
    assert!(all.ends_with(b"\r\n\r\n\x81\x05early\x88\x00"), "{}", all.escape_ascii());
}

/// What a peer does wrong, and the code that it is told.
#[test]
fn ws_echo_tells_each_fault_by_its_code() {
    let echo = Example::start("ws-echo");
    let huge = [&[0x82, 0xFF, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0][..], b"x"].concat();
    assert_eq!(huge.len(), 15); // and it declares 2^40
    let msb = [0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let half = [frame(0x01, b"\xCE\xBA\xE1\xBD"), frame(0x80, b"\xFF")].concat();
    for (fault, octets, code) in [
        ("unmasked", b"\x81\x01a".to_vec(), 1002),
        ("RSV1 on a continuation", [frame(0x01, b"a"), frame(0xC0, b"b")].concat(), 1002),
        ("RSV2", frame(0xA1, b"a"), 1002),
        ("RSV3", frame(0x91, b"a"), 1002),
        ("a reserved opcode", frame(0x83, b""), 1002),
        ("a reserved control opcode", frame(0x8B, b""), 1002),
        ("a fragmented Ping", frame(0x09, b""), 1002),
        ("a Ping of 126 octets", frame(0x89, &[0; 126]), 1002),
        ("a length that is not minimal", b"\x82\xFE\0\x01\0\0\0\0a".to_vec(), 1002),
        ("a length with its top bit set", msb.to_vec(), 1002),
        ("a length of 2^40", huge, 1009),
        ("a continuation of nothing", frame(0x80, b"a"), 1002),
        ("a message inside another", [frame(0x01, b"a"), frame(0x81, b"b")].concat(), 1002),
        ("no UTF-8", frame(0x81, b"\xFF"), 1007),
        ("no UTF-8 over two frames", half, 1007),
        ("no UTF-8 in a frame that is not whole", b"\x81\xA0\0\0\0\0a\xFF".to_vec(), 1007),
        ("a Close of one octet", frame(0x88, b"\x03"), 1002),
        ("a Close with 1005", frame(0x88, &1005_u16.to_be_bytes()), 1002),
        ("a Close with 999", frame(0x88, &999_u16.to_be_bytes()), 1002),
        ("a Close whose reason is no UTF-8", frame(0x88, b"\x03\xE8\xFF"), 1007),
    ] {
        let mut socket = Socket::open(&echo.address);
        socket.send(&octets);
        assert_eq!(socket.closes(), code, "{fault}");
    }
    assert_eq!(Client::connect(&echo.address).ask("GET /", "").status, 426, "it is still there");
}

#[test]
fn ws_echo_refuses_what_is_no_handshake() {
    let echo = Example::start("ws-echo");
    let mut client = Client::connect(&echo.address);
    let fields = "Upgrade: websocket\nConnection: Upgrade\nSec-WebSocket-Version: 13\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
    let get = |fields: &str| format!("GET /\n{fields}");
    for (head, status) in [
        ("GET /".to_owned(), 426),
        (get(&fields.replace("13", "8")), 426),
        (get(&fields.replace("Version: 13", "Other: 13")), 426),
        (get(&fields.replace("dGhl", "dGh")), 400),
        (format!("POST /\n{fields}"), 405),
        (get(&format!("{fields}\nOrigin: http://evil.test")), 403),
        (get(&format!("{fields}\nOrigin: null")), 403),
        (get(&format!("{fields}\nOrigin: https://example.test")), 403),
    ] {
        let response = client.ask(&head, "");
        assert_eq!(response.status, status, "{head}");
        if status == 426 && head.contains("Sec-WebSocket-Key") {
            assert_eq!(response.field("sec-websocket-version"), Some("13"), "{head}");
        }
    }
    let mut own = String::new();
    write!(own, "{HANDSHAKE}Origin: http://a\r\n\r\n").expect("a string takes it");
    let mut stream = TcpStream::connect(&echo.address).expect("the example listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    stream.write_all(own.as_bytes()).expect("it is sent");
    let mut status = [0; 12];
    stream.read_exact(&mut status).expect("a status");
    assert_eq!(&status, b"HTTP/1.1 101");
}

/// Octets of memory that the process holds.
#[cfg(target_os = "linux")]
fn resident(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("VmRSS");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") << 10
}

/// A peer that sends and never reads: neither Pongs nor echoes are piled up for it. A flood of
/// Pings ends with a Close, after which what comes is thrown away.
#[cfg(target_os = "linux")]
#[test]
fn ws_echo_holds_little_for_peers_that_never_read() {
    const MOST_SENT: usize = 48 << 20;
    let echo = Example::start("ws-echo");
    let messages = frame(0x82, &vec![0x62; 60_000]);
    for (piece, is_closed) in [(frame(0x89, &[1; 125]), true), (messages, false)] {
        let mut socket = Socket::open(&echo.address);
        let before = resident(echo.id());
        let burst = piece.repeat(200_000 / piece.len() + 1);
        socket.0.set_write_timeout(Some(Duration::from_millis(300))).expect("a timeout");
        let mut sent = 0;
        while sent < MOST_SENT {
            match socket.0.write(&burst[sent % piece.len()..]) {
                Ok(octets) => sent += octets,
                Err(_) => break, // it reads no more
            }
        }
        let grown = resident(echo.id()).saturating_sub(before);
        assert!(grown < 4 << 20, "{grown} octets more are held, of {sent}");
        if is_closed {
            let closed = std::iter::from_fn(|| socket.frame()).find(|(first, _)| *first == 0x88);
            let code = closed.map(|(_, payload)| payload);
            assert_eq!(code.as_deref(), Some(&1008_u16.to_be_bytes()[..]));
        } else {
            assert!(sent < MOST_SENT, "everything was taken");
        }
    }
    assert_eq!(Client::connect(&echo.address).ask("GET /", "").status, 426, "it is still there");
}

/// A server that shuts down says so, and takes its peers' Closes.
#[cfg(unix)]
#[test]
fn ws_echo_says_that_it_goes_away() {
    let mut echo = Example::start("ws-echo");
    let mut socket = Socket::open(&echo.address);
    socket.send(&frame(0x81, b"a"));
    assert_eq!(socket.frame(), Some((0x81, b"a".to_vec())));
    echo.signal("TERM");
    let (first, payload) = socket.frame().expect("a Close");
    assert_eq!((first, &payload[..]), (0x88, &1001_u16.to_be_bytes()[..]));
    socket.send(&frame(0x88, &payload));
    assert_eq!(socket.frame(), None);
    drop(socket);
    assert!(echo.wait().success());
}

#[test]
fn python_gets_on_with_ws_echo() {
    let echo = Example::start("ws-echo");
    let Some(mut probe) = tool("python3") else { return };
    let probed = probe.args(["-c", "import websockets.sync.client"]).output();
    if !probed.is_ok_and(|probed| probed.status.success()) {
        println!("skipped: python3 has no module `websockets`");
        return;
    }
    let Some(mut python) = tool("python3") else { return };
    python.args(["-c", include_str!("websocket.py"), &echo.address]);
    assert_eq!(output(python).trim(), "python: everything passed");
}
