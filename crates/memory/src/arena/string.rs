//! A growing string in an arena.

use core::fmt;
use core::ops::Deref;

use bumpalo::collections::String;

use super::{Arena, ArenaError};

/// A growing string in an [`Arena`]. What `String` is to the heap, with growth that answers an
/// error instead of panicking. It is a [`fmt::Write`], so `write!` works on it; there, a full arena
/// is a `fmt::Error`.
#[derive(Debug)]
pub struct ArenaString<'a> {
    text: String<'a>,
    arena: &'a Arena,
}

impl<'a> ArenaString<'a> {
    /// An empty string. Takes nothing of the arena until it is used.
    #[inline]
    #[must_use]
    pub fn new_in(arena: &'a Arena) -> Self {
        Self { text: String::new_in(arena.as_bump()), arena }
    }

    /// Makes room for `additional` octets more, at least.
    ///
    /// # Errors
    /// [`ArenaError::Full`]; the string is as before.
    #[inline]
    pub fn reserve(&mut self, additional: usize) -> Result<(), ArenaError> {
        if self.text.capacity() - self.text.len() >= additional {
            return Ok(());
        }
        self.grow(additional)
    }

    /// Appends a string.
    ///
    /// # Errors
    /// [`ArenaError::Full`]; the string is as before.
    #[inline]
    pub fn push_str(&mut self, text: &str) -> Result<(), ArenaError> {
        self.reserve(text.len())?;
        self.text.push_str(text);
        Ok(())
    }

    /// Appends a character.
    ///
    /// # Errors
    /// [`ArenaError::Full`]; the string is as before.
    #[inline]
    pub fn push(&mut self, character: char) -> Result<(), ArenaError> {
        self.reserve(character.len_utf8())?;
        self.text.push(character);
        Ok(())
    }

    /// Appends formatted text: `text.push_fmt(format_args!("{a}-{b}"))`.
    ///
    /// # Errors
    /// [`ArenaError::Full`]; [`ArenaError::Format`] if an argument's `Display` fails. The string
    /// keeps what had been written.
    pub fn push_fmt(&mut self, args: fmt::Arguments<'_>) -> Result<(), ArenaError> {
        let mut sink = Sink { text: self, refused: None };
        fmt::write(&mut sink, args).map_err(|_| sink.refused.unwrap_or(ArenaError::Format))
    }

    /// Octets that fit before the string grows.
    #[inline]
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.text.capacity()
    }

    /// The text, for as long as the arena is not reset.
    #[inline]
    #[must_use]
    pub fn into_str(self) -> &'a str {
        self.text.into_bump_str()
    }

    /// The first growth takes a cache line at least, since most text comes in several writes.
    ///
    /// bumpalo's `String` grows by panicking; its `Vec` does not. So the text becomes octets,
    /// grows, and becomes text again, which costs a validation. Growth doubles, so the validations
    /// add up to less than twice the text.
    #[cold]
    fn grow(&mut self, additional: usize) -> Result<(), ArenaError> {
        let empty = String::new_in(self.arena.as_bump());
        let mut octets = core::mem::replace(&mut self.text, empty).into_bytes();
        let first = octets.capacity() == 0 && octets.try_reserve_exact(additional.max(64)).is_ok();
        let grown = if first { Ok(()) } else { octets.try_reserve(additional) };
        if let Ok(text) = String::from_utf8(octets) {
            self.text = text;
        }
        grown.map_err(|_| self.arena.full(additional))
    }
}

impl Deref for ArenaString<'_> {
    type Target = str;

    #[inline]
    fn deref(&self) -> &str {
        &self.text
    }
}

impl fmt::Write for ArenaString<'_> {
    #[inline]
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push_str(text).map_err(|_| fmt::Error)
    }
}

/// Remembers why a write failed, which `fmt::Error` cannot say.
struct Sink<'s, 'a> {
    text: &'s mut ArenaString<'a>,
    refused: Option<ArenaError>,
}

impl fmt::Write for Sink<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.text.push_str(text).map_err(|error| {
            self.refused = Some(error);
            fmt::Error
        })
    }
}
