//! One look at a server before anything is timed: does it answer as the contract says?

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};

use crate::http11::parse;
use crate::workload::Workload;

/// What a server answered. Two servers are alike where all but `head_bytes` is equal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The row of the table of workloads.
    pub workload: String,
    /// The status code.
    pub status: u16,
    /// The whole value of Content-Type.
    pub content_type: String,
    /// Whether there is a Date.
    pub has_date: bool,
    /// Whether there is a Content-Length.
    pub has_length: bool,
    /// Octets of the content.
    pub content_bytes: usize,
    /// FNV-1a of the content.
    pub content_digest: String,
    /// Octets of the head: what each server adds to it is its own affair.
    pub head_bytes: usize,
}

/// Sends as many requests as the workload has in flight; all answers must be as expected.
///
/// # Errors
///
/// They are not, or do not come within some seconds.
pub fn verify(address: SocketAddr, workload: &Workload) -> Result<Answer> {
    let mut stream =
        TcpStream::connect(address).with_context(|| format!("cannot connect to {address}"))?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    stream.set_nodelay(true)?;
    let request = workload.exchange.http11(&address.to_string());
    stream.write_all(&request.repeat(workload.depth)).context("cannot send the requests")?;
    let mut input = Vec::new();
    let mut piece = vec![0; 64 << 10];
    let mut answers: Vec<Answer> = Vec::new();
    while answers.len() < workload.depth {
        let length = stream.read(&mut piece).context("no whole answer in time")?;
        if length == 0 {
            bail!("the server closed after {} of {} answers", answers.len(), workload.depth);
        }
        input.extend_from_slice(piece.get(..length).unwrap_or_default());
        while let Some((octets, answer)) = first(&input, workload)? {
            answers.push(answer);
            input.drain(..octets);
        }
    }
    if !input.is_empty() || answers.len() > workload.depth {
        bail!("{} octets after the last answer", input.len());
    }
    match answers.iter().find(|answer| answers.first() != Some(answer)) {
        Some(other) => bail!("answers to equal requests differ: {other:?}"),
        None => answers.pop().context("no answer"),
    }
}

/// The answer that the input begins with, and its octets.
fn first(input: &[u8], workload: &Workload) -> Result<Option<(usize, Answer)>> {
    let expected = workload.exchange.expected();
    let parsed = parse(input);
    let text = || String::from_utf8_lossy(input.get(..300).unwrap_or(input)).into_owned();
    let Some(response) = parsed.map_err(|fault| anyhow::anyhow!("{fault:?}: {:?}", text()))? else {
        return Ok(None);
    };
    let answer = Answer {
        workload: workload.name.to_owned(),
        status: response.status,
        content_type: response.content_type.unwrap_or_default().to_owned(),
        has_date: response.date.is_some(),
        has_length: response.has_length,
        content_bytes: response.content.len(),
        content_digest: format!("{:016x}", digest(&response.content)),
        head_bytes: response.octets - response.content.len(),
    };
    let good = answer.status == expected.status
        && answer.content_type == expected.content_type
        && answer.has_date
        && answer.has_length
        && *response.content == *expected.content;
    if !good {
        bail!("not the expected answer: {:?}", text());
    }
    Ok(Some((response.octets, answer)))
}

fn digest(octets: &[u8]) -> u64 {
    let step = |hash: u64, octet: &u8| (hash ^ u64::from(*octet)).wrapping_mul(0x0100_0000_01b3);
    octets.iter().fold(0xcbf2_9ce4_8422_2325, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_fnv_1a() {
        assert_eq!(digest(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(digest(b"a"), 0xaf63_dc4c_8601_ec8c);
    }
}
