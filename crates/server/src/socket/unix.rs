//! Listening on a Unix-domain socket.

use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::os::unix::net::UnixListener;
use std::path::Path;

use socket2::{Domain, SockAddr, Socket, Type};

use super::backlog;

/// A listener on `path` that does not block, with room for `connections` that wait.
///
/// A socket file that nobody listens on any more, as a killed server leaves it, is removed before.
/// Anything else that stands there is left alone. Two servers that start in the same instant can
/// remove each other's file: start one.
///
/// `mode` says who can connect: on Linux, who may write to the file. It is set before anybody can.
/// `None` leaves it to the umask. The file stays when the listener is dropped: who made it removes
/// it.
///
/// # Errors
///
/// `AddrInUse` where somebody listens; `AlreadyExists` where something that is no socket stands, be
/// it a link to one; whatever keeps the file from being made.
pub(crate) fn listen_unix(
    path: &Path,
    connections: u32,
    mode: Option<u32>,
) -> io::Result<UnixListener> {
    let address = SockAddr::unix(path)?;
    remove_stale(path, &address)?;
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address)?;
    // Between the two, whoever connects is refused: nobody listens yet.
    let listening = mode
        .map_or(Ok(()), |mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)))
        .and_then(|()| socket.listen(backlog(connections)));
    match listening {
        Ok(()) => Ok(socket.into()),
        Err(error) => {
            // The file is ours; that it cannot be used is what is to be told.
            let _ = fs::remove_file(path);
            Err(error)
        }
    }
}

fn remove_stale(path: &Path, address: &SockAddr) -> io::Result<()> {
    let kind = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata.file_type(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    if !kind.is_socket() {
        let text = "something that is no socket has this path";
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, text));
    }
    let probe = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    // A listener whose backlog is full would let us wait.
    probe.set_nonblocking(true)?;
    match probe.connect(address).map_err(|error| error.kind()) {
        Err(io::ErrorKind::ConnectionRefused) => fs::remove_file(path),
        Err(io::ErrorKind::NotFound) => Ok(()),
        Err(io::ErrorKind::PermissionDenied) => Err(io::ErrorKind::PermissionDenied.into()),
        // Connected; or it would, if there were room; or it is of another type, and in use.
        _ => Err(io::ErrorKind::AddrInUse.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::{UnixDatagram, UnixStream};
    use std::path::PathBuf;

    use super::*;

    /// A folder of one test's own, removed at its end.
    struct Folder(PathBuf);

    impl Folder {
        fn new(test: &str) -> Self {
            let name = format!("shockwave-unix-{test}-{}", std::process::id());
            let path = std::env::temp_dir().join(name);
            fs::create_dir_all(&path).unwrap();
            Self(path)
        }

        fn socket(&self) -> PathBuf {
            self.0.join("socket")
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn kind(result: io::Result<UnixListener>) -> io::ErrorKind {
        result.unwrap_err().kind()
    }

    #[test]
    fn listens_and_does_not_block() {
        let folder = Folder::new("listens");
        let listener = listen_unix(&folder.socket(), 8, Some(0o600)).unwrap();
        assert_eq!(listener.accept().unwrap_err().kind(), io::ErrorKind::WouldBlock);
        let mode = fs::metadata(folder.socket()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let _client = UnixStream::connect(folder.socket()).unwrap();
        assert!(listener.accept().is_ok());
    }

    #[test]
    fn a_stale_file_is_removed() {
        let folder = Folder::new("stale");
        drop(listen_unix(&folder.socket(), 8, None).unwrap());
        assert!(folder.socket().exists());
        let _listener = listen_unix(&folder.socket(), 8, None).unwrap();
        assert!(UnixStream::connect(folder.socket()).is_ok());
    }

    #[test]
    fn a_listener_is_left_alone() {
        let folder = Folder::new("taken");
        let first = listen_unix(&folder.socket(), 8, None).unwrap();
        assert_eq!(kind(listen_unix(&folder.socket(), 8, None)), io::ErrorKind::AddrInUse);
        assert!(first.accept().is_ok() && UnixStream::connect(folder.socket()).is_ok());
    }

    #[test]
    fn a_listener_whose_backlog_is_full_is_left_alone() {
        let folder = Folder::new("full");
        let _first = listen_unix(&folder.socket(), 0, None).unwrap();
        let address = SockAddr::unix(folder.socket()).unwrap();
        let mut waiting = Vec::new();
        for _ in 0..16 {
            let client = Socket::new(Domain::UNIX, Type::STREAM, None).unwrap();
            client.set_nonblocking(true).unwrap();
            let is_full = client.connect(&address).is_err();
            waiting.push(client);
            if is_full {
                break;
            }
        }
        assert_eq!(kind(listen_unix(&folder.socket(), 8, None)), io::ErrorKind::AddrInUse);
        assert!(folder.socket().exists());
    }

    #[test]
    fn what_is_no_listener_is_left_alone() {
        let folder = Folder::new("file");
        fs::write(folder.socket(), "precious").unwrap();
        assert_eq!(kind(listen_unix(&folder.socket(), 8, None)), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(folder.socket()).unwrap(), b"precious");
        fs::remove_file(folder.socket()).unwrap();
        fs::create_dir(folder.socket()).unwrap();
        assert_eq!(kind(listen_unix(&folder.socket(), 8, None)), io::ErrorKind::AlreadyExists);
        fs::remove_dir(folder.socket()).unwrap();
        // A link to a stale socket is no socket.
        let other = folder.0.join("other");
        drop(UnixListener::bind(&other).unwrap());
        std::os::unix::fs::symlink(&other, folder.socket()).unwrap();
        assert_eq!(kind(listen_unix(&folder.socket(), 8, None)), io::ErrorKind::AlreadyExists);
        fs::remove_file(folder.socket()).unwrap();
        let _datagram = UnixDatagram::bind(folder.socket()).unwrap();
        assert_eq!(kind(listen_unix(&folder.socket(), 8, None)), io::ErrorKind::AddrInUse);
    }

    #[test]
    fn what_cannot_be_made() {
        let folder = Folder::new("cannot");
        let nowhere = folder.0.join("nowhere/socket");
        assert_eq!(kind(listen_unix(&nowhere, 8, None)), io::ErrorKind::NotFound);
        let long = folder.0.join("n".repeat(200));
        assert!(listen_unix(&long, 8, None).is_err());
    }
}
