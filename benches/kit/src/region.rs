//! The one function that all modes run benchmarks in, with a name that profilers can be told.

use crate::bench::Work;

/// Runs `n` operations of `work`. Never inlined and named without mangling, so that
/// `valgrind --tool=callgrind --toggle-collect=shockwave_bench_region` collects the operations and
/// nothing of their set-up. A panic passes through: it is the benchmark's, and is told as such.
#[allow(unsafe_code, reason = "no_mangle: the name is given to callgrind and defined only here")]
#[unsafe(no_mangle)]
#[inline(never)]
extern "C-unwind" fn shockwave_bench_region(work: &mut Work, n: u64) -> u64 {
    // Not a tail call: that would leave no frame of the region on the stacks that others read.
    core::hint::black_box(work(n))
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
    fn the_region_is_on_the_stack_of_what_it_runs() {
        let mut work: Work = Box::new(|_| {
            let stack = std::backtrace::Backtrace::force_capture().to_string();
            u64::from(stack.contains("shockwave_bench_region"))
        });
        assert_eq!(run(&mut work, 1), 1);
    }

    #[test]
    fn a_panic_inside_the_region_can_be_caught() {
        let mut work: Work = Box::new(|_| panic!("out of input"));
        let sentence = caught("the benchmark", || run(&mut work, 1)).unwrap_err();
        assert_eq!(sentence, "the benchmark panicked: out of input");
    }
}
