//! Field lines: compact spans over the received octets, and lists to be sent.

use crate::known::Known;
use crate::scratch::FieldIndex;

/// One field line: a name and a value, as octets. No field of HTTP is text until its definition
/// says so (RFC 9110 section 5.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_structs, reason = "a field line is a name and a value")]
pub struct Field<'b> {
    /// The name as it stands on the wire; compare it without regard to ASCII case.
    pub name: &'b [u8],
    /// The value without the whitespace around it.
    pub value: &'b [u8],
}

impl<'b> Field<'b> {
    /// A field line to be sent. Whether it is valid is checked when it is encoded.
    #[inline]
    #[must_use]
    pub const fn new(name: &'b str, value: &'b [u8]) -> Self {
        Self { name: name.as_bytes(), value }
    }
}

/// Where a field line stands in the octets that were parsed: 16 octets, a quarter of two fat
/// slices and a name id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldSpan {
    name_start: u32,
    value_start: u32,
    value_len: u32,
    name_len: u16,
    known: u8,
    flags: u8,
}

const _: () = assert!(size_of::<FieldSpan>() == 16);

impl FieldSpan {
    /// The span of a field line whose name starts at `name_start` and so on. `known` is
    /// [`Known::intern`]'s answer.
    #[inline]
    #[must_use]
    pub const fn new(
        name_start: u32,
        name_len: u16,
        value_start: u32,
        value_len: u32,
        known: Option<Known>,
    ) -> Self {
        let known = Known::id_or_none(known);
        Self { name_start, value_start, value_len, name_len, known, flags: 0 }
    }

    /// The interned name, if it is a well-known one.
    #[inline]
    #[must_use]
    pub const fn known(&self) -> Option<Known> {
        Known::from_id(self.known)
    }

    /// The same line, marked as one that must never be put into a compression table (HPACK's and
    /// QPACK's "never indexed").
    #[must_use]
    pub const fn never_indexed(mut self) -> Self {
        self.flags |= 1;
        self
    }

    /// Whether the line came marked as never indexed.
    #[must_use]
    pub const fn is_never_indexed(&self) -> bool {
        self.flags & 1 != 0
    }

    #[inline]
    fn name<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        let start = self.name_start as usize;
        bytes.get(start..start.saturating_add(usize::from(self.name_len))).unwrap_or_default()
    }

    #[inline]
    fn value<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        let start = self.value_start as usize;
        bytes.get(start..start.saturating_add(self.value_len as usize)).unwrap_or_default()
    }
}

/// An ordered list of field lines. Two words and a tag; copying it copies no field.
#[derive(Clone, Copy)]
pub struct Fields<'b>(Repr<'b>);

#[derive(Clone, Copy)]
enum Repr<'b> {
    Parsed { bytes: &'b [u8], spans: &'b [FieldSpan], index: &'b FieldIndex },
    List(&'b [Field<'b>]),
}

impl<'b> Fields<'b> {
    /// No fields.
    pub const EMPTY: Fields<'static> = Fields(Repr::List(&[]));

    #[inline]
    pub(crate) const fn parsed(
        bytes: &'b [u8],
        spans: &'b [FieldSpan],
        index: &'b FieldIndex,
    ) -> Self {
        Self(Repr::Parsed { bytes, spans, index })
    }

    /// How many field lines there are.
    #[inline]
    #[must_use]
    pub const fn len(&self) -> usize {
        match self.0 {
            Repr::Parsed { spans, .. } => spans.len(),
            Repr::List(list) => list.len(),
        }
    }

    /// Whether there are none.
    #[inline]
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The field line at `position`.
    #[inline]
    #[must_use]
    pub fn at(&self, position: usize) -> Option<Field<'b>> {
        match self.0 {
            Repr::Parsed { bytes, spans, .. } => {
                let span = spans.get(position)?;
                Some(Field { name: span.name(bytes), value: span.value(bytes) })
            }
            Repr::List(list) => list.get(position).copied(),
        }
    }

    /// The field lines in order.
    #[inline]
    #[must_use]
    pub const fn iter(&self) -> FieldsIter<'b> {
        FieldsIter { fields: *self, position: 0 }
    }

    /// The value of the first line named `name`, without regard to ASCII case. A well-known name
    /// costs a hash and two loads; use [`Fields::known`] where the name is known when you compile.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'b [u8]> {
        match self.0 {
            Repr::Parsed { bytes, spans, .. } => {
                if let Some(known) = Known::intern(name.as_bytes()) {
                    return self.known(known);
                }
                let length = name.len();
                spans
                    .iter()
                    .filter(|span| {
                        span.known == Known::NONE && usize::from(span.name_len) == length
                    })
                    .find(|span| {
                        shockwave_simd::eq_ignore_ascii_case(span.name(bytes), name.as_bytes())
                    })
                    .map(|span| span.value(bytes))
            }
            Repr::List(list) => find(list, name.as_bytes()),
        }
    }

    /// The value of the first line with this well-known name: two loads.
    #[inline]
    #[must_use]
    pub fn known(&self, known: Known) -> Option<&'b [u8]> {
        match self.0 {
            Repr::Parsed { bytes, spans, index } => {
                spans.get(index.first(known)?).map(|span| span.value(bytes))
            }
            Repr::List(list) => find(list, known.name().as_bytes()),
        }
    }

    /// The values of all lines with this well-known name, in order (RFC 9110 section 5.3: together
    /// they are one list, except for Set-Cookie).
    pub fn known_all(&self, known: Known) -> impl Iterator<Item = &'b [u8]> + use<'b> {
        let fields = *self;
        let start = match self.0 {
            Repr::Parsed { index, .. } => index.first(known).unwrap_or(usize::MAX),
            Repr::List(_) => 0,
        };
        (start..self.len()).filter_map(move |position| match fields.0 {
            Repr::Parsed { bytes, spans, .. } => spans
                .get(position)
                .filter(|span| span.known() == Some(known))
                .map(|span| span.value(bytes)),
            Repr::List(list) => list
                .get(position)
                .filter(|field| field.name.eq_ignore_ascii_case(known.name().as_bytes()))
                .map(|field| field.value),
        })
    }

    /// The well-known id of the line at `position`.
    #[inline]
    #[must_use]
    pub fn known_at(&self, position: usize) -> Option<Known> {
        match self.0 {
            Repr::Parsed { spans, .. } => spans.get(position)?.known(),
            Repr::List(list) => Known::intern(list.get(position)?.name),
        }
    }

    /// The names that stand on more than one line, as [`Known::bit`]s. Lists to be sent answer 0.
    #[inline]
    #[must_use]
    pub const fn repeated(&self) -> u64 {
        match self.0 {
            Repr::Parsed { index, .. } => index.repeated(),
            Repr::List(_) => 0,
        }
    }

    /// The well-known names present, as [`Known::bit`]s: one load for a parsed head. A list to be
    /// sent is looked through.
    #[must_use]
    pub fn present(&self) -> u64 {
        match self.0 {
            Repr::Parsed { index, .. } => index.present(),
            Repr::List(list) => list
                .iter()
                .filter_map(|field| Known::intern(field.name))
                .fold(0, |set, known| set | known.bit()),
        }
    }
}

fn find<'b>(list: &'b [Field<'b>], name: &[u8]) -> Option<&'b [u8]> {
    list.iter().find(|field| field.name.eq_ignore_ascii_case(name)).map(|field| field.value)
}

impl<'b> From<&'b [Field<'b>]> for Fields<'b> {
    fn from(list: &'b [Field<'b>]) -> Self {
        Self(Repr::List(list))
    }
}

impl<'b, const N: usize> From<&'b [Field<'b>; N]> for Fields<'b> {
    fn from(list: &'b [Field<'b>; N]) -> Self {
        Self(Repr::List(list))
    }
}

impl core::fmt::Debug for Fields<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let mut map = f.debug_map();
        for field in self.iter() {
            map.entry(
                &format_args!("{}", field.name.escape_ascii()),
                &format_args!("{}", field.value.escape_ascii()),
            );
        }
        map.finish()
    }
}

impl<'b> IntoIterator for Fields<'b> {
    type Item = Field<'b>;
    type IntoIter = FieldsIter<'b>;

    fn into_iter(self) -> FieldsIter<'b> {
        self.iter()
    }
}

/// The field lines of [`Fields`], in order.
#[derive(Debug, Clone)]
pub struct FieldsIter<'b> {
    fields: Fields<'b>,
    position: usize,
}

impl<'b> Iterator for FieldsIter<'b> {
    type Item = Field<'b>;

    #[inline]
    fn next(&mut self) -> Option<Field<'b>> {
        let field = self.fields.at(self.position)?;
        self.position = self.position.saturating_add(1);
        Some(field)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let rest = self.fields.len().saturating_sub(self.position);
        (rest, Some(rest))
    }
}

impl ExactSizeIterator for FieldsIter<'_> {}
