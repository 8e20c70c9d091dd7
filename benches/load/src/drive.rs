//! Drives connections: one thread, one poll. A closed loop keeps every connection busy and finds
//! the capacity. An open loop starts requests when they are due, whatever the server does, and
//! measures from that moment, so that a stalled server is charged for all who had to wait.

use std::collections::{BTreeMap, VecDeque};
use std::io::{self, Read as _, Write as _};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use hdrhistogram::Histogram;
use mio::{Events, Interest, Poll, Token, net::TcpStream};

use crate::fault::Fault;
use crate::process::{Cpu, Process};
use crate::report::{Quantiles, Report};
use crate::schedule::Schedule;

/// A protocol: what it sends, and how it finds answers in what comes. One object for all
/// connections, with a session for each.
pub trait Protocol {
    /// What a connection keeps.
    type Session: Default;
    /// The octets of so many requests, at most as many as the depth.
    fn requests(&mut self, session: &mut Self::Session, count: usize) -> &[u8];
    /// Takes octets in.
    ///
    /// # Errors
    ///
    /// A fault after which the connection cannot be used.
    fn receive(
        &mut self,
        session: &mut Self::Session,
        input: &[u8],
        tally: &mut Tally,
    ) -> Result<Received, Fault>;
    /// Whether no part of an answer has come that is not whole.
    fn is_between(&self, session: &Self::Session) -> bool;
    /// How many answers were compared field by field.
    fn checked_in_full(&self) -> u64;
}

/// What some octets brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// Whole answers.
    pub answers: usize,
    /// Of them, those that were not as expected. The protocol has told the tally why.
    pub faulty: usize,
    /// The server has said that it closes.
    pub is_last: bool,
}

/// How requests are started.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// The next as soon as the last is answered.
    Closed,
    /// So many a second; with a seed at random intervals, else at even ones.
    Open {
        /// Requests a second.
        rate: f64,
        /// Of the random intervals.
        seed: Option<u64>,
    },
}

/// What is to be done.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Of the server.
    pub address: SocketAddr,
    /// What the report calls it.
    pub workload: String,
    /// How many are open.
    pub connections: usize,
    /// Requests in flight on each; sent in one go, and the next ones when all are answered.
    pub depth: usize,
    /// How requests are started.
    pub pace: Pace,
    /// Not measured.
    pub warm_up: Duration,
    /// Measured.
    pub duration: Duration,
    /// Closed loop: measured for longer, up to [`PATIENCE`] times the duration, until the server
    /// has had so much CPU time. Where others take the CPU, a figure rests on as much as elsewhere.
    pub server_time: Duration,
    /// After which an answer is not awaited any more.
    pub timeout: Duration,
    /// Whose CPU time is measured.
    pub server: Process,
    /// Never sleep, so that no answer has to wake this process: the server would pay for that.
    pub spin: bool,
}

/// What is counted.
#[derive(Debug)]
pub struct Tally {
    answers: u64,
    octets_received: u64,
    octets_sent: u64,
    reconnects: u64,
    late_sends: u64,
    unanswered: u64,
    /// Nanoseconds of looking for something to do, in vain.
    spun: u64,
    latency: Histogram<u64>,
    /// What went wrong, since the start.
    pub faults: BTreeMap<Fault, u64>,
}

impl Default for Tally {
    fn default() -> Self {
        // From a microsecond to a minute with three digits: constants that the crate accepts.
        let latency = Histogram::new_with_bounds(1_000, 60_000_000_000, 3);
        let latency = latency.unwrap_or_else(|_| unreachable!("constant bounds"));
        Self {
            answers: 0,
            octets_received: 0,
            octets_sent: 0,
            reconnects: 0,
            late_sends: 0,
            unanswered: 0,
            spun: 0,
            latency,
            faults: BTreeMap::new(),
        }
    }
}

impl Tally {
    /// Counts one.
    pub fn fault(&mut self, fault: Fault) {
        *self.faults.entry(fault).or_default() += 1;
    }

    /// Nothing good will come of this.
    fn is_hopeless(&self) -> bool {
        self.faults.values().sum::<u64>() >= MAX_FAULTS
    }

    /// Forgets the warm-up, but not what went wrong in it.
    fn restart(&mut self) {
        let faults = std::mem::take(&mut self.faults);
        *self = Self { faults, ..Self::default() };
    }
}

/// After so many the run is cut short.
const MAX_FAULTS: u64 = 1000;
/// Large enough for a whole batch of answers.
const BUFFER_BYTES: usize = 256 << 10;
/// Before a due start the generator spins for so long: a sleep would end too late.
const SPIN_NS: u64 = 1_000_000;
/// Later than that is counted as late.
const LATE_NS: u64 = 1_000_000;
/// How many times as long as was asked for a window may be.
pub const PATIENCE: u32 = 4;
/// How often connections are looked through for those that wait too long.
const SCAN_NS: u64 = 50_000_000;
/// How long an open loop waits for the last answers, if the timeout is no less.
const DRAIN: Duration = Duration::from_secs(2);

/// A connection and what it waits for.
#[derive(Debug, Default)]
struct Connection<S> {
    stream: Option<TcpStream>,
    session: S,
    awaited: usize,
    /// Where latency is measured from: the sending, or the intended start.
    since: u64,
    asked: u64,
    free_since: u64,
    /// In the list of those that are free.
    is_listed: bool,
    /// What the socket did not take yet.
    unsent: Vec<u8>,
}

/// The moment of a snapshot, and the CPU times then.
#[derive(Debug)]
struct Snapshot {
    at: Instant,
    own: Cpu,
    server: Option<Cpu>,
}

impl Snapshot {
    fn take(server: Process) -> Result<Self> {
        let own = Cpu::of(None).context("cannot read this process' CPU time")?;
        let server = match server {
            Some(_) => Some(Cpu::of(server).context("cannot read the server's CPU time")?),
            None => None,
        };
        Ok(Self { at: Instant::now(), own, server })
    }
}

struct Driver<'a, P: Protocol> {
    settings: &'a Settings,
    protocol: P,
    poll: Poll,
    connections: Vec<Connection<P::Session>>,
    /// Open loop: those without a request, the longest free one first.
    free: VecDeque<usize>,
    /// Those to be connected again.
    broken: Vec<usize>,
    schedule: Option<Schedule>,
    buffer: Vec<u8>,
    tally: Tally,
    started: Instant,
    /// Of the window, in nanoseconds since the start.
    begin: u64,
    end: u64,
    next_scan: u64,
}

/// Runs the settings with this protocol.
///
/// # Errors
///
/// The server cannot be connected to at all, or the system does not tell CPU times.
pub fn run<P: Protocol>(settings: &Settings, protocol: P) -> Result<Report> {
    let mut driver = Driver::new(settings, protocol)?;
    let mut events = Events::with_capacity(1024);
    let mut before = None;
    let after = loop {
        let now = driver.now();
        if before.is_none() && now >= driver.begin {
            driver.tally.restart();
            before = Some(Snapshot::take(settings.server)?);
        }
        if driver.tally.is_hopeless() {
            break Snapshot::take(settings.server)?;
        }
        if let Some(before) = before.as_ref().filter(|_| now >= driver.end) {
            let after = Snapshot::take(settings.server)?;
            if !driver.goes_on(before, &after) {
                break after;
            }
            driver.end = now + SCAN_NS;
        }
        driver.turn(&mut events)?;
    };
    if driver.schedule.is_some() {
        driver.drain(&mut events)?;
    }
    let before = match before {
        Some(before) => before,
        None => Snapshot { at: after.at, own: after.own, server: after.server },
    };
    Ok(driver.report(&before, &after))
}

impl<'a, P: Protocol> Driver<'a, P> {
    fn new(settings: &'a Settings, protocol: P) -> Result<Self> {
        let begin = nanoseconds(settings.warm_up);
        let schedule = match settings.pace {
            Pace::Closed => None,
            Pace::Open { rate, seed } => Some(Schedule::new(rate, seed)),
        };
        let mut driver = Self {
            settings,
            protocol,
            poll: Poll::new().context("cannot poll")?,
            connections: Vec::new(),
            free: VecDeque::new(),
            broken: Vec::new(),
            schedule,
            buffer: vec![0; BUFFER_BYTES],
            tally: Tally::default(),
            started: Instant::now(),
            begin,
            end: begin + nanoseconds(settings.duration),
            next_scan: SCAN_NS,
        };
        for index in 0..settings.connections {
            let stream = driver.connect(index);
            let stream = stream.with_context(|| format!("cannot connect to {}", settings.address));
            driver.connections.push(Connection { stream: Some(stream?), ..Connection::default() });
        }
        driver.started = Instant::now();
        for index in 0..settings.connections {
            driver.set_free(index, 0);
        }
        Ok(driver)
    }

    /// Whether the window is to be longer: the server has had too little of its CPU.
    fn goes_on(&self, before: &Snapshot, after: &Snapshot) -> bool {
        let Settings { duration, server_time, .. } = self.settings;
        let had = after.server.zip(before.server).map(|(after, before)| after.since(&before));
        let too_little = had.is_some_and(|had| had.seconds < server_time.as_secs_f64());
        let is_patient = after.at.duration_since(before.at) < *duration * PATIENCE;
        self.schedule.is_none() && too_little && is_patient
    }

    fn now(&self) -> u64 {
        nanoseconds(self.started.elapsed())
    }

    fn connect(&self, index: usize) -> io::Result<TcpStream> {
        // Blocking: on a loopback it takes microseconds, and a server that does not answer is one
        // to know of.
        let stream =
            std::net::TcpStream::connect_timeout(&self.settings.address, Duration::from_secs(1))?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        let mut stream = TcpStream::from_std(stream);
        let interest = Interest::READABLE | Interest::WRITABLE;
        self.poll.registry().register(&mut stream, Token(index), interest)?;
        Ok(stream)
    }

    /// One turn: start what is due, wait, take what came, mend what broke.
    fn turn(&mut self, events: &mut Events) -> Result<()> {
        self.start_due();
        let asked = self.now();
        let patience = if self.settings.spin { 0 } else { self.patience(asked) };
        match self.poll.poll(events, Some(Duration::from_nanos(patience))) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                return Err(error).context("cannot poll");
            }
            _ => {}
        }
        for event in events.iter() {
            let index = event.token().0;
            if event.is_writable() {
                self.flush(index);
            }
            if event.is_readable() || event.is_read_closed() || event.is_error() {
                self.read(index, event.is_read_closed() || event.is_error());
            }
        }
        let now = self.now();
        if patience == 0 && events.is_empty() {
            self.tally.spun += now - asked;
        }
        if now >= self.next_scan {
            self.next_scan = now + SCAN_NS;
            self.scan(now);
        }
        self.mend();
        Ok(())
    }

    /// How long nothing is to be done, unless something comes.
    fn patience(&self, now: u64) -> u64 {
        let scan = self.next_scan.saturating_sub(now).min(self.end.saturating_sub(now));
        match &self.schedule {
            Some(schedule) if !self.free.is_empty() && schedule.next() < self.end => {
                scan.min(schedule.next().saturating_sub(now).saturating_sub(SPIN_NS))
            }
            _ => scan,
        }
    }

    /// Open loop: starts every request that is due, as far as connections are free.
    fn start_due(&mut self) {
        let now = self.now();
        while let Some(schedule) = &mut self.schedule {
            let due = schedule.next();
            if due > now || due >= self.end {
                return;
            }
            let Some(index) = self.free.pop_front() else { return };
            let Some(connection) = self.connections.get_mut(index) else { return };
            connection.is_listed = false;
            if connection.stream.is_none() {
                continue;
            }
            let waited_for_us = connection.free_since <= due && now - due > LATE_NS;
            self.tally.late_sends += u64::from(waited_for_us && due >= self.begin);
            schedule.advance();
            self.ask(index, 1, due);
        }
    }

    /// The connection has nothing to wait for: ask at once in a closed loop, else list it.
    fn set_free(&mut self, index: usize, now: u64) {
        if self.schedule.is_none() {
            return self.ask(index, self.settings.depth, now);
        }
        if let Some(connection) = self.connections.get_mut(index)
            && !connection.is_listed
        {
            connection.is_listed = true;
            connection.free_since = now;
            self.free.push_back(index);
        }
    }

    fn ask(&mut self, index: usize, count: usize, since: u64) {
        let asked = if self.schedule.is_some() { self.now() } else { since };
        let Some(connection) = self.connections.get_mut(index) else { return };
        let Some(stream) = &mut connection.stream else { return };
        let octets = self.protocol.requests(&mut connection.session, count);
        (connection.awaited, connection.since, connection.asked) = (count, since, asked);
        self.tally.octets_sent += octets.len() as u64;
        match stream.write(octets) {
            Ok(written) if written == octets.len() => {}
            Ok(written) => {
                connection.unsent.extend_from_slice(octets.get(written..).unwrap_or_default());
            }
            Err(error) if is_passing(&error) => connection.unsent.extend_from_slice(octets),
            Err(_) => self.give_up(index, Some(Fault::Transport)),
        }
    }

    fn flush(&mut self, index: usize) {
        let Some(connection) = self.connections.get_mut(index) else { return };
        let Some(stream) = &mut connection.stream else { return };
        while !connection.unsent.is_empty() {
            match stream.write(&connection.unsent) {
                Ok(written) => drop(connection.unsent.drain(..written)),
                Err(error) if is_passing(&error) => return,
                Err(_) => return self.give_up(index, Some(Fault::Transport)),
            }
        }
    }

    /// Reads what there is. A read that does not fill the buffer has emptied the socket, and the
    /// next octets make an event of their own; an end that has come already does not.
    fn read(&mut self, index: usize, has_ended: bool) {
        let now = self.now();
        loop {
            let Some(connection) = self.connections.get_mut(index) else { return };
            let Some(stream) = &mut connection.stream else { return };
            let length = match stream.read(&mut self.buffer) {
                Ok(0) => return self.ended(index),
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) if is_passing(&error) => return,
                Err(error) if error.kind() == io::ErrorKind::ConnectionReset => {
                    return self.ended(index);
                }
                Err(_) => return self.give_up(index, Some(Fault::Transport)),
            };
            self.tally.octets_received += length as u64;
            let input = self.buffer.get(..length).unwrap_or_default();
            match self.protocol.receive(&mut connection.session, input, &mut self.tally) {
                Ok(received) => self.answered(index, received, now),
                Err(fault) => return self.give_up(index, Some(fault)),
            }
            if length < self.buffer.len() && !has_ended {
                return;
            }
        }
    }

    fn answered(&mut self, index: usize, received: Received, now: u64) {
        if received.answers == 0 {
            return;
        }
        let Some(connection) = self.connections.get_mut(index) else { return };
        let Some(left) = connection.awaited.checked_sub(received.answers) else {
            return self.give_up(index, Some(Fault::Malformed));
        };
        connection.awaited = left;
        let since = connection.since;
        let counts = self.schedule.is_none() || (self.begin..self.end).contains(&since);
        if counts {
            let good = (received.answers - received.faulty) as u64;
            self.tally.answers += good;
            self.tally.latency.saturating_record_n(now.saturating_sub(since), good);
        }
        if left == 0 && received.is_last {
            self.give_up(index, None);
        } else if left == 0 {
            self.set_free(index, now);
        }
    }

    /// The server has closed.
    fn ended(&mut self, index: usize) {
        let Some(connection) = self.connections.get(index) else { return };
        let between = self.protocol.is_between(&connection.session);
        let fault = match (connection.awaited, between) {
            (0, true) => None,
            (_, true) => Some(Fault::Closed),
            (_, false) => Some(Fault::Truncated),
        };
        self.give_up(index, fault);
    }

    /// Drops the connection, to be made again by `mend`.
    fn give_up(&mut self, index: usize, fault: Option<Fault>) {
        let Some(connection) = self.connections.get_mut(index) else { return };
        match fault {
            Some(fault) => self.tally.fault(fault),
            None => self.tally.reconnects += 1,
        }
        if self.schedule.is_some() && (self.begin..self.end).contains(&connection.since) {
            self.tally.unanswered += connection.awaited as u64;
        }
        let (is_listed, free_since) = (connection.is_listed, connection.free_since);
        *connection = Connection { is_listed, free_since, ..Connection::default() };
        self.broken.push(index);
    }

    /// Connects again. Where that fails it is tried again with the next scan.
    fn mend(&mut self) {
        for index in std::mem::take(&mut self.broken) {
            let stream = self.connect(index);
            let now = self.now();
            match (stream, self.connections.get_mut(index)) {
                (Ok(stream), Some(connection)) => {
                    connection.stream = Some(stream);
                    self.set_free(index, now);
                }
                _ => self.tally.fault(Fault::Connect),
            }
        }
    }

    /// Gives up those that wait for too long, and lists those that could not be connected.
    fn scan(&mut self, now: u64) {
        let timeout = nanoseconds(self.settings.timeout);
        for index in 0..self.connections.len() {
            let Some(connection) = self.connections.get(index) else { return };
            if connection.stream.is_none() {
                if !self.broken.contains(&index) {
                    self.broken.push(index);
                }
            } else if connection.awaited > 0 && now.saturating_sub(connection.asked) > timeout {
                self.give_up(index, Some(Fault::Timeout));
            }
        }
    }

    /// Open loop: waits for the answers to what was due in the window, and charges the wait so far
    /// for those that do not come.
    fn drain(&mut self, events: &mut Events) -> Result<()> {
        let deadline = self.now() + nanoseconds(self.settings.timeout.min(DRAIN));
        let is_due = |driver: &Self| {
            driver.schedule.as_ref().is_some_and(|schedule| schedule.next() < driver.end)
                || driver.connections.iter().any(|connection| connection.awaited > 0)
        };
        while is_due(self) && self.now() < deadline && !self.tally.is_hopeless() {
            self.turn(events)?;
        }
        let now = self.now();
        let awaiting = |connection: &&Connection<P::Session>| connection.awaited > 0;
        let mut waits: Vec<u64> =
            self.connections.iter().filter(awaiting).map(|connection| connection.since).collect();
        while let Some(schedule) = self.schedule.as_mut().filter(|next| next.next() < self.end) {
            waits.push(schedule.next());
            schedule.advance();
        }
        for since in waits.into_iter().filter(|since| *since >= self.begin) {
            self.tally.unanswered += 1;
            self.tally.latency.saturating_record(now.saturating_sub(since));
        }
        Ok(())
    }

    fn report(self, before: &Snapshot, after: &Snapshot) -> Report {
        let Tally { answers, faults, latency, .. } = &self.tally;
        let seconds = after.at.duration_since(before.at).as_secs_f64();
        let server = after.server.as_ref().zip(before.server.as_ref());
        let spun_seconds = self.tally.spun as f64 / 1e9;
        Report {
            workload: self.settings.workload.clone(),
            connections: self.settings.connections,
            depth: self.settings.depth,
            rate: match self.settings.pace {
                Pace::Closed => None,
                Pace::Open { rate, .. } => Some(rate),
            },
            seconds,
            requests: *answers,
            requests_per_second: if seconds > 0.0 { *answers as f64 / seconds } else { 0.0 },
            octets_received: self.tally.octets_received,
            octets_sent: self.tally.octets_sent,
            gave_up: self.tally.is_hopeless(),
            faults: faults.clone(),
            reconnects: self.tally.reconnects,
            checked_in_full: self.protocol.checked_in_full(),
            late_sends: self.tally.late_sends,
            unanswered: self.tally.unanswered,
            latency: Quantiles::of(latency),
            generator: after.own.since(&before.own),
            spun_seconds,
            server: server.map(|(after, before)| after.since(before)),
        }
    }
}

/// Of times that end within centuries.
fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX / 4)
}

/// Nothing to be had now, and no harm done.
fn is_passing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}
