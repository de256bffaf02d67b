//! Somebody who calls the server: through the real router, without a socket.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST};
use axum::http::request::Builder;
use axum::http::{HeaderValue, Method, Request};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::Answer;

/// A caller at an address, with or without a token.
#[derive(Clone)]
pub(crate) struct Client {
    router: Router,
    address: SocketAddr,
    accept: &'static str,
    authorization: Option<String>,
    tokens: Value,
}

impl Client {
    pub(super) fn new(router: Router) -> Self {
        let address = SocketAddr::from(([203, 0, 113, 7], 50_000));
        let accept = "application/graphql-response+json";
        Self { router, address, accept, authorization: None, tokens: Value::Null }
    }

    /// The same caller with the tokens of an `AuthPayload`.
    pub(crate) fn with_tokens(&self, payload: &Value) -> Self {
        let token = payload["accessToken"].as_str().unwrap();
        Self { tokens: payload.clone(), ..self.with_authorization(&format!("Bearer {token}")) }
    }

    /// The same caller with this `Authorization`.
    pub(crate) fn with_authorization(&self, value: &str) -> Self {
        Self { authorization: Some(value.to_owned()), ..self.clone() }
    }

    /// The same caller at another address.
    pub(crate) fn at(&self, address: &str) -> Self {
        Self { address: SocketAddr::new(address.parse().unwrap(), 50_000), ..self.clone() }
    }

    /// The same caller, who takes this media type.
    pub(crate) fn accepting(&self, accept: &'static str) -> Self {
        Self { accept, ..self.clone() }
    }

    /// The access token that the caller got.
    pub(crate) fn access_token(&self) -> &str {
        self.tokens["accessToken"].as_str().unwrap()
    }

    /// What the caller sends as `Authorization`.
    pub(crate) fn authorization_sent(&self) -> &str {
        self.authorization.as_deref().unwrap()
    }

    /// The refresh token that the caller got.
    pub(crate) fn refresh_token(&self) -> &str {
        self.tokens["refreshToken"].as_str().unwrap()
    }

    /// The caller's user id.
    pub(crate) fn user_id(&self) -> &str {
        self.tokens["user"]["id"].as_str().unwrap()
    }

    /// The answer to a document.
    pub(crate) async fn gql(&self, query: &str) -> Answer {
        self.post(&json!({ "query": query })).await
    }

    /// The answer to a document with variables.
    pub(crate) async fn gql_with(&self, query: &str, variables: Value) -> Answer {
        self.post(&json!({ "query": query, "variables": variables })).await
    }

    /// The answer to the mutation `name`, of whose payload `selection` is asked, with its input as one variable.
    pub(crate) async fn mutate(&self, name: &str, input: Value, selection: &str) -> Answer {
        let (initial, rest) = name.split_at(1);
        let input_type = format!("{}{rest}Input", initial.to_uppercase());
        let query = format!("mutation($input: {input_type}!) {{ {name}(input: $input) {{ {selection} }} }}");
        self.gql_with(&query, json!({ "input": input })).await
    }

    /// The answer to a whole request body.
    pub(crate) async fn post(&self, body: &Value) -> Answer {
        let request = self.request(Method::POST, "/graphql").header(CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    /// A request of this caller that is still to be filled.
    pub(crate) fn request(&self, method: Method, path: &str) -> Builder {
        let request = Request::builder().method(method).uri(path).header(HOST, "localhost").header(ACCEPT, self.accept);
        match &self.authorization {
            Some(value) => request.header(AUTHORIZATION, HeaderValue::from_str(value).unwrap()),
            None => request,
        }
    }

    /// The answer to any request.
    pub(crate) async fn send(&self, mut request: Request<Body>) -> Answer {
        request.extensions_mut().insert(ConnectInfo(self.address));
        Answer::read(self.router.clone().oneshot(request).await.unwrap()).await
    }
}
