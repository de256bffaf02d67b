//! One socket: the state machine of graphql-transport-ws.
//!
//! One half reads messages and begins operations, the other sends what these come to. Neither waits for the other, but the
//! reading half waits while the queue between them is full: so a client is read no faster than it reads.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use chrono::{DateTime, Utc};
use futures_util::StreamExt;
use futures_util::stream::SplitStream;
use tokio::time::{Interval, MissedTickBehavior, interval, sleep, timeout};

use super::close::Close;
use super::message::{self, ClientMessage};
use super::operation::Client;
use super::operations::{End, Operations, Place};
use super::outgoing::{self, Outgoing};
use super::writer::Writer;
use crate::app::App;
use crate::bus::{Listener, Topic};
use crate::domain::Caller;
use crate::edge::access_log::RequestRecord;
use crate::edge::client_address::AddressKey;
use crate::edge::concurrency::CallerKey;
use crate::edge::subscriptions::{Room, SocketId, too_many};
use crate::edge::tally::Share;
use crate::http::graphql::operation::{Operation, Origin};
use crate::http::json::JsonLimits;
use crate::http::request::GraphqlRequest;

/// How often a socket is looked at on which nothing happens.
const LOOK: Duration = Duration::from_secs(1);

/// After how many looks the token is looked at again, whatever happens: what another process has done to it rings no bell.
const LOOKS_AT_TOKEN: u32 = 60;

/// How long a client has to hear the last word. What it still sends is thrown away: if the connection was cut with bytes
/// unread, the system would tell the client so before it has read the close frame.
const LINGER: Duration = Duration::from_secs(2);

/// A socket that is served.
pub(super) struct Connection {
    app: Arc<App>,
    origin: Origin,
    id: SocketId,
    room: Room,
    opening: Share<AddressKey>,
}

/// The half that reads.
struct Reader {
    app: Arc<App>,
    origin: Origin,
    id: SocketId,
    outgoing: Outgoing,
    operations: Operations,
    /// Rings when what the user may do has changed.
    listener: Listener,
    known: Option<Acknowledged>,
    /// Its place among the sockets on which nobody has said yet who they are.
    opening: Option<Share<AddressKey>>,
    looks: Interval,
    /// How many looks ago something came.
    silent: u32,
    /// How many looks ago the token was looked at.
    unproven: u32,
}

/// What is known of a client that said who it is.
struct Acknowledged {
    client: Arc<Client>,
    expires_at: Option<DateTime<Utc>>,
    _share: Share<CallerKey>,
}

/// Whether a socket goes on. It ends with a last word, or without one when nobody is there to hear it.
type Step = Result<(), Option<Close>>;

impl Connection {
    pub(super) fn new(app: &Arc<App>, origin: Origin, room: Room, opening: Share<AddressKey>) -> Self {
        Self { app: Arc::clone(app), origin, id: app.subscriptions.socket_id(), room, opening }
    }

    /// Serves the socket to its end.
    pub(super) async fn serve(self, socket: WebSocket) {
        let settings = &self.app.config.subscriptions;
        let (sink, mut incoming) = socket.split();
        let (outgoing, queue) = outgoing::queue(settings.queue, self.app.config.limits.response_bytes);
        let mut writer = Writer::new(sink, queue, settings);
        let address = self.origin.address;
        let mut looks = interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let reader = Reader {
            operations: Operations::new(settings.operations),
            listener: self.app.services.bus.listen(),
            app: Arc::clone(&self.app),
            origin: self.origin,
            id: self.id,
            outgoing,
            known: None,
            opening: Some(self.opening),
            looks,
            silent: 0,
            unproven: 0,
        };
        let shutdown = self.app.shutdown.clone();
        // The half that reads is dropped at its end, and with it everything that could still be sent. It may be waiting for
        // a place in the queue, so the end of the server is not its business.
        let end = tokio::select! {
            () = shutdown.cancelled() => Some(Close::GOING_AWAY),
            end = reader.read(&mut incoming) => end,
            Err(end) = writer.run() => end,
        };
        let code = end.as_ref().map(|close| close.code);
        tracing::info!(target: "taskward::socket", %address, code, "closed");
        drop(self.room);
        if let Some(close) = end {
            writer.close(close).await;
        }
        linger(incoming).await;
    }
}

impl Reader {
    /// Reads until the socket is to end; why it is.
    async fn read(mut self, incoming: &mut SplitStream<WebSocket>) -> Option<Close> {
        let mut init = pin!(sleep(self.app.config.subscriptions.init()));
        loop {
            let is_known = self.known.is_some();
            let step = tokio::select! {
                biased;
                ended = self.operations.ended() => self.finish(ended).await,
                _ = self.listener.heard() => self.require_still_known().await,
                _ = self.looks.tick() => self.look().await,
                frame = incoming.next() => self.take(frame).await,
                // The last of all: what has come in time is not late because the server was busy.
                () = &mut init, if !is_known => Err(Some(Close::INIT_TIMEOUT)),
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    async fn take(&mut self, frame: Option<Result<Message, axum::Error>>) -> Step {
        self.silent = 0;
        let frame = frame.ok_or(None)?.map_err(Close::unreadable)?;
        if !self.app.subscriptions.may_send(self.id) {
            return Err(Some(Close::TOO_MANY_MESSAGES));
        }
        match frame {
            Message::Text(text) => {
                let message = ClientMessage::parse(&text, JsonLimits::new(&self.app.config.limits))?;
                self.answer(message).await
            }
            Message::Binary(_) => Err(Some(Close::invalid("Messages are texts"))),
            // Answered by the library.
            Message::Ping(_) | Message::Pong(_) => Ok(()),
            Message::Close(_) => Err(None),
        }
    }

    async fn answer(&mut self, message: ClientMessage) -> Step {
        match (message, &self.known) {
            (ClientMessage::Init { .. }, Some(_)) => Err(Some(Close::TOO_MANY_INITS)),
            (ClientMessage::Init { authorization }, None) => self.acknowledge(authorization).await,
            (ClientMessage::Ping, _) => self.send(message::pong()).await,
            (ClientMessage::Pong, _) => Ok(()),
            (ClientMessage::Subscribe { .. }, None) => Err(Some(Close::UNAUTHORIZED)),
            (ClientMessage::Subscribe { id, request }, Some(known)) => {
                let client = Arc::clone(&known.client);
                self.subscribe(client, id, *request).await
            }
            (ClientMessage::Complete { id }, _) => {
                self.operations.end(&id);
                Ok(())
            }
        }
    }

    /// Finds out who the client is, and charges it for a request.
    async fn acknowledge(&mut self, authorization: Option<String>) -> Step {
        let mut operation = self.operation();
        let request_id = operation.request_id;
        let known = operation.caller(authorization.iter().map(String::as_bytes)).await;
        let share = known.and_then(|known| {
            operation.charge(&known.caller)?;
            let share = self.app.subscriptions.enter(operation.key(&known.caller))?;
            Ok((known, share))
        });
        let (known, share) = share.map_err(|refusal| Close::refused(refusal, request_id))?;
        let (app, origin) = (Arc::clone(&self.app), self.origin.clone());
        let client = Arc::new(Client { app, origin, authorization });
        self.opening = None;
        self.known = Some(Acknowledged { client, expires_at: known.expires_at, _share: share });
        if let Caller::User { user, .. } = &known.caller {
            self.listener.set([Topic::Account(user.id)]);
            // What happened to the user before they were listened for.
            self.require_still_known().await?;
        }
        self.send(message::ack()).await
    }

    async fn subscribe(&mut self, client: Arc<Client>, id: String, request: GraphqlRequest) -> Step {
        match self.operations.place(&id) {
            Place::Taken => Err(Some(Close::taken(&id))),
            Place::None => {
                let message = "There are too many operations on this socket: end one of them first.";
                let refusal = too_many(message, "subscriptions.operations");
                let answer = refusal.into_errors(self.operation().request_id);
                self.send(message::error(&id, &answer)).await
            }
            Place::Free => {
                let operation = client.run(id.clone(), request, self.outgoing.clone());
                self.operations.begin(id, operation);
                Ok(())
            }
        }
    }

    /// Says how an operation has ended. Its id is free already, so that who reads this may use it again.
    async fn finish(&mut self, (id, end): (String, End)) -> Step {
        match end {
            End::Complete => self.send(message::complete(&id)).await,
            End::Refused(answer) => self.send(message::error(&id, &answer)).await,
            End::Close(close) => Err(Some(close)),
        }
    }

    async fn require_still_known(&mut self) -> Step {
        self.unproven = 0;
        let Some(known) = &self.known else { return Ok(()) };
        let mut operation = self.operation();
        let authorization = known.client.authorization.iter().map(String::as_bytes);
        let caller = operation.caller(authorization).await;
        caller.map(drop).map_err(|refusal| Some(Close::refused(refusal, operation.request_id)))
    }

    /// Ends the socket when nothing has come since the ping before the last, or its token is not good any more.
    async fn look(&mut self) -> Step {
        self.silent = self.silent.saturating_add(1);
        let most = self.app.config.subscriptions.ping_seconds.saturating_mul(2);
        if self.silent > most {
            return Err(None);
        }
        self.look_at_token().await
    }

    /// Ends the socket when its token has expired; and looks whether the token is good when nobody has for long.
    async fn look_at_token(&mut self) -> Step {
        let expires_at = self.known.as_ref().and_then(|known| known.expires_at);
        if expires_at.is_some_and(|expires_at| expires_at <= self.app.services.clock.now()) {
            return Err(Some(Close::FORBIDDEN));
        }
        self.unproven = self.unproven.saturating_add(1);
        if self.unproven >= LOOKS_AT_TOKEN { self.require_still_known().await } else { Ok(()) }
    }

    /// Sends a message when there is room for it. It may be long until a slow reader has made some, and the token may end in
    /// the meantime.
    async fn send(&mut self, message: Message) -> Step {
        let outgoing = self.outgoing.clone();
        let mut sent = pin!(outgoing.send(message));
        loop {
            tokio::select! {
                sent = &mut sent => return sent.map_err(|_closed| None),
                _ = self.listener.heard() => self.require_still_known().await?,
                _ = self.looks.tick() => self.look_at_token().await?,
            }
        }
    }

    fn operation(&self) -> Operation {
        Operation::on_socket(&self.app, &self.origin, RequestRecord::default())
    }
}

/// Throws away what the client still sends, until it closes.
async fn linger(mut incoming: SplitStream<WebSocket>) {
    let left = async {
        // What can't be read any more has no end that could be seen.
        while let Some(frame) = incoming.next().await {
            if frame.is_err() {
                std::future::pending::<()>().await;
            }
        }
    };
    let _ = timeout(LINGER, left).await;
}
