//! Holds every answer against what is expected. The first is parsed and compared field by field;
//! those after it are compared with the first, octet by octet, all but the Date. That is two
//! `memcmp`: cheap enough to check every answer at a million a second. What differs is parsed.

use std::ops::Range;

use super::response::{self, Response};
use crate::fault::Fault;
use crate::workload::Expected;

/// Of a Date in the form that RFC 9110 section 5.6.7 wants.
const DATE_BYTES: usize = "Tue, 24 Nov 2026 12:00:00 GMT".len();

/// What stands at the start of some input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// An answer of so many octets, as it has to be or not.
    Answer { octets: usize, fault: Option<Fault>, is_last: bool },
    /// `100 Continue` and the like: no answer yet.
    Interim { octets: usize },
    /// Not all of an answer.
    Partial,
}

/// Knows the answer that is expected.
#[derive(Debug)]
pub(super) struct Checker {
    expected: Expected,
    template: Option<Template>,
    /// Answers that were parsed and compared field by field.
    pub(super) in_full: u64,
}

/// A good answer, and where its Date stands.
#[derive(Debug)]
struct Template {
    octets: Vec<u8>,
    date: Range<usize>,
}

impl Template {
    /// Whether the input is the answer, all but the Date, as far as it goes.
    fn agrees(&self, input: &[u8]) -> bool {
        let length = input.len().min(self.octets.len());
        let same = |from: usize, to: usize| {
            let (from, to) = (from.min(length), to.min(length));
            input.get(from..to) == self.octets.get(from..to)
        };
        same(0, self.date.start) && same(self.date.end, length)
    }
}

impl Checker {
    pub(super) fn new(expected: Expected) -> Self {
        Self { expected, template: None, in_full: 0 }
    }

    /// Looks at the answer that the input begins with.
    pub(super) fn take(&mut self, input: &[u8]) -> Result<Taken, Fault> {
        if let Some(template) = &self.template
            && template.agrees(input)
        {
            let octets = template.octets.len();
            return Ok(if input.len() < octets {
                Taken::Partial
            } else {
                Taken::Answer { octets, fault: None, is_last: false }
            });
        }
        let Some(response) = response::parse(input)? else { return Ok(Taken::Partial) };
        let octets = response.octets;
        if response.status < 200 {
            return Ok(Taken::Interim { octets });
        }
        self.in_full += 1;
        let fault = self.fault(&response);
        let date = response.date.clone().unwrap_or_default();
        let fixed = response.has_length && !response.is_last && date.len() == DATE_BYTES;
        let taken = Taken::Answer { octets, fault, is_last: response.is_last };
        if fault.is_none() && fixed {
            let octets = input.get(..octets).unwrap_or_default().to_vec();
            self.template = Some(Template { octets, date });
        }
        Ok(taken)
    }

    fn fault(&self, response: &Response<'_>) -> Option<Fault> {
        let Expected { status, content_type, content } = &self.expected;
        let date = response.date.as_ref().map_or(0, ExactSizeIterator::len);
        [
            (response.status != *status, Fault::Status),
            (response.content.len() != content.len(), Fault::Length),
            (*response.content != **content, Fault::Content),
            (response.content_type != Some(content_type), Fault::Field),
            (date != DATE_BYTES, Fault::Field),
        ]
        .into_iter()
        .find_map(|(wrong, fault)| wrong.then_some(fault))
    }
}
