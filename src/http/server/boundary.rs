//! Where the requests of a connection begin and end, as hyper reads them, and which of them has to be the last.
//!
//! Attack. A request with both `Content-Length` and `Transfer-Encoding`: a proxy that believes the one and a server that
//! believes the other disagree on where the next request begins (request smuggling, RFC 9112 section 11.2).
//! Setting. None.
//! Answer. 400 `BAD_REQUEST`, and the connection is closed.
//! Test. In this file, and `tests.rs`.
//!
//! hyper believes `Transfer-Encoding`, closes the connection afterwards as RFC 9112 section 6.1 demands, and **removes**
//! `Content-Length` before anybody can see it. So the bytes are looked at on their way into hyper: they are handed over
//! head by head, each complete head is parsed once with hyper's own parser, and the length of its body says where the
//! next one begins. Only what can't be followed without reading bodies ends the connection: a chunked body, an upgrade.

use std::sync::{Arc, OnceLock};

use httparse::{EMPTY_HEADER, Header, Request, Status};

/// Header fields of a request; hyper answers 431 above (and the edge below that, at its own limit).
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
