//! AVX2: the look-up algorithm of UTF-8, 64 octets a step, over octets that may be unmasked on the
//! way. See `utf8` for what it does.

#![allow(unsafe_code, reason = "pointer loads and stores")]

use core::arch::x86_64::{
    __m256i, _mm_loadu_si128, _mm256_alignr_epi8, _mm256_and_si256, _mm256_broadcastsi128_si256,
    _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_or_si256, _mm256_permute2x128_si256,
    _mm256_set1_epi8, _mm256_set1_epi64x, _mm256_setzero_si256, _mm256_shuffle_epi8,
    _mm256_srli_epi16, _mm256_storeu_si256, _mm256_subs_epu8, _mm256_testz_si256, _mm256_xor_si256,
};

use crate::Mask;
use crate::mask::apply_words;
use crate::utf8::tables::{FIRST_HIGH, FIRST_LOW, FOURTH_DUE, LAST, SECOND_HIGH, THIRD_DUE};
use crate::utf8::whole_length;

/// Whether `octets` are sound, but for an incomplete end.
#[target_feature(enable = "avx2")]
pub(super) fn is_sound(octets: &[u8]) -> bool {
    let mut checker = Checker::new();
    let (blocks, rest) = octets.as_chunks::<64>();
    for block in blocks {
        checker.push_block(block);
    }
    checker.finish(rest, whole_length(octets).checked_sub(octets.len() - rest.len()))
}

/// The same, unmasked in place on the way.
#[target_feature(enable = "avx2")]
pub(super) fn unmask(octets: &mut [u8], mask: Mask) -> bool {
    let key = _mm256_set1_epi64x(mask.word().cast_signed());
    let mut checker = Checker::new();
    let (blocks, rest) = octets.as_chunks_mut::<64>();
    for block in blocks {
        let (halves, _) = block.as_chunks_mut::<32>();
        let [first, second] = halves else { continue };
        let (low, high) = (_mm256_xor_si256(load(first), key), _mm256_xor_si256(load(second), key));
        store(first, low);
        store(second, high);
        checker.push(low, high);
    }
    apply_words(rest, mask); // a block is sixteen keys
    let length = rest.len();
    let before = octets.len() - length;
    let rest = octets.get(before..).unwrap_or_default();
    checker.finish(rest, whole_length(octets).checked_sub(before))
}

struct Checker {
    /// The vector before.
    previous: __m256i,
    /// Not zero where the vector before ends inside a character.
    incomplete: __m256i,
    error: __m256i,
    tables: [__m256i; 3],
}

impl Checker {
    #[inline]
    #[target_feature(enable = "avx2")]
    fn new() -> Self {
        let zero = _mm256_setzero_si256();
        let tables = [table(&FIRST_HIGH), table(&FIRST_LOW), table(&SECOND_HIGH)];
        Self { previous: zero, incomplete: zero, error: zero, tables }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn push(&mut self, low: __m256i, high: __m256i) {
        if _mm256_movemask_epi8(_mm256_or_si256(low, high)) == 0 {
            // ASCII: an error only if a character is incomplete.
            self.error = _mm256_or_si256(self.error, self.incomplete);
            self.incomplete = _mm256_setzero_si256();
        } else {
            self.check(low, self.previous);
            self.check(high, low);
            self.incomplete = _mm256_subs_epu8(high, load(&LAST));
        }
        self.previous = high;
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn check(&mut self, input: __m256i, previous: __m256i) {
        let [first_high, first_low, second_high] = self.tables;
        // The last 16 octets of the vector before and the first 16 of this one.
        let across = _mm256_permute2x128_si256::<0x21>(previous, input);
        let one = _mm256_alignr_epi8::<15>(input, across);
        let two = _mm256_alignr_epi8::<14>(input, across);
        let three = _mm256_alignr_epi8::<13>(input, across);
        let half = _mm256_set1_epi8(0x0F);
        let high = _mm256_and_si256(_mm256_srli_epi16::<4>(one), half);
        let next = _mm256_and_si256(_mm256_srli_epi16::<4>(input), half);
        let pairs = _mm256_and_si256(
            _mm256_and_si256(
                _mm256_shuffle_epi8(first_high, high),
                _mm256_shuffle_epi8(first_low, _mm256_and_si256(one, half)),
            ),
            _mm256_shuffle_epi8(second_high, next),
        );
        // Two further octets are an error exactly where no third or fourth is due.
        let third = _mm256_subs_epu8(two, splat(THIRD_DUE));
        let fourth = _mm256_subs_epu8(three, splat(FOURTH_DUE));
        let due = _mm256_and_si256(_mm256_or_si256(third, fourth), splat(0x80));
        self.error = _mm256_or_si256(self.error, _mm256_xor_si256(due, pairs));
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn push_block(&mut self, block: &[u8; 64]) {
        let (halves, _) = block.as_chunks::<32>();
        if let [low, high] = halves {
            self.push(load(low), load(high));
        }
    }

    /// The answer, when `rest` stands behind the blocks. Of it `whole` octets are to be sound and
    /// complete; `None` where an incomplete character has begun in the last block.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn finish(mut self, rest: &[u8], whole: Option<usize>) -> bool {
        if let Some(whole) = whole {
            let mut block = [0; 64];
            for (room, octets) in block.iter_mut().zip(rest.iter().take(whole)) {
                *room = *octets;
            }
            self.push_block(&block);
        }
        _mm256_testz_si256(self.error, self.error) == 1
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn splat(octet: u8) -> __m256i {
    _mm256_set1_epi8(octet.cast_signed())
}

#[inline]
#[target_feature(enable = "avx2")]
fn load(octets: &[u8; 32]) -> __m256i {
    // SAFETY: the array has the 32 octets that an unaligned load reads.
    unsafe { _mm256_loadu_si256(octets.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn store(octets: &mut [u8; 32], vector: __m256i) {
    // SAFETY: the array has the 32 octets that an unaligned store writes.
    unsafe { _mm256_storeu_si256(octets.as_mut_ptr().cast(), vector) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn table(table: &[u8; 16]) -> __m256i {
    // SAFETY: the array has the 16 octets that an unaligned load reads.
    _mm256_broadcastsi128_si256(unsafe { _mm_loadu_si128(table.as_ptr().cast()) })
}
