//! What fuzzers call: a function for each thing to be broken, fed with any octets. They panic where
//! a promise is not kept.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "fuzzers panic")]
#![allow(missing_docs, reason = "named after what they break")]

use crate::ProxyProtocol;
use crate::proxy::{MAX_V1_LENGTH, MAX_V2_LENGTH, parse};

/// However the input is cut, a header of the PROXY protocol is the same, as is an error; and no
/// more octets are asked for than the limit says.
pub fn fuzz_proxy(data: &[u8]) {
    assert_eq!(parse(data, ProxyProtocol::Off).unwrap().unwrap().0, 0);
    for accepted in [ProxyProtocol::V1, ProxyProtocol::V2, ProxyProtocol::Any] {
        let is_v1 = match accepted {
            ProxyProtocol::Any => data.first() == Some(&b'P'),
            accepted => accepted == ProxyProtocol::V1,
        };
        let most = if is_v1 { MAX_V1_LENGTH } else { MAX_V2_LENGTH };
        let whole = parse(data, accepted);
        // How much had to come before the answer was known.
        let needed = match whole {
            Ok(None) => {
                assert!(data.len() < most);
                continue;
            }
            Ok(Some((consumed, _))) => consumed,
            Err(error) => error.offset + 1,
        };
        assert!(needed <= most && (needed <= data.len() || whole.is_err()));
        for cut in (0..data.len().min(most)).rev() {
            let part = parse(&data[..cut], accepted);
            assert!(part == Ok(None) || part == whole, "cut at {cut}");
            assert!(cut >= needed || whole.is_err() || part == Ok(None), "complete at {cut}");
        }
        let version = if is_v1 { ProxyProtocol::V1 } else { ProxyProtocol::V2 };
        assert_eq!(parse(data, version), whole);
    }
}
