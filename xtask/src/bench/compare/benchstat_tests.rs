//! The layout, line by line.

use super::*;

fn compare(old: &str, new: &str) -> String {
    let [old, new] = [old, new].map(|text| Benchmarks::parse(text, "x").unwrap());
    render(Side { name: "old.txt", of: &old }, Side { name: "new.txt", of: &new })
}

fn lines(name: &str, unit: &str, values: &[f64]) -> String {
    values.iter().map(|value| format!("Benchmark{name} 1 {value} {unit}\n")).collect()
}

/// Ten values around a centre, within a part in a hundred.
fn around(center: f64) -> Vec<f64> {
    (0..10).map(|index| center * (0.99 + 0.002 * f64::from(index))).collect()
}

#[test]
fn the_table_of_benchstats_documentation() {
    // The values are ours, the layout is that of the example in benchstat's documentation.
    let file = |json: f64, gob: f64| {
        let json = lines("Encode/format=json-48", "ns/op", &around(json));
        let gob = lines("Encode/format=gob-48", "ns/op", &around(gob));
        format!("goos: linux\n{json}{gob}")
    };
    let expected = "\
goos: linux
                      │   old.txt   │               new.txt               │
                      │   sec/op    │   sec/op     vs base                │
Encode/format=json-48   1.716µ ± 1%   1.422µ ± 1%  -17.17% (p=0.000 n=10)
Encode/format=gob-48    3.063µ ± 1%   3.066µ ± 1%        ~ (p=0.739 n=10)
geomean                 2.293µ        2.088µ        -8.95%

2 rows tested at alpha 0.05: 0.1 would look changed by chance alone
";
    let found = compare(&file(1718.0, 3066.0), &file(1423.0, 3069.0));
    assert!(found == expected, "{found}");
}

#[test]
fn too_few_samples_are_said_so() {
    let found = compare(
        &lines("A", "ns/op", &[10.0, 9.0, 11.0]),
        &lines("A", "ns/op", &[20.0, 19.0, 21.0]),
    );
    let row = "A         10.00n ± ∞ ¹   20.00n ± ∞ ¹         ~ (p=0.100 n=3) ²";
    assert_eq!(found.lines().nth(2), Some(row));
    assert!(found.contains("¹ need >= 6 samples for confidence interval at level 0.95\n"));
    assert!(found.contains("² need >= 4 samples to detect a difference at alpha level 0.05\n"));
}

#[test]
fn exact_values_are_not_tested() {
    let unit = "Unit allocs/op assume=exact\n";
    let of = |a: f64, b: f64| {
        format!("{unit}{}{}", lines("A", "allocs/op", &[a; 3]), lines("B", "allocs/op", &[b; 3]))
    };
    let found = compare(&of(0.0, 4.0), &of(0.0, 5.0));
    let row = |name: &str| found.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
    assert!(row("A").ends_with("0.000 ± 0%   0.000 ± 0%        ~ (p=1.000 n=3)"), "{found}");
    assert!(row("B").ends_with("4.000 ± 0%   5.000 ± 0%  +25.00% (n=3)"), "{found}");
    // Nothing on both sides is a ratio of 1; a mean of nothing there is none.
    assert!(row("geomean").contains("+11.80%") && row("geomean").contains('¹'), "{found}");
    assert!(found.contains("¹ summaries must be >0 to compute geomean"), "{found}");
    assert!(!found.contains("by chance"), "{found}");
    let found = compare(&of(0.0, 4.0), &of(1.0, 5.0));
    assert!(found.contains("? (n=3)") && found.contains("ratios must be >0"), "{found}");
    let mixed = format!("{unit}{}", lines("A", "allocs/op", &[1.0, 1.0, 2.0]));
    let found = compare(&mixed, &of(1.0, 1.0));
    let told = "exact distribution expected, but values range from 1 to 2";
    assert!(found.contains(told) && found.contains("± 100% ¹"), "{found}");
}

#[test]
fn rows_of_one_side_alone() {
    let old = lines("A", "ns/op", &around(10.0)) + &lines("Gone", "ns/op", &around(30.0));
    let new = lines("A", "ns/op", &around(10.0)) + &lines("New", "B/op", &[1536.0; 6]);
    let found = compare(&old, &new);
    let row = |name: &str| found.lines().find(|line| line.starts_with(name)).unwrap();
    assert!(row("Gone").ends_with("29.97n ± 1%"), "{found}");
    assert!(row("New").ends_with("1.500Ki ± 0%"), "{found}");
    assert!(row("geomean").contains("+0.00% ¹"), "{found}");
    assert!(found.contains("¹ benchmark set differs from baseline; geomeans may not"), "{found}");
    assert!(found.contains("1 row tested"), "{found}");
}

#[test]
fn equal_samples_are_said_so() {
    let same = lines("A", "ns/op", &[7.0; 8]);
    let found = compare(&same, &same);
    assert!(found.contains("~ (p=1.000 n=8) ¹"), "{found}");
    assert!(found.contains("¹ all samples are equal"), "{found}");
    let found = compare(&same, &lines("A", "ns/op", &[7.0; 9]));
    assert!(found.contains("~ (p=1.000 n=8+9) ¹"), "{found}");
}

#[test]
fn values_have_four_digits_and_a_prefix() {
    let of = |values: &[f64], unit: &str| Scale::of(values, unit).shown(values[0]);
    let expected = [
        (1.718e-6, "sec/op", "1.718µ"),
        (65.8e-9, "sec/op", "65.80n"),
        (0.999_96e-6, "sec/op", "1.000µ"),
        (207.14e-9, "sec/op", "207.1n"),
        (0.0, "allocs/op", "0.000"),
        (0.5, "allocs/op", "500.0m"),
        (15_300.0, "instr/op", "15.30k"),
        (192.0, "B/op", "192.0"),
        (3_221_225_472.0, "B/op", "3.000Gi"),
        (2.5e13, "B/s", "22.74Ti"),
        (1e-15, "sec/op", "0.001p"),
    ];
    for (value, unit, shown) in expected {
        assert_eq!(of(&[value], unit), shown);
    }
    // A row has one prefix, by its smallest value.
    assert_eq!(of(&[1500e-9, 200e-9], "sec/op"), "1500.0n");
}

#[test]
fn marks_beyond_nine() {
    assert_eq!((superscript(3), superscript(12)), ("³".into(), "¹²".into()));
}
