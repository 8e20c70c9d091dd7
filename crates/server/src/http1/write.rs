//! What was encoded leaves.

use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::fs::File;
use std::io;

use super::state::{Failed, Failure, State};
use crate::content::Payload;
use crate::exchange::Write;
use crate::transport::Transport;
use crate::worker::Worker;

/// How much of a file is sent by one call, and read at once where it cannot be sent.
const FILE_STEP: u64 = 256 << 10;

impl<T: Transport> State<T> {
    /// Writes all that there is to write. The buffer stays with the connection.
    pub(super) fn poll_flush(
        &mut self,
        cx: &mut Context<'_>,
        worker: &Worker,
    ) -> Poll<Result<(), Failed>> {
        if !self.can_write() {
            return Poll::Ready(Err(Failed));
        }
        while self.written < self.out.len() || self.payload.is_some() {
            let octets = ready!(self.poll_some(cx))?;
            self.advance(octets, worker);
        }
        self.out.clear();
        self.written = 0;
        // A piece of content may still be on its way, by a write that has been asked before this.
        if self.is_blocked && self.current.owed == 0 {
            self.is_blocked = false;
            self.core.transmitted(0);
        }
        Pin::new(&mut self.io).poll_flush(cx).map_err(|error| self.fail(Failure::Io(error.kind())))
    }

    /// Writes once. Pending, and the core knows that the client is waited for.
    fn poll_some(&mut self, cx: &mut Context<'_>) -> Poll<Result<u64, Failed>> {
        let head = self.out.get(self.written..).unwrap_or_default();
        let written = match &self.payload {
            Some(Payload::File(file, range)) if head.is_empty() => {
                let at = range.start.saturating_add(self.payload_written);
                let length = range.end.saturating_sub(at).min(FILE_STEP);
                match self.io.poll_send_file(cx, file, at, usize::try_from(length).unwrap_or(0)) {
                    Some(sent) => sent,
                    None => {
                        // The next poll writes it.
                        self.out.clear();
                        self.written = 0;
                        let read = read_at(file, at, length, &mut self.out);
                        self.payload_written = self.payload_written.saturating_add(read);
                        return Poll::Ready(match read {
                            0 => Err(self.fail(Failure::Broken)),
                            _ => Ok(0),
                        });
                    }
                }
            }
            Some(payload) => {
                let from = usize::try_from(self.payload_written).unwrap_or(usize::MAX);
                let rest = payload.octets().get(from..).unwrap_or_default();
                self.io.poll_both(cx, head, rest)
            }
            None => self.io.poll_both(cx, head, &[]),
        };
        self.note(written)
    }

    /// What a write has come to.
    #[inline]
    fn note(&mut self, written: Poll<io::Result<usize>>) -> Poll<Result<u64, Failed>> {
        match written {
            Poll::Ready(Ok(0)) => {
                // A file that has become shorter, or a transport that takes nothing.
                Poll::Ready(Err(self.fail(Failure::Broken)))
            }
            Poll::Ready(Ok(octets)) => Poll::Ready(Ok(octets as u64)),
            Poll::Ready(Err(error)) => Poll::Ready(Err(self.fail(Failure::Io(error.kind())))),
            Poll::Pending => {
                self.is_blocked = true;
                let unwritten = self.unwritten().saturating_add(self.current.owed as u64);
                self.core.transmitted(usize::try_from(unwritten).unwrap_or(usize::MAX));
                Poll::Pending
            }
        }
    }

    /// Notes that octets were written.
    fn advance(&mut self, octets: u64, worker: &Worker) {
        worker.counters.bytes_sent.add(octets);
        let head = self.out.len().saturating_sub(self.written) as u64;
        let of_head = octets.min(head);
        self.written = self.written.saturating_add(usize::try_from(of_head).unwrap_or(0));
        self.payload_written = self.payload_written.saturating_add(octets.saturating_sub(of_head));
        let is_done = |payload: &Payload<'_>| self.payload_written >= payload.length();
        if self.payload.as_ref().is_some_and(is_done) {
            self.payload_written = 0;
            if let Some(Payload::Pooled(buffer)) = self.payload.take() {
                worker.give(buffer);
            }
        }
    }

    /// Writes what was encoded and then a piece of content that is not copied.
    pub(super) fn poll_piece(
        &mut self,
        cx: &mut Context<'_>,
        write: &mut Write<'_>,
        worker: &Worker,
    ) -> Poll<Result<(), Failed>> {
        loop {
            let done = write.written.unwrap_or(0);
            let head = self.out.get(self.written..).unwrap_or_default();
            let data = write.data.get(done..).unwrap_or_default();
            if data.is_empty() {
                break;
            }
            let written = self.io.poll_both(cx, head, data);
            let octets = ready!(self.note(written))?;
            worker.counters.bytes_sent.add(octets);
            let octets = usize::try_from(octets).unwrap_or(usize::MAX);
            let of_head = octets.min(self.out.len().saturating_sub(self.written));
            self.written = self.written.saturating_add(of_head);
            let of_data = octets.saturating_sub(of_head);
            write.written = Some(done.saturating_add(of_data));
            self.current.owed = self.current.owed.saturating_sub(of_data);
        }
        self.out.clear();
        self.written = 0;
        self.out.extend_from_slice(write.suffix);
        if self.is_blocked {
            self.is_blocked = false;
            self.core.transmitted(0);
        }
        Poll::Ready(Ok(()))
    }
}

/// Reads `length` octets of a file from `at` on; how many came. This blocks, as `sendfile` does
/// where the octets are not in memory.
fn read_at(file: &File, at: u64, length: u64, out: &mut Vec<u8>) -> u64 {
    use std::io::{Read as _, Seek as _, SeekFrom};
    let mut file = file;
    if file.seek(SeekFrom::Start(at)).is_err() {
        return 0;
    }
    match file.take(length).read_to_end(out) {
        Ok(octets) => octets as u64,
        Err(_) => 0,
    }
}
