//! A small HTTP/1.1 client over a blocking stream.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::process::PATIENCE;

/// A connection that is kept.
pub(crate) struct Client<S> {
    stream: S,
    received: Vec<u8>,
}

/// A response, its transfer coding undone.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    /// The field lines, their names in lower case.
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) content: String,
    pub(crate) trailers: Vec<(String, String)>,
}

/// Sends one request on a connection of its own.
pub(crate) fn request(address: &str, head: &str, content: &str) -> Response {
    Client::connect(address).ask(head, content)
}

/// The content that a GET is answered with. The status must be 200.
pub(crate) fn get(address: &str, path: &str) -> String {
    let response = request(address, &format!("GET {path}"), "");
    assert_eq!(response.status, 200, "{response:?}");
    response.content
}

impl Client<TcpStream> {
    pub(crate) fn connect(address: &str) -> Self {
        let stream = TcpStream::connect(address).expect("the example listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a bound");
        stream.set_write_timeout(Some(PATIENCE)).expect("a bound");
        Self::over(stream)
    }
}

impl<S: Read + Write> Client<S> {
    pub(crate) fn over(stream: S) -> Self {
        Self { stream, received: Vec::new() }
    }

    /// Sends a request and waits for its response. `head` is the method, the target, and field
    /// lines, if any, each after a line break.
    pub(crate) fn ask(&mut self, head: &str, content: &str) -> Response {
        self.send(head, content);
        self.response(head.starts_with("HEAD "))
    }

    /// Sends a request.
    pub(crate) fn send(&mut self, head: &str, content: &str) {
        let (line, fields) = head.split_once('\n').unwrap_or((head, ""));
        let mut octets = format!("{line} HTTP/1.1\r\nHost: example.test\r\n");
        for field in fields.lines() {
            octets.push_str(&format!("{field}\r\n"));
        }
        if !content.is_empty() {
            octets.push_str(&format!("Content-Length: {}\r\n", content.len()));
        }
        self.send_octets(format!("{octets}\r\n{content}"));
    }

    pub(crate) fn send_octets(&mut self, octets: impl AsRef<[u8]>) {
        self.stream.write_all(octets.as_ref()).expect("the example reads");
    }

    /// Reads the next response. `is_head`: it has no content, whatever it says.
    pub(crate) fn response(&mut self, is_head: bool) -> Response {
        let line = self.line();
        let status = line.split(' ').nth(1).and_then(|code| code.parse().ok());
        let status: u16 = status.unwrap_or_else(|| panic!("`{line}` is no status line"));
        let fields = self.fields();
        let mut response =
            Response { status, fields, content: String::new(), trailers: Vec::new() };
        let is_bare = is_head || matches!(status, 100..=199 | 204 | 304);
        if is_bare {
            return response;
        }
        if response.field("transfer-encoding") == Some("chunked") {
            while let Some(chunk) = self.chunk() {
                response.content.push_str(&chunk);
            }
            response.trailers = self.fields();
        } else {
            let length = response.field("content-length").expect("a length");
            let length = length.parse().expect("a number");
            response.content = self.octets(length);
        }
        response
    }

    /// Reads a chunk; `None` for the last one.
    pub(crate) fn chunk(&mut self) -> Option<String> {
        let length = usize::from_str_radix(&self.line(), 16).expect("a chunk's size");
        if length == 0 {
            return None;
        }
        let chunk = self.octets(length);
        assert_eq!(self.line(), "");
        Some(chunk)
    }

    /// Reads field lines up to the empty line.
    pub(crate) fn fields(&mut self) -> Vec<(String, String)> {
        let mut fields = Vec::new();
        loop {
            let line = self.line();
            if line.is_empty() {
                return fields;
            }
            let (name, value) = line.split_once(':').expect("a field line");
            fields.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
    }

    /// Whether the server has closed, and said nothing more.
    pub(crate) fn is_over(&mut self) -> bool {
        self.received.is_empty() && self.stream.read(&mut [0]).is_ok_and(|octets| octets == 0)
    }

    /// Whether the server ends the connection, by a reset as well, without another word.
    pub(crate) fn ends(&mut self) -> bool {
        self.received.is_empty() && !matches!(self.stream.read(&mut [0]), Ok(1..))
    }

    pub(crate) fn line(&mut self) -> String {
        loop {
            if let Some(end) = self.received.windows(2).position(|two| two == b"\r\n") {
                let line = self.octets(end);
                self.received.drain(..2);
                return line;
            }
            self.read();
        }
    }

    fn octets(&mut self, length: usize) -> String {
        while self.received.len() < length {
            self.read();
        }
        String::from_utf8(self.received.drain(..length).collect()).expect("text")
    }

    fn read(&mut self) {
        let mut octets = [0; 64 << 10];
        let count = self.stream.read(&mut octets).expect("more of the response");
        assert_ne!(count, 0, "the connection ends within a response");
        self.received.extend_from_slice(&octets[..count]);
    }
}

impl Response {
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let mut fields = self.fields.iter();
        fields.find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}
