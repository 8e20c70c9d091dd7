//! When requests are to start, in an open loop: fixed beforehand, whatever the server does.

/// Intended start times, in nanoseconds from the start.
#[derive(Clone, Debug)]
pub struct Schedule {
    next: f64,
    interval: f64,
    random: Option<Random>,
}

impl Schedule {
    /// So many a second: evenly spaced, or with a seed, at random as independent users would come
    /// (a Poisson process).
    pub fn new(rate: f64, seed: Option<u64>) -> Self {
        let mut schedule = Self { next: 0.0, interval: 1e9 / rate, random: seed.map(Random) };
        schedule.advance();
        schedule
    }

    /// The next start.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive, small")]
    pub fn next(&self) -> u64 {
        self.next as u64
    }

    /// Goes on to the one after it.
    pub fn advance(&mut self) {
        let factor = self.random.as_mut().map_or(1.0, |random| -random.unit().ln());
        self.next += self.interval * factor;
    }
}

/// SplitMix64.
#[derive(Clone, Debug)]
struct Random(u64);

impl Random {
    /// Above zero, at most one.
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        ((z >> 11) + 1) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn starts(rate: f64, seed: Option<u64>, count: usize) -> Vec<u64> {
        let mut schedule = Schedule::new(rate, seed);
        let step = |_| {
            let next = schedule.next();
            schedule.advance();
            next
        };
        (0..count).map(step).collect()
    }

    #[test]
    fn even_starts() {
        assert_eq!(starts(1000.0, None, 3), [1_000_000, 2_000_000, 3_000_000]);
    }

    #[test]
    fn random_starts_have_the_rate_and_follow_from_the_seed() {
        let random = starts(1000.0, Some(7), 100_000);
        assert_eq!(random, starts(1000.0, Some(7), 100_000));
        assert_ne!(random[..9], starts(1000.0, Some(8), 9));
        let seconds = *random.last().unwrap() as f64 / 1e9;
        assert!((99.0..101.0).contains(&seconds), "{seconds}");
        assert!(random.is_sorted());
    }
}
