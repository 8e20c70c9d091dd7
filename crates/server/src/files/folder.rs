//! A folder of files, as a web site.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use shockwave_wire::{Method, Status};

use super::path::{self, DotFiles, PathRules};
use super::send;
use crate::{Request, Sent};

/// The files below a folder, sent as they are: with media type, entity tag, Last-Modified,
/// preconditions, ranges, and an index file for folders.
///
/// ```
/// use shockwave_server::{Files, Request, Sent};
///
/// # let root = std::env::temp_dir();
/// let site = Files::new(root)?.cache_control("max-age=3600");
/// let handler = async move |request: Request<'_>| site.send(request).await;
/// # let _ = handler;
/// # Ok::<_, std::io::Error>(())
/// ```
///
/// Paths that are not plain names below the folder are refused, however they are encoded, and
/// symbolic links are followed only as long as they stay below it. Names that start with a full
/// stop are hidden, unless [`dot_files`](Self::dot_files) says otherwise.
///
/// Files are opened, and read where they cannot be sent by the kernel, on the worker's thread: that
/// blocks it where the disk is slow. Sending a file allocates for its path and the field values.
#[derive(Debug)]
pub struct Files {
    root: PathBuf,
    #[cfg(target_os = "linux")]
    folder: std::os::fd::OwnedFd,
    index: Option<String>,
    dot_files: DotFiles,
    cache_control: Option<String>,
}

impl Files {
    /// The files below `root`.
    ///
    /// # Errors
    ///
    /// It is no folder, or cannot be opened.
    pub fn new(root: impl Into<PathBuf>) -> io::Result<Self> {
        let root = root.into().canonicalize()?;
        if !root.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        Ok(Self {
            #[cfg(target_os = "linux")]
            folder: File::open(&root)?.into(),
            root,
            index: PathRules::DEFAULT.index.map(str::to_owned),
            dot_files: PathRules::DEFAULT.dot_files,
            cache_control: None,
        })
    }

    /// The file that stands for its folder, `index.html` by default; none, and folders are not
    /// found.
    #[must_use]
    pub fn index(mut self, name: Option<&str>) -> Self {
        self.index = name.map(str::to_owned);
        self
    }

    /// What is done about names that start with a full stop.
    #[must_use]
    pub const fn dot_files(mut self, rule: DotFiles) -> Self {
        self.dot_files = rule;
        self
    }

    /// The value of Cache-Control for all files. Without one none is sent.
    #[must_use]
    pub fn cache_control(mut self, value: impl Into<String>) -> Self {
        self.cache_control = Some(value.into());
        self
    }

    /// Answers a request with the file that its path means.
    pub async fn send(&self, request: Request<'_>) -> Sent {
        let path = request.path();
        self.send_path(request, path).await
    }

    /// Answers a request with the file that `path` means: a path as requests have it, encoded, that
    /// starts with a slash.
    pub async fn send_path(&self, request: Request<'_>, path: &str) -> Sent {
        if !matches!(request.method(), Method::Get | Method::Head) {
            return send::not_allowed(request);
        }
        let rules = PathRules { dot_files: self.dot_files, index: self.index.as_deref() };
        let mut name = String::new();
        let resolved = match path::resolve(path.as_bytes(), &rules, &mut name) {
            Ok(resolved) => resolved,
            Err(error) => return request.respond().status(error.status()).empty(),
        };
        let opened = self.open(resolved.path).and_then(|file| Ok((file.metadata()?, file)));
        match opened {
            Ok((metadata, file)) if metadata.is_file() => {
                let cache_control = self.cache_control.as_deref();
                let found = send::Found { file, metadata, name: resolved.path, cache_control };
                send::send(request, found).await
            }
            Ok((metadata, _)) if metadata.is_dir() && !resolved.is_folder => self.redirect(request),
            Ok(_) => request.respond().status(Status::NOT_FOUND).empty(),
            Err(error) => request.respond().status(send::status_of(&error)).empty(),
        }
    }

    /// To the folder itself: from elsewhere, relative links in its index would lead astray.
    fn redirect(&self, request: Request<'_>) -> Sent {
        if self.index.is_none() {
            return request.respond().status(Status::NOT_FOUND).empty();
        }
        // Relative, to lead nowhere but to this host, whatever the path begins with; with a dot, as
        // a name with a colon in it would be taken for a scheme.
        let name = request.path().rsplit('/').next().unwrap_or_default();
        let query = request.query().map(|query| format!("?{query}")).unwrap_or_default();
        let location = format!("./{name}/{query}");
        let response = request.respond().status(Status::PERMANENT_REDIRECT);
        response.header("Location", location).empty()
    }

    /// Opens a file below the root, without waiting for the writer of a FIFO.
    #[cfg(target_os = "linux")]
    fn open(&self, path: &Path) -> io::Result<File> {
        use rustix::fs::{Mode, OFlags, ResolveFlags, openat2};
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
        match openat2(&self.folder, path, flags, Mode::empty(), resolve) {
            Ok(file) => Ok(file.into()),
            // An old kernel, or a sandbox that does not know it.
            Err(rustix::io::Errno::NOSYS | rustix::io::Errno::PERM) => self.open_checked(path),
            Err(error) => Err(error.into()),
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn open(&self, path: &Path) -> io::Result<File> {
        self.open_checked(path)
    }

    /// Opens a file whose canonical path is below the root.
    fn open_checked(&self, path: &Path) -> io::Result<File> {
        let path = self.root.join(path).canonicalize()?;
        if !path.starts_with(&self.root) {
            return Err(io::ErrorKind::NotFound.into());
        }
        if !std::fs::metadata(&path)?.is_file() && !path.is_dir() {
            return Err(io::ErrorKind::NotFound.into());
        }
        File::open(path)
    }
}
