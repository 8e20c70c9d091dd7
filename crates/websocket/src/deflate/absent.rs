//! What stands in for permessage-deflate where the feature `deflate` is off: it is never agreed on,
//! so nothing of this is ever called.

use shockwave_wire::Side;

use crate::Agreement;

pub(crate) const TAIL: [u8; 4] = [0x00, 0x00, 0xFF, 0xFF];

#[derive(Debug)]
pub(crate) struct Coders;

#[derive(Clone, Copy)]
pub(crate) struct Inflated {
    pub(crate) consumed: usize,
    pub(crate) produced: usize,
    pub(crate) is_done: bool,
    pub(crate) is_broken: bool,
}

#[allow(clippy::unused_self, reason = "as its model")]
impl Coders {
    pub(crate) const fn new() -> Self {
        Self
    }

    pub(crate) const fn open(&mut self, _: Side, _: &Agreement) {}

    pub(crate) const fn is_agreed(&self) -> bool {
        false
    }

    pub(crate) const fn begin_message(&mut self) {}

    pub(crate) const fn end_message(&mut self) {}

    pub(crate) const fn wants_tail(&self) -> bool {
        false
    }

    pub(crate) const fn inflate(&mut self, _: &[u8], _: &mut Vec<u8>) -> Inflated {
        Inflated { consumed: 0, produced: 0, is_done: true, is_broken: true }
    }

    pub(crate) const fn can_compress(&self) -> bool {
        false
    }

    pub(crate) const fn window_bits(&self) -> u8 {
        0
    }

    pub(crate) const fn takes_over(&self) -> bool {
        false
    }

    pub(crate) const fn forget_sent(&mut self) {}

    pub(crate) const fn compress(&mut self, _: &[u8], _: bool, _: bool, _: u8, _: &mut Vec<u8>) {}
}
