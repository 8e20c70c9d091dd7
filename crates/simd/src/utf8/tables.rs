//! The tables of the look-up algorithm: for the high and low half of an octet and the high half of
//! the next, the ways in which the two may not stand together, a bit each.

/// A first octet that is not followed by a further one.
const TOO_SHORT: u8 = 1 << 0;
/// ASCII that is followed by a further octet.
const TOO_LONG: u8 = 1 << 1;
/// Three octets for what two can hold: `E0`, `80` to `9F`.
const OVERLONG_3: u8 = 1 << 2;
/// Beyond U+10FFFF: `F4`, `90` to `BF`; `F5` and above.
const TOO_LARGE: u8 = 1 << 3;
/// A surrogate: `ED`, `A0` to `BF`.
const SURROGATE: u8 = 1 << 4;
/// Two octets for what one can hold: `C0` and `C1`.
const OVERLONG_2: u8 = 1 << 5;
/// `F5` and above, `80` to `8F`; or four octets for what three can hold: `F0`, `80` to `8F`.
const TOO_LARGE_1000: u8 = 1 << 6;
const OVERLONG_4: u8 = 1 << 6;
/// Two further octets: an error unless a third or fourth is due.
pub(crate) const TWO_CONTS: u8 = 1 << 7;

/// What the low half of the first octet says nothing about.
const CARRY: u8 = TOO_SHORT | TOO_LONG | TWO_CONTS;

/// By the high half of the first octet.
pub(crate) const FIRST_HIGH: [u8; 16] = {
    let mut table = [TOO_LONG; 16];
    let further = [TWO_CONTS; 4];
    (table[8], table[9], table[10], table[11]) = (further[0], further[1], further[2], further[3]);
    table[0xC] = TOO_SHORT | OVERLONG_2;
    table[0xD] = TOO_SHORT;
    table[0xE] = TOO_SHORT | OVERLONG_3 | SURROGATE;
    table[0xF] = TOO_SHORT | TOO_LARGE | TOO_LARGE_1000 | OVERLONG_4;
    table
};

/// By the low half of the first octet.
pub(crate) const FIRST_LOW: [u8; 16] = {
    let mut table = [CARRY | TOO_LARGE | TOO_LARGE_1000; 16];
    table[0x0] = CARRY | OVERLONG_3 | OVERLONG_2 | OVERLONG_4;
    table[0x1] = CARRY | OVERLONG_2;
    table[0x2] = CARRY;
    table[0x3] = CARRY;
    table[0x4] = CARRY | TOO_LARGE;
    table[0xD] |= SURROGATE;
    table
};

/// By the high half of the second octet.
pub(crate) const SECOND_HIGH: [u8; 16] = {
    let mut table = [TOO_SHORT; 16];
    let further = TOO_LONG | OVERLONG_2 | TWO_CONTS;
    table[0x8] = further | OVERLONG_3 | TOO_LARGE_1000 | OVERLONG_4;
    table[0x9] = further | OVERLONG_3 | TOO_LARGE;
    table[0xA] = further | SURROGATE | TOO_LARGE;
    table[0xB] = further | SURROGATE | TOO_LARGE;
    table
};

/// The largest octets that may end a vector without anything being due behind it.
pub(crate) const LAST: [u8; 32] = {
    let mut table = [u8::MAX; 32];
    table[29] = 0xF0 - 1;
    table[30] = 0xE0 - 1;
    table[31] = 0xC0 - 1;
    table
};

/// What two octets before, or three, must be above for a further octet to be due: subtracted with
/// saturation, it leaves the high bit of who is.
pub(crate) const THIRD_DUE: u8 = 0xE0 - 0x80;
/// As [`THIRD_DUE`], of the octet three before.
pub(crate) const FOURTH_DUE: u8 = 0xF0 - 0x80;
