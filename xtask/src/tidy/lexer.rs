//! Tells code from comments from literals, so that a rule about code is not fooled by a string.
//!
//! Not a Rust parser: it knows the comments and the literals, no more, which is enough for rules
//! that look for a word or count braces.

/// A source file three times: as it is, its code alone, its comments alone. Whatever is blanked
/// out becomes spaces, so that lines and columns stay what they were.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) raw: String,
    pub(crate) code: String,
    pub(crate) comments: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Code,
    Comment,
    Literal,
}

impl Source {
    pub(crate) fn new(raw: &str) -> Self {
        let classes = classify(raw.as_bytes());
        let keep = |class: Class| {
            let blank = |(index, c): (usize, char)| {
                if c == '\n' || classes[index] == class { c } else { ' ' }
            };
            raw.char_indices().map(blank).collect::<String>()
        };
        Self { raw: raw.to_owned(), code: keep(Class::Code), comments: keep(Class::Comment) }
    }
}

/// The class of every byte.
fn classify(text: &[u8]) -> Vec<Class> {
    let mut classes = vec![Class::Code; text.len()];
    let mut at = 0;
    while at < text.len() {
        let (class, end) = token(text, at);
        classes[at..end].fill(class);
        at = end;
    }
    classes
}

/// The class and the end of the token that starts at `at`.
fn token(text: &[u8], at: usize) -> (Class, usize) {
    let rest = &text[at..];
    let after_word = at > 0 && (text[at - 1].is_ascii_alphanumeric() || text[at - 1] == b'_');
    if rest.starts_with(b"//") {
        let end = rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
        (Class::Comment, at + end)
    } else if rest.starts_with(b"/*") {
        (Class::Comment, at + block_comment(rest))
    } else if rest[0] == b'"' {
        (Class::Literal, at + string(rest))
    } else if let Some(length) = raw_string(rest).filter(|_| !after_word) {
        (Class::Literal, at + length)
    } else if let Some(length) = character(rest) {
        (Class::Literal, at + length)
    } else {
        (Class::Code, at + 1)
    }
}

/// The length of a block comment, which may nest.
fn block_comment(text: &[u8]) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < text.len() {
        if text[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if text[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

/// The length of a string literal, its quotes included.
fn string(text: &[u8]) -> usize {
    let mut at = 1;
    while at < text.len() {
        match text[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    text.len()
}

/// The length of a raw (byte) string literal, if one starts here.
fn raw_string(text: &[u8]) -> Option<usize> {
    let prefix = if text.starts_with(b"br") { 2 } else { usize::from(text.starts_with(b"r")) };
    if prefix == 0 {
        return None;
    }
    let hashes = text[prefix..].iter().take_while(|&&byte| byte == b'#').count();
    let start = prefix + hashes + 1;
    if text.get(start - 1) != Some(&b'"') {
        return None;
    }
    let closes = |at: usize| {
        text[at] == b'"'
            && text[at + 1..].len() >= hashes
            && text[at + 1..at + 1 + hashes].iter().all(|&byte| byte == b'#')
    };
    Some((start..text.len()).find(|&at| closes(at)).map_or(text.len(), |at| at + 1 + hashes))
}

/// The length of a character literal, if this quote starts one and not a lifetime.
fn character(text: &[u8]) -> Option<usize> {
    if text[0] != b'\'' {
        return None;
    }
    if text.get(1) == Some(&b'\\') {
        let end = text.iter().skip(3).position(|&byte| byte == b'\'')?;
        return Some(end + 4);
    }
    let width = match text.get(1)? {
        0..0x80 => 1,
        0x80..0xe0 => 2,
        0xe0..0xf0 => 3,
        0xf0.. => 4,
    };
    (text.get(1 + width) == Some(&b'\'')).then_some(width + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_and_comments_are_no_code() {
        let text = "let a = \"{ // no\"; // yes {\nb();";
        let source = Source::new(text);
        let words: Vec<_> = source.code.split_whitespace().collect();
        assert_eq!(words, ["let", "a", "=", ";", "b();"]);
        assert_eq!((source.code.len(), source.code.find('\n')), (text.len(), text.find('\n')));
        assert_eq!(source.comments.trim(), "// yes {");
    }

    #[test]
    fn raw_strings_and_characters() {
        let code = |text: &str| Source::new(text).code;
        assert!(!code("r#\"a \" { \"#").contains('{'));
        assert!(!code("b'{' '\\'' '{' br\"{\"").contains('{'));
        assert!(code("fn f<'a>(x: &'a str) {").contains('{'));
        assert!(code("for\"x\"{").contains('{'), "`r` at the end of a word starts no raw string");
    }

    #[test]
    fn block_comments_nest() {
        assert_eq!(Source::new("/* a /* b */ c */ d").code.trim(), "d");
    }
}
