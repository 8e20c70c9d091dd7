//! The escaped text form of the corpus's files.

/// The octets that `text` stands for. The line ends of the text itself stand for nothing.
pub(super) fn decode(text: &str) -> Result<Vec<u8>, String> {
    let mut octets = Vec::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\r' | '\n' => {}
            '\\' => octets.push(escape(&mut characters)?),
            ' '..='~' => octets.push(character as u8),
            other => return Err(format!("{other:?} must be written as an escape")),
        }
    }
    Ok(octets)
}

fn escape(characters: &mut core::str::Chars<'_>) -> Result<u8, String> {
    match characters.next() {
        Some('r') => Ok(b'\r'),
        Some('n') => Ok(b'\n'),
        Some('t') => Ok(b'\t'),
        Some('0') => Ok(0),
        Some('\\') => Ok(b'\\'),
        Some('x') => {
            let digits: String = characters.by_ref().take(2).collect();
            let sound = digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_hexdigit());
            let octet = u8::from_str_radix(&digits, 16).ok().filter(|_| sound);
            octet.ok_or_else(|| format!("\\x{digits} is not two hexadecimal digits"))
        }
        other => Err(format!("unknown escape \\{}", other.map_or(String::new(), String::from))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_stand_for_octets_and_line_ends_for_nothing() {
        assert_eq!(decode("a\\r\\n\nb\\t\\0\\\\\\x7f\\xff\r\n").unwrap(), b"a\r\nb\t\0\\\x7f\xff");
    }

    #[test]
    fn what_is_no_escape_is_an_error() {
        for bad in ["\\", "\\q", "\\x", "\\x1", "\\xgg", "\\x+1", "\t", "\u{e9}"] {
            assert!(decode(bad).is_err(), "{bad:?}");
        }
    }
}
