//! What a hook for access logs is told.

use core::time::Duration;

use shockwave_wire::{RequestHead, Status};

use crate::ConnectionInfo;

/// A request and how it was answered, for [`Server::on_response`](crate::Server::on_response).
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Access<'a> {
    /// The request's head.
    pub request: &'a RequestHead<'a>,
    /// The connection that it came by.
    pub connection: &'a ConnectionInfo,
    /// The status that was sent. `None` where the connection ended without a response.
    pub status: Option<Status>,
    /// Octets of the response's content, without its coding.
    pub body_bytes: u64,
    /// From the request's head to the end of its handler.
    pub duration: Duration,
}
