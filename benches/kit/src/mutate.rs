//! Seeded randomness and a mutator for differential tests: the same seed, the same octets, on every
//! machine.

/// A small generator (splitmix64): good enough to choose inputs, the same everywhere.
///
/// ```
/// use shockwave_bench_kit::Random;
///
/// assert_eq!(Random::new(7).next(), Random::new(7).next());
/// assert!(Random::new(7).below(10) < 10);
/// ```
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// A generator whose sequence `seed` decides.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    #[allow(clippy::should_implement_trait, reason = "it never ends, so it is no Iterator")]
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`; 0 where `bound` is 0.
    #[allow(clippy::cast_possible_truncation, reason = "the result is below a usize")]
    pub const fn below(&mut self, bound: usize) -> usize {
        ((self.next() as u128 * bound as u128) >> 64) as usize
    }

    /// One of `choices`.
    ///
    /// # Panics
    /// Where there are none.
    pub const fn choose<'c, T>(&mut self, choices: &'c [T]) -> &'c T {
        &choices[self.below(choices.len())]
    }
}

/// The octets that decide something in HTTP/1.1's grammar, and neighbours of them.
const SYNTAX: &[u8] = b"\r\n\0: \t;,=/?#@\"()<>[]\\{}\x0b\x0c\x1f\x7f\x80\xff-_.0aAfFgGzZ";

/// Strings whose presence decides how a message is read.
const SPLICES: &[&[u8]] = &[
    b"\r\n",
    b"\r\n\r\n",
    b"\n",
    b"\r",
    b"\n\n",
    b"\r\n ",
    b"\r\n\t",
    b" :",
    b": ",
    b"\0",
    b"Host: a\r\n",
    b"Content-Length: 0\r\n",
    b"Content-Length: 18446744073709551616\r\n",
    b"Content-Length: +1\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: identity, chunked\r\n",
    b"Connection: close\r\n",
    b"Connection: upgrade\r\n",
    b"Expect: 100-continue\r\n",
    b"GET / HTTP/1.1\r\n",
    b"HTTP/1.0",
    b"HTTP/1.1 200 OK\r\n",
    b"0\r\n\r\n",
    b"ffffffffffffffff\r\n",
    b";a=\"b\"",
];

/// A copy of `input` with one to four changes that `seed` decides: bits flipped, octets replaced,
/// deleted and repeated, syntax inserted (CR, LF, NUL, colon and the like), the end cut off, parts
/// moved, and strings spliced in that decide how a message is read.
///
/// ```
/// use shockwave_bench_kit::mutate;
///
/// let head = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
/// assert_eq!(mutate(3, head), mutate(3, head));
/// ```
#[must_use]
pub fn mutate(seed: u64, input: &[u8]) -> Vec<u8> {
    let mut random = Random::new(seed);
    let mut octets = input.to_vec();
    for _ in 0..=random.below(4) {
        change(&mut random, &mut octets);
    }
    octets
}

fn change(random: &mut Random, octets: &mut Vec<u8>) {
    let position = random.below(octets.len());
    let insertion = random.below(octets.len() + 1);
    let kind = random.below(8);
    match kind {
        0 => {
            if let Some(octet) = octets.get_mut(position) {
                *octet ^= 1 << random.below(8);
            }
        }
        1 => {
            let replacement = *random.choose(SYNTAX);
            if let Some(octet) = octets.get_mut(position) {
                *octet = replacement;
            }
        }
        2 => drop(octets.drain(some_range(random, octets.len(), 8))),
        3 => {
            let repeated = octets[some_range(random, octets.len(), 16)].to_vec();
            octets.splice(insertion..insertion, repeated);
        }
        4 => octets.insert(insertion, *random.choose(SYNTAX)),
        5 => octets.truncate(insertion),
        6 => {
            let moved: Vec<u8> = octets.drain(some_range(random, octets.len(), 64)).collect();
            let at = random.below(octets.len() + 1);
            octets.splice(at..at, moved);
        }
        _ => {
            let splice = random.choose(SPLICES).iter().copied();
            octets.splice(insertion..insertion, splice);
        }
    }
}

fn some_range(random: &mut Random, length: usize, longest: usize) -> core::ops::Range<usize> {
    let start = random.below(length);
    let end = start + 1 + random.below(longest);
    start..end.min(length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn it_is_splitmix64() {
        // The first outputs of the reference implementation for seed 1234567.
        let mut random = Random::new(1_234_567);
        let first: [u64; 3] = core::array::from_fn(|_| random.next());
        assert_eq!(
            first,
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
        );
    }

    #[test]
    fn mutation_is_deterministic_and_varied() {
        let head = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        let seen: HashSet<Vec<u8>> = (0..1000).map(|seed| mutate(seed, head)).collect();
        assert!(seen.len() > 900, "{}", seen.len());
        for seed in 0..1000 {
            assert_eq!(mutate(seed, head), mutate(seed, head));
        }
        for wanted in [&b"\0"[..], b"\n\n", b" :", b"Transfer-Encoding"] {
            let found = seen.iter().any(|m| m.windows(wanted.len()).any(|w| w == wanted));
            assert!(found, "{}", wanted.escape_ascii());
        }
    }

    #[test]
    fn nothing_and_little_can_be_mutated() {
        for seed in 0..1000 {
            let _ = mutate(seed, b"");
            let _ = mutate(seed, b"a");
        }
    }
}
