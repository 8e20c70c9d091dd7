//! What a response's content can be made of.

use core::ops::Range;
use std::borrow::Cow;

use bytes::Bytes;

/// A response's content. What is owned or static can be written from where it lies; what is only
/// borrowed is copied.
///
/// Made by [`From`] of `&str`, `&[u8]`, `String`, `Vec<u8>`, [`Bytes`] and their like.
#[derive(Debug)]
pub struct ResponseBody<'p>(pub(crate) Payload<'p>);

impl ResponseBody<'static> {
    /// Octets that are there for ever, and never copied where they are many.
    #[must_use]
    pub const fn from_static(octets: &'static [u8]) -> Self {
        Self(Payload::Static(octets))
    }
}

macro_rules! contents {
    ($($content:ty: |$it:ident| $payload:expr,)*) => {
        $(impl<'p> From<$content> for ResponseBody<'p> {
            #[inline]
            fn from($it: $content) -> Self {
                Self($payload)
            }
        })*
    };
}

contents! {
    &'p str: |it| Payload::Borrowed(it.as_bytes()),
    &'p String: |it| Payload::Borrowed(it.as_bytes()),
    &'p [u8]: |it| Payload::Borrowed(it),
    &'p Vec<u8>: |it| Payload::Borrowed(it),
    String: |it| Payload::Owned(it.into_bytes()),
    Vec<u8>: |it| Payload::Owned(it),
    Bytes: |it| Payload::Bytes(it),
    Cow<'p, str>: |it| match it {
        Cow::Borrowed(it) => Payload::Borrowed(it.as_bytes()),
        Cow::Owned(it) => Payload::Owned(it.into_bytes()),
    },
    Cow<'p, [u8]>: |it| match it {
        Cow::Borrowed(it) => Payload::Borrowed(it),
        Cow::Owned(it) => Payload::Owned(it),
    },
}

impl<'p, const N: usize> From<&'p [u8; N]> for ResponseBody<'p> {
    #[inline]
    fn from(it: &'p [u8; N]) -> Self {
        Self(Payload::Borrowed(it))
    }
}

/// Where a response's content lies.
#[derive(Debug)]
pub(crate) enum Payload<'p> {
    /// Copied, whatever its size.
    Borrowed(&'p [u8]),
    Static(&'static [u8]),
    Bytes(Bytes),
    Owned(Vec<u8>),
    /// From the worker's pool, to which it goes back.
    #[cfg_attr(not(feature = "json"), allow(dead_code, reason = "made by JSON"))]
    Pooled(Vec<u8>),
    /// A range of a file.
    File(std::fs::File, Range<u64>),
}

impl Payload<'_> {
    /// The octets, of all but files.
    pub(crate) fn octets(&self) -> &[u8] {
        match self {
            Self::Borrowed(octets) => octets,
            Self::Static(octets) => octets,
            Self::Bytes(octets) => octets,
            Self::Owned(octets) | Self::Pooled(octets) => octets,
            Self::File(..) => &[],
        }
    }

    pub(crate) fn length(&self) -> u64 {
        match self {
            Self::File(_, range) => range.end.saturating_sub(range.start),
            _ => self.octets().len() as u64,
        }
    }
}
