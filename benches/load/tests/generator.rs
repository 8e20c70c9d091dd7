//! The generator against a small server in this process, which can be told to misbehave.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{sleep, spawn};
use std::time::Duration;

use shockwave_bench_load::drive::{self, Pace, Settings};
use shockwave_bench_load::fault::Fault;
use shockwave_bench_load::http11::Http11;
use shockwave_bench_load::report::Report;
use shockwave_bench_load::workload::{self, Workload};
use shockwave_bench_load::{idle, verify};

/// What is done for the request of this number, from 0, on any connection.
type Behaviour = fn(u64, &mut TcpStream) -> std::io::Result<()>;

const HEAD: &str = "HTTP/1.1 200 OK\r\nDate: Tue, 24 Nov 2026 12:00:00 GMT\r\n\
                    Content-Type: text/plain; charset=utf-8\r\nContent-Length: 13\r\n\r\n";

fn good(stream: &mut TcpStream) -> std::io::Result<()> {
    stream.write_all(format!("{HEAD}Hello, World!").as_bytes())
}

/// A server with a thread a connection, and how many requests it has had.
fn server(behaviour: Behaviour) -> (SocketAddr, Arc<AtomicU64>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let requests = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&requests);
    spawn(move || {
        for stream in listener.incoming() {
            let counted = Arc::clone(&counted);
            spawn(move || serve(stream.unwrap(), behaviour, &counted));
        }
    });
    (address, requests)
}

fn serve(mut stream: TcpStream, behaviour: Behaviour, counted: &AtomicU64) {
    stream.set_nodelay(true).unwrap();
    let mut input = Vec::new();
    let mut piece = [0; 4096];
    loop {
        match stream.read(&mut piece) {
            Ok(0) | Err(_) => return,
            Ok(length) => input.extend_from_slice(&piece[..length]),
        }
        while let Some(end) = input.windows(4).position(|four| four == b"\r\n\r\n") {
            input.drain(..end + 4);
            let number = counted.fetch_add(1, Ordering::Relaxed);
            if behaviour(number, &mut stream).is_err() {
                return;
            }
        }
    }
}

fn plaintext() -> &'static Workload {
    workload::find("plaintext").unwrap()
}

fn settings(address: SocketAddr, pace: Pace, milliseconds: u64) -> Settings {
    Settings {
        address,
        workload: "plaintext".into(),
        connections: 2,
        depth: 1,
        pace,
        warm_up: Duration::from_millis(20),
        duration: Duration::from_millis(milliseconds),
        server_time: Duration::ZERO,
        timeout: Duration::from_secs(5),
        server: cfg!(target_os = "linux").then(std::process::id),
        spin: false,
    }
}

fn run(settings: &Settings) -> Report {
    let host = settings.address.to_string();
    drive::run(settings, Http11::new(plaintext(), &host)).unwrap()
}

/// The report of a short closed loop.
fn closed(behaviour: Behaviour) -> Report {
    run(&settings(server(behaviour).0, Pace::Closed, 80))
}

fn faults(report: &Report) -> Vec<Fault> {
    report.faults.keys().copied().collect()
}

#[test]
fn it_counts_what_the_server_counts() {
    let (address, requests) = server(|_, stream| good(stream));
    let report = run(&settings(address, Pace::Closed, 100));
    let served = requests.load(Ordering::Relaxed);
    assert!(report.requests > 10 && report.requests < served, "{} of {served}", report.requests);
    assert_eq!(report.faults.len(), 0);
    assert_eq!((report.checked_in_full, report.latency.count), (1, report.requests));
    assert_eq!(report.octets_received, report.requests * (HEAD.len() as u64 + 13));
    assert!(report.requests_per_second > 0.0 && (0.05..5.0).contains(&report.seconds));
    // Little's law: requests in flight are the rate times the latency.
    let in_flight = report.requests_per_second * report.latency.mean / 1e6;
    assert!((1.0..2.2).contains(&in_flight), "{in_flight}");
    // Server and generator are one process here.
    let server = report.server.unwrap_or_default();
    assert!(!cfg!(target_os = "linux") || server.seconds > 0.0, "{server:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_window_is_longer_where_the_server_has_too_little_time() {
    let (address, _) = server(|_, stream| good(stream));
    let server_time = Duration::from_secs(3600);
    let report = run(&Settings { server_time, ..settings(address, Pace::Closed, 30) });
    assert!((0.12..5.0).contains(&report.seconds), "{report:?}");
}

#[test]
fn a_pipeline_is_sent_in_one_go() {
    let (address, _) = server(|_, stream| good(stream));
    let workload = workload::find("pipelined-16").unwrap();
    let settings = Settings { depth: 16, ..settings(address, Pace::Closed, 60) };
    let report = drive::run(&settings, Http11::new(workload, "h")).unwrap();
    assert!(report.requests > 10 && report.faults.is_empty(), "{report:?}");
    let request = workload.exchange.http11("h").len() as u64;
    assert_eq!(report.octets_sent % (16 * request), 0);
}

#[test]
fn wrong_answers_are_caught_by_their_kind() {
    fn text(from: &str, to: &str, stream: &mut TcpStream) -> std::io::Result<()> {
        stream.write_all(format!("{HEAD}Hello, World!").replace(from, to).as_bytes())
    }
    let cases: [(Behaviour, Fault); 5] = [
        (|_, stream| text("200 OK", "500 No", stream), Fault::Status),
        (|_, stream| text("World", "Woria", stream), Fault::Content),
        (|_, stream| text("13\r\n\r\nHello, ", "6\r\n\r\n", stream), Fault::Length),
        (|_, stream| text("plain", "html", stream), Fault::Field),
        (|_, stream| text("HTTP", "SMTP", stream), Fault::Malformed),
    ];
    for (behaviour, fault) in cases {
        let report = closed(behaviour);
        assert_eq!((faults(&report), report.requests), (vec![fault], 0));
        assert!(verify::verify(server(behaviour).0, plaintext()).is_err(), "{fault:?}");
    }
}

#[test]
fn one_wrong_answer_among_many_is_caught() {
    let report = closed(|number, stream| match number {
        50 => stream.write_all(format!("{HEAD}Hello, Worle!").as_bytes()),
        _ => good(stream),
    });
    assert_eq!(report.faults.into_iter().collect::<Vec<_>>(), [(Fault::Content, 1)]);
    assert!(report.requests > 0);
}

#[test]
fn a_server_that_breaks_off_is_caught() {
    fn stop() -> std::io::Result<()> {
        Err(std::io::ErrorKind::ConnectionAborted.into())
    }
    let report = closed(|number, stream| if number % 10 == 9 { stop() } else { good(stream) });
    assert_eq!(faults(&report), [Fault::Closed]);
    assert!(report.requests > 0, "it goes on with new connections: {report:?}");
    let (address, _) = server(|_, stream| {
        stream.write_all(format!("{HEAD}Hello").as_bytes())?;
        stop()
    });
    // It gives up long before that.
    let report = run(&settings(address, Pace::Closed, 60_000));
    assert_eq!((faults(&report), report.requests), (vec![Fault::Truncated], 0));
    assert!(report.gave_up && report.seconds < 50.0);
}

#[test]
fn a_server_that_says_that_it_closes_is_no_fault() {
    let report = closed(|_, stream| {
        let head = HEAD.replace("Date", "Connection: close\r\nDate");
        stream.write_all(format!("{head}Hello, World!").as_bytes())?;
        Err(std::io::ErrorKind::ConnectionAborted.into())
    });
    assert!(report.faults.is_empty() && report.reconnects > 0 && report.requests > 0, "{report:?}");
}

#[test]
fn a_server_that_does_not_answer_is_given_up() {
    let (address, _) = server(|_, _| Ok(()));
    let timeout = Duration::from_millis(20);
    let report = run(&Settings { timeout, ..settings(address, Pace::Closed, 200) });
    assert_eq!((faults(&report), report.requests), (vec![Fault::Timeout], 0));
}

/// Stalls all its connections once, for 200 ms: each waits for what is left of the stall.
fn stalls(number: u64, stream: &mut TcpStream) -> std::io::Result<()> {
    static STALL: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let guard = STALL.lock().unwrap();
    if number == 100 {
        sleep(Duration::from_millis(200));
    }
    drop(guard);
    good(stream)
}

#[test]
fn a_stall_is_charged_to_all_who_were_to_come_in_it() {
    let (address, requests) = server(stalls);
    let pace = Pace::Open { rate: 1000.0, seed: None };
    let report = run(&settings(address, pace, 480));
    // Of 480 requests 200 were due in the stall, and only two could be on their way.
    assert_eq!(report.latency.count, report.requests + report.unanswered);
    assert!((470..=480).contains(&report.requests), "{report:?}");
    let Report { latency, .. } = &report;
    assert!((150_000.0..2_000_000.0).contains(&latency.p99), "{latency:?}");
    assert!((20_000.0..1_000_000.0).contains(&latency.mean), "{latency:?}");
    assert!(requests.load(Ordering::Relaxed) >= 480);
    assert!(report.faults.is_empty());
}

#[test]
fn an_open_loop_keeps_its_rate() {
    let (address, _) = server(|_, stream| good(stream));
    let pace = Pace::Open { rate: 2000.0, seed: Some(3) };
    let report = run(&settings(address, pace, 200));
    assert!((300..=500).contains(&report.requests), "{report:?}");
    assert_eq!((report.unanswered, report.faults.len(), report.rate), (0, 0, Some(2000.0)));
}

#[test]
fn what_is_never_answered_is_charged_for_its_wait() {
    let (address, _) = server(|number, stream| if number < 20 { good(stream) } else { Ok(()) });
    let pace = Pace::Open { rate: 1000.0, seed: None };
    let timeout = Duration::from_millis(50);
    let settings = Settings { timeout, ..settings(address, pace, 60) };
    let report = run(&settings);
    assert!(report.unanswered > 0, "{report:?}");
    assert_eq!(faults(&report), [Fault::Timeout]);
}

#[cfg(target_os = "linux")]
#[test]
fn idle_connections_are_opened_and_weighed() {
    let (address, requests) = server(|_, stream| good(stream));
    let own = std::process::id();
    let report = idle::measure(address, 10, Some(plaintext()), own).unwrap();
    assert_eq!((report.connections, report.served), (10, true));
    assert!(report.before_bytes > 0 && requests.load(Ordering::Relaxed) == 10 + 32);
    let silent = idle::measure(address, 5, None, own).unwrap();
    assert_eq!((silent.connections, silent.served), (5, false));
    assert_eq!(requests.load(Ordering::Relaxed), 42);
}

#[test]
fn an_answer_as_the_contract_wants_it_is_verified() {
    let (address, _) = server(|_, stream| good(stream));
    let answer = verify::verify(address, workload::find("pipelined-16").unwrap()).unwrap();
    assert_eq!((answer.status, answer.content_bytes, answer.head_bytes), (200, 13, HEAD.len()));
    assert!(answer.has_date && answer.has_length);
}
