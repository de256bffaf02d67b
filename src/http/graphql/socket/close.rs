//! Why a socket is closed: the codes of graphql-transport-ws and of WebSocket (RFC 6455, section 7.4.1).
//!
//! Clients of graphql-ws take 4400, 4401, 4409 and 4429 for a mistake that would happen again, as they do 1002, 1007,
//! 1008 and 1009, and come back after any other one here.

use std::borrow::Cow;

use axum::extract::ws::CloseFrame;
use tungstenite::error::{Error, ProtocolError};

use crate::code::ErrorCode;
use crate::edge::Refusal;
use crate::ids::RequestId;

/// The most bytes of a reason: a close frame holds 125, two of which are the code.
const REASON_BYTES: usize = 123;

/// The last word of the server on a socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Close {
    /// What clients switch on.
    pub(super) code: u16,
    /// A sentence for people.
    pub(super) reason: Cow<'static, str>,
}

impl Close {
    /// The server stops.
    pub(super) const GOING_AWAY: Self = Self::new(1001, "The server is going away");
    /// The client sends more messages than `subscriptions.messages_per_second` allows.
    pub(super) const TOO_MANY_MESSAGES: Self = Self::new(1008, "Too many messages");
    /// The caller has too many sockets or requests, or the server can't do its work now.
    pub(super) const TRY_AGAIN_LATER: Self = Self::new(1013, "Try again later");
    /// The client has not taken a message for `subscriptions.send_seconds`.
    pub(super) const SLOW_READER: Self = Self::new(1013, "Messages are not read");
    /// The client subscribes before the connection is acknowledged.
    pub(super) const UNAUTHORIZED: Self = Self::new(4401, "Unauthorized");
    /// The token is not good, or not any more.
    pub(super) const FORBIDDEN: Self = Self::new(4403, "Forbidden");
    /// The client has not said who it is in `subscriptions.init_seconds`.
    pub(super) const INIT_TIMEOUT: Self = Self::new(4408, "Connection initialisation timeout");
    /// The client says a second time who it is.
    pub(super) const TOO_MANY_INITS: Self = Self::new(4429, "Too many initialisation requests");

    const fn new(code: u16, reason: &'static str) -> Self {
        Self { code, reason: Cow::Borrowed(reason) }
    }

    /// The client sent what is no message of the protocol.
    pub(super) const fn invalid(reason: &'static str) -> Self {
        Self::new(4400, reason)
    }

    /// There is an operation of this id already.
    pub(super) fn taken(id: &str) -> Self {
        let reason = format!("Subscriber for {id} already exists");
        match reason.len() {
            0..=REASON_BYTES => Self { code: 4409, reason: Cow::Owned(reason) },
            _ => Self::new(4409, "Subscriber already exists"),
        }
    }

    /// The connection itself is refused, not one operation on it. Writes the one log line of the refusal.
    pub(super) fn refused(refusal: Refusal, request_id: RequestId) -> Self {
        let close = match refusal.code {
            ErrorCode::Unauthenticated => Self::FORBIDDEN,
            // Not 4500, which is for good: the database may be back in a moment.
            _ => Self::TRY_AGAIN_LATER,
        };
        drop(refusal.into_errors(request_id));
        close
    }

    /// What a frame that can't be read is answered with; nothing when nobody is there to be answered.
    pub(super) fn unreadable(error: axum::Error) -> Option<Self> {
        match error.into_inner().downcast::<Error>().map(|error| *error) {
            Ok(Error::Capacity(_)) => Some(Self::new(1009, "The message is too large")),
            Ok(Error::Utf8(_)) => Some(Self::new(1007, "The message is not UTF-8")),
            Ok(Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)) => None,
            Ok(Error::Protocol(_)) => Some(Self::new(1002, "The frame breaks the protocol")),
            _ => None,
        }
    }
}

impl From<Close> for CloseFrame {
    fn from(close: Close) -> Self {
        Self { code: close.code, reason: close.reason.as_ref().into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_fits_into_its_frame() {
        let overhead = Close::taken("").reason.len();
        let fits = "x".repeat(REASON_BYTES - overhead);
        assert_eq!(Close::taken(&fits).reason.len(), REASON_BYTES);
        assert_eq!(Close::taken(&(fits + "x")).reason, "Subscriber already exists");
    }
}
