//! Where the requests of a connection begin and end, as hyper reads them, and which of them has to be the last.
//!
//! Attack. A request with both `Content-Length` and `Transfer-Encoding`: a proxy that believes the one and a server that
//! believes the other disagree on where the next request begins (request smuggling, RFC 9112 section 11.2).
//! Setting. None.
//! Answer. 400 `BAD_REQUEST`, and the connection is closed.
//! Test. In this file, and `tests/`.
//!
//! hyper believes `Transfer-Encoding`, closes the connection afterwards as RFC 9112 section 6.1 demands, and **removes**
//! `Content-Length` before anybody can see it. So the bytes are looked at on their way into hyper: they are handed over
//! head by head, each complete head is parsed once with hyper's own parser, and the length of its body says where the
//! next one begins. Only what can't be followed without reading bodies ends the connection: a chunked body, an upgrade.

use std::sync::{Arc, OnceLock};

use httparse::{EMPTY_HEADER, Header, Request, Status};

/// Header fields of a request; hyper answers 431 above. Higher than what the edge takes by any setting (96), so that
/// most of what is too much is answered in our own words.
pub(super) const MAX_FIELDS: usize = 100;

/// Why no request after this one is read from the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// It has both `Content-Length` and `Transfer-Encoding`, and is refused.
    BothLengths,
    /// Its end is not known in advance: the body is chunked, it asks for a WebSocket, or hyper will refuse it.
    Unbounded,
}

/// How the connection ends, once that is known: set before hyper hands over the request it is about.
pub(super) type SharedEnding = Arc<OnceLock<Ending>>;

/// Follows the bytes of a connection.
pub(super) struct Boundary {
    part: Part,
    ending: SharedEnding,
}

enum Part {
    Head(Head),
    /// So many bytes of a body are still to come, at least one.
    Body(u64),
    Unbounded,
}

impl Boundary {
    pub(super) fn new(ending: SharedEnding) -> Self {
        Self { part: Part::Head(Head::default()), ending }
    }

    /// How many of `bytes` belong to the current head or body: what may be handed over at once. At least one, unless
    /// `bytes` is empty.
    pub(super) fn take(&mut self, bytes: &[u8]) -> usize {
        match &mut self.part {
            Part::Unbounded => bytes.len(),
            Part::Body(left) => {
                let taken = usize::try_from(*left).map_or(bytes.len(), |left| left.min(bytes.len()));
                *left = left.saturating_sub(taken as u64);
                if *left == 0 {
                    self.part = Part::Head(Head::default());
                }
                taken
            }
            Part::Head(head) => {
                let Some(taken) = head.take(bytes) else { return bytes.len() };
                self.part = after(&head.bytes, &self.ending);
                taken
            }
        }
    }

    /// Whether some bytes of a head have come and others are missing.
    pub(super) fn inside_head(&self) -> bool {
        matches!(&self.part, Part::Head(head) if !head.bytes.is_empty())
    }
}

/// The part of a head that has come so far. hyper stops reading at its own limit, so it stays small.
#[derive(Default)]
struct Head {
    bytes: Vec<u8>,
    /// Whether anything but empty lines has come; those before the request line are skipped (RFC 9112 section 2.2).
    started: bool,
    /// Whether the current line is empty so far.
    blank: bool,
}

impl Head {
    /// Keeps the bytes up to the empty line that ends the head. How many those were, `None` when the line is missing.
    fn take(&mut self, bytes: &[u8]) -> Option<usize> {
        let end = bytes.iter().position(|&byte| self.ends_with(byte));
        let taken = end.map_or(bytes.len(), |end| end.saturating_add(1));
        self.bytes.extend(bytes.iter().take(taken));
        end.map(|_| taken)
    }

    fn ends_with(&mut self, byte: u8) -> bool {
        match byte {
            b'\n' if self.blank && self.started => return true,
            b'\n' => self.blank = true,
            b'\r' => {}
            _ => (self.started, self.blank) = (true, false),
        }
        false
    }
}

/// What comes after a complete head.
fn after(head: &[u8], ending: &OnceLock<Ending>) -> Part {
    let mut fields = [EMPTY_HEADER; MAX_FIELDS];
    let mut request = Request::new(&mut fields);
    let length = match request.parse(head) {
        Ok(Status::Complete(_)) => body_length(request.headers),
        _ => Err(Ending::Unbounded),
    };
    match length {
        Ok(0) => Part::Head(Head::default()),
        Ok(length) => Part::Body(length),
        Err(reason) => {
            // Nothing is set twice: the first ending is the last head that is looked at.
            let _ = ending.set(reason);
            Part::Unbounded
        }
    }
}

/// Bytes of the body that follows these header fields, or why that is not known.
fn body_length(fields: &[Header<'_>]) -> Result<u64, Ending> {
    let named = |name: &'static str| fields.iter().filter(move |field| field.name.eq_ignore_ascii_case(name));
    let length = named("content-length").next();
    match (length, named("transfer-encoding").next()) {
        (Some(_), Some(_)) => Err(Ending::BothLengths),
        (None, Some(_)) => Err(Ending::Unbounded),
        _ if named("upgrade").any(|field| field.value.eq_ignore_ascii_case(b"websocket")) => Err(Ending::Unbounded),
        (None, None) => Ok(0),
        (Some(field), None) => {
            std::str::from_utf8(field.value).ok().and_then(|length| length.parse().ok()).ok_or(Ending::Unbounded)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    /// The pieces that are handed over when `bytes` come in reads of `size`, and how the connection ends.
    fn pieces(bytes: &[u8], size: usize) -> (Vec<Vec<u8>>, Option<Ending>) {
        let ending = SharedEnding::default();
        let mut boundary = Boundary::new(Arc::clone(&ending));
        let mut pieces = Vec::new();
        for read in bytes.chunks(size) {
            let mut rest = read;
            while !rest.is_empty() {
                let (piece, after) = rest.split_at(boundary.take(rest));
                assert!(!piece.is_empty(), "an empty piece would look like the end of the connection");
                pieces.push(piece.to_owned());
                rest = after;
            }
        }
        (pieces, ending.get().copied())
    }

    #[test]
    fn the_end_of_a_connection_is_known_from_the_head() {
        let cases: &[(&str, Option<Ending>)] = &[
            ("", None),
            ("Host: x\r\n", None),
            ("Content-Length: 0\r\n", None),
            ("Content-Length: 18446744073709551615\r\n", None),
            ("Content-Length: 18446744073709551616\r\n", Some(Ending::Unbounded)),
            ("Content-Length: five\r\n", Some(Ending::Unbounded)),
            ("Upgrade: h2c\r\n", None),
            ("Upgrade: websocket\r\n", Some(Ending::Unbounded)),
            ("Transfer-Encoding: chunked\r\n", Some(Ending::Unbounded)),
            ("X: Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", Some(Ending::Unbounded)),
            ("content-length: 0\r\nTRANSFER-ENCODING: chunked\r\n", Some(Ending::BothLengths)),
            ("Transfer-Encoding: chunked\nContent-Length:\n", Some(Ending::BothLengths)),
            ("not a field\r\n", Some(Ending::Unbounded)),
        ];
        for (fields, ending) in cases {
            assert_eq!(pieces(format!("POST / HTTP/1.1\r\n{fields}\r\n").as_bytes(), 7).1, *ending, "{fields:?}");
        }
        assert_eq!(pieces(b"\0\r\n\r\n", 1).1, Some(Ending::Unbounded), "hyper refuses it");
        assert_eq!(pieces(b"\r\n\n\r\nGET / HTTP/1.1\n\n", 1).1, None, "empty lines before a head are skipped");
    }

    proptest! {
        #[test]
        fn no_piece_holds_bytes_of_two_messages(bodies in vec(vec(any::<u8>(), 0..40), 1..6), size in 1_usize..200) {
            let messages: Vec<Vec<u8>> = bodies
                .iter()
                .map(|body| [format!("POST / HTTP/1.1\r\nContent-Length: {}\r\n\r\n", body.len()).as_bytes(), body].concat())
                .collect();
            let (pieces, ending) = pieces(&messages.concat(), size);
            prop_assert_eq!(ending, None);
            prop_assert_eq!(pieces.concat(), messages.concat());
            let ends = |parts: &[Vec<u8>]| -> Vec<usize> {
                parts.iter().scan(0, |end, part| { *end += part.len(); Some(*end) }).collect()
            };
            let piece_ends = ends(&pieces);
            prop_assert!(ends(&messages).iter().all(|end| piece_ends.contains(end)));
        }

        #[test]
        fn whatever_comes_is_handed_over(bytes in vec(any::<u8>(), 0..400), size in 1_usize..50) {
            prop_assert_eq!(pieces(&bytes, size).0.concat(), bytes);
        }
    }
}
