//! The one function that all modes run benchmarks in, with a name that profilers can be told.

use crate::bench::Work;

/// Runs `n` operations of `work`. Never inlined and named without mangling, so that
/// `valgrind --tool=callgrind --toggle-collect=shockwave_bench_region` collects the operations and
/// nothing of their set-up. A panic passes through: it is the benchmark's, and is told as such.
#[allow(unsafe_code, reason = "no_mangle: the name is given to callgrind and defined only here")]
#[unsafe(no_mangle)]
#[inline(never)]
extern "C-unwind" fn shockwave_bench_region(work: &mut Work, n: u64) -> u64 {
    work(n)
}

/// Runs `n` operations of `work` in the region.
pub(crate) fn run(work: &mut Work, n: u64) -> u64 {
    core::hint::black_box(shockwave_bench_region(core::hint::black_box(work), n))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::caught;

    #[test]
    fn a_panic_inside_the_region_can_be_caught() {
        let mut work: Work = Box::new(|_| panic!("out of input"));
        let sentence = caught("the benchmark", || run(&mut work, 1)).unwrap_err();
        assert_eq!(sentence, "the benchmark panicked: out of input");
    }
}
