//! Heads as octets: start lines, field lines, dates, canned error responses.
