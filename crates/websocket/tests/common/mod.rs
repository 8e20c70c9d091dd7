//! What the tests share: endpoints, frames made by hand, and events as text.

#![allow(dead_code, reason = "each test uses a part")]

use std::fmt::Write as _;

use shockwave_websocket::{
    Agreement, Close, Config, Connection, Error, Event, Kind, Message, Scratch,
};

/// A server's side that is open.
pub(crate) fn server() -> Connection {
    opened(Connection::server(Config::DEFAULT))
}

/// A client's side that is open.
pub(crate) fn client() -> Connection {
    opened(Connection::client(Config::DEFAULT, [0x55; 32]))
}

/// A connection with its handshake over.
pub(crate) fn opened(mut connection: Connection) -> Connection {
    connection.open(&Agreement::NONE).expect("it was connecting");
    connection
}

/// A frame as octets, in the minimal form, by another encoder than the core's.
pub(crate) fn frame(first: u8, payload: &[u8], key: Option<[u8; 4]>) -> Vec<u8> {
    let masked = if key.is_some() { 0x80 } else { 0 };
    let mut octets = vec![first];
    match payload.len() {
        length @ ..=125 => octets.push(masked | u8::try_from(length).unwrap()),
        length @ 126..=0xFFFF => {
            octets.push(masked | 126);
            octets.extend_from_slice(&u16::try_from(length).unwrap().to_be_bytes());
        }
        length => {
            octets.push(masked | 127);
            octets.extend_from_slice(&u64::try_from(length).unwrap().to_be_bytes());
        }
    }
    octets.extend_from_slice(&key.unwrap_or_default()[..if key.is_some() { 4 } else { 0 }]);
    let masking = key.unwrap_or_default();
    octets.extend(payload.iter().zip(masking.iter().cycle()).map(|(octet, key)| octet ^ key));
    octets
}

/// What a connection has told.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Log {
    /// A line for each event.
    pub(crate) log: String,
    /// The octets of messages.
    pub(crate) octets: Vec<u8>,
    /// The error, if there was one.
    pub(crate) error: Option<Error>,
}

impl Log {
    /// Gives `input` to a connection until there is no more event; octets consumed.
    pub(crate) fn feed(
        &mut self,
        connection: &mut Connection,
        input: &mut [u8],
        scratch: &mut Scratch,
    ) -> usize {
        let mut consumed = 0;
        while self.error.is_none() {
            match connection.receive(&mut input[consumed..], scratch) {
                Ok(received) => {
                    consumed += received.consumed;
                    match received.event {
                        Some(event) => self.push(&event),
                        None if received.consumed == 0 => break,
                        None => {}
                    }
                }
                Err(error) => self.error = Some(error),
            }
        }
        consumed
    }

    fn push(&mut self, event: &Event<'_>) {
        let log = &mut self.log;
        match *event {
            Event::Message(message) => self.octets.extend_from_slice(message.as_bytes()),
            Event::Data { data, .. } => self.octets.extend_from_slice(data),
            _ => {}
        }
        match *event {
            Event::Message(Message::Text(text)) => writeln!(log, "text {text:?}"),
            Event::Message(Message::Binary(octets)) => {
                writeln!(log, "binary {}", octets.escape_ascii())
            }
            Event::Data { kind, data, end } => {
                let kind = if kind == Kind::Text { "text" } else { "binary" };
                let end = if end { " end" } else { "" };
                writeln!(log, "{kind} {}{end}", data.escape_ascii())
            }
            Event::Ping(payload) => writeln!(log, "ping {}", payload.escape_ascii()),
            Event::Pong(payload) => writeln!(log, "pong {}", payload.escape_ascii()),
            Event::Close(Close { code, reason }) => {
                let code = code.map_or(1005, |code| code.as_u16());
                writeln!(log, "close {code} {reason}")
            }
        }
        .expect("a string takes all");
    }
}

/// Gives all of `input` to a connection, which takes it out of the buffer.
pub(crate) fn drain(connection: &mut Connection, input: &mut Vec<u8>) -> Log {
    let mut log = Log::default();
    let consumed = log.feed(connection, input, &mut Scratch::new());
    input.drain(..consumed);
    log
}

/// What a connection owes.
pub(crate) fn transmitted(connection: &mut Connection) -> Vec<u8> {
    let mut out = Vec::new();
    connection.transmit(&mut out);
    out
}
