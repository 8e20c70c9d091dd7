//! What a connection costs the server while nothing happens on it.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::http11::parse;
use crate::process::{self, Process};
use crate::report::IdleReport;
use crate::workload::Workload;

/// Connections that come and go before anything is measured, so that what a server sets up once is
/// there.
const FIRST: u64 = 32;
/// Files that both processes need besides their connections.
const SPARE_FILES: u64 = 64;
/// Of the loopback's ports to connect from.
const MAX_PORTS: u64 = 25_000;
/// Looks at the memory that must be equal before it is believed.
const STILL: usize = 3;

/// Opens connections, as many as both processes may, and asks for what the server holds then. With
/// a workload each has one request answered first; without one, none sends an octet.
///
/// # Errors
///
/// The server does not answer as it should, or the system does not tell its memory.
pub fn measure(
    address: SocketAddr,
    wanted: u64,
    workload: Option<&Workload>,
    server: u32,
) -> Result<IdleReport> {
    let limit = process::raise_file_limit(None)?.min(process::raise_file_limit(Some(server))?);
    let count = wanted.min(limit.saturating_sub(SPARE_FILES)).min(MAX_PORTS);
    drop(open(address, FIRST, workload)?);
    let before_bytes = settled(Some(server))?;
    let connections = open(address, count, workload)?;
    let after_bytes = settled(Some(server))?;
    let opened = connections.len() as u64;
    drop(connections);
    let more = after_bytes.saturating_sub(before_bytes);
    Ok(IdleReport {
        connections: opened,
        served: workload.is_some(),
        before_bytes,
        after_bytes,
        bytes_per_connection: more as f64 / opened.max(1) as f64,
    })
}

fn open(address: SocketAddr, count: u64, workload: Option<&Workload>) -> Result<Vec<TcpStream>> {
    let request = workload.map(|workload| workload.exchange.http11(&address.to_string()));
    let mut connections = Vec::new();
    for index in 0..count {
        let connect = TcpStream::connect_timeout(&address, Duration::from_secs(5));
        let mut stream = connect.with_context(|| format!("connection {index} of {count}"))?;
        if let (Some(request), Some(workload)) = (&request, workload) {
            stream.write_all(request)?;
            read_answer(&mut stream, workload).with_context(|| format!("connection {index}"))?;
        }
        connections.push(stream);
    }
    Ok(connections)
}

fn read_answer(stream: &mut TcpStream, workload: &Workload) -> Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut input = Vec::new();
    let mut piece = [0; 16 << 10];
    loop {
        let length = stream.read(&mut piece).context("no answer")?;
        input.extend_from_slice(piece.get(..length).unwrap_or_default());
        let parsed = parse(&input).map_err(|fault| anyhow::anyhow!("{fault:?}"))?;
        match parsed {
            Some(response) if *response.content == *workload.exchange.expected().content => {
                return Ok(());
            }
            Some(_) => bail!("not the expected answer"),
            None if length == 0 => bail!("the server closed"),
            None => {}
        }
    }
}

/// The process' memory, once it stands still.
fn settled(process: Process) -> Result<u64> {
    let mut last = Vec::new();
    for _ in 0..50 {
        sleep(Duration::from_millis(50));
        let bytes = process::resident_bytes(process).context("cannot read resident memory")?;
        if last.last() != Some(&bytes) {
            last.clear();
        }
        last.push(bytes);
        if last.len() >= STILL {
            return Ok(bytes);
        }
    }
    bail!("the server's memory does not stand still")
}
