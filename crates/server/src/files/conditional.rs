//! Preconditions (RFC 9110 section 13): whether a method is performed, and whether Range counts.

use std::time::{SystemTime, UNIX_EPOCH};

use shockwave_wire::{Fields, Known, Method};

use super::etag::{self, Listed, Tag};

/// What identifies the current state of a representation. What is not known is `None`.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Validators<'a> {
    /// The entity tag, as the response's ETag has it.
    pub(crate) etag: Option<Tag<'a>>,
    /// The last change, in seconds since 1970, as the response's Last-Modified has it: see
    /// [`last_modified`].
    pub(crate) last_modified: Option<u64>,
}

/// What is to be done with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Perform the method.
    Proceed {
        /// Whether there is a Range field, and it is to be heeded (RFC 9110 section 14.2): once,
        /// with GET, and with an If-Range that holds if there is one.
        range: bool,
    },
    /// 304, with the ETag and Last-Modified that a 200 would have, and no content (RFC 9110 section
    /// 15.4.5).
    NotModified,
    /// 412.
    PreconditionFailed,
}

/// What Last-Modified says of a file (RFC 9110 section 8.8.2.1): in seconds since 1970, and never
/// later than the response's own Date. Times before 1970 become 1970.
pub(crate) fn last_modified(modified: SystemTime, now: SystemTime) -> u64 {
    seconds(modified.min(now))
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Evaluates the preconditions of a request in the order of RFC 9110 section 13.2.2, for a
/// representation that exists. Allocates nothing.
///
/// Call it last, when without preconditions the answer would be of class 2xx (section 13.2.1):
/// there is no precondition for a file that is not there.
///
/// A list of entity tags that is malformed matches nothing, and cannot be said not to match:
/// If-Match fails, and so does If-None-Match where the method changes something. With GET and HEAD
/// it is as if it were not there, and the client gets the whole.
pub(crate) fn evaluate(
    method: Method<'_>,
    validators: &Validators<'_>,
    fields: Fields<'_>,
) -> Outcome {
    let present = fields.present();
    let has = |known: Known| present & known.bit() != 0;
    // Section 13.2.1: methods that select no representation have no preconditions.
    if present & CONDITIONS == 0
        || matches!(method, Method::Connect | Method::Options | Method::Trace)
    {
        let range = has(Known::RANGE) && range_counts(method, validators, fields);
        return Outcome::Proceed { range };
    }
    let reads = matches!(method, Method::Get | Method::Head);
    // Step 1 and, without If-Match, step 2.
    let may_go_on = if has(Known::IF_MATCH) {
        if_match(validators, fields)
    } else {
        !is_later_than(Known::IF_UNMODIFIED_SINCE, validators, fields).unwrap_or(false)
    };
    if !may_go_on {
        return Outcome::PreconditionFailed;
    }
    // Step 3 and, without If-None-Match, step 4.
    if has(Known::IF_NONE_MATCH) {
        match (if_none_match(validators, fields), reads) {
            (Listed::Missing, _) | (Listed::Malformed, true) => {}
            (Listed::Any | Listed::Found, true) => return Outcome::NotModified,
            (_, false) => return Outcome::PreconditionFailed,
        }
    } else if reads && is_later_than(Known::IF_MODIFIED_SINCE, validators, fields) == Some(false) {
        return Outcome::NotModified;
    }
    // Step 5.
    Outcome::Proceed { range: has(Known::RANGE) && range_counts(method, validators, fields) }
}

/// The fields of steps 1 to 4. Few requests have one.
const CONDITIONS: u64 = Known::IF_MATCH.bit()
    | Known::IF_NONE_MATCH.bit()
    | Known::IF_MODIFIED_SINCE.bit()
    | Known::IF_UNMODIFIED_SINCE.bit();

/// RFC 9110 section 13.1.1: strong comparison; `*` is true, as there is a representation.
fn if_match(validators: &Validators<'_>, fields: Fields<'_>) -> bool {
    let listed = etag::find(fields.known_all(Known::IF_MATCH), |tag| {
        validators.etag.is_some_and(|ours| ours.strong_eq(tag))
    });
    matches!(listed, Listed::Any | Listed::Found)
}

/// RFC 9110 section 13.1.2: weak comparison.
fn if_none_match(validators: &Validators<'_>, fields: Fields<'_>) -> Listed {
    etag::find(fields.known_all(Known::IF_NONE_MATCH), |tag| {
        validators.etag.is_some_and(|ours| ours.weak_eq(tag))
    })
}

/// Whether the last change is later than the date of the field. `None` where the field must be
/// ignored (RFC 9110 sections 13.1.3 and 13.1.4): it is not there, stands twice or is no date, or
/// there is no time of the last change.
fn is_later_than(known: Known, validators: &Validators<'_>, fields: Fields<'_>) -> Option<bool> {
    let modified = validators.last_modified?;
    Some(modified > date(single(known, fields)?)?)
}

/// The value of a field that stands on one line alone.
fn single<'a>(known: Known, fields: Fields<'a>) -> Option<&'a [u8]> {
    let mut values = fields.known_all(known);
    let value = values.next()?;
    if values.next().is_some() { None } else { Some(value) }
}

/// Seconds since 1970 of any of the three formats (RFC 9110 section 5.6.7).
fn date(value: &[u8]) -> Option<u64> {
    let text = core::str::from_utf8(value).ok()?;
    httpdate::parse_http_date(text).ok().map(seconds)
}

/// RFC 9110 section 14.2: only GET knows Range. Section 13.1.5: not if there is an If-Range that
/// does not hold.
fn range_counts(method: Method<'_>, validators: &Validators<'_>, fields: Fields<'_>) -> bool {
    method == Method::Get
        && single(Known::RANGE, fields).is_some()
        && (fields.known(Known::IF_RANGE).is_none()
            || single(Known::IF_RANGE, fields).is_some_and(|value| if_range(value, validators)))
}

/// RFC 9110 section 13.1.5: the same by strong comparison, or exactly the same date.
///
/// A date must be a strong validator. Section 8.8.2.2: the client vouches that it was one second
/// old at least when it was received. We vouch that the representation has not changed twice within
/// that second since, by refusing all dates while our own entity tag is weak for that reason.
fn if_range(value: &[u8], validators: &Validators<'_>) -> bool {
    if value.iter().take(3).any(|&octet| octet == b'"') {
        return Tag::parse(value)
            .zip(validators.etag)
            .is_some_and(|(theirs, ours)| theirs.strong_eq(ours));
    }
    let is_settled = validators.etag.is_none_or(|ours| !ours.weak);
    is_settled && date(value).is_some_and(|date| validators.last_modified == Some(date))
}

#[cfg(test)]
mod tests;
