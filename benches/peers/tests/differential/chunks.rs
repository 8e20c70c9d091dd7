//! Chunk-size lines, against httparse.

use httparse::Status;
use shockwave_http11::{ChunkedDecoder, Error, Limits, Piece};
use shockwave_wire::Bound;

use crate::{Differences, Reasons, mutations};

/// What httparse takes and Shockwave refuses.
const REASONS: Reasons = &[
    // A line without digits is a last chunk to httparse, and whitespace may end a line.
    ("InvalidChunkSize", "RFC 9112 section 7.1"),
    // Any octet may stand in an extension, LF among them.
    ("InvalidChunkExtension", "RFC 9112 section 7.1.1"),
    ("BareLf", "RFC 9112 section 7.1"),
];

/// What Shockwave takes and httparse refuses.
const ONLY_OURS: Reasons = &[
    // chunk-size = 1*HEXDIG, so zeros may come before it; max_chunk_line_bytes bounds them.
    ("LeadingZeros", "RFC 9112 section 7.1"),
];

#[test]
fn chunk_sizes_are_read_alike_or_refused_for_a_listed_reason() {
    let seeds = [
        "0\r\n",
        "5\r\n",
        "a\r\n",
        "1A;ext=1\r\n",
        "ffffffffffffffff\r\n",
        "5 ; a = \"b\\\"c\"\r\n",
        "00000000000000000005\r\n",
        "10000000000000000\r\n",
        "7FFFFFFFFFFFFFFF;a;b=c\r\n",
        "\r\n",
        ";x\r\n",
        "5 \r\n",
        "+5\r\n",
        "0x5\r\n",
        "5;\r\n",
        "5;a=\"\nb\"\r\n",
        "5\n",
        "5\r",
    ];
    let seeds = seeds.map(|line| line.as_bytes().to_vec());
    let (mut theirs_only, mut ours_only) = (Differences::default(), Differences::default());
    let mut both = 0;
    for input in mutations(&seeds, 60_000) {
        let ours = ours(&input);
        match (httparse::parse_chunk_size(&input), ours) {
            (Ok(Status::Complete((line, size))), Ok(Some(our_line))) => {
                assert_eq!(our_line, line, "{}", input.escape_ascii());
                is_of_size(&input[..line], size);
                both += 1;
            }
            (Ok(Status::Complete(_)), Err(Error::Protocol { violation, .. })) => {
                theirs_only.note(violation, &input);
            }
            (Ok(Status::Partial), Ok(None)) | (_, Err(_)) | (Err(_), Ok(None)) => {}
            (Err(_), Ok(Some(_))) => {
                let digits = input.iter().take_while(|octet| octet.is_ascii_hexdigit()).count();
                assert!(digits > 16 && input[0] == b'0', "{}", input.escape_ascii());
                ours_only.note(LeadingZeros, &input);
            }
            (theirs, ours) => panic!("{theirs:?} {ours:?}: {}", input.escape_ascii()),
        }
    }
    theirs_only.are(REASONS);
    ours_only.are(ONLY_OURS);
    assert!(both > 5000, "{both}");
}

#[derive(Debug)]
struct LeadingZeros;

/// The octets of a chunk-size line; `None` if it is not complete. No LF stands in one but its last.
fn ours(input: &[u8]) -> Result<Option<usize>, Error> {
    let line = input.iter().position(|&octet| octet == b'\n').map(|at| at + 1);
    let decoded =
        ChunkedDecoder::new().decode(&input[..line.unwrap_or(input.len())], &UNLIMITED)?;
    Ok(line.filter(|&line| decoded.consumed == line))
}

const UNLIMITED: Limits = Limits::DEFAULT;

/// Whether `line` announces `size` octets: no more than that are within a limit of `size`, and no
/// fewer cross one that is less by one.
#[track_caller]
fn is_of_size(line: &[u8], size: u64) {
    let mut limits = Limits::DEFAULT;
    limits.max_content_bytes = size;
    let decoded = ChunkedDecoder::new().decode(line, &limits).unwrap();
    assert_eq!(decoded.consumed, line.len());
    assert_eq!(decoded.piece == Piece::LastChunk, size == 0, "{}", line.escape_ascii());
    if let Some(less) = size.checked_sub(1) {
        limits.max_content_bytes = less;
        let crossed = ChunkedDecoder::new().decode(line, &limits).unwrap_err();
        assert!(matches!(crossed, Error::Limit { bound: Bound::ContentBytes, .. }), "{crossed:?}");
    }
}
