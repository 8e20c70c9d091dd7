//! Every combination of the fields, against the truth table of RFC 9110 section 13.2.2.

use std::time::Duration;

use shockwave_wire::Field;

use super::*;

const EARLIER: &str = "Sun, 06 Nov 1994 08:49:36 GMT";
const EQUAL: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
const LATER: &str = "Sun, 06 Nov 1994 08:49:38 GMT";
const MODIFIED: u64 = 784_111_777;

const STRONG: Validators<'static> =
    Validators { etag: Some(Tag { weak: false, opaque: b"a" }), last_modified: Some(MODIFIED) };
const WEAK: Validators<'static> =
    Validators { etag: Some(Tag { weak: true, opaque: b"a" }), last_modified: Some(MODIFIED) };
const DATED: Validators<'static> = Validators { etag: None, last_modified: Some(MODIFIED) };
const TAGGED: Validators<'static> = Validators { etag: STRONG.etag, last_modified: None };
const NONE: Validators<'static> = Validators { etag: None, last_modified: None };

fn list<'a>(pairs: &[(&'a str, &'a str)]) -> Vec<Field<'a>> {
    pairs.iter().map(|(name, value)| Field::new(name, value.as_bytes())).collect()
}

fn outcome(method: Method<'_>, validators: &Validators<'_>, pairs: &[(&str, &str)]) -> Outcome {
    evaluate(method, validators, Fields::from(list(pairs).as_slice()))
}

/// The values of a field, and what each makes of the condition with [`STRONG`]. `None`: as if the
/// field were not there.
type Column = [(Option<&'static str>, Option<bool>)];

const IF_MATCH: &Column = &[
    (None, None),
    (Some("*"), Some(true)),
    (Some("\"b\", \"a\""), Some(true)),
    (Some("W/\"a\""), Some(false)),
    (Some("\"b\""), Some(false)),
    (Some("a"), Some(false)),
];
const IF_UNMODIFIED_SINCE: &Column = &[
    (None, None),
    (Some(EARLIER), Some(false)),
    (Some(EQUAL), Some(true)),
    (Some(LATER), Some(true)),
    (Some("yesterday"), None),
];
/// Malformed is apart: it depends on the method.
const IF_NONE_MATCH: &Column = &[
    (None, None),
    (Some("*"), Some(false)),
    (Some("\"b\", \"a\""), Some(false)),
    (Some("W/\"a\""), Some(false)),
    (Some("\"b\""), Some(true)),
];
const IF_MODIFIED_SINCE: &Column = &[
    (None, None),
    (Some(EARLIER), Some(true)),
    (Some(EQUAL), Some(false)),
    (Some(LATER), Some(false)),
    (Some("Sun Nov  6 08:49:37 1994"), Some(false)),
    (Some("Sunday, 06-Nov-94 08:49:36 GMT"), Some(true)),
    (Some("784111777"), None),
];
const IF_RANGE: &Column = &[
    (None, None),
    (Some("\"a\""), Some(true)),
    (Some("W/\"a\""), Some(false)),
    (Some("\"b\""), Some(false)),
    (Some(EQUAL), Some(true)),
    (Some(EARLIER), Some(false)),
    (Some(LATER), Some(false)),
    (Some("\"a\", \"a\""), Some(false)),
    (Some("*"), Some(false)),
];
const RANGE: &[Option<&str>] = &[None, Some("bytes=0-1")];
const METHODS: &[Method<'_>] = &[
    Method::Get,
    Method::Head,
    Method::Put,
    Method::Post,
    Method::Delete,
    Method::Options,
    Method::Trace,
    Method::Other(b"PURGE"),
];

/// The steps as the RFC has them.
fn steps(method: Method<'_>, truth: [Option<bool>; 5], has_range: bool) -> Outcome {
    let [if_match, unmodified, none_match, modified, if_range] = truth;
    let reads = matches!(method, Method::Get | Method::Head);
    if !matches!(method, Method::Options | Method::Trace) {
        if if_match.or(unmodified) == Some(false) {
            return Outcome::PreconditionFailed;
        }
        match none_match {
            Some(false) if reads => return Outcome::NotModified,
            Some(false) => return Outcome::PreconditionFailed,
            None if reads && modified == Some(false) => return Outcome::NotModified,
            _ => {}
        }
    }
    Outcome::Proceed { range: method == Method::Get && has_range && if_range != Some(false) }
}

#[test]
fn rfc9110_13_2_2_every_combination() {
    let mut count = 0;
    for (match_value, if_match) in IF_MATCH {
        for (unmodified_value, unmodified) in IF_UNMODIFIED_SINCE {
            for (none_value, none_match) in IF_NONE_MATCH {
                for (modified_value, modified) in IF_MODIFIED_SINCE {
                    for (if_range_value, if_range) in IF_RANGE {
                        let truth = [*if_match, *unmodified, *none_match, *modified, *if_range];
                        let values = [
                            ("If-Range", if_range_value),
                            ("If-Modified-Since", modified_value),
                            ("If-None-Match", none_value),
                            ("If-Unmodified-Since", unmodified_value),
                            ("If-Match", match_value),
                        ];
                        count += one_combination(truth, &values);
                    }
                }
            }
        }
    }
    assert_eq!(count, 6 * 5 * 5 * 7 * 9 * 2 * 8);
}

fn one_combination(
    truth: [Option<bool>; 5],
    values: &[(&'static str, &Option<&'static str>)],
) -> usize {
    for range in RANGE {
        let all = values.iter().copied().chain([("Range", range)]);
        let pairs: Vec<_> =
            all.filter_map(|(name, value)| value.map(|value| (name, value))).collect();
        for method in METHODS {
            let expected = steps(*method, truth, range.is_some());
            assert_eq!(outcome(*method, &STRONG, &pairs), expected, "{method:?} {pairs:?}");
        }
    }
    RANGE.len() * METHODS.len()
}

/// Other validators than a strong tag and a date.
#[test]
fn rfc9110_13_1_what_is_not_known() {
    use Outcome::{NotModified, PreconditionFailed, Proceed};
    let (get, put) = (Method::Get, Method::Put);
    let go_on = Proceed { range: false };
    for (method, validators, name, value, expected) in [
        (put, WEAK, "If-Match", "W/\"a\"", PreconditionFailed),
        (put, WEAK, "If-Match", "\"a\"", PreconditionFailed),
        (put, WEAK, "If-Match", "*", go_on),
        (put, DATED, "If-Match", "\"a\"", PreconditionFailed),
        (put, NONE, "If-Match", "*", go_on),
        (get, WEAK, "If-None-Match", "\"a\"", NotModified),
        (get, WEAK, "If-None-Match", "W/\"a\"", NotModified),
        (get, WEAK, "If-None-Match", "\"b\"", go_on),
        (get, DATED, "If-None-Match", "\"a\"", go_on),
        (get, NONE, "If-None-Match", "*", NotModified),
        (put, NONE, "If-None-Match", "*", PreconditionFailed),
        (get, TAGGED, "If-Modified-Since", LATER, go_on),
        (get, WEAK, "If-Modified-Since", LATER, NotModified),
        (put, TAGGED, "If-Unmodified-Since", EARLIER, go_on),
        (put, DATED, "If-Unmodified-Since", EARLIER, PreconditionFailed),
        // Malformed lists.
        (get, STRONG, "If-None-Match", "a", go_on),
        (get, STRONG, "If-None-Match", "\"a\" \"a\"", go_on),
        (put, STRONG, "If-None-Match", "a", PreconditionFailed),
        (put, STRONG, "If-None-Match", "", PreconditionFailed),
        (put, STRONG, "If-Match", "", PreconditionFailed),
    ] {
        let found = outcome(method, &validators, &[(name, value)]);
        assert_eq!(found, expected, "{method:?} {validators:?} {name}: {value}");
    }
}

#[test]
fn rfc9110_13_1_5_if_range() {
    for (validators, value, range) in [
        (WEAK, "\"a\"", false),
        (WEAK, "W/\"a\"", false),
        (WEAK, EQUAL, false),
        (DATED, EQUAL, true),
        (DATED, LATER, false),
        (DATED, "\"a\"", false),
        (TAGGED, "\"a\"", true),
        (TAGGED, EQUAL, false),
        (NONE, "\"a\"", false),
        (NONE, EQUAL, false),
        (STRONG, "Sun Nov  6 08:49:37 1994", true),
        (STRONG, "", false),
        (STRONG, "a", false),
    ] {
        let pairs = [("Range", "bytes=0-1"), ("If-Range", value)];
        let found = outcome(Method::Get, &validators, &pairs);
        assert_eq!(found, Outcome::Proceed { range }, "{validators:?} {value}");
    }
}

/// Fields that stand twice: lists are one list, the others are ignored; If-Range does not hold.
#[test]
fn rfc9110_5_3_repeated_fields() {
    let with = |pairs: &[(&str, &str)]| outcome(Method::Get, &STRONG, pairs);
    let (yes, no) = (Outcome::Proceed { range: true }, Outcome::Proceed { range: false });
    assert_eq!(with(&[("Range", "bytes=0-1")]), yes);
    assert_eq!(with(&[("Range", "bytes=0-1"), ("Range", "bytes=0-1")]), no);
    let once = [("Range", "bytes=0-1"), ("If-Range", "\"a\"")];
    assert_eq!(with(&once), yes);
    assert_eq!(with(&[once[0], once[1], once[1]]), no);
    let split = [("If-None-Match", "\"b\""), ("If-None-Match", "\"a\"")];
    assert_eq!(with(&split), Outcome::NotModified);
    assert_eq!(with(&[("If-Match", "\"b\""), ("If-Match", "\"a\"")]), no);
    assert_eq!(with(&[("If-Match", "*"), ("If-Match", "*")]), Outcome::PreconditionFailed);
    assert_eq!(with(&[("If-Modified-Since", LATER)]), Outcome::NotModified);
    assert_eq!(with(&[("If-Modified-Since", LATER), ("If-Modified-Since", LATER)]), no);
    let unmodified = ("If-Unmodified-Since", EARLIER);
    assert_eq!(with(&[unmodified]), Outcome::PreconditionFailed);
    assert_eq!(with(&[unmodified, unmodified]), no);
    assert_eq!(with(&[]), no);
}

/// RFC 9110 section 8.8.2.1.
#[test]
fn last_modified_is_never_in_the_future() {
    let at = |nanoseconds: u64| UNIX_EPOCH + Duration::from_nanos(nanoseconds);
    let second = 1_000_000_000;
    assert_eq!(last_modified(at(5 * second + 999_999_999), at(9 * second)), 5);
    assert_eq!(last_modified(at(12 * second), at(9 * second + 1)), 9);
    assert_eq!(last_modified(UNIX_EPOCH - Duration::from_secs(3), at(9 * second)), 0);
}
