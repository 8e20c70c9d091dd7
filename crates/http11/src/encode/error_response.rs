//! Whole responses for requests that could not be read.

use shockwave_wire::Status;

use crate::date::HttpDate;

macro_rules! responses {
    (
        $status:ident: $($code:literal $reason:literal,)*
        else $other:literal $other_reason:literal
    ) => {
        match $status.code() {
            $($code => responses!(@ $code $reason),)*
            _ => responses!(@ $other $other_reason),
        }
    };
    (@ $code:literal $reason:literal) => {
        concat!(
            "HTTP/1.1 ", $code, " ", $reason,
            "\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        )
        .as_bytes()
    };
}

/// The response by which a server tells its client that it gives up on the connection: no content,
/// `Connection: close` (RFC 9112 section 9.6). Every status that [`Error::code`] answers to a
/// server has one, and 500, 502 and 503; any other status gets that of 500. Allocates nothing.
///
/// It has no Date, which an origin server with a clock MUST send: [`encode_error_response`] adds
/// it.
///
/// [`Error::code`]: crate::Error::code
#[must_use]
pub const fn error_response(status: Status) -> &'static [u8] {
    responses! { status:
        400 "Bad Request",
        408 "Request Timeout",
        413 "Content Too Large",
        414 "URI Too Long",
        417 "Expectation Failed",
        431 "Request Header Fields Too Large",
        501 "Not Implemented",
        502 "Bad Gateway",
        503 "Service Unavailable",
        505 "HTTP Version Not Supported",
        else 500 "Internal Server Error"
    }
}

/// Appends the response of [`error_response`], with a Date if there is a clock (RFC 9110 section
/// 6.6.1).
pub fn encode_error_response(status: Status, date: Option<&HttpDate>, out: &mut Vec<u8>) {
    let response = error_response(status);
    match (date, response) {
        // RFC 9110 section 6.6.1: MUST generate a Date header field in all 4xx responses.
        (Some(date), [head @ .., b'\r', b'\n']) => {
            out.extend_from_slice(head);
            out.extend_from_slice(date.field_line());
            out.extend_from_slice(b"\r\n");
        }
        _ => out.extend_from_slice(response),
    }
}
