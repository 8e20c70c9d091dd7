//! The Date of a message: IMF-fixdate (RFC 9110 section 5.6.7), rendered once a second.

use core::fmt;

/// A moment as IMF-fixdate, the format that a sender MUST generate (RFC 9110 section 5.6.7):
/// `Sun, 06 Nov 1994 08:49:37 GMT`.
///
/// It is kept as a whole `Date` field line, so that putting it into a head is one copy of a length
/// that is known when you compile. A server renders it once a second, with [`HttpDate::update`],
/// and never for each response. 48 octets, no allocation, no clock.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct HttpDate {
    seconds: u64,
    line: [u8; Self::LINE_LENGTH],
}

impl HttpDate {
    /// Octets of an IMF-fixdate.
    pub const LENGTH: usize = 29;

    /// Octets of [`HttpDate::field_line`].
    pub const LINE_LENGTH: usize = Self::LENGTH + 8;

    /// The last moment that has a year of four digits: 9999-12-31 23:59:59.
    const LAST: u64 = 253_402_300_799;

    /// The date of `seconds` seconds since 1970-01-01 00:00:00 UTC, leap seconds not counted. Later
    /// moments than the end of the year 9999, for which the grammar has no room, become that end.
    #[must_use]
    pub fn from_unix(seconds: u64) -> Self {
        let seconds = seconds.min(Self::LAST);
        Self { seconds, line: line(seconds) }
    }

    /// Makes this the date of `seconds`, as [`HttpDate::from_unix`]. Costs one comparison where the
    /// second is still the same.
    #[inline]
    pub fn update(&mut self, seconds: u64) {
        if self.seconds != seconds {
            *self = Self::from_unix(seconds);
        }
    }

    /// The 29 octets of the IMF-fixdate.
    #[inline]
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.line.get(6..6 + Self::LENGTH).unwrap_or_default()
    }

    /// The whole field line with its CRLF: `Date: Sun, 06 Nov 1994 08:49:37 GMT`.
    #[inline]
    #[must_use]
    pub const fn field_line(&self) -> &[u8; Self::LINE_LENGTH] {
        &self.line
    }
}

impl fmt::Debug for HttpDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HttpDate({})", self.as_bytes().escape_ascii())
    }
}

/// The epoch was a Thursday.
const DAY_NAMES: [[u8; 3]; 7] = [*b"Thu", *b"Fri", *b"Sat", *b"Sun", *b"Mon", *b"Tue", *b"Wed"];

/// In the order of a year that starts in March.
const MONTH_NAMES: [[u8; 3]; 12] = [
    *b"Mar", *b"Apr", *b"May", *b"Jun", *b"Jul", *b"Aug", *b"Sep", *b"Oct", *b"Nov", *b"Dec",
    *b"Jan", *b"Feb",
];

fn line(seconds: u64) -> [u8; HttpDate::LINE_LENGTH] {
    let (days, time) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = civil(days);
    let [n1, n2, n3] = named(&DAY_NAMES, days % 7);
    let [m1, m2, m3] = named(&MONTH_NAMES, month);
    let [d1, d2] = two(day);
    let ([y1, y2], [y3, y4]) = (two(year / 100), two(year % 100));
    let ([h1, h2], [i1, i2], [s1, s2]) = (two(time / 3600), two(time / 60 % 60), two(time % 60));
    [
        b'D', b'a', b't', b'e', b':', b' ', n1, n2, n3, b',', b' ', d1, d2, b' ', m1, m2, m3, b' ',
        y1, y2, y3, y4, b' ', h1, h2, b':', i1, i2, b':', s1, s2, b' ', b'G', b'M', b'T', b'\r',
        b'\n',
    ]
}

/// The year, the month counted from March as 0, and the day of the month of a day since the epoch.
///
/// Years are taken to start on the first of March: then the leap day is the last of its year, and
/// the days before each month are the integer part of a straight line, 30.6 days a month. What is
/// left is division by the lengths of 400, 100 and 4 years, where the last of four centuries, and
/// the last of four years, may have the leap day that the others have not.
const fn civil(days: u64) -> (u64, u64, u64) {
    // From 0000-03-01 to 1970-01-01.
    let days = days + 719_468;
    let (eras, days) = (days / 146_097, days % 146_097);
    let centuries = at_most_3(days / 36_524);
    let days = days - centuries * 36_524;
    let (fours, days) = (days / 1461, days % 1461);
    let years = at_most_3(days / 365);
    let days = days - years * 365;
    let month = (5 * days + 2) / 153;
    let day = days - (153 * month + 2) / 5 + 1;
    let year = 400 * eras + 100 * centuries + 4 * fours + years;
    // January and February belong to the next year.
    (if month >= 10 { year + 1 } else { year }, month, day)
}

const fn at_most_3(number: u64) -> u64 {
    if number > 3 { 3 } else { number }
}

fn named(names: &[[u8; 3]], number: u64) -> [u8; 3] {
    usize::try_from(number).ok().and_then(|at| names.get(at)).copied().unwrap_or_default()
}

/// The last two decimal digits of `number`.
#[allow(clippy::cast_possible_truncation, reason = "each is below 10")]
const fn two(number: u64) -> [u8; 2] {
    [b'0' + (number / 10 % 10) as u8, b'0' + (number % 10) as u8]
}

#[cfg(test)]
mod tests;
