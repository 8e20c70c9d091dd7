//! The cases that several engines are put to: their octets, what one operation of them is, and the
//! answer that is right.

use std::hint::black_box;

use shockwave_bench_kit::{Bench, Digest, Throughput, repeat};

pub(crate) use shockwave_bench_kit::Engine;

/// What is received: as a server, which unmasks, or as a client.
pub(crate) const RECEIVE: [Receive; 13] = [
    Receive::new("text-20", Payload::Ascii, 20, 1_024),
    Receive::new("text-1k", Payload::Ascii, 1 << 10, 64),
    Receive::new("text-64k", Payload::Ascii, 64 << 10, 4),
    Receive::new("mixed-1k", Payload::Mixed, 1 << 10, 64),
    Receive::new("mixed-64k", Payload::Mixed, 64 << 10, 4),
    Receive::new("binary-16", Payload::Binary, 16, 1_024),
    Receive::new("binary-125", Payload::Binary, 125, 512),
    Receive::new("binary-126", Payload::Binary, 126, 512),
    Receive::new("binary-1k", Payload::Binary, 1 << 10, 64),
    Receive::new("binary-64k", Payload::Binary, 64 << 10, 4),
    Receive::new("binary-1m", Payload::Binary, 1 << 20, 1),
    Receive::new("unmasked-16", Payload::Binary, 16, 1_024).unmasked(),
    Receive::new("unmasked-64k", Payload::Binary, 64 << 10, 4).unmasked(),
];

/// What is sent: by a server, or masked by a client.
pub(crate) const SEND: [Send; 9] = [
    Send { case: "16", length: 16, masked: false },
    Send { case: "125", length: 125, masked: false },
    Send { case: "126", length: 126, masked: false },
    Send { case: "1k", length: 1 << 10, masked: false },
    Send { case: "64k", length: 64 << 10, masked: false },
    Send { case: "1m", length: 1 << 20, masked: false },
    Send { case: "masked-16", length: 16, masked: true },
    Send { case: "masked-1k", length: 1 << 10, masked: true },
    Send { case: "masked-64k", length: 64 << 10, masked: true },
];

/// A text of 64 KiB in 16 fragments, a Ping between each two.
pub(crate) const FRAGMENTED: Receive = Receive {
    case: "text-64k-in-16",
    payload: Payload::Ascii,
    length: 64 << 10,
    messages: 1,
    masked: true,
};

const KEY: [u8; 4] = [0x37, 0xFA, 0x21, 0x3D];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Payload {
    Ascii,
    /// Characters of one, two and three octets.
    Mixed,
    Binary,
}

impl Payload {
    pub(crate) fn octets(self, length: usize) -> Vec<u8> {
        let pattern: &[u8] = match self {
            Self::Ascii => b"{\"id\":1234,\"name\":\"shockwave\",\"on\":true},",
            Self::Mixed => "caf\u{e9} \u{4e16}\u{754c} na\u{ef}ve \u{20ac}5 ".as_bytes(),
            Self::Binary => return (0..length).map(|at| (at * 31).to_le_bytes()[0]).collect(),
        };
        let mut octets = pattern.repeat(length / pattern.len() + 1);
        octets.truncate(length);
        // Not in the middle of a character.
        while std::str::from_utf8(&octets).is_err() {
            octets.pop();
        }
        octets.resize(length, b' ');
        octets
    }

    pub(crate) const fn is_text(self) -> bool {
        !matches!(self, Self::Binary)
    }
}

/// A case of `websocket/receive`: an operation receives all messages of the wire.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Receive {
    pub(crate) case: &'static str,
    pub(crate) payload: Payload,
    pub(crate) length: usize,
    pub(crate) messages: usize,
    pub(crate) masked: bool,
}

impl Receive {
    const fn new(case: &'static str, payload: Payload, length: usize, messages: usize) -> Self {
        Self { case, payload, length, messages, masked: true }
    }

    const fn unmasked(mut self) -> Self {
        self.masked = false;
        self
    }

    /// The octets of one message's payload.
    pub(crate) fn message(&self) -> Vec<u8> {
        self.payload.octets(self.length)
    }

    /// The frames of all messages.
    pub(crate) fn wire(&self) -> Vec<u8> {
        let first = if self.payload.is_text() { 0x81 } else { 0x82 };
        frame(first, &self.message(), self.masked).repeat(self.messages)
    }

    /// What an engine answers whose every message is right.
    pub(crate) fn expected(&self) -> Vec<u8> {
        self.message().repeat(self.messages)
    }

    /// `websocket/receive/<case>/<engine>`: the time of one operation is that of all its messages.
    pub(crate) fn bench<F>(
        &self,
        engine: Engine,
        make: impl Fn(Self) -> F + 'static,
        received: fn(Self, &mut Vec<u8>),
    ) -> Bench
    where
        F: FnMut() -> u64 + 'static,
    {
        self.bench_in("websocket/receive", engine, make, received)
    }

    /// The same in another family.
    pub(crate) fn bench_in<F>(
        &self,
        family: &str,
        engine: Engine,
        make: impl Fn(Self) -> F + 'static,
        received: fn(Self, &mut Vec<u8>),
    ) -> Bench
    where
        F: FnMut() -> u64 + 'static,
    {
        let case = *self;
        let id = format!("{family}/{}/{}", case.case, engine.name);
        let source = engine.source(Digest::of(&case.wire()));
        Bench::new(id, source, move || repeat(make(case)))
            .throughput(Throughput::Elements(case.messages as u64))
            .verify(move || {
                let mut octets = Vec::new();
                received(case, &mut octets);
                engine.verification(octets).expecting(case.expected())
            })
    }
}

/// A case of `websocket/send`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Send {
    pub(crate) case: &'static str,
    pub(crate) length: usize,
    pub(crate) masked: bool,
}

impl Send {
    /// The payload, binary.
    pub(crate) fn message(&self) -> Vec<u8> {
        Payload::Binary.octets(self.length)
    }

    /// `websocket/send/<case>/<engine>`: one message encoded to a buffer that is emptied first.
    /// `sent` gives the frame. Keys differ, so what a client has sent is unmasked for the check.
    pub(crate) fn bench<F>(
        &self,
        engine: Engine,
        make: impl Fn(Self) -> F + 'static,
        sent: fn(Self) -> Vec<u8>,
    ) -> Bench
    where
        F: FnMut(&[u8]) -> u64 + 'static,
    {
        let case = *self;
        let id = format!("websocket/send/{}/{}", case.case, engine.name);
        let source = engine.source(Digest::of(&case.message()));
        Bench::new(id, source, move || {
            let (message, mut send) = (case.message(), make(case));
            repeat(move || send(black_box(&message)))
        })
        .throughput(Throughput::Bytes(case.length as u64))
        .verify(move || {
            let expected = frame(0x82, &case.message(), false);
            engine.verification(unmasked(sent(case), case.masked)).expecting(expected)
        })
    }
}

/// A frame as octets, by another encoder than those that are measured.
pub(crate) fn frame(first: u8, payload: &[u8], masked: bool) -> Vec<u8> {
    let bit = if masked { 0x80 } else { 0 };
    let mut octets = vec![first];
    match payload.len() {
        length @ ..=125 => octets.push(bit | length.to_le_bytes()[0]),
        length @ 126..=0xFFFF => {
            octets.push(bit | 126);
            octets.extend_from_slice(&u16::try_from(length).expect("16 bits").to_be_bytes());
        }
        length => {
            octets.push(bit | 127);
            octets.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    if !masked {
        octets.extend_from_slice(payload);
        return octets;
    }
    octets.extend_from_slice(&KEY);
    octets.extend(payload.iter().zip(KEY.iter().cycle()).map(|(octet, key)| octet ^ key));
    octets
}

/// The frame without its mask.
fn unmasked(frame: Vec<u8>, masked: bool) -> Vec<u8> {
    if !masked {
        return frame;
    }
    assert!(frame[1] & 0x80 != 0, "a client masks");
    let header = match frame[1] & 0x7F {
        126 => 4,
        127 => 10,
        _ => 2,
    };
    let mut octets = frame[..header].to_vec();
    octets[1] &= 0x7F;
    let (key, payload) = frame[header..].split_at(4);
    octets.extend(payload.iter().zip(key.iter().cycle()).map(|(octet, key)| octet ^ key));
    octets
}

/// The wire of [`FRAGMENTED`].
pub(crate) fn fragmented_wire() -> Vec<u8> {
    let message = FRAGMENTED.message();
    let size = message.len() / 16;
    let mut wire = Vec::new();
    for (at, part) in message.chunks(size).enumerate() {
        let first = if at == 0 { 0x01 } else { 0x00 } | if at == 15 { 0x80 } else { 0 };
        wire.extend(frame(first, part, true));
        if at < 15 {
            wire.extend(frame(0x89, b"ping", true));
        }
    }
    wire
}
