//! The life of a connection: RFC 6455 sections 4, 7.1.2 and 7.1.3.
//!
//! ```text
//!   Connecting --Open--> Open --SendClose-----> CloseSent -----ReceiveClose--> Closed
//!                          '--ReceiveClose--> CloseReceived --SendClose------> Closed
//!
//!   any but Closed, Failed and Told --Fail--> Failed --SendClose--> Told
//!   CloseSent --Fail--> Told, for no second Close is sent
//!   any but Failed and Told --End--> Closed
//! ```
//!
//! `End` is the end of the transport. Where it is a failure, because a Close is missing, a `Fail`
//! comes before it. A step that is not in the table changes nothing.

/// Where a connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// The opening handshake is not over.
    Connecting,
    /// Both sides may send.
    Open,
    /// We have sent a Close, and wait for the peer's.
    CloseSent,
    /// The peer has sent a Close, and waits for ours.
    CloseReceived,
    /// Both have, or the transport has ended.
    Closed,
    /// The peer broke a rule or crossed a limit, and is to be told.
    Failed,
    /// It was told, or there is nobody to tell.
    Told,
}

/// What happens to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// The handshake is over.
    Open,
    /// A Close was sent.
    SendClose,
    /// A Close was received.
    ReceiveClose,
    /// The peer broke a rule or crossed a limit.
    Fail,
    /// The transport has ended.
    End,
}

impl State {
    /// The transition table.
    #[inline]
    pub(crate) const fn after(self, step: Step) -> Self {
        match (self, step) {
            (Self::Connecting, Step::Open) => Self::Open,
            (Self::Open, Step::SendClose) => Self::CloseSent,
            (Self::Open, Step::ReceiveClose) => Self::CloseReceived,
            (Self::CloseSent, Step::ReceiveClose) | (Self::CloseReceived, Step::SendClose) => {
                Self::Closed
            }
            (Self::Connecting | Self::Open | Self::CloseReceived, Step::Fail) => Self::Failed,
            (Self::CloseSent, Step::Fail) | (Self::Failed, Step::SendClose) => Self::Told,
            (Self::Connecting | Self::Open | Self::CloseSent | Self::CloseReceived, Step::End) => {
                Self::Closed
            }
            _ => self,
        }
    }

    /// Whether frames are received: RFC 6455 section 5.5.1 lets a peer go on until its Close.
    #[inline]
    pub(crate) const fn receives(self) -> bool {
        matches!(self, Self::Open | Self::CloseSent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATES: [State; 7] = [
        State::Connecting,
        State::Open,
        State::CloseSent,
        State::CloseReceived,
        State::Closed,
        State::Failed,
        State::Told,
    ];
    const STEPS: [Step; 5] =
        [Step::Open, Step::SendClose, Step::ReceiveClose, Step::Fail, Step::End];

    /// The whole table: a row for each state, a column for each step; a dot where nothing changes.
    const TABLE: &str = "
              Open          SendClose     ReceiveClose  Fail          End
Connecting    Open          .             .             Failed        Closed
Open          .             CloseSent     CloseReceived Failed        Closed
CloseSent     .             .             Closed        Told          Closed
CloseReceived .             Closed        .             Failed        Closed
Closed        .             .             .             .             .
Failed        .             Told          .             .             .
Told          .             .             .             .             .
";

    #[test]
    fn the_whole_table() {
        let mut table = format!("\n{:13}", "");
        for step in STEPS {
            table += &format!(" {:13}", format!("{step:?}"));
        }
        table = table.trim_end().to_owned() + "\n";
        for state in STATES {
            let mut line = format!("{:13}", format!("{state:?}"));
            for step in STEPS {
                let after = state.after(step);
                let cell = if after == state { ".".into() } else { format!("{after:?}") };
                line += &format!(" {cell:13}");
            }
            table += line.trim_end();
            table += "\n";
        }
        assert_eq!(table, TABLE, "{table}");
    }

    #[test]
    fn frames_are_received_until_the_peer_closes() {
        for state in STATES {
            let expected = matches!(state, State::Open | State::CloseSent);
            assert_eq!(state.receives(), expected, "{state:?}");
        }
    }
}
