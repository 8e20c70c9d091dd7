//! Which file a request's path means: decoded, checked, and relative to a root.
//!
//! The checks are of the text alone, and are the same on every system but for what Windows forbids
//! in names. What they let through is a sequence of plain names below the root. Refused is what a
//! client of good will does not send, rather than mended: each way of mending is a second meaning
//! for the path, and attacks live between two meanings.
//!
//! - Every segment is percent-decoded once (RFC 3986 section 2.1), and is UTF-8 then.
//! - `..` is refused, however it is written. Clients resolve it themselves (RFC 3986 section
//!   5.2.4). `.` stands for nothing and is dropped.
//! - A slash or backslash that is encoded, or a backslash at all, would be a separator to somebody.
//! - An empty segment is refused, so that `//host/..` can never be sent back in a Location.
//! - Control characters, NUL among them, and names that start like `C:`.
//! - Names that start with a full stop, unless [`PathRules::dot_files`] lets them through.
//!
//! # Symbolic links
//!
//! A path that is safe as text can still lead through a link to anywhere. Who sends the file keeps
//! to this: **links are followed as long as they stay below the root.** On Linux the file is opened
//! relative to a descriptor of the root, by `openat2` with `RESOLVE_BENEATH` and
//! `RESOLVE_NO_MAGICLINKS`, so that nothing can change between check and use; links to absolute
//! paths are refused by that, wherever they lead. Elsewhere, and where the kernel has no `openat2`,
//! the canonical path must start with the root's, and who can write below the root must be trusted,
//! as a link could be exchanged in between. Either way only regular files are sent, and they are
//! opened without blocking: to open a FIFO would wait for its writer.

use core::fmt;
use std::path::Path;

use shockwave_wire::Status;

/// Octets of a decoded path. Systems have 4,096; nothing of this size is a file of a web site.
const MAX_PATH_BYTES: usize = 2_048;

/// Octets of one name: what Linux, macOS and Windows take at most.
const MAX_NAME_BYTES: usize = 255;

/// What a site lets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PathRules<'a> {
    /// Names that start with a full stop. Default [`DotFiles::Refuse`].
    pub(crate) dot_files: DotFiles,
    /// The file that stands for its folder: appended where the path ends with a slash. Default
    /// `index.html`.
    pub(crate) index: Option<&'a str>,
}

impl PathRules<'_> {
    /// The defaults.
    pub(crate) const DEFAULT: Self =
        Self { dot_files: DotFiles::Refuse, index: Some("index.html") };
}

/// What is done about names that start with a full stop: `.git`, `.env`, `.htpasswd`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum DotFiles {
    /// There are none.
    #[default]
    Refuse,
    /// None but what is below `/.well-known/` (RFC 8615), as ACME needs it.
    WellKnown,
    /// They are files like others.
    Allow,
}

/// Why a path means no file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PathError {
    /// What is wrong.
    pub(crate) refusal: Refusal,
    /// Octets of the path before the segment that it is wrong with.
    pub(crate) offset: usize,
}

/// What is wrong with a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Refusal {
    /// It does not start with a slash: `*`, or an authority.
    NotAbsolute,
    /// A `%` without two hexadecimal digits (RFC 3986 section 2.1).
    Percent,
    /// Not UTF-8 once decoded.
    Utf8,
    /// NUL or another control character.
    Control,
    /// A backslash, or a slash that is encoded.
    Separator,
    /// `..`.
    Parent,
    /// Two slashes in a row.
    Empty,
    /// A name that starts with a full stop, where that is not allowed.
    Hidden,
    /// `C:`, or what Windows forbids or takes for a device.
    Name,
    /// More than 255 octets in a name or 2,048 in all.
    TooLong,
}

impl PathError {
    /// What the client is told: 400 where the path is no path, 414 for the limit, and 404 for what
    /// could be a file. That a file is hidden is nobody's business.
    pub(crate) const fn status(self) -> Status {
        match self.refusal {
            Refusal::NotAbsolute
            | Refusal::Percent
            | Refusal::Utf8
            | Refusal::Control
            | Refusal::Separator
            | Refusal::Parent => Status::BAD_REQUEST,
            Refusal::TooLong => Status::URI_TOO_LONG,
            Refusal::Empty | Refusal::Hidden | Refusal::Name => Status::NOT_FOUND,
        }
    }
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self.refusal {
            Refusal::NotAbsolute => "does not start with a slash",
            Refusal::Percent => "a malformed percent-encoding",
            Refusal::Utf8 => "not UTF-8",
            Refusal::Control => "a control character",
            Refusal::Separator => "a backslash or an encoded slash",
            Refusal::Parent => "`..`",
            Refusal::Empty => "two slashes in a row",
            Refusal::Hidden => "a hidden file",
            Refusal::Name => "a name that no file has",
            Refusal::TooLong => "too long",
        };
        write!(f, "the path: {text}, in the segment at octet {}", self.offset)
    }
}

impl std::error::Error for PathError {}

/// A path below the root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Resolved<'a> {
    /// Names with slashes between them, on every system, without one at the start or the end. Empty
    /// for the root itself, where there is no index.
    pub(crate) path: &'a Path,
    /// Whether the request's path ends with a slash, and so means a folder: `path` is that of its
    /// index then, if there is one. A folder that is asked for without the slash is to be
    /// redirected, or the links in its index lead astray.
    pub(crate) is_folder: bool,
}

/// The file that `path` means: the path of a request's target, without its query, as it was
/// received. Written to `out`, which is emptied before; once that has grown to the longest path,
/// nothing is allocated.
///
/// # Errors
///
/// It means none. `out` is empty then.
pub(crate) fn resolve<'o>(
    path: &[u8],
    rules: &PathRules<'_>,
    out: &'o mut String,
) -> Result<Resolved<'o>, PathError> {
    out.clear();
    match walk(path, rules, out) {
        Ok(is_folder) => Ok(Resolved { path: Path::new(&*out), is_folder }),
        Err(error) => {
            out.clear();
            Err(error)
        }
    }
}

/// Whether it ends with a slash.
fn walk(path: &[u8], rules: &PathRules<'_>, out: &mut String) -> Result<bool, PathError> {
    let Some(rest) = path.strip_prefix(b"/") else {
        return Err(PathError { refusal: Refusal::NotAbsolute, offset: 0 });
    };
    let mut offset = 1_usize;
    let mut is_folder = true;
    let mut segments = rest.split(|&octet| octet == b'/').peekable();
    let mut buffer = [0; MAX_NAME_BYTES];
    while let Some(segment) = segments.next() {
        let error = |refusal| PathError { refusal, offset };
        let is_last = segments.peek().is_none();
        let name = decode(segment, &mut buffer).map_err(error)?;
        match name {
            "" if is_last => {}
            "" => return Err(error(Refusal::Empty)),
            // At the end it means the folder that it stands in (RFC 3986 section 5.2.4).
            "." => {}
            name => {
                check(name, rules.dot_files, out.is_empty(), cfg!(windows)).map_err(error)?;
                push(name, out).map_err(error)?;
                is_folder = !is_last;
            }
        }
        offset = offset.saturating_add(segment.len()).saturating_add(1);
    }
    if let (true, Some(index)) = (is_folder, rules.index) {
        push(index, out).map_err(|refusal| PathError { refusal, offset: path.len() })?;
    }
    Ok(is_folder)
}

fn push(name: &str, out: &mut String) -> Result<(), Refusal> {
    if out.len().saturating_add(name.len()) >= MAX_PATH_BYTES {
        return Err(Refusal::TooLong);
    }
    if !out.is_empty() {
        out.push('/');
    }
    out.push_str(name);
    Ok(())
}

/// Decodes a segment, once.
fn decode<'b>(segment: &[u8], buffer: &'b mut [u8; MAX_NAME_BYTES]) -> Result<&'b str, Refusal> {
    let mut rest = segment.iter();
    let mut length = 0_usize;
    while let Some(&octet) = rest.next() {
        let decoded = match octet {
            b'%' => {
                let high = rest.next().and_then(hexadecimal).ok_or(Refusal::Percent)?;
                high << 4 | rest.next().and_then(hexadecimal).ok_or(Refusal::Percent)?
            }
            octet => octet,
        };
        match decoded {
            b'/' | b'\\' => return Err(Refusal::Separator),
            0..=0x1f | 0x7f => return Err(Refusal::Control),
            _ => {}
        }
        *buffer.get_mut(length).ok_or(Refusal::TooLong)? = decoded;
        length = length.saturating_add(1);
    }
    let name = core::str::from_utf8(buffer.get(..length).unwrap_or_default());
    name.map_err(|_| Refusal::Utf8)
}

fn hexadecimal(octet: &u8) -> Option<u8> {
    let digit = char::from(*octet).to_digit(16)?;
    u8::try_from(digit).ok()
}

/// Whether a name is one that a file below the root can have. The rules of Windows are an argument,
/// so that they are tested everywhere.
fn check(name: &str, dot_files: DotFiles, is_first: bool, windows: bool) -> Result<(), Refusal> {
    if name == ".." {
        return Err(Refusal::Parent);
    }
    let is_allowed = match dot_files {
        DotFiles::Refuse => false,
        DotFiles::WellKnown => is_first && name == ".well-known",
        DotFiles::Allow => true,
    };
    if name.starts_with('.') && !is_allowed {
        return Err(Refusal::Hidden);
    }
    let has_drive = matches!(name.as_bytes(), [b'a'..=b'z' | b'A'..=b'Z', b':', ..]);
    if has_drive || (windows && !windows_has(name)) {
        return Err(Refusal::Name);
    }
    Ok(())
}

/// Whether Windows lets a file have this name and takes it for nothing else: no stream, no
/// wildcard, no device, no full stop or space at the end, which it would drop.
fn windows_has(name: &str) -> bool {
    const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];
    let stem = name.split('.').next().unwrap_or_default().trim_end_matches(' ');
    let is_device = DEVICES.iter().any(|device| stem.eq_ignore_ascii_case(device));
    let mut characters = stem.chars();
    let is_port = stem.chars().count() == 4
        && characters.next_back().is_some_and(|last| matches!(last, '0'..='9' | '¹' | '²' | '³'))
        && ["com", "lpt"].iter().any(|port| characters.as_str().eq_ignore_ascii_case(port));
    !is_device
        && !is_port
        && !name.contains(['<', '>', ':', '"', '|', '?', '*'])
        && !name.ends_with(['.', ' '])
}

#[cfg(test)]
mod tests;
