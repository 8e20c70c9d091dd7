//! AVX2: the loops of masking, compiled for wider words.

use core::mem::MaybeUninit;

use crate::Mask;
use crate::mask::{apply_words, copy_words};

#[target_feature(enable = "avx2")]
pub(super) fn apply(octets: &mut [u8], mask: Mask) {
    apply_words(octets, mask);
}

#[target_feature(enable = "avx2")]
pub(super) fn copy(source: &[u8], room: &mut [MaybeUninit<u8>], mask: Mask) {
    copy_words(source, room, mask);
}
