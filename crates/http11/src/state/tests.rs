//! The whole table of states and inputs.

use super::*;
use crate::Violation;

const ERROR: Error = Error::Protocol { violation: Violation::BareCr, offset: 7 };
const OTHER: Error = Error::Protocol { violation: Violation::BareLf, offset: 9 };

const STATES: [(&str, Receive); 10] = [
    ("Head", Receive::Head),
    ("Length", Receive::Length(3)),
    ("Chunked", Receive::Chunked(ChunkedDecoder::new())),
    ("Trailers", Receive::Trailers),
    ("UntilClose", Receive::UntilClose(3)),
    ("Paused", Receive::Paused),
    ("Switching", Receive::Switching),
    ("Switched", Receive::Switched),
    ("Closing", Receive::Closing(3)),
    ("Failed", Receive::Failed(ERROR)),
];

const STEPS: [(&str, Step); 10] = [
    ("Length", Step::Head(Framing::Length(3))),
    ("Chunked", Step::Head(Framing::Chunked)),
    ("UntilCl", Step::Head(Framing::UntilClose)),
    ("LastChu", Step::LastChunk),
    ("Message", Step::End(Next::Message)),
    ("Answer", Step::End(Next::Answer)),
    ("Protoco", Step::End(Next::Protocol)),
    ("Nothing", Step::End(Next::Nothing)),
    ("Switchd", Step::Switched),
    ("Close", Step::Close),
];

fn name(state: Receive) -> &'static str {
    let same = |other: &&(&str, Receive)| {
        core::mem::discriminant(&other.1) == core::mem::discriminant(&state)
    };
    STATES.iter().find(same).unwrap().0
}

/// The whole table: a row for each state, a column for each step; a dot where nothing changes.
const TABLE: &str = "
           Length     Chunked    UntilCl    LastChu    Message    Answer     Protoco    Nothing    Switchd    Close
Head       Length     Chunked    UntilClose .          .          Paused     Switching  Closing    .          Closing
Length     .          .          .          .          Head       Paused     Switching  Closing    .          Closing
Chunked    .          .          .          Trailers   Head       Paused     Switching  Closing    .          Closing
Trailers   .          .          .          .          Head       Paused     Switching  Closing    .          Closing
UntilClose .          .          .          .          Head       Paused     Switching  Closing    .          Closing
Paused     .          .          .          .          Head       .          Switching  Closing    .          Closing
Switching  .          .          .          .          .          .          .          .          Switched   Closing
Switched   .          .          .          .          .          .          .          .          .          .
Closing    .          .          .          .          .          .          .          .          .          .
Failed     .          .          .          .          .          .          .          .          .          Closing
";

#[test]
fn the_whole_receive_table() {
    let mut table = format!("\n{:10}", "");
    for (step, _) in STEPS {
        table += &format!(" {step:10}");
    }
    table = table.trim_end().to_owned() + "\n";
    for (row, state) in STATES {
        let mut line = format!("{row:10}");
        for (_, step) in STEPS {
            let after = state.after(step);
            line += &format!(" {:10}", if after == state { "." } else { name(after) });
        }
        table += line.trim_end();
        table += "\n";
    }
    assert_eq!(table, TABLE, "{table}");
}

#[test]
fn failures_stay() {
    for (name, state) in STATES {
        let after = state.after(Step::Fail(OTHER));
        match state {
            Receive::Switched | Receive::Failed(_) => assert_eq!(after, state, "{name}"),
            _ => assert_eq!(after, Receive::Failed(OTHER), "{name}"),
        }
    }
}

#[test]
fn heads_without_content_are_ends() {
    for framing in [Framing::None, Framing::Tunnel] {
        for (name, state) in STATES {
            assert_eq!(state.after(Step::Head(framing)), state, "{name}");
        }
    }
}

#[test]
fn the_whole_send_table() {
    let states = [
        Send::Ready,
        Send::Length(3),
        Send::Length(0),
        Send::Chunked,
        Send::UntilClose,
        Send::Closed,
        Send::Switched,
    ];
    let inputs = [(0, false), (0, true), (2, false), (2, true), (3, false), (3, true), (4, false)];
    for state in states {
        for (length, end) in inputs {
            let expected = match (state, length, end) {
                (Send::Ready, ..) => Err(Misuse::OutOfOrder),
                (Send::Closed, ..) => Err(Misuse::Closed),
                (Send::Switched, ..) => Err(Misuse::Upgraded),
                (Send::Chunked | Send::UntilClose, ..) => Ok(state),
                (Send::Length(left), ..) if length > left => Err(Misuse::ContentLengthMismatch),
                (Send::Length(left), _, true) if length < left => {
                    Err(Misuse::ContentLengthMismatch)
                }
                (Send::Length(left), ..) => Ok(Send::Length(left - length)),
            };
            assert_eq!(state.after_data(length, end), expected, "{state:?} {length} {end}");
        }
        assert_eq!(state.ready().is_ok(), state == Send::Ready, "{state:?}");
    }
}
