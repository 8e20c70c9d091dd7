//! Tests of the chunked coding: the grammar against an oracle, the catalogue of attacks, any split.

use shockwave_wire::{Field, Fields};

use super::*;

/// All the data of `input`, given in pieces that end at `cuts`, and how it ended: at the offset of
/// the trailer section, in want of more, or in an error with its offset from the very start.
fn decode_cut(
    input: &[u8],
    cuts: impl Iterator<Item = usize>,
    limits: &Limits,
) -> (Vec<u8>, Result<Option<usize>, Error>) {
    let mut decoder = ChunkedDecoder::new();
    let (mut data, mut at) = (Vec::new(), 0);
    for end in cuts.chain([input.len()]) {
        loop {
            let before = decoder;
            let decoded = match decoder.decode(&input[at..end], limits) {
                Ok(decoded) => decoded,
                Err(error) => {
                    assert_eq!(decoder, before, "an error changed the decoder");
                    return (data, Err(error.shifted(at as u64)));
                }
            };
            at += decoded.consumed;
            match decoded.piece {
                Piece::Data(piece) => {
                    assert!(!piece.is_empty());
                    assert_eq!(piece, &input[at - piece.len()..at]);
                    data.extend_from_slice(piece);
                }
                Piece::LastChunk => {
                    assert!(decoder.is_at_trailers());
                    let again = decoder.decode(&input[at..end], limits);
                    assert_eq!(again, Ok(Decoded { consumed: 0, piece: Piece::LastChunk }));
                    return (data, Ok(Some(at)));
                }
                Piece::NeedsMore => break assert_eq!(at, end, "framing was left in the input"),
            }
        }
    }
    assert!(!decoder.is_at_trailers());
    (data, Ok(None))
}

/// Decodes `input` whole, cut in two at every octet, and octet by octet; all must agree.
fn decode_with(input: &[u8], limits: &Limits) -> (Vec<u8>, Result<Option<usize>, Error>) {
    let whole = decode_cut(input, [].into_iter(), limits);
    let shown = input.escape_ascii();
    for cut in 0..=input.len() {
        assert_eq!(decode_cut(input, [cut].into_iter(), limits), whole, "{shown} cut at {cut}");
    }
    assert_eq!(decode_cut(input, 0..input.len(), limits), whole, "{shown} octet by octet");
    whole
}

fn decode(input: &[u8]) -> (Vec<u8>, Result<Option<usize>, Error>) {
    decode_with(input, &Limits::DEFAULT)
}

fn broken(violation: Violation, offset: u64) -> Result<Option<usize>, Error> {
    Err(Error::Protocol { violation, offset })
}

/// A name, what is refused, why and where, and what is accepted.
type Refused = (&'static str, &'static [u8], Violation, u64, &'static [u8]);

/// The security catalogue: what is refused, with what and where, and the nearest thing that is not.
/// Every accepted one has `abcde` as its content.
#[test]
fn refused_and_the_nearest_accepted() {
    use Violation::{
        BareCr, BareLf, InvalidChunkEnd as End, InvalidChunkExtension as Extension,
        InvalidChunkSize as Size,
    };
    #[rustfmt::skip]
    let table: &[Refused] = &[
        ("no size", b"\r\nabcde\r\n0\r\n", Size, 0, b"5\r\nabcde\r\n0\r\n"),
        ("no size, an extension", b";x\r\nabcde\r\n0\r\n", Size, 0, b"5;x\r\nabcde\r\n0\r\n"),
        ("no last size", b"5\r\nabcde\r\n\r\n", Size, 10, b"5\r\nabcde\r\n0\r\n\r\n"),
        ("no last size, an extension", b"5\r\nabcde\r\n;x\r\n", Size, 10, b"5\r\nabcde\r\n0;x\r\n"),
        ("0x", b"0x5\r\nabcde\r\n0\r\n", Size, 1, b"05\r\nabcde\r\n0\r\n"),
        ("plus", b"+5\r\nabcde\r\n0\r\n", Size, 0, b"5\r\nabcde\r\n0\r\n"),
        ("minus", b"-5\r\nabcde\r\n0\r\n", Size, 0, b"5\r\nabcde\r\n0\r\n"),
        ("minus zero", b"5\r\nabcde\r\n-0\r\n", Size, 10, b"5\r\nabcde\r\n0\r\n"),
        ("underscore", b"0_5\r\nabcde\r\n0\r\n", Size, 1, b"05\r\nabcde\r\n0\r\n"),
        ("point", b"5.0\r\nabcde\r\n0\r\n", Size, 1, b"5;a=.0\r\nabcde\r\n0\r\n"),
        ("not hexadecimal", b"g\r\nabcde\r\n0\r\n", Size, 0, b"5\r\nabcde\r\n0\r\n"),
        ("suffix", b"5h\r\nabcde\r\n0\r\n", Size, 1, b"5\r\nabcde\r\n0\r\n"),
        ("other digits", b"\xd9\xa5\r\nabcde\r\n0\r\n", Size, 0, b"5\r\nabcde\r\n0\r\n"),
        ("leading SP", b" 5\r\nabcde\r\n0\r\n", Size, 0, b"5\r\nabcde\r\n0\r\n"),
        ("leading HTAB", b"\t5\r\nabcde\r\n0\r\n", Size, 0, b"5\r\nabcde\r\n0\r\n"),
        ("NUL", b"5\0\r\nabcde\r\n0\r\n", Size, 1, b"5\r\nabcde\r\n0\r\n"),
        ("VT", b"5\x0b\r\nabcde\r\n0\r\n", Size, 1, b"5\r\nabcde\r\n0\r\n"),
        ("comma", b"5,5\r\nabcde\r\n0\r\n", Size, 1, b"5\r\nabcde\r\n0\r\n"),
        // BWS (RFC 9110 section 5.6.3) only where an extension follows.
        ("trailing SP", b"5 \r\nabcde\r\n0\r\n", Extension, 2, b"5 ;a\r\nabcde\r\n0\r\n"),
        ("trailing HTAB", b"5\t\r\nabcde\r\n0\r\n", Extension, 2, b"5\t;a\r\nabcde\r\n0\r\n"),
        ("trailing SP, last", b"5\r\nabcde\r\n0 \r\n", Extension, 12, b"5\r\nabcde\r\n0 ;a\r\n"),
        ("two numbers", b"5 5\r\nabcde\r\n0\r\n", Extension, 2, b"5 ;5\r\nabcde\r\n0\r\n"),
        ("SP after a name", b"5;a \r\nabcde\r\n0\r\n", Extension, 4, b"5;a ;b\r\nabcde\r\n0\r\n"),
        ("SP after a value", b"5;a=b \r\nabcde\r\n0\r\n", Extension, 6, b"5;a=b ;c\r\nabcde\r\n0\r\n"),
        ("SP after a string", b"5;a=\"b\" \r\nabcde\r\n0\r\n", Extension, 8, b"5;a=\"b\" ;c\r\nabcde\r\n0\r\n"),
        ("SP in a name", b"5;a b\r\nabcde\r\n0\r\n", Extension, 4, b"5; \ta \t= \tb \t; \tc\r\nabcde\r\n0\r\n"),
        ("SP in a value", b"5;a=b c\r\nabcde\r\n0\r\n", Extension, 6, b"5;a=\"b c\"\r\nabcde\r\n0\r\n"),
        // Extensions.
        ("bare semicolon", b"5;\r\nabcde\r\n0\r\n", Extension, 2, b"5;a\r\nabcde\r\n0\r\n"),
        ("bare semicolon, last", b"5\r\nabcde\r\n0;\r\n", Extension, 12, b"5\r\nabcde\r\n0;a\r\n"),
        ("bare semicolon and SP", b"5; \r\nabcde\r\n0\r\n", Extension, 3, b"5; a\r\nabcde\r\n0\r\n"),
        ("two semicolons", b"5;;a\r\nabcde\r\n0\r\n", Extension, 2, b"5;a;a\r\nabcde\r\n0\r\n"),
        ("no name", b"5;=b\r\nabcde\r\n0\r\n", Extension, 2, b"5;a=b\r\nabcde\r\n0\r\n"),
        ("no value", b"5;a=\r\nabcde\r\n0\r\n", Extension, 4, b"5;a=\"\"\r\nabcde\r\n0\r\n"),
        ("no value, then another", b"5;a=;b\r\nabcde\r\n0\r\n", Extension, 4, b"5;a;b\r\nabcde\r\n0\r\n"),
        ("two values", b"5;a=b=c\r\nabcde\r\n0\r\n", Extension, 5, b"5;a=\"b=c\"\r\nabcde\r\n0\r\n"),
        ("name not a token", b"5;a/b\r\nabcde\r\n0\r\n", Extension, 3, b"5;a!#$%&'*+-.^_`|~b\r\nabcde\r\n0\r\n"),
        ("quoted name", b"5;\"a\"\r\nabcde\r\n0\r\n", Extension, 2, b"5;a=\"a\"\r\nabcde\r\n0\r\n"),
        ("name not ASCII", b"5;\xc3\xa4\r\nabcde\r\n0\r\n", Extension, 2, b"5;a=\"\xc3\xa4\"\r\nabcde\r\n0\r\n"),
        ("value not a token", b"5;a=(b)\r\nabcde\r\n0\r\n", Extension, 4, b"5;a=\"(b)\"\r\nabcde\r\n0\r\n"),
        ("NUL in a name", b"5;a\0b\r\nabcde\r\n0\r\n", Extension, 3, b"5;ab\r\nabcde\r\n0\r\n"),
        ("NUL in a string", b"5;a=\"\0\"\r\nabcde\r\n0\r\n", Extension, 5, b"5;a=\"\t\"\r\nabcde\r\n0\r\n"),
        ("DEL in a string", b"5;a=\"\x7f\"\r\nabcde\r\n0\r\n", Extension, 5, b"5;a=\"\x7e\"\r\nabcde\r\n0\r\n"),
        ("NUL in a pair", b"5;a=\"\\\0\"\r\nabcde\r\n0\r\n", Extension, 6, b"5;a=\"\\\t\"\r\nabcde\r\n0\r\n"),
        ("CRLF in a pair", b"5;a=\"\\\r\n\"\r\nabcde\r\n0\r\n", Extension, 6, b"5;a=\"\\ \"\r\nabcde\r\n0\r\n"),
        ("open string", b"5;a=\"b\r\nabcde\r\n0\r\n", Extension, 6, b"5;a=\"b\"\r\nabcde\r\n0\r\n"),
        ("string open by a pair", b"5;a=\"b\\\"\r\nabcde\r\n0\r\n", Extension, 8, b"5;a=\"b\\\"\"\r\nabcde\r\n0\r\n"),
        ("text after a string", b"5;a=\"b\"c\r\nabcde\r\n0\r\n", Extension, 7, b"5;a=\"b\";c\r\nabcde\r\n0\r\n"),
        ("backslash outside a string", b"5;a=\\b\r\nabcde\r\n0\r\n", Extension, 4, b"5;a=\"\\b\"\r\nabcde\r\n0\r\n"),
        // Line ends: TERM.EXT, EXT.TERM, ONE.TWO, TERM.SPILL.
        ("bare LF after the size", b"5\nabcde\r\n0\r\n", BareLf, 1, b"5\r\nabcde\r\n0\r\n"),
        ("bare LF after the last size", b"5\r\nabcde\r\n0\n", BareLf, 11, b"5\r\nabcde\r\n0\r\n"),
        ("bare LF after a semicolon", b"5;\nabcde\r\n0\r\n", BareLf, 2, b"5;a\r\nabcde\r\n0\r\n"),
        ("bare LF in an extension", b"5;a\nabcde\r\n0\r\n", BareLf, 3, b"5;a\r\nabcde\r\n0\r\n"),
        ("bare LF in a string", b"5;a=\"\n\"\r\nabcde\r\n0\r\n", BareLf, 5, b"5;a=\"n\"\r\nabcde\r\n0\r\n"),
        ("LF before the size", b"\n5\r\nabcde\r\n0\r\n", BareLf, 0, b"5\r\nabcde\r\n0\r\n"),
        ("bare CR after the size", b"5\rabcde\r\n0\r\n", BareCr, 2, b"5\r\nabcde\r\n0\r\n"),
        ("CR CR LF", b"5\r\r\nabcde\r\n0\r\n", BareCr, 2, b"5\r\nabcde\r\n0\r\n"),
        ("bare CR in an extension", b"5;a\rb\r\nabcde\r\n0\r\n", BareCr, 4, b"5;ab\r\nabcde\r\n0\r\n"),
        ("bare CR in a string", b"5;a=\"\r\"\r\nabcde\r\n0\r\n", Extension, 5, b"5;a=\"r\"\r\nabcde\r\n0\r\n"),
        ("bare LF after the data", b"5\r\nabcde\n0\r\n", End, 8, b"5\r\nabcde\r\n0\r\n"),
        ("bare CR after the data", b"5\r\nabcde\r0\r\n", End, 9, b"5\r\nabcde\r\n0\r\n"),
        ("nothing after the data", b"5\r\nabcde0\r\n", End, 8, b"5\r\nabcde\r\n0\r\n"),
        ("two others after the data", b"5\r\nabcdeXX0\r\n", End, 8, b"5\r\nabcde\r\n0\r\n"),
        ("LF CR after the data", b"5\r\nabcde\n\r0\r\n", End, 8, b"5\r\nabcde\r\n0\r\n"),
        ("CR CR after the data", b"5\r\nabcde\r\r\n0\r\n", End, 9, b"5\r\nabcde\r\n0\r\n"),
        ("more data than the size", b"4\r\nabcde\r\n0\r\n", End, 7, b"5\r\nabcde\r\n0\r\n"),
        ("less data than the size", b"6\r\nabcde\r\n0\r\n", End, 9, b"5\r\nabcde\r\n0\r\n"),
        ("another empty line", b"5\r\nabcde\r\n\r\n0\r\n", Size, 10, b"5\r\nabcde\r\n0\r\n\r\n"),
        ("LF after the last CRLF", b"5\r\nabcde\r\n\n0\r\n", BareLf, 10, b"5\r\nabcde\r\n0\r\n\n"),
        // RFC 9112 section 7.1: MUST anticipate potentially large hexadecimal numerals.
        ("2^64", b"10000000000000000\r\n", Size, 16, b"00000000000000005\r\nabcde\r\n0\r\n"),
        ("2^64 + 5", b"10000000000000005\r\nabcde\r\n0\r\n", Size, 16, b"0000000000000000000000000000005\r\nabcde\r\n0\r\n"),
        ("2^68 - 1", b"fffffffffffffffff\r\n", Size, 16, b"5\r\nabcde\r\n0\r\n"),
        ("2^64, zeros first", b"0010000000000000000\r\n", Size, 18, b"5\r\nabcde\r\n0\r\n"),
    ];
    for &(name, refused, violation, offset, accepted) in table {
        let (_, end) = decode(refused);
        assert_eq!(end, broken(violation, offset), "{name}: {}", refused.escape_ascii());
        let (data, end) = decode(accepted);
        assert_eq!(data, b"abcde", "{name}: {}", accepted.escape_ascii());
        assert!(matches!(end, Ok(Some(_))), "{name}: {} {end:?}", accepted.escape_ascii());
    }
}

#[test]
fn last_chunks_and_where_the_trailer_section_starts() {
    let table: &[(&[u8], usize)] = &[
        (b"0\r\n\r\n", 3),
        (b"00000\r\n\r\n", 7),
        (b"0;a=b\r\n\r\n", 7),
        (b"0\r\nA: 1\r\n\r\nGET / HTTP/1.1\r\n", 3),
        // What is wrong with a trailer section is for the parser of field lines to say.
        (b"0\r\n\n", 3),
        (b"0\r\nX\r\n", 3),
    ];
    for &(input, trailers) in table {
        assert_eq!(decode(input), (Vec::new(), Ok(Some(trailers))), "{}", input.escape_ascii());
    }
}

#[test]
fn hexadecimal_digits_of_both_cases() {
    for (digits, size) in [("a", 10), ("A", 10), ("f", 15), ("1F", 31), ("aB", 171), ("100", 256)] {
        let data = vec![b'x'; size];
        let input = [digits.as_bytes(), b"\r\n", &data, b"\r\n0\r\n"].concat();
        assert_eq!(decode(&input), (data, Ok(Some(input.len()))));
    }
}

#[test]
fn the_largest_chunk_is_one_of_2_to_the_64th_less_1_octets() {
    let (data, end) = decode(b"ffffffffffffffff\r\nabc");
    assert_eq!((&data[..], end), (&b"abc"[..], Ok(None)));
    // A second chunk would take the length of the content beyond what can be counted.
    let mut decoder = ChunkedDecoder { content: u64::MAX, ..ChunkedDecoder::new() };
    let limit = Error::Limit { bound: Bound::ContentBytes, offset: 2 };
    assert_eq!(decoder.decode(b"1\r\nx", &Limits::DEFAULT), Err(limit));
}

/// Rule by rule: an input that just keeps it, and what crosses it and where.
#[test]
fn limits_are_kept_to_the_octet() {
    let crossed = |bound, offset| Err(Error::Limit { bound, offset });
    let base = Limits {
        max_chunk_line_bytes: 8,
        max_chunk_extension_bytes: 10,
        max_chunk_overhead_bytes: 40,
        max_content_bytes: 6,
        ..Limits::DEFAULT
    };
    let check = |input: &[u8], expected| {
        assert_eq!(decode_with(input, &base).1, expected, "{}", input.escape_ascii());
    };
    // max_chunk_line_bytes, of leading zeros, of an extension, in both ways of reading.
    check(b"00000000\r\n", Ok(Some(10)));
    check(b"000000000\r\n", crossed(Bound::ChunkLineBytes, 8));
    check(b"00000000000000000000000000000000", crossed(Bound::ChunkLineBytes, 8));
    check(b"0;aaaaaa\r\n", Ok(Some(10)));
    check(b"0;aaaaaaa\r\n", crossed(Bound::ChunkLineBytes, 8));
    check(b"0;a=\"aaa", Ok(None));
    check(b"0;a=\"aaaa", crossed(Bound::ChunkLineBytes, 8));
    // max_chunk_extension_bytes, of a whole message.
    check(b"1;aaaa\r\nx\r\n0 ; aa\r\n", Ok(Some(19)));
    check(b"1;aaaa\r\nx\r\n0 ; aaa\r\n", crossed(Bound::ChunkExtensionBytes, 17));
    // max_content_bytes, at the end of the line and before the data.
    check(b"6\r\nxxxxxx\r\n0\r\n", Ok(Some(14)));
    check(b"7\r\n", crossed(Bound::ContentBytes, 2));
    check(b"7;a\r\n", crossed(Bound::ContentBytes, 4));
    check(b"2\r\nxx\r\n4\r\nxxxx\r\n0\r\n", Ok(Some(19)));
    check(b"2\r\nxx\r\n5\r\nxxxxx\r\n0\r\n", crossed(Bound::ContentBytes, 9));
}

#[test]
fn framing_may_cost_one_octet_for_each_of_data_and_so_many_more() {
    let crossed = |offset| Err(Error::Limit { bound: Bound::ChunkOverheadBytes, offset });
    // Eight chunks of one octet cost 5 each and may cost 1 each; the last one costs 3.
    let input = [&b"1\r\nx\r\n".repeat(8)[..], b"0\r\n"].concat();
    for maximum in 0..=40 {
        let limits = Limits { max_chunk_overhead_bytes: maximum, ..Limits::DEFAULT };
        let mut expected = Ok(Some(input.len()));
        let (mut framing, mut content) = (0, 0);
        for (offset, octet) in (0..).zip(&input) {
            match octet {
                b'x' => content += 1,
                _ => framing += 1,
            }
            if framing > content + maximum {
                expected = crossed(offset);
                break;
            }
        }
        assert_eq!(decode_with(&input, &limits).1, expected, "{maximum}");
    }
    // Large chunks earn what small ones spend.
    let limits = Limits { max_chunk_overhead_bytes: 4, ..Limits::DEFAULT };
    let input =
        [&b"20\r\n01234567890123456789012345678901\r\n"[..], &b"1\r\nx\r\n".repeat(6)].concat();
    assert_eq!(decode_with(&input, &limits).1, Ok(None));
    assert_eq!(decode_with(&b"1\r\nx\r\n".repeat(2), &limits).1, crossed(6));
}

/// The attacks that the limits are for, with the defaults.
#[test]
fn floods_end() {
    let whole = |input: &[u8]| decode_cut(input, [].into_iter(), &Limits::DEFAULT).1;
    let bound = |end| match end {
        Err(Error::Limit { bound, .. }) => bound,
        other => panic!("{other:?}"),
    };
    assert_eq!(bound(whole(&b"1\r\nx\r\n".repeat(1 << 15))), Bound::ChunkOverheadBytes);
    assert_eq!(bound(whole(&b"0".repeat(1 << 15))), Bound::ChunkLineBytes);
    let line = [b"1;".to_vec(), b"a".repeat(1000), b"\r\nx\r\n".to_vec()].concat();
    assert_eq!(bound(whole(&line.repeat(20))), Bound::ChunkExtensionBytes);
    let line = [b"1;a=\"".to_vec(), b"a".repeat(1 << 15)].concat();
    assert_eq!(bound(whole(&line)), Bound::ChunkLineBytes);
}

#[test]
fn the_transition_table() {
    let states = [
        State::Start,
        State::Size,
        State::Semicolon,
        State::NameStart,
        State::Name,
        State::Equals,
        State::ValueStart,
        State::Token,
        State::Quoted,
        State::QuotedPair,
        State::QuotedEnd,
        State::LineLf,
        State::Data,
        State::DataCr,
        State::DataLf,
        State::End,
    ];
    let classes = b"ag ;=\"\\/\r\n\0".map(Class::of);
    let mut table = String::from("\n");
    for state in states {
        table += &format!("{:<11}", format!("{state:?}"));
        for class in classes {
            let next =
                state.after(class).map_or_else(|| "-".to_owned(), |next| format!("{next:?}"));
            table += &format!(" {next:<10}");
        }
        table.truncate(table.trim_end().len());
        table += "\n";
    }
    assert_eq!(table, SNAPSHOT);
}

/// After Hex, Tchar, Blank, Semicolon, Equals, Quote, Backslash, Text, Cr, Lf, Control.
const SNAPSHOT: &str = "
Start       Size       -          -          -          -          -          -          -          -          -          -
Size        Size       -          Semicolon  NameStart  -          -          -          -          LineLf     -          -
Semicolon   -          -          Semicolon  NameStart  -          -          -          -          -          -          -
NameStart   Name       Name       NameStart  -          -          -          -          -          -          -          -
Name        Name       Name       Equals     NameStart  ValueStart -          -          -          LineLf     -          -
Equals      -          -          Equals     NameStart  ValueStart -          -          -          -          -          -
ValueStart  Token      Token      ValueStart -          -          Quoted     -          -          -          -          -
Token       Token      Token      Semicolon  NameStart  -          -          -          -          LineLf     -          -
Quoted      Quoted     Quoted     Quoted     Quoted     Quoted     QuotedEnd  QuotedPair Quoted     -          -          -
QuotedPair  Quoted     Quoted     Quoted     Quoted     Quoted     Quoted     Quoted     Quoted     -          -          -
QuotedEnd   -          -          Semicolon  NameStart  -          -          -          -          LineLf     -          -
LineLf      -          -          -          -          -          -          -          -          -          Data       -
Data        -          -          -          -          -          -          -          -          -          -          -
DataCr      -          -          -          -          -          -          -          -          DataLf     -          -
DataLf      -          -          -          -          -          -          -          -          -          Start      -
End         -          -          -          -          -          -          -          -          -          -          -
";

#[test]
fn every_octet_has_the_class_that_the_grammar_gives_it() {
    for octet in 0..=255_u8 {
        let is_tchar = octet.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&octet);
        let expected = match octet {
            b' ' | b'\t' => Class::Blank,
            b'\r' => Class::Cr,
            b'\n' => Class::Lf,
            _ if octet.is_ascii_control() => Class::Control,
            _ if octet.is_ascii_hexdigit() => Class::Hex,
            _ if is_tchar => Class::Tchar,
            b';' => Class::Semicolon,
            b'=' => Class::Equals,
            b'"' => Class::Quote,
            b'\\' => Class::Backslash,
            _ => Class::Text,
        };
        assert_eq!(Class::of(octet), expected, "{octet:#x}");
        let value = char::from(octet).to_digit(16).map(u64::from);
        assert_eq!(hex_digit(octet), value.filter(|_| octet.is_ascii()), "{octet:#x}");
    }
}

/// The grammar once more, by recursive descent over the whole input and without limits.
mod oracle {
    #[derive(Debug, PartialEq)]
    pub(super) enum Stop {
        More,
        Bad(usize),
    }

    pub(super) struct Oracle<'b> {
        pub(super) input: &'b [u8],
        pub(super) at: usize,
    }

    impl Oracle<'_> {
        pub(super) fn body(&mut self, data: &mut Vec<u8>) -> Result<(), Stop> {
            loop {
                let size = self.size()?;
                self.extensions()?;
                self.crlf()?;
                if size == 0 {
                    return Ok(());
                }
                for _ in 0..size {
                    data.push(self.peek()?);
                    self.at += 1;
                }
                self.crlf()?;
            }
        }

        fn peek(&self) -> Result<u8, Stop> {
            self.input.get(self.at).copied().ok_or(Stop::More)
        }

        fn expect(&mut self, is: impl Fn(u8) -> bool) -> Result<u8, Stop> {
            let octet = self.peek()?;
            if !is(octet) {
                return Err(Stop::Bad(self.at));
            }
            self.at += 1;
            Ok(octet)
        }

        fn many(&mut self, is: impl Fn(u8) -> bool) -> Result<(), Stop> {
            while is(self.peek()?) {
                self.at += 1;
            }
            Ok(())
        }

        fn crlf(&mut self) -> Result<(), Stop> {
            self.expect(|octet| octet == b'\r')?;
            self.expect(|octet| octet == b'\n').map(drop)
        }

        fn bws(&mut self) -> Result<bool, Stop> {
            let before = self.at;
            self.many(|octet| octet == b' ' || octet == b'\t')?;
            Ok(self.at > before)
        }

        fn token(&mut self) -> Result<(), Stop> {
            let is =
                |octet: u8| octet.is_ascii_graphic() && !b"\"(),/:;<=>?@[\\]{}".contains(&octet);
            self.expect(is)?;
            self.many(is)
        }

        fn size(&mut self) -> Result<u64, Stop> {
            let mut digits = String::from("0");
            while digits.len() == 1 || self.peek()?.is_ascii_hexdigit() {
                digits.push(char::from(self.expect(|octet| octet.is_ascii_hexdigit())?));
                if u64::from_str_radix(&digits, 16).is_err() {
                    return Err(Stop::Bad(self.at - 1));
                }
            }
            Ok(u64::from_str_radix(&digits, 16).unwrap())
        }

        fn extensions(&mut self) -> Result<(), Stop> {
            loop {
                let blank = self.bws()?;
                if self.peek()? != b';' {
                    return if blank { Err(Stop::Bad(self.at)) } else { Ok(()) };
                }
                self.at += 1;
                self.bws()?;
                self.token()?;
                let before = self.at;
                self.bws()?;
                if self.peek()? == b'=' {
                    self.at += 1;
                    self.bws()?;
                    self.value()?;
                } else if self.peek()? == b';' {
                    self.at = before;
                } else if self.at > before {
                    return Err(Stop::Bad(self.at));
                }
            }
        }

        fn value(&mut self) -> Result<(), Stop> {
            if self.peek()? != b'"' {
                return self.token();
            }
            self.at += 1;
            let text = |octet: u8| octet == b'\t' || (octet >= b' ' && octet != 0x7f);
            loop {
                match self.expect(text)? {
                    b'"' => return Ok(()),
                    b'\\' => drop(self.expect(text)?),
                    _ => {}
                }
            }
        }
    }
}

#[test]
fn any_input_is_taken_as_the_grammar_says() {
    let pieces: &[&[u8]] = &[
        b"0",
        b"1",
        b"5",
        b"b",
        b"F",
        b"\r\n",
        b"\r\n",
        b"\r\n",
        b"0\r\n",
        b"1\r\nx\r\n",
        b"3\r\nx",
        b"\r",
        b"\n",
        b";",
        b";",
        b"a",
        b"a=",
        b"=",
        b"\"",
        b"\"q\"",
        b"\\",
        b" ",
        b"\t",
        b"/",
        b"\0",
        b"\x7f",
        b"\x80",
        b";a=b",
        b";a=\"b\"",
        b"2 ; a = \"\\\"\"\r\nxx\r\n",
        b"0000000000000001",
        b"xyz",
    ];
    let mut seed = 0x9112_9112_9112_9112_u64;
    let mut random = move |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed >> 33).unwrap() % below
    };
    let (mut complete, mut bad) = (0, 0);
    for round in 0..40_000 {
        let mut input = Vec::new();
        // Half of them start as something that is worth going on with.
        for _ in 0..random(4) * (round % 2) {
            input.extend_from_slice(b"2;a=\"b\" ; c\r\nxx\r\n");
        }
        for _ in 0..random(12) {
            input.extend_from_slice(pieces[random(pieces.len())]);
        }
        let mut data = Vec::new();
        let mut oracle = oracle::Oracle { input: &input, at: 0 };
        let expected = oracle.body(&mut data);
        let (decoded, end) = decode(&input);
        assert_eq!(decoded, data, "{}", input.escape_ascii());
        let end = match end {
            Ok(Some(at)) => {
                complete += 1;
                assert_eq!(at, oracle.at);
                Ok(())
            }
            Ok(None) => Err(oracle::Stop::More),
            Err(error) => {
                bad += 1;
                Err(oracle::Stop::Bad(usize::try_from(error.offset().unwrap()).unwrap()))
            }
        };
        assert_eq!(end, expected, "{}", input.escape_ascii());
    }
    assert!(complete > 1000 && bad > 2000, "{complete} {bad}");
}

#[test]
fn a_decoder_is_small() {
    assert!(size_of::<ChunkedDecoder>() <= 40);
}

#[test]
fn what_is_encoded_is_decoded() {
    let mut out = Vec::new();
    let mut content = Vec::new();
    for length in [1, 0, 9, 10, 15, 16, 17, 255, 256, 4095, 4096, 70_000, 0] {
        let data = vec![b'x'; length];
        encode_chunk(&data, &mut out);
        content.extend_from_slice(&data);
    }
    let end = out.len() + 3;
    encode_last_chunk(&mut out);
    assert_eq!(&out[end - 3..], b"0\r\n\r\n");
    let (decoded, result) = decode_cut(&out, [].into_iter(), &Limits::DEFAULT);
    assert_eq!((decoded, result), (content, Ok(Some(end))));
}

#[test]
fn chunk_headers() {
    assert_eq!(ChunkHeader::new(0), None);
    let powers = (0..64).flat_map(|n| [1 << n, (1_u64 << n).wrapping_sub(1), (1 << n) | 1]);
    for size in powers.chain([u64::MAX]).filter(|&size| size != 0) {
        let header = ChunkHeader::new(size).unwrap();
        assert_eq!(header.as_bytes(), format!("{size:x}\r\n").as_bytes());
    }
}

#[test]
fn empty_data_is_no_last_chunk() {
    let mut out = b"before".to_vec();
    encode_chunk(b"", &mut out);
    assert_eq!(out, b"before");
    encode_chunk(b"x", &mut out);
    assert_eq!(out, b"before1\r\nx\r\n");
}

#[test]
fn a_last_chunk_with_trailers_is_appended_whole_or_not_at_all() {
    let mut out = b"before".to_vec();
    encode_last_chunk_with_trailers(Fields::EMPTY, &mut out).unwrap();
    assert_eq!(out, b"before0\r\n\r\n");
    let good = [Field::new("Digest", b"1")];
    let mut out = Vec::new();
    encode_last_chunk_with_trailers((&good).into(), &mut out).unwrap();
    assert_eq!(out, b"0\r\nDigest: 1\r\n\r\n");
    for (name, misuse) in
        [("Content-Length", Misuse::ForbiddenTrailer), ("a b", Misuse::InvalidFieldName)]
    {
        let bad = [Field::new("Digest", b"1"), Field::new(name, b"1")];
        let mut out = b"before".to_vec();
        assert_eq!(encode_last_chunk_with_trailers((&bad).into(), &mut out), Err(misuse));
        assert_eq!(out, b"before");
    }
}
