//! Writing responses into the caller's buffer.

use std::hint::black_box;

use shockwave_bench_kit::{Bench, Digest, Registry, Throughput, Verification, repeat};
use shockwave_http11::{
    HttpDate, LengthField, ResponseTemplate, encode_fields, encode_length, encode_status_line,
};
use shockwave_wire::{Content, Field, Fields, ResponseHead, Status};

const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
const DATE_SECONDS: u64 = 784_111_777;
const JSON: &[u8] = b"{\"message\":\"Hello, World!\"}";

pub(super) fn register(registry: &mut Registry) {
    registry.add(bench("status-line/200", b"HTTP/1.1 200 OK\r\n".to_vec(), || {
        |out: &mut Vec<u8>| {
            encode_status_line(black_box(Status::OK), b"", out).expect("it is registered");
        }
    }));
    for (case, content) in
        [("json-small", JSON.to_vec()), ("1k", vec![b'a'; 1 << 10]), ("10k", vec![b'a'; 10 << 10])]
    {
        let expected = [
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nServer: shockwave\r\n",
            &format!("Date: {DATE}\r\nContent-Length: {}\r\n\r\n", content.len()),
        ]
        .concat();
        let expected = [expected.as_bytes(), &content].concat();
        registry.add(bench(&format!("write-response/{case}"), expected, move || {
            from_template(content.clone())
        }));
    }
    registry.add(bench("write-response/custom-fields", expected_custom(), custom_fields));
}

/// A benchmark that writes `expected` into a buffer that it clears first.
fn bench<W>(name: &str, expected: Vec<u8>, make: impl Fn() -> W + 'static) -> Bench
where
    W: FnMut(&mut Vec<u8>) + 'static,
{
    let source = Digest::of(include_bytes!("write.rs")).field(&expected);
    let throughput = Throughput::Bytes(expected.len() as u64);
    let make = std::rc::Rc::new(make);
    let timed = make.clone();
    Bench::new(format!("http11/{name}/shockwave"), source, move || {
        let mut write = timed();
        let mut out = Vec::new();
        repeat(move || {
            out.clear();
            write(black_box(&mut out));
            black_box(&out).len() as u64
        })
    })
    .throughput(throughput)
    .budget(0, 0)
    .verify(move || {
        let mut out = Vec::new();
        make()(&mut out);
        Verification::strict(out).expecting(&expected)
    })
}

/// Head from a template, then the content: what a handler with a fixed set of fields sends.
fn from_template(content: Vec<u8>) -> impl FnMut(&mut Vec<u8>) {
    let fields =
        [Field::new("Content-Type", b"application/json"), Field::new("Server", b"shockwave")];
    let head = ResponseHead::new(Status::OK, Fields::from(&fields));
    let template = ResponseTemplate::new(&head).expect("the head is sound");
    let date = HttpDate::from_unix(DATE_SECONDS);
    move |out| {
        let content = black_box(content.as_slice());
        let length = Content::Length(content.len() as u64);
        template.append(Some(black_box(&date)), length, out).expect("a 200 has content");
        out.extend_from_slice(content);
    }
}

const CUSTOM: [(&str, &str); 8] = [
    ("Content-Type", "application/json"),
    ("Cache-Control", "private, max-age=60"),
    ("ETag", "\"5f3c9a71-1538f\""),
    ("Vary", "Accept-Encoding, Authorization"),
    ("X-Request-Id", "8f14e45f-ceea-467f-a1b2-3c4d5e6f7081"),
    ("X-Ratelimit-Limit", "600"),
    ("X-Ratelimit-Remaining", "581"),
    ("Set-Cookie", "id=7b1e55; Path=/; Secure; HttpOnly; SameSite=Lax"),
];

/// Eight fields that are checked and written anew for each response.
fn custom_fields() -> impl FnMut(&mut Vec<u8>) {
    let fields = CUSTOM.map(|(name, value)| Field::new(name, value.as_bytes()));
    let date = HttpDate::from_unix(DATE_SECONDS);
    move |out| {
        encode_status_line(black_box(Status::OK), b"", out).expect("it is registered");
        encode_fields(Fields::from(black_box(&fields)), out).expect("the fields are sound");
        out.extend_from_slice(black_box(&date).field_line());
        encode_length(LengthField::Length(JSON.len() as u64), out);
        out.extend_from_slice(b"\r\n");
        out.extend_from_slice(black_box(JSON));
    }
}

fn expected_custom() -> Vec<u8> {
    let fields: String =
        CUSTOM.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let length = JSON.len();
    let head =
        format!("HTTP/1.1 200 OK\r\n{fields}Date: {DATE}\r\nContent-Length: {length}\r\n\r\n");
    [head.as_bytes(), JSON].concat()
}
