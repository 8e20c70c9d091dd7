//! The table of what can be asked for: request octets and the answer that is expected.

use crate::contract::{
    JSON, JSON_PATH, LONG, LONG_PATH, MESSAGE, Order, PLAINTEXT, PLAINTEXT_PATH, TEXT,
};

/// How requests are put on the wire. Those to come have a row here and an implementation of
/// [`Protocol`](crate::drive::Protocol).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    /// RFC 9112, in clear text.
    Http11,
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Workload {
    /// What it is called on the command line and in reports.
    pub name: &'static str,
    /// The protocol.
    pub wire: Wire,
    /// Requests in flight on a connection.
    pub depth: usize,
    /// What is asked, and what is to be answered.
    pub exchange: Exchange,
}

/// What is asked, and what is to be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exchange {
    /// Thirteen octets of text.
    Plaintext,
    /// The same, asked for as a browser would: a head of some 700 octets.
    Browser,
    /// A small object, serialised for each answer.
    Json,
    /// Ten kibibytes of text.
    Long,
    /// One kibibyte of JSON to parse, a small object to answer.
    Post,
}

/// All workloads.
pub const WORKLOADS: [Workload; 6] = [
    row("plaintext", 1, Exchange::Plaintext),
    row("pipelined-16", 16, Exchange::Plaintext),
    row("json", 1, Exchange::Json),
    row("10k", 1, Exchange::Long),
    row("post", 1, Exchange::Post),
    row("browser", 1, Exchange::Browser),
];

const fn row(name: &'static str, depth: usize, exchange: Exchange) -> Workload {
    Workload { name, wire: Wire::Http11, depth, exchange }
}

/// Finds a row by its name.
pub fn find(name: &str) -> Option<&'static Workload> {
    WORKLOADS.iter().find(|workload| workload.name == name)
}

/// An answer as it has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The status code.
    pub status: u16,
    /// The whole `Content-Type`.
    pub content_type: &'static str,
    /// The content, decoded.
    pub content: Vec<u8>,
}

impl Exchange {
    /// The answer that is expected.
    pub fn expected(self) -> Expected {
        let json = |value: serde_json::Result<Vec<u8>>| (JSON, value.unwrap_or_default());
        let (content_type, content) = match self {
            Self::Plaintext | Self::Browser => (TEXT, PLAINTEXT.as_bytes().to_vec()),
            Self::Long => (TEXT, LONG.as_bytes().to_vec()),
            Self::Json => json(serde_json::to_vec(&MESSAGE)),
            Self::Post => json(serde_json::to_vec(&Order::example().receipt())),
        };
        Expected { status: 200, content_type, content }
    }

    /// The octets of one HTTP/1.1 request. `wrk` sends the same for a plain `GET`.
    pub fn http11(self, host: &str) -> Vec<u8> {
        let order = serde_json::to_string(&Order::example()).unwrap_or_default();
        let (method, path, fields, content) = match self {
            Self::Plaintext => ("GET", PLAINTEXT_PATH, String::new(), ""),
            Self::Browser => ("GET", PLAINTEXT_PATH, BROWSER.replace('\n', "\r\n"), ""),
            Self::Json => ("GET", JSON_PATH, String::new(), ""),
            Self::Long => ("GET", LONG_PATH, String::new(), ""),
            Self::Post => {
                let length = order.len();
                let fields = format!("Content-Type: {JSON}\r\nContent-Length: {length}\r\n");
                ("POST", JSON_PATH, fields, order.as_str())
            }
        };
        format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n{content}").into_bytes()
    }
}

const BROWSER: &str = "\
User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0
Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8
Accept-Language: en-GB,en;q=0.8,de;q=0.5,fr;q=0.3
Accept-Encoding: gzip, deflate, br, zstd
Referer: http://127.0.0.1/some/where/else?with=a&query=string
Cookie: session=0123456789abcdef0123456789abcdef; theme=dark; consent=2026-01-01T00:00:00Z
Upgrade-Insecure-Requests: 1
Sec-Fetch-Dest: document
Sec-Fetch-Mode: navigate
Sec-Fetch-Site: same-origin
If-None-Match: \"5f1d7a3b-2a6\"
Priority: u=0, i
Cache-Control: max-age=0
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_whole() {
        for workload in &WORKLOADS {
            let request = String::from_utf8(workload.exchange.http11("h")).unwrap();
            let (head, content) = request.split_once("\r\n\r\n").unwrap();
            assert!(head.contains(" HTTP/1.1\r\nHost: h"), "{head}");
            let length = head.split_once("Content-Length: ").map_or("0", |(_, length)| length);
            assert_eq!(length, content.len().to_string(), "{}", workload.name);
            assert!(!workload.exchange.expected().content.is_empty());
        }
    }

    #[test]
    fn the_browsers_head_is_a_long_one() {
        let length = Exchange::Browser.http11("127.0.0.1:8080").len();
        assert!((650..800).contains(&length), "{length}");
    }
}
