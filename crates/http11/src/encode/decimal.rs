//! Decimal numbers, eight digits at a time.
//!
//! # How eight digits come out of three multiplications
//!
//! A number below 10^8 is split into halves of four digits, which lie side by side in one word;
//! then all lanes at once into halves of two digits, and of one. Division by 100 and by 10 are
//! multiplications by a reciprocal, exact for the few values that a lane can have (the tests try
//! them all). The digits then stand in the word in the order in which they are written, and leading
//! zeros are shifted out of it, so that there is no branch on how many digits there are.

/// The most digits that a `u64` has.
pub(crate) const MAX_DIGITS: usize = 20;

/// Writes `number` in decimal at the start of `out` and answers how many digits it has, 1 to 20.
/// The octets after them are left as anything.
#[inline]
pub(crate) fn write(number: u64, out: &mut [u8; MAX_DIGITS]) -> usize {
    if number < EIGHT_DIGITS {
        let word = eight(number);
        // The last digit is written even where it is zero.
        let zeros = word.trailing_zeros().min(56) / 8;
        if let Some(to) = out.first_chunk_mut() {
            *to = ((word | ASCII_ZEROS) >> (8 * zeros)).to_le_bytes();
        }
        return 8_usize.saturating_sub(zeros as usize);
    }
    let count = write(number / EIGHT_DIGITS, out);
    let rest = out.get_mut(count..).and_then(<[u8]>::first_chunk_mut);
    if let Some(to) = rest {
        *to = (eight(number % EIGHT_DIGITS) | ASCII_ZEROS).to_le_bytes();
    }
    count.saturating_add(8)
}

const EIGHT_DIGITS: u64 = 100_000_000;
const ASCII_ZEROS: u64 = 0x3030_3030_3030_3030;

/// The eight digits of a number below 10^8 as the octets of a word, the first one lowest.
const fn eight(number: u64) -> u64 {
    let fours = (number / 10_000) | ((number % 10_000) << 32);
    let hundreds = ((fours * 10_486) >> 20) & 0x0000_007f_0000_007f;
    let twos = hundreds | ((fours - hundreds * 100) << 16);
    let tens = ((twos * 103) >> 10) & 0x000f_000f_000f_000f;
    tens | ((twos - tens * 10) << 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(number: u64) -> String {
        let mut out = [0xaa; MAX_DIGITS];
        let count = write(number, &mut out);
        String::from_utf8(out[..count].to_vec()).unwrap()
    }

    #[test]
    fn every_value_of_every_lane() {
        for half in 0..10_000 {
            for number in [half, half * 10_000, half * 10_000 + half, half * 10_000 + 9999 - half] {
                assert_eq!(text(number), number.to_string());
            }
        }
    }

    #[test]
    fn either_side_of_every_power_of_ten_and_of_two() {
        let powers = (0..20).map(|n| 10_u64.pow(n)).chain((0..64).map(|n| 1 << n));
        for power in powers {
            for number in [power - 1, power, power + 1, power.saturating_mul(9)] {
                assert_eq!(text(number), number.to_string());
            }
        }
        assert_eq!(text(u64::MAX), u64::MAX.to_string());
    }
}
