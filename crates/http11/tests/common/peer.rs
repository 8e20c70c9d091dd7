//! One side of a connection, its events as text.

use shockwave_http11::{Config, Connection, Error, Event};
use shockwave_wire::{
    Content, Field, Fields, Method, RequestHead, ResponseHead, Scratch, Side, Status,
};

pub(crate) struct Peer {
    pub(crate) connection: Connection,
    scratch: Scratch,
    /// What it has sent since it was last taken.
    out: Vec<u8>,
    /// What was given to it and not consumed.
    kept: Vec<u8>,
}

impl Peer {
    pub(crate) fn server() -> Self {
        Self::new(Side::Server, Config::strict())
    }

    pub(crate) fn client() -> Self {
        Self::new(Side::Client, Config::strict())
    }

    pub(crate) fn new(side: Side, config: Config) -> Self {
        let connection = Connection::new(side, config);
        Self { connection, scratch: Scratch::new(), out: Vec::new(), kept: Vec::new() }
    }

    /// Gives it `input` after what it has not consumed yet; the events up to when it wants more.
    pub(crate) fn receive(&mut self, input: &str) -> Result<Vec<String>, Error> {
        self.kept.extend(super::octets(input).0);
        let mut events = Vec::new();
        loop {
            let received = self.connection.receive(&self.kept, &mut self.scratch)?;
            let is_done = received.event.is_none() && received.consumed == 0;
            let is_over = matches!(received.event, Some(Event::Upgrade));
            events.extend(received.event.map(text));
            self.kept.drain(..received.consumed);
            if is_done || is_over {
                return Ok(events);
            }
        }
    }

    /// What it was given and has not consumed.
    pub(crate) fn kept(&self) -> String {
        self.kept.escape_ascii().to_string()
    }

    /// Takes what it has sent.
    pub(crate) fn sent(&mut self) -> String {
        String::from_utf8(core::mem::take(&mut self.out)).unwrap()
    }

    pub(crate) fn respond(&mut self, status: Status, content: Content) -> Result<(), Error> {
        let head = ResponseHead::new(status, Fields::EMPTY);
        self.connection.send_response(&head, content, &mut self.out)
    }

    /// As [`respond`](Self::respond), with fields.
    pub(crate) fn respond_with(
        &mut self,
        status: Status,
        fields: &[Field<'_>],
        content: Content,
    ) -> Result<(), Error> {
        let head = ResponseHead::new(status, Fields::from(fields));
        self.connection.send_response(&head, content, &mut self.out)
    }

    pub(crate) fn request(&mut self, method: Method<'_>, target: &str) -> Result<(), Error> {
        self.request_with(method, target, &[Field::new("Host", b"a")], Content::None)
    }

    /// As [`request`](Self::request), with fields and content.
    pub(crate) fn request_with(
        &mut self,
        method: Method<'_>,
        target: &str,
        fields: &[Field<'_>],
        content: Content,
    ) -> Result<(), Error> {
        let head = RequestHead::new(method, target.as_bytes(), Fields::from(fields));
        self.connection.send_request(&head, content, &mut self.out)
    }

    pub(crate) fn data(&mut self, data: &str, end: bool) -> Result<usize, Error> {
        self.connection.send_data(data.as_bytes(), end, &mut self.out)
    }

    pub(crate) fn trailers(&mut self, fields: &[Field<'_>]) -> Result<(), Error> {
        self.connection.send_trailers(Fields::from(fields), &mut self.out)
    }

    pub(crate) fn interim(&mut self, status: Status) -> Result<(), Error> {
        let head = ResponseHead::new(status, Fields::EMPTY);
        self.connection.send_interim(&head, &mut self.out)
    }

    /// Tells the client of `error`; what it is told.
    pub(crate) fn give_up(&mut self, error: Error) -> String {
        assert_eq!(self.connection.send_error(error, None, &mut self.out), Ok(()));
        self.sent()
    }
}

fn text(event: Event<'_>) -> String {
    match event {
        Event::Request { head, end } => {
            let method = head.method.as_bytes().escape_ascii();
            format!("{method} {}{}", head.target.escape_ascii(), ended(end))
        }
        Event::Response { head, end } => format!("{}{}", head.status.code(), ended(end)),
        Event::Data { data, end } => format!("'{}'{}", data.escape_ascii(), ended(end)),
        Event::Trailers(fields) => format!("trailers {fields:?}"),
        Event::Upgrade => "upgrade".to_owned(),
    }
}

const fn ended(end: bool) -> &'static str {
    if end { " end" } else { "" }
}
