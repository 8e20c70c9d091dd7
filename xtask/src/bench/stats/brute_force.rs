//! A second implementation that knows no cleverness: it tries every possibility, one by one.

use super::*;

const SEED: u64 = 0x5eed;

/// A few small whole numbers, so that there are ties, and now and then many different ones.
fn sample(random: &mut Random, sizes: u64) -> Vec<f64> {
    let kinds = random.pick(&[3, 6, 1000]).unwrap();
    let size = random.below(sizes) + 1;
    (0..size).map(|_| random.below(kinds) as f64).collect()
}

/// In how many pairs the first is greater; equal ones are half a pair.
fn wins(first: &[f64], second: &[f64]) -> f64 {
    let of = |a: &f64| {
        let each = second.iter().map(|b| {
            if a > b {
                1.0
            } else if a == b {
                0.5
            } else {
                0.0
            }
        });
        each.sum::<f64>()
    };
    first.iter().map(of).sum()
}

#[test]
fn mann_whitney_over_every_choice() {
    let mut random = Random::new(SEED);
    for round in 0..300 {
        let (first, second) = (sample(&mut random, 6), sample(&mut random, 6));
        let pooled = [first.clone(), second.clone()].concat();
        let seen = wins(&first, &second);
        let (mut all, mut low, mut high) = (0.0, 0.0, 0.0);
        for choice in 0_u32..1 << pooled.len() {
            if choice.count_ones() as usize != first.len() {
                continue;
            }
            let of = |wanted: bool| -> Vec<f64> {
                let chosen = |(index, _): &(usize, &f64)| (choice >> index & 1 == 1) == wanted;
                pooled.iter().enumerate().filter(chosen).map(|(_, value)| *value).collect()
            };
            let u = wins(&of(true), &of(false));
            all += 1.0;
            low += f64::from(u8::from(u <= seen));
            high += f64::from(u8::from(u >= seen));
        }
        let found = mann_whitney(&first, &second).unwrap();
        let expected = (2.0 * f64::min(low, high) / all).min(1.0);
        assert_eq!(found.u, seen, "seed {SEED:#x}, round {round}: {first:?} {second:?}");
        let is_near = (found.p - expected).abs() < 1e-12;
        assert!(is_near, "seed {SEED:#x}, round {round}: {first:?} {second:?}: {found:?}");
    }
}

#[test]
fn wilcoxon_over_every_choice_of_signs() {
    let mut random = Random::new(SEED);
    for round in 0..300 {
        let signed = sample(&mut random, 11).into_iter().map(|it| it - 2.0);
        let differences: Vec<f64> = signed.collect();
        // The rank of a size: one more than those below it, and half of the others equal to it.
        let rank = |it: &f64| {
            let below = differences.iter().filter(|other| other.abs() < it.abs()).count();
            let equal = differences.iter().filter(|other| other.abs() == it.abs()).count();
            below as f64 + (equal as f64 + 1.0) / 2.0
        };
        let ranks: Vec<f64> = differences.iter().filter(|it| **it != 0.0).map(rank).collect();
        let seen: f64 = differences.iter().filter(|it| **it > 0.0).map(rank).sum();
        let (mut low, mut high) = (0.0, 0.0);
        for signs in 0_u32..1 << ranks.len() {
            let positive = |(index, _): &(usize, &f64)| signs >> index & 1 == 1;
            let sum: f64 = ranks.iter().enumerate().filter(positive).map(|(_, rank)| rank).sum();
            low += f64::from(u8::from(sum <= seen));
            high += f64::from(u8::from(sum >= seen));
        }
        let all = f64::from(1_u32 << ranks.len());
        let expected = (2.0 * f64::min(low, high) / all).min(1.0);
        let found = wilcoxon(&differences).unwrap();
        assert_eq!(found.positive, seen, "seed {SEED:#x}, round {round}: {differences:?}");
        assert_eq!(found.n, ranks.len());
        let is_near = (found.p - expected).abs() < 1e-12;
        assert!(is_near, "seed {SEED:#x}, round {round}: {differences:?}: {found:?}");
    }
}

#[test]
fn signs_over_every_throw() {
    for n in 1_u32..=12 {
        for positive in 0..=n {
            let values = (0..n).map(|index| if index < positive { 1.0 } else { -1.0 });
            let found = sign_test(&values.collect::<Vec<_>>()).unwrap();
            let few = positive.min(n - positive);
            let throws = (0_u32..1 << n).filter(|throw| throw.count_ones() <= few).count();
            let expected = (2.0 * throws as f64 / f64::from(1_u32 << n)).min(1.0);
            assert!((found.p - expected).abs() < 1e-12, "{positive} of {n}");
        }
    }
}

#[test]
fn benjamini_and_hochberg_step_up() {
    // The definition in the paper: reject up to the greatest k with p_(k) <= k q / m. The adjusted
    // p-value is the least q at which that rejects.
    let mut random = Random::new(SEED);
    for round in 0..200 {
        let count = random.below(12) + 1;
        let p: Vec<f64> = (0..count).map(|_| random.below(40) as f64 / 40.0).collect();
        let mut order = p.clone();
        order.sort_by(f64::total_cmp);
        let adjusted = benjamini_hochberg(&p).unwrap();
        for q in [0.01, 0.05, 0.2, 0.5].map(|q| q + 1e-9) {
            let passes = |k: &usize| order[k - 1] <= *k as f64 * q / p.len() as f64;
            let bound = (1..=p.len()).rev().find(passes).map_or(-1.0, |k| order[k - 1]);
            for (p, adjusted) in p.iter().zip(&adjusted) {
                let agree = (*p <= bound) == (*adjusted <= q);
                assert!(agree, "seed {SEED:#x}, round {round}: {p} {adjusted} at {q}");
            }
        }
    }
}

#[test]
fn a_shift_is_what_leaves_no_difference() {
    let mut random = Random::new(SEED);
    for round in 0..200 {
        let (first, second) = (sample(&mut random, 9), sample(&mut random, 9));
        let by = shift_between(&first, &second).unwrap();
        let moved: Vec<f64> = second.iter().map(|value| value - by).collect();
        let half = (first.len() * second.len()) as f64 / 2.0;
        let seen = wins(&moved, &first);
        // As many pairs on one side as on the other, ties in the middle apart.
        let ties = moved.iter().flat_map(|a| first.iter().map(move |b| a == b));
        let ties = ties.filter(|tie| *tie).count() as f64 / 2.0;
        assert!((seen - half).abs() <= ties + 1e-9, "seed {SEED:#x}, round {round}: {by}");
    }
}
