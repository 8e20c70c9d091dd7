//! HTTP/1.1 for the generator: what is sent, and what is taken from the input.

mod check;
mod response;

#[cfg(test)]
mod tests;

pub use response::{Response, parse};

use check::{Checker, Taken};

use crate::drive::{Protocol, Received, Tally};
use crate::fault::Fault;
use crate::workload::{Expected, Workload};

/// The requests of a workload, and the check of its answers: one for all connections.
#[derive(Debug)]
pub struct Http11 {
    /// As many requests as are sent in one go.
    batch: Vec<u8>,
    request_bytes: usize,
    checker: Checker,
}

/// What a connection keeps.
#[derive(Debug, Default)]
pub struct Session {
    /// The start of an answer whose end has not come.
    carry: Vec<u8>,
}

impl Http11 {
    /// What a row of the table sends and expects.
    pub fn new(workload: &Workload, host: &str) -> Self {
        let request = workload.exchange.http11(host);
        Self::of(&request, workload.depth, workload.exchange.expected())
    }

    /// Any request and answer.
    pub fn of(request: &[u8], depth: usize, expected: Expected) -> Self {
        let checker = Checker::new(expected);
        Self { batch: request.repeat(depth), request_bytes: request.len(), checker }
    }

    /// Takes all whole answers from the input: the octets that they had, and what they are.
    fn take(&mut self, input: &[u8], tally: &mut Tally) -> Result<(usize, Received), Fault> {
        let mut taken = 0;
        let mut received = Received::default();
        while let Some(rest) = input.get(taken..).filter(|rest| !rest.is_empty()) {
            match self.checker.take(rest)? {
                Taken::Partial => break,
                Taken::Interim { octets } => taken += octets,
                Taken::Answer { octets, fault, is_last } => {
                    taken += octets;
                    received.answers += 1;
                    received.is_last |= is_last;
                    if let Some(fault) = fault {
                        tally.fault(fault);
                        received.faulty += 1;
                    }
                }
            }
        }
        Ok((taken, received))
    }
}

impl Protocol for Http11 {
    type Session = Session;

    fn requests(&mut self, _session: &mut Session, count: usize) -> &[u8] {
        let octets = (count * self.request_bytes).min(self.batch.len());
        self.batch.get(..octets).unwrap_or_default()
    }

    fn receive(
        &mut self,
        session: &mut Session,
        input: &[u8],
        tally: &mut Tally,
    ) -> Result<Received, Fault> {
        if session.carry.is_empty() {
            let (taken, received) = self.take(input, tally)?;
            session.carry.extend_from_slice(input.get(taken..).unwrap_or_default());
            return Ok(received);
        }
        session.carry.extend_from_slice(input);
        let (taken, received) = self.take(&session.carry, tally)?;
        session.carry.drain(..taken);
        Ok(received)
    }

    fn is_between(&self, session: &Session) -> bool {
        session.carry.is_empty()
    }

    fn checked_in_full(&self) -> u64 {
        self.checker.in_full
    }
}
