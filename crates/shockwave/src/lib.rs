//! HTTP servers that allocate nothing per request.

#![forbid(unsafe_code)]
