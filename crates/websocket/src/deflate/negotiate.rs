//! Offers and answers: RFC 7692 sections 5 and 7.1.

use shockwave_wire::{Fields, Known};

use super::Deflate;
use crate::handshake::extensions::{Item, Value, parse};
use crate::{BadResponse, Refusal};

const NAME: &[u8] = b"permessage-deflate";
const SERVER_TAKEOVER: &[u8] = b"server_no_context_takeover";
const CLIENT_TAKEOVER: &[u8] = b"client_no_context_takeover";
const SERVER_BITS: &[u8] = b"server_max_window_bits";
const CLIENT_BITS: &[u8] = b"client_max_window_bits";

/// One element of the field: an offer, or an answer to one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Element {
    is_deflate: bool,
    /// All parameters are known, have sound values, and stand there once.
    is_sound: bool,
    server_takeover: bool,
    client_takeover: bool,
    server_bits: Option<u8>,
    /// Without a value: that it may be answered.
    client_bits: Option<Option<u8>>,
}

impl Element {
    fn new(name: &[u8]) -> Self {
        Self {
            is_deflate: name.eq_ignore_ascii_case(NAME),
            is_sound: true,
            server_takeover: false,
            client_takeover: false,
            server_bits: None,
            client_bits: None,
        }
    }

    /// RFC 7692 section 7: a server MUST decline, a client MUST fail, where a parameter is not
    /// defined, has an invalid value, or stands there twice.
    fn push(&mut self, name: &[u8], value: Option<Value<'_>>) {
        let bits = value.map(Value::window_bits);
        let is_sound = if name.eq_ignore_ascii_case(SERVER_TAKEOVER) {
            value.is_none() && !core::mem::replace(&mut self.server_takeover, true)
        } else if name.eq_ignore_ascii_case(CLIENT_TAKEOVER) {
            value.is_none() && !core::mem::replace(&mut self.client_takeover, true)
        } else if name.eq_ignore_ascii_case(SERVER_BITS) {
            let bits = bits.flatten();
            bits.is_some() && core::mem::replace(&mut self.server_bits, bits).is_none()
        } else if name.eq_ignore_ascii_case(CLIENT_BITS) {
            let before = self.client_bits.replace(bits.flatten());
            bits != Some(None) && before.is_none()
        } else {
            false
        };
        self.is_sound &= is_sound;
    }
}

/// Hands each element of the field to `take`; whether the field is well formed.
fn elements(fields: &Fields<'_>, mut take: impl FnMut(&Element)) -> bool {
    let mut is_well_formed = true;
    for line in fields.known_all(Known::SEC_WEBSOCKET_EXTENSIONS) {
        let mut element: Option<Element> = None;
        let parsed = parse(line, |item| match item {
            Item::Extension(name) => {
                if let Some(element) = element.replace(Element::new(name)) {
                    take(&element);
                }
            }
            Item::Parameter(name, value) => {
                if let Some(element) = &mut element {
                    element.push(name, value);
                }
            }
        });
        if let Some(element) = &element {
            take(element);
        }
        is_well_formed &= parsed.is_ok();
    }
    is_well_formed
}

/// A server's answer to the first offer that it can accept: what is agreed on, and how the response
/// says so.
pub(crate) fn accept(
    wish: Option<Deflate>,
    fields: &Fields<'_>,
) -> Result<(Option<Deflate>, Text), Refusal> {
    let mut answer = (None, Text::new());
    let is_well_formed = elements(fields, |offer| {
        if let (Some(wish), None) = (wish, answer.0)
            && let Some(accepted) = answer_to(offer, &wish)
        {
            answer = accepted;
        }
    });
    if is_well_formed { Ok(answer) } else { Err(Refusal::Extensions) }
}

fn answer_to(offer: &Element, wish: &Deflate) -> Option<(Option<Deflate>, Text)> {
    // A window of 256 octets is one that zlib cannot compress with.
    if !offer.is_deflate || !offer.is_sound || offer.server_bits == Some(8) {
        return None;
    }
    let wish_server = wish.server_max_window_bits.clamp(9, 15);
    let wish_client = wish.client_max_window_bits.clamp(8, 15);
    let agreed = Deflate {
        server_no_context_takeover: wish.server_no_context_takeover || offer.server_takeover,
        client_no_context_takeover: wish.client_no_context_takeover || offer.client_takeover,
        server_max_window_bits: offer.server_bits.unwrap_or(15).min(wish_server),
        // RFC 7692 section 7.1.2.2: the response MUST NOT include what the offer did not have.
        client_max_window_bits: match offer.client_bits {
            Some(hint) => hint.unwrap_or(15).min(wish_client),
            None => 15,
        },
    };
    let mut text = Text::begun();
    text.flag(SERVER_TAKEOVER, agreed.server_no_context_takeover);
    text.flag(CLIENT_TAKEOVER, agreed.client_no_context_takeover);
    let server = agreed.server_max_window_bits;
    text.bits(SERVER_BITS, (server < 15 || offer.server_bits.is_some()).then_some(server));
    let client = agreed.client_max_window_bits;
    text.bits(CLIENT_BITS, (client < 15).then_some(client));
    Some((Some(agreed), text))
}

/// A client's offer.
pub(crate) fn offer(wish: &Deflate) -> Text {
    let mut text = Text::begun();
    text.flag(SERVER_TAKEOVER, wish.server_no_context_takeover);
    text.flag(CLIENT_TAKEOVER, wish.client_no_context_takeover);
    let server = wish.server_max_window_bits.clamp(8, 15);
    text.bits(SERVER_BITS, (server < 15).then_some(server));
    match wish.client_max_window_bits.clamp(8, 15) {
        15 => text.flag(CLIENT_BITS, true),
        client => text.bits(CLIENT_BITS, Some(client)),
    }
    text
}

/// What a server's answer to the offer agrees on.
pub(crate) fn confirm(
    offered: Option<Deflate>,
    fields: &Fields<'_>,
) -> Result<Option<Deflate>, BadResponse> {
    let (mut answers, mut agreed) = (0, None);
    let is_well_formed = elements(fields, |answer| {
        answers += 1;
        agreed = offered.and_then(|offered| agreement(answer, &offered));
    });
    // RFC 6455 section 11.3.2: in a response the field MUST NOT appear more than once.
    match (is_well_formed, answers) {
        (true, 0) => Ok(None),
        (true, 1) if agreed.is_some() => Ok(agreed),
        _ => Err(BadResponse::Extensions),
    }
}

fn agreement(answer: &Element, offered: &Deflate) -> Option<Deflate> {
    let server = match answer.server_bits {
        // RFC 7692 section 7.1.2.1: the same or a smaller value than the offer's, and there, if the
        // offer had one.
        Some(bits) if bits > offered.server_max_window_bits.clamp(8, 15) => return None,
        None if offered.server_max_window_bits < 15 => return None,
        bits => bits.unwrap_or(15),
    };
    // RFC 7692 section 7.1.1.1: accepted by including it.
    let lacks_takeover = offered.server_no_context_takeover && !answer.server_takeover;
    // In an answer the value is no longer optional.
    let is_sound = answer.is_deflate && answer.is_sound && answer.client_bits != Some(None);
    if lacks_takeover || !is_sound {
        return None;
    }
    let client = answer.client_bits.flatten().unwrap_or(15);
    // RFC 7692 section 7.1.1.2: A client MUST support client_no_context_takeover in a response.
    Some(Deflate {
        server_no_context_takeover: answer.server_takeover,
        client_no_context_takeover: answer.client_takeover || offered.client_no_context_takeover,
        server_max_window_bits: server,
        client_max_window_bits: client.min(offered.client_max_window_bits.clamp(8, 15)),
    })
}

/// The value of the field, which is at most 128 octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Text {
    octets: [u8; 128],
    length: usize,
}

impl Text {
    const fn new() -> Self {
        Self { octets: [0; 128], length: 0 }
    }

    fn begun() -> Self {
        let mut text = Self::new();
        text.push(NAME);
        text
    }

    fn push(&mut self, octets: &[u8]) {
        let room = self.octets.iter_mut().skip(self.length);
        self.length += room.zip(octets).map(|(room, &octet)| *room = octet).count();
    }

    fn flag(&mut self, name: &[u8], is_set: bool) {
        if is_set {
            self.push(b"; ");
            self.push(name);
        }
    }

    fn bits(&mut self, name: &[u8], bits: Option<u8>) {
        let Some(bits) = bits else { return };
        self.flag(name, true);
        self.push(b"=");
        if bits >= 10 {
            self.push(b"1");
        }
        self.push(&[b'0' + bits % 10]);
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.octets.get(..self.length).unwrap_or_default()
    }
}
