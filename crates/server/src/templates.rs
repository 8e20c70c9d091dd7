//! Heads of responses that are common: rendered once a worker.

use shockwave_http11::ResponseTemplate;
use shockwave_wire::{Field, Fields, ResponseHead, Status};

/// The media type of a response, where it is one that the server itself names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// No content, or none of a type that is known.
    None,
    Text,
    Html,
    #[cfg_attr(not(feature = "json"), allow(dead_code, reason = "made by JSON"))]
    Json,
    Octets,
}

impl Kind {
    /// The value of Content-Type.
    pub(crate) const fn media_type(self) -> Option<&'static str> {
        Some(match self {
            Self::None => return None,
            Self::Text => "text/plain; charset=utf-8",
            Self::Html => "text/html; charset=utf-8",
            Self::Json => "application/json",
            Self::Octets => "application/octet-stream",
        })
    }
}

/// The most templates that a worker keeps: statuses and kinds that are in use are fewer.
const MOST: usize = 32;

/// Rendered heads, in the order of their first use.
#[derive(Debug, Default)]
pub(crate) struct Templates {
    rendered: Vec<(Kind, ResponseTemplate)>,
    /// The next that makes room for another, when there are as many as are kept.
    oldest: usize,
}

impl Templates {
    /// The template of `status` and `kind`. `None` if there can be none.
    #[inline]
    pub(crate) fn find(&mut self, status: Status, kind: Kind) -> Option<&ResponseTemplate> {
        let is_it = |(its_kind, template): &(Kind, ResponseTemplate)| {
            *its_kind == kind && template.status() == status
        };
        let at = match self.rendered.iter().position(is_it) {
            Some(at) => at,
            None => self.add(status, kind)?,
        };
        self.rendered.get(at).map(|(_, template)| template)
    }

    #[cold]
    fn add(&mut self, status: Status, kind: Kind) -> Option<usize> {
        let list = kind.media_type().map(|value| Field::new("Content-Type", value.as_bytes()));
        let fields = Fields::from(list.as_slice());
        let template = ResponseTemplate::new(&ResponseHead::new(status, fields)).ok()?;
        if self.rendered.len() < MOST {
            self.rendered.push((kind, template));
            return self.rendered.len().checked_sub(1);
        }
        let at = self.oldest % MOST;
        self.oldest = at.saturating_add(1);
        *self.rendered.get_mut(at)? = (kind, template);
        Some(at)
    }
}
