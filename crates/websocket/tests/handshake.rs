//! The opening handshake: RFC 6455 section 4, RFC 7692 section 7.1, RFC 8441 section 5.

use shockwave_websocket::{
    Agreement, BadResponse, Offer, Origins, Refusal, Terms, accept, accept_connect,
};
use shockwave_wire::{Field, Fields, Known, Method, RequestHead, ResponseHead, Status, Version};

const KEY: &[u8] = b"dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT: &[u8] = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

type List = Vec<(&'static str, &'static str)>;

/// A handshake that nothing is wrong with.
fn sound() -> List {
    vec![
        ("Host", "server.example.com"),
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("Sec-WebSocket-Version", "13"),
    ]
}

/// The sound one with another value for a field, or without it.
fn with(name: &'static str, value: Option<&'static str>) -> List {
    let mut list: List = sound().into_iter().filter(|(other, _)| *other != name).collect();
    list.extend(value.map(|value| (name, value)));
    list
}

fn fields(list: &[(&'static str, &'static str)]) -> Vec<Field<'static>> {
    list.iter().map(|(name, value)| Field::new(name, value.as_bytes())).collect()
}

/// What a server with these terms says: the status, and the protocol or the refusal.
fn answer(list: &List, terms: &Terms<'static>) -> Result<Option<&'static str>, Refusal> {
    let list = fields(list);
    let head = RequestHead::new(Method::Get, b"/chat", Fields::from(&list[..]));
    accept(&head, terms).map(|acceptance| acceptance.protocol())
}

fn refused(list: &List) -> Option<Refusal> {
    answer(list, &Terms::DEFAULT).err()
}

#[test]
fn s4_2_2_a_sound_handshake_is_answered() {
    let list = fields(&sound());
    let head = RequestHead::new(Method::Get, b"/chat", Fields::from(&list[..]));
    let acceptance = accept(&head, &Terms::DEFAULT).unwrap();
    assert_eq!(acceptance.status(), Status::SWITCHING_PROTOCOLS);
    let fields = acceptance.fields();
    let fields = fields.as_fields();
    assert_eq!(fields.known(Known::UPGRADE), Some(&b"websocket"[..]));
    assert_eq!(fields.known(Known::SEC_WEBSOCKET_ACCEPT), Some(ACCEPT));
    assert_eq!((fields.len(), acceptance.protocol()), (2, None));
    assert_eq!(acceptance.agreement(), &Agreement::NONE);
}

#[test]
fn s4_2_1_every_requirement_of_the_request() {
    for (list, refusal) in [
        (with("Host", None), Refusal::Host),
        (with("Host", Some("")), Refusal::Host),
        (with("Upgrade", None), Refusal::Upgrade),
        (with("Upgrade", Some("h2c")), Refusal::Upgrade),
        (with("Upgrade", Some("websockets")), Refusal::Upgrade),
        (with("Connection", None), Refusal::Connection),
        (with("Connection", Some("keep-alive")), Refusal::Connection),
        (with("Sec-WebSocket-Key", None), Refusal::Key),
        (with("Sec-WebSocket-Key", Some("")), Refusal::Key),
        (with("Sec-WebSocket-Key", Some("c2hvcnQ=")), Refusal::Key),
        (with("Sec-WebSocket-Key", Some("dGhlIHNhbXBsZSBub25jZXM=")), Refusal::Key),
        (with("Sec-WebSocket-Key", Some("not base64 of anything !")), Refusal::Key),
        (with("Sec-WebSocket-Version", None), Refusal::WebSocketVersion),
        (with("Sec-WebSocket-Version", Some("8")), Refusal::WebSocketVersion),
        (with("Sec-WebSocket-Version", Some("13, 8")), Refusal::WebSocketVersion),
        (with("Sec-WebSocket-Protocol", Some("a b")), Refusal::Protocol),
        (with("Content-Length", Some("5")), Refusal::Content),
        (with("Transfer-Encoding", Some("chunked")), Refusal::Content),
    ] {
        assert_eq!(refused(&list), Some(refusal), "{list:?}");
    }
    for list in [
        with("Upgrade", Some("WebSocket")),
        with("Upgrade", Some("h2c, WEBSOCKET")),
        with("Connection", Some("keep-alive, Upgrade")),
        with("Connection", Some("keep-alive,upgrade")),
        with("Content-Length", Some("0")),
        with("X-Unknown", Some("ignored")),
    ] {
        assert_eq!(refused(&list), None, "{list:?}");
    }
}

#[test]
fn s4_2_1_get_and_http_1_1() {
    let list = fields(&sound());
    for method in [Method::Post, Method::Connect, Method::Head] {
        let head = RequestHead::new(method, b"/", Fields::from(&list[..]));
        assert_eq!(accept(&head, &Terms::DEFAULT).unwrap_err(), Refusal::Method);
    }
    for version in [Version::Http10, Version::Http2] {
        let mut head = RequestHead::new(Method::Get, b"/", Fields::from(&list[..]));
        head.version = version;
        assert_eq!(accept(&head, &Terms::DEFAULT).unwrap_err(), Refusal::Version);
    }
}

#[test]
fn s11_3_fields_that_must_not_be_repeated() {
    for (name, value, refusal) in [
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==", Refusal::Key),
        ("Sec-WebSocket-Version", "13", Refusal::WebSocketVersion),
    ] {
        let mut list = sound();
        list.push((name, value));
        assert_eq!(refused(&list), Some(refusal), "{name}");
    }
}

#[test]
fn s4_4_another_version_is_told_which_there_is() {
    let refusal = refused(&with("Sec-WebSocket-Version", Some("25"))).unwrap();
    assert_eq!(refusal.status(), Status::UPGRADE_REQUIRED);
    let fields = Fields::from(refusal.fields());
    assert_eq!(fields.known(Known::SEC_WEBSOCKET_VERSION), Some(&b"13"[..]));
    assert_eq!(fields.known(Known::UPGRADE), Some(&b"websocket"[..]));
}

#[test]
fn every_refusal_has_its_status() {
    for refusal in Refusal::ALL {
        let expected = match refusal {
            Refusal::Method => 405,
            Refusal::Origin => 403,
            Refusal::Upgrade | Refusal::WebSocketVersion => 426,
            _ => 400,
        };
        assert_eq!(refusal.status().code(), expected, "{refusal}");
        let needs_upgrade = Fields::from(refusal.fields()).known(Known::UPGRADE).is_some();
        assert_eq!(needs_upgrade, expected == 426);
    }
}

#[test]
fn s4_2_2_the_servers_favourite_of_the_clients_protocols() {
    let mut terms = Terms::DEFAULT;
    terms.protocols = &["v2.chat", "v1.chat"];
    for (asked, chosen) in [
        (None, None),
        (Some("v1.chat"), Some("v1.chat")),
        (Some("v1.chat, v2.chat"), Some("v2.chat")),
        (Some("other,,v1.chat"), Some("v1.chat")),
        (Some("other"), None),
        (Some("V1.CHAT"), None),
    ] {
        assert_eq!(answer(&with("Sec-WebSocket-Protocol", asked), &terms), Ok(chosen), "{asked:?}");
    }
    let mut lines = with("Sec-WebSocket-Protocol", Some("other"));
    lines.push(("Sec-WebSocket-Protocol", "v1.chat"));
    assert_eq!(answer(&lines, &terms), Ok(Some("v1.chat")), "lines are one list");
    let wish = with("Sec-WebSocket-Protocol", Some("v1.chat"));
    assert_eq!(answer(&wish, &Terms::DEFAULT), Ok(None), "none was configured");
}

#[test]
fn s10_2_origins() {
    let from = |origin, terms: &Terms<'static>| answer(&with("Origin", origin), terms).err();
    let no = Some(Refusal::Origin);
    let mut terms = Terms::DEFAULT;
    for (origin, refusal) in [
        (None, None),
        (Some("http://server.example.com"), None),
        (Some("http://server.example.com:80"), None),
        (Some("https://server.example.com"), no),
        (Some("http://server.example.com:8080"), no),
        (Some("http://example.com"), no),
        (Some("http://evil.test"), no),
        (Some("null"), no),
        (Some(""), no),
    ] {
        assert_eq!(from(origin, &terms), refusal, "{origin:?}");
    }
    terms.secure = true;
    assert_eq!(from(Some("https://server.example.com"), &terms), None);
    assert_eq!(from(Some("http://server.example.com"), &terms), no);
    let mut twice = with("Origin", Some("https://server.example.com"));
    twice.push(("Origin", "https://server.example.com"));
    assert_eq!(answer(&twice, &terms), Err(Refusal::Origin));

    terms.origins = Origins::Listed(&["https://app.test", "null"]);
    for (origin, refusal) in [
        (None, None),
        (Some("https://app.test:443"), None),
        (Some("null"), None),
        (Some("https://server.example.com"), no),
        (Some("http://app.test"), no),
        (Some("https://app.test.evil.test"), no),
    ] {
        assert_eq!(from(origin, &terms), refusal, "{origin:?}");
    }
    terms.origins = Origins::ListedOnly(&["https://app.test"]);
    assert_eq!(from(None, &terms), no);
    assert_eq!(from(Some("https://app.test"), &terms), None);
    terms.origins = Origins::Any;
    assert_eq!(from(Some("http://evil.test"), &terms), None);
}

#[test]
fn s4_1_what_a_client_sends() {
    let offer = Offer::new(*b"the sample nonce", &["chat", "superchat"]).unwrap();
    let fields = offer.fields();
    let fields = fields.as_fields();
    assert_eq!(fields.known(Known::UPGRADE), Some(&b"websocket"[..]));
    assert_eq!(fields.known(Known::SEC_WEBSOCKET_KEY), Some(KEY));
    assert_eq!(fields.known(Known::SEC_WEBSOCKET_VERSION), Some(&b"13"[..]));
    assert_eq!(fields.known(Known::SEC_WEBSOCKET_PROTOCOL), Some(&b"chat, superchat"[..]));
    assert_eq!(fields.known(Known::SEC_WEBSOCKET_EXTENSIONS), None);
    let other = Offer::new([7; 16], &[]).unwrap();
    assert_eq!(other.fields().as_slice().len(), 3);
    assert_ne!(other.fields().as_fields().known(Known::SEC_WEBSOCKET_KEY), Some(KEY));
    for protocols in [&["a", "a"][..], &[""], &["a b"], &["a\r\nX: y"], &["\u{e9}"]] {
        assert!(Offer::new([0; 16], protocols).is_err(), "{protocols:?}");
    }
}

/// A response that nothing is wrong with.
fn response() -> List {
    vec![
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
    ]
}

fn verdict(list: &List, status: Status) -> Result<Option<&'static str>, BadResponse> {
    let offer = Offer::new(*b"the sample nonce", &["chat", "superchat"]).unwrap();
    let list = fields(list);
    offer.verify(&ResponseHead::new(status, Fields::from(&list[..]))).map(|agreed| agreed.protocol)
}

#[test]
fn s4_1_what_a_client_must_validate() {
    let with = |name, value: Option<&'static str>| {
        let mut list: List = response().into_iter().filter(|(other, _)| *other != name).collect();
        list.extend(value.map(|value| (name, value)));
        verdict(&list, Status::SWITCHING_PROTOCOLS)
    };
    assert_eq!(verdict(&response(), Status::SWITCHING_PROTOCOLS), Ok(None));
    for status in [Status::OK, Status::FOUND, Status::UNAUTHORIZED, Status::UPGRADE_REQUIRED] {
        assert_eq!(verdict(&response(), status), Err(BadResponse::Status(status)));
    }
    assert_eq!(with("Upgrade", None), Err(BadResponse::Upgrade));
    assert_eq!(with("Upgrade", Some("h2c")), Err(BadResponse::Upgrade));
    assert_eq!(with("Upgrade", Some("WebSocket")), Ok(None));
    assert_eq!(with("Connection", None), Err(BadResponse::Connection));
    assert_eq!(with("Connection", Some("close")), Err(BadResponse::Connection));
    assert_eq!(with("Connection", Some("UPGRADE")), Ok(None));
    let accept = "Sec-WebSocket-Accept";
    assert_eq!(with(accept, None), Err(BadResponse::Accept));
    assert_eq!(with(accept, Some("")), Err(BadResponse::Accept));
    let other_case = Some("S3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    assert_eq!(with(accept, other_case), Err(BadResponse::Accept));
    let protocol = "Sec-WebSocket-Protocol";
    assert_eq!(with(protocol, Some("superchat")), Ok(Some("superchat")));
    for bad in ["other", "", "Chat", "chat, superchat"] {
        assert_eq!(with(protocol, Some(bad)), Err(BadResponse::Protocol), "{bad}");
    }
    let extensions = "Sec-WebSocket-Extensions";
    assert_eq!(with(extensions, Some("permessage-deflate")), Err(BadResponse::Extensions));
    let mut twice = response();
    twice.push((accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    assert_eq!(verdict(&twice, Status::SWITCHING_PROTOCOLS), Err(BadResponse::Accept));
    let mut twice = response();
    twice.extend([(protocol, "chat"), (protocol, "chat")]);
    assert_eq!(verdict(&twice, Status::SWITCHING_PROTOCOLS), Err(BadResponse::Protocol));
}

#[test]
fn rfc_8441_s5_an_extended_connect_has_no_key() {
    let list = fields(&[
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Protocol", "chat"),
        ("Origin", "https://server.example.com"),
    ]);
    let mut head = RequestHead::new(Method::Connect, b"/chat", Fields::from(&list[..]));
    head.version = Version::Http2;
    head.authority = Some(b"server.example.com");
    let mut terms = Terms::DEFAULT;
    (terms.secure, terms.protocols) = (true, &["chat"]);
    let acceptance = accept_connect(&head, &terms).unwrap();
    assert_eq!(acceptance.status(), Status::OK);
    let answered = acceptance.fields();
    assert_eq!(answered.as_slice(), [Field::new("Sec-WebSocket-Protocol", b"chat")]);
    let offer = Offer::new([1; 16], &["chat"]).unwrap();
    assert_eq!(offer.connect_fields().as_fields().known(Known::SEC_WEBSOCKET_KEY), None);
    let response = ResponseHead::new(Status::OK, answered.as_fields());
    assert_eq!(offer.verify_connect(&response).unwrap().protocol, Some("chat"));
    let refused = ResponseHead::new(Status::NOT_FOUND, Fields::EMPTY);
    let expected = BadResponse::Status(Status::NOT_FOUND);
    assert_eq!(offer.verify_connect(&refused), Err(expected));
    head.method = Method::Get;
    assert_eq!(accept_connect(&head, &terms).unwrap_err(), Refusal::Method);
}

#[cfg(feature = "deflate")]
mod deflate {
    //! RFC 7692 section 7.1.

    use shockwave_websocket::Deflate;

    use super::*;

    const FIELD: &str = "Sec-WebSocket-Extensions";

    fn deflate(server: (bool, u8), client: (bool, u8)) -> Deflate {
        let mut deflate = Deflate::DEFAULT;
        (deflate.server_no_context_takeover, deflate.server_max_window_bits) = server;
        (deflate.client_no_context_takeover, deflate.client_max_window_bits) = client;
        deflate
    }

    /// What a server with this wish answers to offers, and what it has agreed to.
    fn answer(
        wish: Deflate,
        offers: &[&'static str],
    ) -> Result<(String, Option<Deflate>), Refusal> {
        let mut list = sound();
        list.extend(offers.iter().map(|offer| (FIELD, *offer)));
        let list = fields(&list);
        let head = RequestHead::new(Method::Get, b"/", Fields::from(&list[..]));
        let mut terms = Terms::DEFAULT;
        terms.deflate = Some(wish);
        let acceptance = accept(&head, &terms)?;
        let fields = acceptance.fields();
        let value = fields.as_fields().known(Known::SEC_WEBSOCKET_EXTENSIONS).unwrap_or_default();
        let text = String::from_utf8(value.to_vec()).unwrap();
        Ok((text, acceptance.agreement().deflate()))
    }

    #[test]
    fn s7_1_a_server_answers_the_first_offer_that_it_can_accept() {
        let plain = Deflate::DEFAULT;
        let same = |deflate| Some(deflate);
        for (offers, text, agreed) in [
            (&[][..], "", None),
            (&["permessage-deflate"], "permessage-deflate", same(plain)),
            (&["Permessage-Deflate"], "permessage-deflate", same(plain)),
            (&["x-other, permessage-deflate"], "permessage-deflate", same(plain)),
            (&["x-other", "permessage-deflate"], "permessage-deflate", same(plain)),
            (&["x-other; a=1"], "", None),
            (
                &["permessage-deflate; server_no_context_takeover"],
                "permessage-deflate; server_no_context_takeover",
                same(deflate((true, 15), (false, 15))),
            ),
            (
                &["permessage-deflate; client_no_context_takeover"],
                "permessage-deflate; client_no_context_takeover",
                same(deflate((false, 15), (true, 15))),
            ),
            (
                &["permessage-deflate; server_max_window_bits=10"],
                "permessage-deflate; server_max_window_bits=10",
                same(deflate((false, 10), (false, 15))),
            ),
            (
                &["permessage-deflate; server_max_window_bits=\"15\""],
                "permessage-deflate; server_max_window_bits=15",
                same(plain),
            ),
            (&["permessage-deflate; client_max_window_bits"], "permessage-deflate", same(plain)),
            (
                &["permessage-deflate; client_max_window_bits=8"],
                "permessage-deflate; client_max_window_bits=8",
                same(deflate((false, 15), (false, 8))),
            ),
        ] {
            assert_eq!(answer(plain, offers), Ok((text.into(), agreed)), "{offers:?}");
        }
    }

    #[test]
    fn s7_a_server_declines_what_is_unknown_invalid_or_twice() {
        for parameters in [
            "unknown",
            "unknown=1",
            "server_no_context_takeover=1",
            "client_no_context_takeover=true",
            "server_max_window_bits",
            "server_max_window_bits=7",
            "server_max_window_bits=16",
            "server_max_window_bits=010",
            "server_max_window_bits=+9",
            "client_max_window_bits=7",
            "client_max_window_bits=0",
            "client_max_window_bits=09",
            "server_no_context_takeover; server_no_context_takeover",
            "client_no_context_takeover; client_no_context_takeover",
            "server_max_window_bits=9; server_max_window_bits=9",
            "client_max_window_bits; client_max_window_bits",
            "client_max_window_bits=9; client_max_window_bits",
            // Which zlib cannot compress with.
            "server_max_window_bits=8",
        ] {
            let offer: &'static str = format!("permessage-deflate; {parameters}").leak();
            assert_eq!(answer(Deflate::DEFAULT, &[offer]), Ok((String::new(), None)), "{offer}");
            let fallback: &'static str = format!("{offer}, permessage-deflate").leak();
            let expected = ("permessage-deflate".into(), Some(Deflate::DEFAULT));
            assert_eq!(answer(Deflate::DEFAULT, &[fallback]), Ok(expected), "{fallback}");
        }
    }

    #[test]
    fn s9_1_a_malformed_field_is_refused() {
        for field in ["permessage-deflate;", "permessage-deflate; a=", ";", "a b", "a; b=\"c d\""] {
            let refusal = Err(Refusal::Extensions);
            assert_eq!(answer(Deflate::DEFAULT, &[field]), refusal, "{field}");
            assert_eq!(answer(Deflate::DEFAULT, &["permessage-deflate", field]), refusal);
        }
    }

    #[test]
    fn s7_1_what_a_server_wishes() {
        let wish = deflate((true, 12), (true, 11));
        let (text, agreed) = answer(wish, &["permessage-deflate; client_max_window_bits"]).unwrap();
        let expected = "permessage-deflate; server_no_context_takeover; \
            client_no_context_takeover; server_max_window_bits=12; client_max_window_bits=11";
        assert_eq!((text.as_str(), agreed), (expected, Some(wish)));
        // RFC 7692 section 7.1.2.2: not where the client has not offered it.
        let (text, agreed) = answer(wish, &["permessage-deflate"]).unwrap();
        assert!(!text.contains("client_max_window_bits"));
        assert_eq!(agreed, Some(deflate((true, 12), (true, 15))));
    }

    #[test]
    fn s7_1_what_a_client_offers() {
        for (wish, text) in [
            (Deflate::DEFAULT, "permessage-deflate; client_max_window_bits"),
            (
                deflate((true, 8), (true, 9)),
                "permessage-deflate; server_no_context_takeover; client_no_context_takeover; \
                 server_max_window_bits=8; client_max_window_bits=9",
            ),
        ] {
            let offer = Offer::new([0; 16], &[]).unwrap().with_deflate(wish);
            let fields = offer.fields();
            let value = fields.as_fields().known(Known::SEC_WEBSOCKET_EXTENSIONS).unwrap();
            assert_eq!(std::str::from_utf8(value), Ok(text));
        }
    }

    #[test]
    fn s7_1_what_a_client_takes_for_an_answer() {
        let confirm = |wish: Option<Deflate>, answers: &[&'static str]| {
            let offer = Offer::new(*b"the sample nonce", &[]).unwrap();
            let offer = match wish {
                Some(wish) => offer.with_deflate(wish),
                None => offer,
            };
            let mut list = response();
            list.extend(answers.iter().map(|answer| (FIELD, *answer)));
            let list = fields(&list);
            let head = ResponseHead::new(Status::SWITCHING_PROTOCOLS, Fields::from(&list[..]));
            offer.verify(&head).map(|agreed| agreed.agreement.deflate())
        };
        let plain = Some(Deflate::DEFAULT);
        let bad = Err(BadResponse::Extensions);
        assert_eq!(confirm(plain, &[]), Ok(None));
        assert_eq!(confirm(plain, &["permessage-deflate"]), Ok(plain));
        assert_eq!(confirm(None, &["permessage-deflate"]), bad);
        for answer in [
            "x-other",
            "permessage-deflate, permessage-deflate",
            "permessage-deflate, x-other",
            "permessage-deflate; unknown",
            "permessage-deflate; server_max_window_bits",
            "permessage-deflate; server_max_window_bits=7",
            "permessage-deflate; client_max_window_bits",
            "permessage-deflate; client_max_window_bits=16",
            "permessage-deflate; server_no_context_takeover=1",
            "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
            "permessage-deflate;",
        ] {
            assert_eq!(confirm(plain, &[answer]), bad, "{answer}");
        }
        assert_eq!(confirm(plain, &["permessage-deflate", "permessage-deflate"]), bad);
        let all = "permessage-deflate; server_no_context_takeover; client_no_context_takeover; \
            server_max_window_bits=9; client_max_window_bits=10";
        assert_eq!(confirm(plain, &[all]), Ok(Some(deflate((true, 9), (true, 10)))));
        // What was asked of the server must be there.
        let narrow = Some(deflate((true, 10), (false, 9)));
        for (answer, agreed) in [
            ("permessage-deflate; server_no_context_takeover; server_max_window_bits=10", true),
            ("permessage-deflate; server_no_context_takeover; server_max_window_bits=9", true),
            ("permessage-deflate; server_no_context_takeover; server_max_window_bits=11", false),
            ("permessage-deflate; server_no_context_takeover", false),
            ("permessage-deflate; server_max_window_bits=10", false),
        ] {
            assert_eq!(confirm(narrow, &[answer]).is_ok(), agreed, "{answer}");
        }
        let kept = confirm(
            narrow,
            &["permessage-deflate; server_no_context_takeover; \
            server_max_window_bits=9"],
        );
        assert_eq!(kept, Ok(Some(deflate((true, 9), (false, 9)))), "its own window stays narrow");
    }
}
