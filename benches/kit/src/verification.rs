//! What a benchmark's check found, and how the engines of a group are held against each other.

use crate::Digest;
use crate::corpus::Verdict;

/// How much of the protocol's rules an engine enforces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[allow(clippy::exhaustive_enums, reason = "a verdict is one or the other")]
pub enum Checks {
    /// All that a strict recipient must reject is rejected: any other verdict is a failure.
    Strict,
    /// Less. Malformed input that it accepts is reported beside its figures.
    Lenient,
}

/// One malformed (or only odd) input, what a strict recipient says to it, and what this engine
/// said.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Judgement {
    case: String,
    expected: Verdict,
    actual: Verdict,
}

/// The answer of a benchmark's check.
///
/// The output is canonical: engines that do the same work give the same octets, whatever their
/// types. See [`canonical`](crate::canonical) for heads.
#[derive(Debug, Clone)]
pub struct Verification {
    output: Vec<u8>,
    expected: Option<Vec<u8>>,
    judgements: Option<Vec<Judgement>>,
    checks: Checks,
}

impl Verification {
    /// What an engine that enforces every rule gave.
    #[must_use]
    pub fn strict(output: impl AsRef<[u8]>) -> Self {
        Self::new(output.as_ref().to_vec(), Checks::Strict)
    }

    /// What an engine that enforces less gave.
    #[must_use]
    pub fn lenient(output: impl AsRef<[u8]>) -> Self {
        Self::new(output.as_ref().to_vec(), Checks::Lenient)
    }

    const fn new(output: Vec<u8>, checks: Checks) -> Self {
        Self { output, expected: None, judgements: None, checks }
    }

    /// What the output must be, from a source other than the engine.
    #[must_use]
    pub fn expecting(mut self, expected: impl AsRef<[u8]>) -> Self {
        self.expected = Some(expected.as_ref().to_vec());
        self
    }

    /// Puts the engine before each input of `set` (name, strict verdict, octets) and notes whether
    /// it accepts.
    #[must_use]
    pub fn judging<'s>(
        mut self,
        set: impl IntoIterator<Item = (&'s str, Verdict, &'s [u8])>,
        mut accepts: impl FnMut(&[u8]) -> bool,
    ) -> Self {
        let judge = |(case, expected, input): (&str, Verdict, &[u8])| Judgement {
            case: case.to_owned(),
            expected,
            actual: if accepts(input) { Verdict::Accept } else { Verdict::Reject },
        };
        self.judgements = Some(set.into_iter().map(judge).collect());
        self
    }

    /// The canonical output.
    #[must_use]
    pub fn output(&self) -> &[u8] {
        &self.output
    }

    /// How strict the engine is.
    #[must_use]
    pub const fn checks(&self) -> Checks {
        self.checks
    }

    /// The digest of the canonical output.
    #[must_use]
    pub fn accepts(&self) -> Digest {
        Digest::of(&self.output)
    }

    /// The digest of the verdicts, where there were inputs to judge.
    #[must_use]
    pub fn rejects(&self) -> Option<Digest> {
        let judgements = self.judgements.as_ref()?;
        Some(judgements.iter().fold(Digest::new(), |digest, judgement| {
            let verdict: &[u8] = match judgement.actual {
                Verdict::Accept => b"accept",
                Verdict::Reject => b"reject",
            };
            digest.field(judgement.case.as_bytes()).field(verdict)
        }))
    }

    /// The malformed inputs that the engine accepts.
    #[must_use]
    pub fn accepts_malformed(&self) -> Vec<&str> {
        self.misjudged(Verdict::Reject)
    }

    /// The sound inputs that the engine rejects.
    #[must_use]
    pub fn rejects_sound(&self) -> Vec<&str> {
        self.misjudged(Verdict::Accept)
    }

    fn misjudged(&self, expected: Verdict) -> Vec<&str> {
        self.judgements
            .iter()
            .flatten()
            .filter(|judgement| judgement.expected == expected && judgement.actual != expected)
            .map(|judgement| judgement.case.as_str())
            .collect()
    }

    /// Why the answer is wrong, if it is: not the expected output, a sound input rejected, or, for
    /// a strict engine, a malformed one accepted.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        if let Some(expected) = &self.expected
            && *expected != self.output
        {
            return Some(format!(
                "the answer is wrong: {}",
                difference(("expected", expected), ("got", &self.output))
            ));
        }
        let sound = self.rejects_sound();
        if !sound.is_empty() {
            return Some(format!("sound input rejected: {}", sound.join(", ")));
        }
        let malformed = self.accepts_malformed();
        if self.checks == Checks::Strict && !malformed.is_empty() {
            return Some(format!("malformed input accepted: {}", malformed.join(", ")));
        }
        None
    }
}

/// Two outputs from just before the place where they part.
pub(crate) fn difference(left: (&str, &[u8]), right: (&str, &[u8])) -> String {
    const BEFORE: usize = 24;
    const SHOWN: usize = 120;
    let same = left.1.iter().zip(right.1).take_while(|(a, b)| a == b).count();
    let from = same.saturating_sub(BEFORE);
    let shown = |(name, output): (&str, &[u8])| {
        let rest = output.get(from..).unwrap_or_default();
        let part = rest.get(..SHOWN).unwrap_or(rest);
        let more = if part.len() < rest.len() { "..." } else { "" };
        format!("{name} ({} octets) \"{}{more}\"", output.len(), part.escape_ascii())
    };
    format!("first difference at octet {same}: {}, {}", shown(left), shown(right))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SET: [(&str, Verdict, &[u8]); 3] = [
        ("good", Verdict::Accept, b"g"),
        ("bad", Verdict::Reject, b"b"),
        ("worse", Verdict::Reject, b"w"),
    ];

    #[test]
    fn a_lenient_engine_is_marked_and_a_strict_one_fails() {
        let lenient = Verification::lenient(b"x").judging(SET, |input| input != b"w");
        assert_eq!(lenient.accepts_malformed(), ["bad"]);
        assert_eq!(lenient.failure(), None);
        let strict = Verification::strict(b"x").judging(SET, |input| input != b"w");
        assert_eq!(strict.failure().unwrap(), "malformed input accepted: bad");
        assert_eq!(strict.rejects(), lenient.rejects());
    }

    #[test]
    fn nobody_may_reject_sound_input_or_answer_wrongly() {
        let picky = Verification::lenient(b"x").judging(SET, |_| false);
        assert_eq!(picky.failure().unwrap(), "sound input rejected: good");
        let wrong = Verification::strict(b"GET /a").expecting(b"GET /b");
        let sentence = wrong.failure().unwrap();
        assert!(sentence.contains("octet 5") && sentence.contains("GET /b"), "{sentence}");
        assert_eq!(Verification::strict(b"x").expecting(b"x").failure(), None);
    }
}
