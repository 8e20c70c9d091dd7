//! The grammar of Sec-WebSocket-Extensions: RFC 6455 section 9.1.
//!
//! ```text
//! extension-list  = 1#extension
//! extension       = extension-token *( ";" extension-param )
//! extension-param = token [ "=" (token | quoted-string) ]
//! ```

/// A part of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Item<'b> {
    /// An extension begins.
    Extension(&'b [u8]),
    /// A parameter of it.
    Parameter(&'b [u8], Option<Value<'b>>),
}

/// A parameter's value, a token when its backslashes are taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Value<'b>(&'b [u8]);

/// The field is malformed: RFC 6455 section 9.1, the recipient MUST fail the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

impl Value<'_> {
    fn octets(&self) -> impl Iterator<Item = u8> {
        self.0.iter().copied().filter(|&octet| octet != b'\\')
    }

    /// A number from 8 to 15 without leading zeros: RFC 7692 section 7.1.2.
    pub(crate) fn window_bits(self) -> Option<u8> {
        let mut octets = self.octets();
        match (octets.next(), octets.next(), octets.next()) {
            (Some(ones @ b'8'..=b'9'), None, None) => Some(ones - b'0'),
            (Some(b'1'), Some(ones @ b'0'..=b'5'), None) => Some(10 + ones - b'0'),
            _ => None,
        }
    }
}

/// Hands each part of one line of the field to `take`.
pub(crate) fn parse<'b>(line: &'b [u8], mut take: impl FnMut(Item<'b>)) -> Result<(), Malformed> {
    let mut cursor = Cursor(line);
    loop {
        cursor.skip_blanks();
        match cursor.peek() {
            None => return Ok(()),
            Some(b',') => cursor.skip(1), // an empty element
            Some(_) => {
                take(Item::Extension(cursor.token()?));
                while cursor.ate(b';') {
                    cursor.skip_blanks();
                    let name = cursor.token()?;
                    let value = if cursor.ate(b'=') { Some(cursor.value()?) } else { None };
                    take(Item::Parameter(name, value));
                }
                if !matches!(cursor.peek(), None | Some(b',')) {
                    return Err(Malformed);
                }
            }
        }
    }
}

struct Cursor<'b>(&'b [u8]);

impl<'b> Cursor<'b> {
    fn peek(&self) -> Option<u8> {
        self.0.first().copied()
    }

    fn skip(&mut self, octets: usize) {
        self.0 = self.0.get(octets..).unwrap_or_default();
    }

    fn skip_blanks(&mut self) {
        let blanks = self.0.iter().take_while(|octet| matches!(octet, b' ' | b'\t')).count();
        self.skip(blanks);
    }

    /// Whether `octet` stood there, behind blanks; then it does not any more.
    fn ate(&mut self, octet: u8) -> bool {
        self.skip_blanks();
        let stands = self.peek() == Some(octet);
        self.skip(usize::from(stands));
        stands
    }

    fn token(&mut self) -> Result<&'b [u8], Malformed> {
        let length = self.0.iter().take_while(|&&octet| is_token(octet)).count();
        let (token, rest) = self.0.split_at_checked(length).unwrap_or_default();
        self.0 = rest;
        if token.is_empty() { Err(Malformed) } else { Ok(token) }
    }

    fn value(&mut self) -> Result<Value<'b>, Malformed> {
        self.skip_blanks();
        if self.peek() != Some(b'"') {
            return self.token().map(Value);
        }
        self.skip(1);
        let quote = self.0.iter().position(|&octet| octet == b'"').ok_or(Malformed)?;
        let (value, rest) = self.0.split_at_checked(quote).unwrap_or_default();
        self.0 = rest;
        self.skip(1);
        // After unescaping it MUST conform to the token ABNF, which has neither quotes nor
        // backslashes: so a backslash escapes a token octet, and no quote stands inside.
        let mut escaped = false;
        for &octet in value {
            match (octet, escaped) {
                (b'\\', false) => escaped = true,
                (octet, _) if is_token(octet) => escaped = false,
                _ => return Err(Malformed),
            }
        }
        if escaped || value.is_empty() { Err(Malformed) } else { Ok(Value(value)) }
    }
}

fn is_token(octet: u8) -> bool {
    shockwave_simd::is_token(&[octet])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Option<String> {
        let mut text = String::new();
        parse(line.as_bytes(), |item| match item {
            Item::Extension(name) => text += &format!("[{}]", name.escape_ascii()),
            Item::Parameter(name, value) => {
                let value: Option<Vec<u8>> = value.map(|value| value.octets().collect());
                let value = value.map(|value| format!("={}", value.escape_ascii()));
                text += &format!("{}{} ", name.escape_ascii(), value.unwrap_or_default());
            }
        })
        .ok()
        .map(|()| text)
    }

    #[test]
    fn lists() {
        for (line, expected) in [
            ("", Some("")),
            (" , ,", Some("")),
            ("foo", Some("[foo]")),
            ("foo, bar; baz=2", Some("[foo][bar]baz=2 ")),
            ("foo ; a ; b = \"x\" ,bar", Some("[foo]a b=x [bar]")),
            ("foo; a=\"1\\5\"", Some("[foo]a=15 ")),
            ("foo;", None),
            ("foo; =1", None),
            ("foo; a=", None),
            ("foo; a=\"\"", None),
            ("foo; a=\"x y\"", None),
            ("foo; a=\"x", None),
            ("foo; a=\"x\\\"", None),
            ("foo; a=\"\\\\\"", None),
            ("foo bar", None),
            ("foo; a b", None),
            ("\"foo\"", None),
            ("foo; a=1 2", None),
            ("foo=1", None),
        ] {
            assert_eq!(parsed(line).as_deref(), expected, "{line}");
        }
    }

    #[test]
    fn windows() {
        for (value, bits) in [("8", 8), ("9", 9), ("10", 10), ("15", 15), ("1\\5", 15)] {
            assert_eq!(Value(value.as_bytes()).window_bits(), Some(bits), "{value}");
        }
        for value in ["", "0", "7", "08", "16", "015", "150", "1", "20", "-8", "+8", "8 ", "1A"] {
            assert_eq!(Value(value.as_bytes()).window_bits(), None, "{value}");
        }
    }
}
