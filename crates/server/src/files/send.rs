//! One file, as the response to a request.

use core::ops::Range;
use std::fs::{File, Metadata};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

#[cfg(target_os = "linux")]
use rustix::io::Errno;
use shockwave_wire::{Known, Method, Status};

use super::conditional::{self, Outcome, Validators};
use super::etag::EntityTag;
use super::media_type;
use super::multipart::{self, Boundary, Multipart};
use super::range::{self, RangeList, Ranges};
use crate::{Error, Request, Responder, Sent};

/// Octets of a file that are read at once, where ranges of it are framed.
const STEP: usize = 64 << 10;

/// A regular file that is open.
pub(super) struct Found<'f> {
    pub(super) file: File,
    pub(super) metadata: Metadata,
    /// By which its media type is told.
    pub(super) name: &'f Path,
    pub(super) cache_control: Option<&'f str>,
}

impl Request<'_> {
    /// Answers with a file, by its path on this machine, which the program has chosen and not the
    /// client: for that, see [`Files`](crate::Files). Preconditions and ranges are heeded.
    ///
    /// A file that is not there is a 404, one that may not be read a 403. Other methods than GET
    /// and HEAD are a 405.
    pub async fn file(self, path: impl AsRef<Path>) -> Sent {
        let path = path.as_ref();
        if !matches!(self.method(), Method::Get | Method::Head) {
            return not_allowed(self);
        }
        match open_regular(path) {
            Ok(Some((metadata, file))) => {
                send(self, Found { file, metadata, name: path, cache_control: None }).await
            }
            Ok(None) => self.respond().status(Status::NOT_FOUND).empty(),
            Err(error) => self.respond().status(status_of(&error)).empty(),
        }
    }
}

/// Opens a regular file; none where it is anything else. To open a FIFO would wait for its writer.
fn open_regular(path: &Path) -> io::Result<Option<(Metadata, File)>> {
    if !std::fs::metadata(path)?.is_file() {
        return Ok(None);
    }
    let file = File::open(path)?;
    Ok(Some((file.metadata()?, file)))
}

/// What the client is told of an error of the file system.
pub(super) fn status_of(error: &io::Error) -> Status {
    match error.kind() {
        // A socket, a loop of links, a link that somebody is changing.
        #[cfg(target_os = "linux")]
        _ if [Errno::NXIO, Errno::LOOP, Errno::AGAIN].map(|it| Some(it.raw_os_error()))
            .contains(&error.raw_os_error()) =>
        {
            Status::NOT_FOUND
        }
        io::ErrorKind::PermissionDenied => Status::FORBIDDEN,
        io::ErrorKind::NotFound
        | io::ErrorKind::NotADirectory
        | io::ErrorKind::InvalidFilename
        | io::ErrorKind::InvalidInput
        // A link that leads out of the folder.
        | io::ErrorKind::CrossesDevices => Status::NOT_FOUND,
        _ => Status::INTERNAL_SERVER_ERROR,
    }
}

/// RFC 9110 section 15.5.6: MUST generate an Allow header field.
pub(super) fn not_allowed(request: Request<'_>) -> Sent {
    request.respond().status(Status::METHOD_NOT_ALLOWED).header("Allow", "GET, HEAD").empty()
}

/// Sends the file, or what of it is asked for, or that it has not changed.
pub(super) async fn send(request: Request<'_>, found: Found<'_>) -> Sent {
    let length = found.metadata.len();
    let now = SystemTime::now();
    let modified = found.metadata.modified().ok();
    let etag = modified.map(|modified| EntityTag::of_file(length, modified, now));
    let last_modified = modified.map(|modified| conditional::last_modified(modified, now));
    let validators = Validators { etag: etag.as_ref().map(EntityTag::tag), last_modified };
    let (method, fields) = (request.method(), request.fields());
    let mut responder = request.respond().header("Accept-Ranges", "bytes");
    if let Some(etag) = &etag {
        responder = responder.header("ETag", etag.as_bytes());
    }
    if let Some(seconds) = last_modified {
        let date = UNIX_EPOCH.checked_add(Duration::from_secs(seconds)).unwrap_or(UNIX_EPOCH);
        responder = responder.header("Last-Modified", httpdate::fmt_http_date(date));
    }
    if let Some(value) = found.cache_control {
        responder = responder.header("Cache-Control", value);
    }
    let ranges = match conditional::evaluate(method, &validators, fields) {
        Outcome::NotModified => return responder.status(Status::NOT_MODIFIED).empty(),
        Outcome::PreconditionFailed => {
            return responder.status(Status::PRECONDITION_FAILED).empty();
        }
        Outcome::Proceed { range: true } => {
            range::parse(fields.known(Known::RANGE).unwrap_or_default(), length)
        }
        Outcome::Proceed { range: false } => Ranges::Whole,
    };
    let media_type = media_type::of(found.name);
    let mut value = Vec::new();
    match ranges {
        Ranges::Whole => responder.header("Content-Type", media_type).file(found.file, 0..length),
        Ranges::One(range) => {
            multipart::content_range(&range, length, &mut value);
            let responder = responder.status(Status::PARTIAL_CONTENT);
            let responder = responder.header("Content-Range", value);
            responder.header("Content-Type", media_type).file(found.file, range)
        }
        Ranges::Many(list) => {
            let boundary = Boundary::new(random());
            let media_type = media_type.as_bytes();
            let parts = Multipart { boundary, media_type, length };
            if parts.content_length(&list) > length {
                let responder = responder.header("Content-Type", media_type);
                return responder.file(found.file, 0..length);
            }
            match send_parts(responder, &found.file, &parts, &list).await {
                Ok(sent) => sent,
                Err(_) => Sent::new(), // what was begun is broken off
            }
        }
        Ranges::Unsatisfiable => {
            multipart::unsatisfied_range(length, &mut value);
            let responder = responder.status(Status::RANGE_NOT_SATISFIABLE);
            responder.header("Content-Range", value).empty()
        }
    }
}

/// Sends several ranges as multipart/byteranges.
async fn send_parts(
    responder: Responder<'_>,
    file: &File,
    parts: &Multipart<'_>,
    list: &RangeList,
) -> Result<Sent, Error> {
    let mut piece = Vec::new();
    parts.content_type(&mut piece);
    let responder = responder.status(Status::PARTIAL_CONTENT).header("Content-Type", &piece);
    let mut stream = responder.stream_of_length(parts.content_length(list))?;
    for (position, range) in list.iter().enumerate() {
        piece.clear();
        parts.part_head(position == 0, &range, &mut piece);
        stream.write(&piece).await?;
        let Range { mut start, end } = range;
        while start < end {
            piece.clear();
            let most = end.saturating_sub(start).min(STEP as u64);
            let mut file = file;
            file.seek(SeekFrom::Start(start))?;
            let octets = file.take(most).read_to_end(&mut piece)? as u64;
            if octets == 0 {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
            start = start.saturating_add(octets);
            stream.write(&piece).await?;
        }
    }
    piece.clear();
    parts.end(&mut piece);
    stream.write(&piece).await?;
    stream.finish()
}

/// A number that nobody can guess: the keys of the standard library's hash maps are random.
fn random() -> u128 {
    use std::hash::{BuildHasher as _, RandomState};
    let half = |salt: u8| u128::from(RandomState::new().hash_one(salt));
    (half(0) << 64) | half(1)
}
