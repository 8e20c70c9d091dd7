//! What the test targets share: inputs as text with a mark where the error is due, and checks that
//! cut every input at every octet.

#![allow(dead_code, reason = "each test target uses its part")]

pub(crate) mod peer;

use shockwave_bench_kit::canonical;
use shockwave_http11::{
    ChunkedDecoder, Config, Error, Framing, Limits, Parsed, Piece, RequestKind, Violation,
    parse_request_head, parse_response_head,
};
use shockwave_wire::{Bound, Scratch, Version};

/// Stands before the octet that is offending. Means nothing else.
const MARK: char = '‸';

/// The octets of `text`, whose characters below U+0100 stand for one octet each, and where the mark
/// is.
pub(crate) fn octets(text: &str) -> (Vec<u8>, Option<u64>) {
    let mut octets = Vec::new();
    let mut mark = None;
    for character in text.chars() {
        match u8::try_from(character) {
            Ok(octet) => octets.push(octet),
            Err(_) => {
                assert!(character == MARK && mark.is_none(), "one mark, and octets: {text}");
                mark = Some(octets.len() as u64);
            }
        }
    }
    (octets, mark)
}

/// A head that was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    /// In the kit's canonical form: start line and field lines, one a line.
    pub(crate) text: String,
    pub(crate) host: Option<Vec<u8>>,
    pub(crate) framing: Framing,
    pub(crate) consumed: usize,
}

/// What a parser answers: `None` asks for more input.
pub(crate) type Outcome = Result<Option<Head>, Error>;

const fn minor(version: Version) -> u8 {
    matches!(version, Version::Http11) as u8
}

pub(crate) fn request(input: &[u8], config: &Config) -> Outcome {
    request_in(&mut Scratch::new(), input, config)
}

/// As [`request`], with a scratch that may have been used.
pub(crate) fn request_in(scratch: &mut Scratch, input: &[u8], config: &Config) -> Outcome {
    Ok(match parse_request_head(input, scratch, config)? {
        Parsed::Partial => None,
        Parsed::Complete { value, framing, consumed } => {
            let fields = value.fields.iter().map(|field| (field.name, field.value));
            let method = value.method.as_bytes();
            let text = canonical::request(method, value.target, minor(value.version), fields);
            let text = String::from_utf8(text).unwrap();
            Some(Head { text, host: value.host().map(<[u8]>::to_vec), framing, consumed })
        }
    })
}

pub(crate) fn response(input: &[u8], config: &Config, to: RequestKind) -> Outcome {
    let mut scratch = Scratch::new();
    Ok(match parse_response_head(input, &mut scratch, config, to)? {
        Parsed::Partial => None,
        Parsed::Complete { value, framing, consumed } => {
            let fields = value.fields.iter().map(|field| (field.name, field.value));
            let (minor, status) = (minor(value.version), value.status.code());
            let text = canonical::response(minor, status, value.reason, fields);
            let text = String::from_utf8(text).unwrap();
            Some(Head { text, host: None, framing, consumed })
        }
    })
}

/// Asks `parse` about every prefix of `input`. It must want more until it has the answer, which
/// then stays whatever follows, and an error must stand within what it was given.
#[track_caller]
pub(crate) fn any_cut(input: &[u8], parse: impl Fn(&[u8]) -> Outcome) -> Outcome {
    let mut answer: Outcome = Ok(None);
    for cut in 0..=input.len() {
        let (given, _) = input.split_at(cut);
        let now = parse(given);
        if let Err(error) = now {
            let offset = error.offset().unwrap_or(u64::MAX);
            assert!(offset <= cut as u64, "{error:?} of {cut} octets: {}", input.escape_ascii());
        }
        if answer == Ok(None) {
            answer = now;
        } else {
            assert_eq!(now, answer, "with {cut} octets of {}", input.escape_ascii());
        }
    }
    answer
}

#[track_caller]
fn violated(text: &str, outcome: Outcome, violation: Violation, status: u16, offset: Option<u64>) {
    let error = match outcome {
        Err(error) => error,
        Ok(found) => panic!("{text:?} was accepted: {found:?}"),
    };
    let Error::Protocol { violation: found, offset: at } = error else {
        panic!("{text:?}: {error:?}");
    };
    assert_eq!((found, Some(at)), (violation, Some(offset.unwrap_or(at))), "{text:?}");
    assert_eq!(error.code().map(|status| status.code()), Some(status), "{text:?}");
}

#[track_caller]
fn accepted(text: &str, outcome: Outcome, length: usize) -> Head {
    match outcome {
        Ok(Some(head)) => {
            assert_eq!(head.consumed, length, "{text:?}");
            head
        }
        other => panic!("{text:?} was not accepted: {other:?}"),
    }
}

/// A strict server refuses `text` for `violation`, at the mark, and answers `status`.
#[track_caller]
pub(crate) fn refuses(text: &str, violation: Violation, status: u16) {
    refuses_with(&Config::strict(), text, violation, status);
}

/// As [`refuses`], configured.
#[track_caller]
pub(crate) fn refuses_with(config: &Config, text: &str, violation: Violation, status: u16) {
    let (input, mark) = octets(text);
    let outcome = any_cut(&input, |given| request(given, config));
    violated(text, outcome, violation, status, mark);
}

/// A strict server takes `text`, all of it, for a request's head.
#[track_caller]
pub(crate) fn accepts(text: &str) -> Head {
    accepts_with(&Config::strict(), text)
}

/// As [`accepts`], configured.
#[track_caller]
pub(crate) fn accepts_with(config: &Config, text: &str) -> Head {
    let (input, _) = octets(text);
    accepted(text, any_cut(&input, |given| request(given, config)), input.len())
}

/// A strict client refuses `text`, an answer to GET, for `violation`, at the mark.
#[track_caller]
pub(crate) fn client_refuses(text: &str, violation: Violation) {
    client_refuses_with(&Config::strict(), text, violation);
}

/// As [`client_refuses`], configured.
#[track_caller]
pub(crate) fn client_refuses_with(config: &Config, text: &str, violation: Violation) {
    let (input, mark) = octets(text);
    let outcome = any_cut(&input, |given| response(given, config, RequestKind::Other));
    let status = outcome.as_ref().err().and_then(|error| error.code());
    violated(text, outcome, violation, status.map_or(0, |status| status.code()), mark);
}

/// A strict client takes `text`, all of it, for the head of an answer to a request of kind `to`.
#[track_caller]
pub(crate) fn client_accepts(text: &str, to: RequestKind) -> Head {
    client_accepts_with(&Config::strict(), text, to)
}

/// As [`client_accepts`], configured.
#[track_caller]
pub(crate) fn client_accepts_with(config: &Config, text: &str, to: RequestKind) -> Head {
    let (input, _) = octets(text);
    accepted(text, any_cut(&input, |given| response(given, config, to)), input.len())
}

/// A strict server crosses `bound` with `input`, at `offset`, and answers `status`.
#[track_caller]
pub(crate) fn crosses(config: &Config, input: &[u8], bound: Bound, offset: usize, status: u16) {
    let outcome = any_cut(input, |given| request(given, config));
    let expected = Error::Limit { bound, offset: offset as u64 };
    assert_eq!(outcome, Err(expected), "{}", input.escape_ascii());
    assert_eq!(expected.code().map(|status| status.code()), Some(status));
}

/// What a chunked body comes to: its content, and how many octets there are up to its trailer
/// section, if the last chunk is there.
pub(crate) type Content = Result<(Vec<u8>, Option<usize>), Error>;

/// Decodes `parts` one after the other. Offsets of errors are counted from the start of the first.
pub(crate) fn dechunk(parts: &[&[u8]], limits: &Limits) -> Content {
    let mut decoder = ChunkedDecoder::new();
    let (mut content, mut before) = (Vec::new(), 0);
    for part in parts {
        let mut rest = *part;
        loop {
            let decoded = decoder.decode(rest, limits).map_err(|error| further(error, before))?;
            before += decoded.consumed;
            rest = &rest[decoded.consumed..];
            match decoded.piece {
                Piece::Data(data) => content.extend_from_slice(data),
                Piece::LastChunk => return Ok((content, Some(before))),
                Piece::NeedsMore => break,
            }
        }
    }
    Ok((content, None))
}

fn further(error: Error, by: usize) -> Error {
    match error {
        Error::Protocol { violation, offset } => {
            Error::Protocol { violation, offset: offset + by as u64 }
        }
        Error::Limit { bound, offset } => Error::Limit { bound, offset: offset + by as u64 },
        misuse => misuse,
    }
}

/// Decodes `input` whole and in two parts, cut anywhere, with the same answer.
#[track_caller]
pub(crate) fn dechunk_any_cut(input: &[u8], limits: &Limits) -> Content {
    let whole = dechunk(&[input], limits);
    for cut in 0..=input.len() {
        let (first, second) = input.split_at(cut);
        let parts = dechunk(&[first, second], limits);
        assert_eq!(parts, whole, "cut at {cut}: {}", input.escape_ascii());
    }
    whole
}

/// Chunked content is refused for `violation`, at the mark, with 400.
#[track_caller]
pub(crate) fn refuses_chunks(text: &str, violation: Violation) {
    let (input, mark) = octets(text);
    let error = match dechunk_any_cut(&input, &Limits::DEFAULT) {
        Err(error) => error,
        Ok(content) => panic!("{text:?} was accepted: {content:?}"),
    };
    let offset = mark.or_else(|| error.offset()).unwrap_or_default();
    assert_eq!(error, Error::Protocol { violation, offset }, "{text:?}");
    assert_eq!(error.code().map(|status| status.code()), Some(400));
}

/// Chunked content is taken up to its last chunk; the content.
#[track_caller]
pub(crate) fn accepts_chunks(text: &str) -> Vec<u8> {
    let (input, _) = octets(text);
    match dechunk_any_cut(&input, &Limits::DEFAULT) {
        Ok((content, Some(_))) => content,
        other => panic!("{text:?} was not accepted: {other:?}"),
    }
}
