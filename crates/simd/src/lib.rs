//! Byte-class scans for text protocols.

/// The class bitmaps of the part of a head that is being walked.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct HeadMaps {}

/// Whether two slices are equal without regard to ASCII case.
#[must_use]
pub fn eq_ignore_ascii_case(a: &[u8], b: &[u8]) -> bool {
    a.eq_ignore_ascii_case(b)
}
