//! Linear total work over a head that comes in pieces.

/// What is remembered of a head that was incomplete, so that asking the parser again for every
/// piece stays linear in the octets received, with one parser and no second, resumable grammar.
///
/// Each new octet is looked at once for the end of a head: an empty line. The parser is asked only
/// if that came, or if the head has doubled since it was last asked, which bounds the sum of its
/// work by twice the head, and shows a broken head at the latest when it has doubled, or when it
/// has crossed its limit, so that no more of it is held than that. What the answer is does not
/// depend on when it is asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// Octets that were searched for an empty line.
    searched: u32,
    /// The parser is asked again at this length.
    ask_at: u32,
}

impl Progress {
    /// Nothing received.
    pub(crate) const START: Self = Self { searched: 0, ask_at: 0 };

    /// Whether the parser is worth asking about `input`, all that there is of the head.
    #[inline]
    pub(crate) fn is_worth_asking(&self, input: &[u8]) -> bool {
        let is_worth_it =
            self.searched == 0 || input.len() >= self.ask_at as usize || self.has_end(input);
        #[cfg(test)]
        counter::note(is_worth_it, input.len());
        is_worth_it
    }

    /// Notes that the head was incomplete with `input`. `asked`: that the parser said so, and how
    /// many octets are the most that it may say so of.
    #[cold]
    pub(crate) fn note_partial(&mut self, input: &[u8], asked: Option<u32>) {
        let length = u32::try_from(input.len()).unwrap_or(u32::MAX);
        self.searched = length;
        if let Some(most) = asked {
            let (double, crossed) = (length.saturating_mul(2), most.saturating_add(1));
            self.ask_at = if length < crossed { double.min(crossed) } else { double };
        }
    }

    /// Whether an LF that was not searched for yet ends an empty line: LF LF or LF CR LF.
    #[cold]
    fn has_end(&self, input: &[u8]) -> bool {
        let new = self.searched as usize;
        let window = input.get(new.saturating_sub(2)..).unwrap_or_default();
        window.windows(2).any(|pair| pair == b"\n\n") || window.windows(3).any(|w| w == b"\n\r\n")
    }
}

/// Counts, for tests of this thread, how often the parser was found worth asking and about how many
/// octets in all.
#[cfg(test)]
pub(crate) mod counter {
    use core::cell::Cell;

    thread_local! {
        static ASKED: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
    }

    pub(super) fn note(is_worth_it: bool, octets: usize) {
        if is_worth_it {
            let (times, sum) = ASKED.get();
            ASKED.set((times + 1, sum + octets));
        }
    }

    /// What was counted since this was last called.
    pub(crate) fn take() -> (usize, usize) {
        ASKED.replace((0, 0))
    }
}
