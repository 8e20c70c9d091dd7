//! A walk through the public interface of the arenas, and the bounds that they keep.
#![cfg(feature = "arena")]

use core::fmt::{self, Write as _};

use shockwave_memory::{Arena, ArenaError, ArenaLimits, ArenaPool, RecyclerLimits};

fn limits(max_bytes: usize, max_retained_bytes: usize) -> ArenaLimits {
    let mut limits = ArenaLimits::DEFAULT;
    limits.max_bytes = max_bytes;
    limits.max_retained_bytes = max_retained_bytes;
    limits
}

#[test]
fn values_live_side_by_side() -> Result<(), ArenaError> {
    let arena = Arena::default();
    let number = arena.alloc(7_u32)?;
    let text = arena.alloc_str("abc")?;
    let copy = arena.alloc_slice_copy(&[1_u16, 2, 3])?;
    let fill = arena.alloc_slice_fill(4, b'x')?;
    *number += 1;
    copy[0] = 9;
    assert_eq!((*number, text, &*copy, &*fill), (8, "abc", &[9, 2, 3][..], &b"xxxx"[..]));
    Ok(())
}

#[test]
fn text_is_formatted() -> Result<(), ArenaError> {
    let arena = Arena::default();
    assert_eq!(arena.alloc_fmt(format_args!("plain"))?, "plain");
    assert_eq!(arena.alloc_fmt(format_args!("{}-{:04x}", "é", 255))?, "é-00ff");
    let long = arena.alloc_fmt(format_args!("{:>5000}", "é"))?;
    assert_eq!(long.chars().count(), 5000);
    Ok(())
}

#[test]
fn lists_and_strings_grow() -> Result<(), ArenaError> {
    let arena = Arena::default();
    let (mut list, mut text) = (arena.vec(), arena.string());
    for number in 0..1000_u32 {
        list.push(number)?;
        text.push('é')?;
        text.push_str("è")?;
    }
    list.extend_from_slice(&[7, 8])?;
    assert_eq!((list.len(), list.pop(), list.last()), (1002, Some(8), Some(&7)));
    assert!(list.capacity() >= 1001 && text.capacity() >= 4000);
    list[0] = 5;
    let (items, text) = (list.into_slice(), text.into_str());
    assert_eq!((items[0], items[999]), (5, 999));
    assert_eq!(text, "éè".repeat(1000));
    Ok(())
}

#[test]
fn an_arena_that_is_full_says_so_and_stays_usable() {
    let arena = Arena::new(limits(8 << 10, 4 << 10));
    let kept = arena.alloc_str("kept").expect("room");
    let full = ArenaError::Full { requested_bytes: 9000, max_bytes: 8 << 10 };
    let nine_thousand = [0_u8; 9000];
    assert_eq!(arena.alloc_slice_copy(&nine_thousand).unwrap_err(), full);
    assert_eq!(arena.alloc_slice_fill(9000, 0_u8).unwrap_err(), full);
    assert_eq!(arena.alloc(nine_thousand).unwrap_err(), full);
    assert_eq!(arena.vec().extend_from_slice(&nine_thousand).unwrap_err(), full);
    assert_eq!(arena.alloc_str(&"x".repeat(9000)).unwrap_err(), full);
    let mut text = arena.string();
    text.push_str("before").expect("room");
    assert_eq!(text.push_str(&"x".repeat(9000)).unwrap_err(), full);
    assert!(write!(text, "{}", "x".repeat(9000)).is_err());
    assert_eq!(&*text, "before");
    let formatted = arena.alloc_fmt(format_args!("{:>9000}", 1));
    assert!(matches!(formatted, Err(ArenaError::Full { .. })), "{formatted:?}");
    assert!(arena.alloc_slice_fill(usize::MAX, 0_u64).is_err());
    assert!(arena.vec::<u64>().reserve(usize::MAX).is_err());
    assert_eq!(kept, "kept");
    assert!(arena.alloc_str("room for this").is_ok());
}

#[test]
fn a_failing_display_is_not_a_full_arena() {
    struct Broken;
    impl fmt::Display for Broken {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            Err(fmt::Error)
        }
    }
    let arena = Arena::default();
    assert_eq!(arena.alloc_fmt(format_args!("{Broken}")), Err(ArenaError::Format));
}

#[test]
fn errors_read_well() {
    let full = ArenaError::Full { requested_bytes: 9, max_bytes: 4 };
    assert_eq!(full.to_string(), "the arena is full: 9 octets more cross max_bytes = 4");
    assert_eq!(ArenaError::Format.to_string(), "a value could not be formatted");
}

/// Whatever is asked, in whatever pieces: a request takes no more than the limit.
#[test]
fn max_bytes_is_kept_for_any_pieces() {
    for max_bytes in [0, 1, 100, 447, 512, 1000, 4096, 5000, 10_000, 65_536, 100_000] {
        for piece in [1, 7, 64, 500, 3000, 40_000] {
            let mut arena = Arena::new(limits(max_bytes, max_bytes));
            for _request in 0..3 {
                let mut taken = 0;
                while arena.alloc_slice_fill(piece, 0_u8).is_ok() {
                    taken += piece;
                    assert!(taken <= max_bytes, "{taken} of {max_bytes}");
                }
                assert!(arena.as_bump().allocated_bytes() <= max_bytes, "{max_bytes} {piece}");
                arena.reset();
                assert!(arena.held_bytes() <= max_bytes, "{max_bytes} {piece}");
            }
        }
    }
}

/// A limit must not cost a request most of the memory that it allows.
#[test]
fn small_pieces_find_most_of_the_memory_that_the_limit_allows() {
    for max_bytes in [4096, 10_000, 65_536, 100_000, 1 << 20] {
        let arena = Arena::new(limits(max_bytes, 4096));
        let taken = (0..).take_while(|_| arena.alloc_slice_fill(16, 0_u8).is_ok()).count() * 16;
        assert!(taken * 10 >= max_bytes * 8, "{taken} of {max_bytes}");
    }
}

#[test]
fn max_retained_bytes_is_kept() {
    for max_retained in [0, 1, 500, 4095, 4096, 5000, 16_384, 20_000, 65_536] {
        for request in [10, 400, 3000, 5000, 16_000, 20_000, 66_000, 500_000] {
            let mut arena = Arena::new(limits(1 << 20, max_retained));
            for _request in 0..3 {
                (0..request / 10).for_each(|_| {
                    arena.alloc_slice_fill(10, 0_u8).expect("below max_bytes");
                });
                arena.reset();
                let held = arena.held_bytes();
                assert!(held <= max_retained, "{held} of {max_retained} after {request}");
            }
        }
    }
}

/// What bumpalo alone does not give: after one request, the next equal one finds one chunk that
/// has room for all of it.
#[test]
fn the_second_request_needs_no_new_chunk() {
    for request in [10, 400, 3000, 5000, 16_000, 20_000, 60_000] {
        let mut arena = Arena::new(limits(100_000, 80 << 10));
        for turn in 0..3 {
            let before = arena.held_bytes();
            (0..request / 10).for_each(|_| {
                arena.alloc_slice_fill(10, 0_u8).expect("below max_bytes");
            });
            if turn > 0 {
                assert_eq!(arena.held_bytes(), before, "{request}");
            }
            arena.reset();
        }
    }
}

#[test]
fn the_limit_survives_a_reset_that_shrinks() {
    let mut arena = Arena::new(limits(64 << 10, 8 << 10));
    for _request in 0..3 {
        assert!(arena.alloc_slice_fill(20_000, 0_u8).is_ok());
        assert!(arena.alloc_slice_fill(60_000, 0_u8).is_err());
        arena.reset();
    }
}

#[test]
fn no_more_is_retained_than_a_request_may_take() {
    let arena = Arena::new(limits(8 << 10, 64 << 10));
    assert_eq!(arena.limits().max_retained_bytes, 8 << 10);
}

#[test]
fn arenas_are_recycled_and_reset() {
    let pool = ArenaPool::new(limits(1 << 20, 16 << 10), RecyclerLimits::DEFAULT);
    for _request in 0..3 {
        let arena = pool.take();
        arena.alloc_slice_fill(50_000, 0_u8).expect("below max_bytes");
    }
    let stats = pool.stats();
    assert_eq!((stats.misses, stats.hits, stats.held_buffers, stats.dropped), (1, 2, 1, 0));
    assert!(stats.held_bytes > 0 && stats.held_bytes <= 16 << 10);
    pool.trim(0);
    assert_eq!(pool.stats().held_bytes, 0);
}
