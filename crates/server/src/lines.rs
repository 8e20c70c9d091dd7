//! Field lines that are parsed or collected: a [`Scratch`] that can be recycled.

use shockwave_memory::Reset;
use shockwave_wire::{FieldSpan, Fields, Known, Parts, Scratch};

/// A list of field lines in one block of memory: what a head is parsed into, and what a response's
/// fields are collected in before its head is sent.
#[derive(Debug, Default)]
pub(crate) struct Lines(pub(crate) Scratch);

impl Lines {
    /// Adds a line. Whether it is a valid one is found out when it is encoded.
    pub(crate) fn push(&mut self, name: &[u8], value: &[u8]) {
        let Parts { block, spans, index, .. } = self.0.parts();
        let name_start = block.len();
        block.extend_from_slice(name);
        let value_start = block.len();
        block.extend_from_slice(value);
        let known = Known::intern(name);
        let position = u16::try_from(spans.len());
        let name_len = u16::try_from(name.len());
        let offsets = (u32::try_from(name_start), u32::try_from(value_start));
        let value_len = u32::try_from(value.len());
        let (Ok(position), Ok(name_len), (Ok(name_at), Ok(value_at)), Ok(value_len)) =
            (position, name_len, offsets, value_len)
        else {
            // Nothing that a head could carry. An empty name is refused when it is encoded.
            spans.push(FieldSpan::new(0, 0, 0, 0, None));
            return;
        };
        spans.push(FieldSpan::new(name_at, name_len, value_at, value_len, known));
        if let Some(known) = known {
            index.note(known, position);
        }
    }

    /// The lines.
    pub(crate) fn fields(&self) -> Fields<'_> {
        self.0.block_fields()
    }
}

impl Reset for Lines {
    #[inline]
    fn reset(&mut self) {
        self.0.clear();
    }

    #[inline]
    fn held_bytes(&self) -> usize {
        self.0.capacity_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_back_in_order() {
        let mut lines = Lines::default();
        lines.push(b"Content-Type", b"text/plain");
        lines.push(b"X-A", b"");
        let list: Vec<_> = lines.fields().iter().map(|field| (field.name, field.value)).collect();
        assert_eq!(list, [(&b"Content-Type"[..], &b"text/plain"[..]), (b"X-A", b"")]);
        assert_eq!(lines.fields().known(Known::CONTENT_TYPE), Some(&b"text/plain"[..]));
        lines.reset();
        assert!(lines.fields().is_empty());
    }

    #[test]
    fn what_no_head_can_carry_is_refused_and_not_cut() {
        let mut lines = Lines::default();
        lines.push(&vec![b'a'; 70_000], b"");
        let mut out = Vec::new();
        assert!(shockwave_http11::encode_fields(lines.fields(), &mut out).is_err());
    }
}
