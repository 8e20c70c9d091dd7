//! The session as the driver sees it: any split of the input gives the same answers.

use super::*;

fn expected() -> Expected {
    Expected { status: 200, content_type: "text/plain", content: b"hello".to_vec() }
}

fn answer(status: &str, date: &str, content: &str) -> String {
    let length = content.len();
    format!(
        "HTTP/1.1 {status}\r\nDate: {date}\r\nContent-Type: text/plain\r\n\
         Content-Length: {length}\r\n\r\n{content}"
    )
}

fn good(second: u32) -> String {
    answer("200 OK", &format!("Tue, 24 Nov 2026 12:00:{second:02} GMT"), "hello")
}

/// Gives the pieces to a fresh session; answers, faulty ones, and the faults.
fn run<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> (Result<[usize; 2], Fault>, Tally) {
    let mut protocol = Http11::of(b"GET / HTTP/1.1\r\n\r\n", 4, expected());
    let (mut session, mut tally) = (Session::default(), Tally::default());
    let mut sum = [0, 0];
    for piece in pieces {
        match protocol.receive(&mut session, piece, &mut tally) {
            Ok(received) => {
                sum[0] += received.answers;
                sum[1] += received.faulty;
            }
            Err(fault) => return (Err(fault), tally),
        }
    }
    assert!(protocol.is_between(&session), "something is left");
    (Ok(sum), tally)
}

fn faults(tally: &Tally) -> Vec<(Fault, u64)> {
    tally.faults.iter().map(|(fault, count)| (*fault, *count)).collect()
}

#[test]
fn any_split_gives_the_same_answers() {
    let chunked = "HTTP/1.1 200 OK\r\nDate: Tue, 24 Nov 2026 12:00:00 GMT\r\n\
                   Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n\
                   2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n";
    let interim = "HTTP/1.1 100 Continue\r\n\r\n";
    let wrong = answer("200 OK", "Tue, 24 Nov 2026 12:00:01 GMT", "jello");
    let stream = [&good(1), &good(2), chunked, interim, &wrong, &good(3)].concat();
    let stream = stream.as_bytes();
    for cut in 0..=stream.len() {
        let (sum, tally) = run([&stream[..cut], &stream[cut..]]);
        assert_eq!(sum, Ok([5, 1]), "cut at {cut}");
        assert_eq!(faults(&tally), [(Fault::Content, 1)], "cut at {cut}");
    }
    let (sum, _) = run(stream.chunks(1));
    assert_eq!(sum, Ok([5, 1]));
}

#[test]
fn each_fault_is_told_by_its_kind() {
    let date = "Tue, 24 Nov 2026 12:00:00 GMT";
    let cases = [
        (answer("404 Not Found", date, "hello"), Fault::Status),
        (answer("200 OK", date, "hell"), Fault::Length),
        (answer("200 OK", date, "jello"), Fault::Content),
        (answer("200 OK", "now", "hello"), Fault::Field),
        (good(0).replace("text/plain", "text/html"), Fault::Field),
    ];
    for (wrong, fault) in &cases {
        // As the first answer, and against the template of a good one.
        for before in [String::new(), good(1)] {
            let stream = before.clone() + wrong + &good(2);
            let (sum, tally) = run([stream.as_bytes()]);
            let answers = if before.is_empty() { 2 } else { 3 };
            assert_eq!(sum, Ok([answers, 1]), "{wrong}");
            assert_eq!(faults(&tally), [(*fault, 1)], "{wrong}");
        }
    }
    let (sum, _) = run([(good(1) + "nonsense").as_bytes()]);
    assert_eq!(sum, Err(Fault::Malformed));
}

#[test]
fn only_the_first_of_like_answers_is_parsed() {
    let mut protocol = Http11::of(b"x", 1, expected());
    let (mut session, mut tally) = (Session::default(), Tally::default());
    for second in 0..9 {
        protocol.receive(&mut session, good(second).as_bytes(), &mut tally).unwrap();
    }
    assert_eq!((protocol.checked_in_full(), tally.faults.len()), (1, 0));
}

#[test]
fn a_batch_is_as_many_requests_as_asked_for() {
    let mut protocol = Http11::of(b"ab", 4, expected());
    assert_eq!(protocol.requests(&mut Session::default(), 3), b"ababab");
}
