//! Classes as two 16-entry tables, for instruction sets that shuffle by half octets.

use super::Class;

/// A class in the form `low[octet & 15] & high[octet >> 4] != 0`.
pub(crate) struct Nibbles {
    pub(crate) low: [u8; 16],
    pub(crate) high: [u8; 16],
}

impl Nibbles {
    /// The ASCII octets that are *not* in `class`. Octets above 0x7F are in none of the tables, so
    /// `class` must hold all of them.
    #[allow(clippy::indexing_slicing, reason = "evaluated when compiled")]
    pub(crate) const fn without(class: Class) -> Self {
        let mut tables = Self { low: [0; 16], high: [0; 16] };
        let mut octet = 0;
        while octet < 256 {
            let member = TABLE_COPY[octet] & class.bits() == 0;
            assert!(!member || octet < 0x80, "only ASCII rows have a bit");
            if member {
                let row = 1 << (octet >> 4);
                tables.low[octet & 15] |= row;
                tables.high[octet >> 4] = row;
            }
            octet += 1;
        }
        tables
    }
}

/// The definition again, as a constant: a `const` cannot read a `static`.
const TABLE_COPY: [u8; 256] = super::table();
