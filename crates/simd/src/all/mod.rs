//! The definition: what each class of octets holds, one octet at a time.

pub(crate) mod nibbles;

/// The classes of octets that a head is made of, as bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Class(u8);

impl Class {
    /// Not a `tchar` (RFC 9110 section 5.6.2): ends a method or a field name.
    pub const NONTOKEN: Self = Self(0x80);
    /// Not an octet of a request target: a control, a space, an octet above 0x7E, or one of
    /// `"`, `#`, `<`, `>`, `\`, which no URI reference that a client sends has (RFC 3986 section 2;
    /// `[`, `]`, `^`, `` ` ``, `{`, `|`, `}` are none of a URI's either, but browsers send them).
    pub const NONTARGET: Self = Self(0x40);
    /// A control other than HTAB: CR, LF, NUL, the rest of 0x00 to 0x1F, and DEL. Ends a field
    /// value (RFC 9110 section 5.5).
    pub const CONTROL: Self = Self(0x20);

    /// Not `unreserved` (RFC 3986 section 2.3): what makes a host worth a closer look.
    pub const RESERVED: Self = Self(0x10);

    /// The bit of this class in [`TABLE`].
    #[inline]
    pub(crate) const fn bits(self) -> u8 {
        self.0
    }

    /// Whether `octet` is in this class. The definition that every implementation is held to.
    #[inline]
    #[must_use]
    pub const fn contains(self, octet: u8) -> bool {
        class_of(octet) & self.0 != 0
    }
}

const fn class_of(octet: u8) -> u8 {
    let token = matches!(octet,
        b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`'
        | b'|' | b'~' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z');
    let target =
        matches!(octet, 0x21..=0x7E) && !matches!(octet, b'"' | b'#' | b'<' | b'>' | b'\\');
    let unreserved = matches!(octet,
        b'-' | b'.' | b'_' | b'~' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z');
    let control = matches!(octet, 0x00..=0x08 | 0x0A..=0x1F | 0x7F);
    (if token { 0 } else { Class::NONTOKEN.0 })
        | (if target { 0 } else { Class::NONTARGET.0 })
        | (if control { Class::CONTROL.0 } else { 0 })
        | (if unreserved { 0 } else { Class::RESERVED.0 })
}

/// The classes of every octet.
pub(crate) static TABLE: [u8; 256] = table();

#[allow(clippy::indexing_slicing, reason = "evaluated when compiled")]
#[allow(clippy::cast_possible_truncation, reason = "the index is below 256")]
const fn table() -> [u8; 256] {
    let mut table = [0; 256];
    let mut octet = 0;
    while octet < 256 {
        table[octet] = class_of(octet as u8);
        octet += 1;
    }
    table
}

/// The classes of 64 octets as bitmaps: bit `i` is octet `i`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) nontoken: u64,
    pub(crate) nontarget: u64,
    pub(crate) control: u64,
}

impl Block {
    /// This block with the bits from `length` on cleared: a block that the input does not fill.
    #[inline]
    #[cfg_attr(target_arch = "x86_64", allow(dead_code, reason = "AVX-512 masks its loads"))]
    pub(crate) const fn truncated(self, length: usize) -> Self {
        let mask = if length >= 64 { u64::MAX } else { (1 << length) - 1 };
        Self {
            nontoken: self.nontoken & mask,
            nontarget: self.nontarget & mask,
            control: self.control & mask,
        }
    }
}

/// Classifies up to 64 octets by the table: the portable implementation, eight octets to a step so
/// that the look-ups do not wait for one another.
#[inline]
pub(crate) fn classify(octets: &[u8]) -> Block {
    let mut block = Block::default();
    for (group, eight) in octets.chunks(8).enumerate().take(8) {
        let (mut nontoken, mut nontarget, mut control) = (0, 0, 0);
        for (i, &octet) in eight.iter().enumerate() {
            let class = u64::from(lookup(octet));
            nontoken |= (class >> 7) << i;
            nontarget |= ((class >> 6) & 1) << i;
            control |= ((class >> 5) & 1) << i;
        }
        block.nontoken |= nontoken << (8 * group);
        block.nontarget |= nontarget << (8 * group);
        block.control |= control << (8 * group);
    }
    block
}

#[inline]
#[allow(clippy::indexing_slicing, reason = "an octet is below the table's 256")]
fn lookup(octet: u8) -> u8 {
    TABLE[usize::from(octet)]
}

/// Whether `octets` is a token: one or more `tchar`s (RFC 9110 section 5.6.2).
#[inline]
#[must_use]
pub fn is_token(octets: &[u8]) -> bool {
    let classes = octets.iter().fold(0, |classes, &octet| classes | lookup(octet));
    !octets.is_empty() && classes & Class::NONTOKEN.0 == 0
}

/// Whether all octets are unreserved (RFC 3986 section 2.3), as those of nearly every host are.
#[inline(always)]
#[must_use]
pub fn is_unreserved(octets: &[u8]) -> bool {
    #[cfg(target_arch = "x86_64")]
    if let Some(answer) = crate::x86_64::is_unreserved(octets) {
        return answer;
    }
    all_unreserved(octets)
}

/// The definition of [`is_unreserved`].
pub(crate) fn all_unreserved(octets: &[u8]) -> bool {
    let classes = octets.iter().fold(0, |classes, &octet| classes | lookup(octet));
    classes & Class::RESERVED.0 == 0
}

/// Whether `octets` has a control other than HTAB, and so must not stand in a field value or a
/// reason phrase (RFC 9110 section 5.5). Branch-free, so that it is compiled to vector compares.
#[inline]
#[must_use]
pub fn has_control(octets: &[u8]) -> bool {
    octets.iter().fold(false, |found, &octet| {
        found | (((octet < 0x20) & (octet != b'\t')) | (octet == 0x7F))
    })
}

/// Whether two slices are equal without regard to ASCII case, eight octets to a step.
#[inline]
#[must_use]
pub fn eq_ignore_ascii_case(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let (a_words, a_rest) = a.as_chunks::<8>();
    let (b_words, b_rest) = b.as_chunks::<8>();
    let words = a_words
        .iter()
        .zip(b_words)
        .all(|(a, b)| to_lower(u64::from_le_bytes(*a)) == to_lower(u64::from_le_bytes(*b)));
    words && a_rest.eq_ignore_ascii_case(b_rest)
}

/// Eight octets with `A` to `Z` folded. SWAR: an octet below 0x80 is at least `k` exactly if adding
/// `0x80 - k` sets its high bit; octets above 0x7F are kept out by their own high bit.
#[inline]
const fn to_lower(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = ONES * 0x80;
    let low7 = word & !HIGH;
    let at_least_a = low7.wrapping_add(ONES * (0x80 - b'A' as u64));
    let beyond_z = low7.wrapping_add(ONES * (0x7F - b'Z' as u64));
    let upper = at_least_a & !beyond_z & !word & HIGH;
    word | (upper >> 2)
}
