//! How long a message's content is: RFC 9112 section 6.3 as one pure function.
