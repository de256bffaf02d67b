//! The order of the checks: a request that breaks all of them is answered by the first, and mended from there on, by one
//! after the other.

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::header::{ACCEPT, HOST};
use axum::http::{Method, request};
use form_urlencoded::Serializer;
use futures::stream::{self, StreamExt};
use serde_json::{Value, json};
use taskward::config::Config;
use taskward::edge::client_address::{AddressKey, ClientAddress};
use taskward::edge::concurrency::{CallerKey, Turn};
use taskward::edge::request_rate::LoginKey;

use crate::support::{PASSWORD, TestApp};

/// A check, by what breaks it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Check {
    Uri,
    HeaderFields,
    HeaderBytes,
    OneLength,
    Host,
    Https,
    Accept,
    Method,
    GetAsksFirst,
    ContentType,
    ContentEncoding,
    Origin,
    BodyBytes,
    BodyTime,
    Json,
    Members,
    RequestBudget,
    Token,
    CallersTurns,
    EverybodysTurns,
    DocumentBytes,
    Hash,
    Tokens,
    Syntax,
    Operations,
    Directives,
    Selections,
    Depth,
    Aliases,
    RootFields,
    Copies,
    Position,
    OperationName,
    Variables,
    GetOfAMutation,
    CredentialsAlone,
    CostOfOne,
    CredentialsBudget,
    CostBudget,
    Schema,
}

use Check::*;

/// A check, and the status, the code and a piece of the message that it answers with.
type Step = (Check, u16, &'static str, &'static str);

/// The order for a POST.
///
/// The request budget comes before the token, because a bad token is charged to the address: whoever tries tokens is
/// told no more than that they have tried too often.
const POST: [Step; 38] = [
    (Uri, 414, "URI_TOO_LONG", ""),
    (HeaderFields, 431, "HEADERS_TOO_LARGE", "more than 64 header fields"),
    (HeaderBytes, 431, "HEADERS_TOO_LARGE", "more than 16384 bytes"),
    (OneLength, 400, "BAD_REQUEST", "exclude each other"),
    (Host, 421, "MISDIRECTED_REQUEST", ""),
    (Https, 308, "", ""),
    (Accept, 406, "NOT_ACCEPTABLE", ""),
    (Method, 405, "METHOD_NOT_ALLOWED", ""),
    (ContentType, 415, "UNSUPPORTED_MEDIA_TYPE", "application/json"),
    (ContentEncoding, 415, "UNSUPPORTED_MEDIA_TYPE", "Content-Encoding"),
    (Origin, 403, "CSRF_REJECTED", "this origin"),
    (BodyBytes, 413, "PAYLOAD_TOO_LARGE", ""),
    (BodyTime, 408, "REQUEST_TIMEOUT", ""),
    (Json, 400, "BAD_REQUEST", "same key twice"),
    (Members, 400, "BAD_REQUEST", "`documentId` is not a string"),
    (RequestBudget, 429, "RATE_LIMITED", "\"requests\""),
    (Token, 401, "UNAUTHENTICATED", ""),
    (CallersTurns, 429, "RATE_LIMITED", "\"concurrency\""),
    (EverybodysTurns, 503, "OVERLOADED", ""),
    (DocumentBytes, 400, "QUERY_TOO_LARGE", "too many bytes"),
    (Hash, 400, "BAD_REQUEST", "not the SHA-256"),
    (Tokens, 400, "QUERY_TOO_LARGE", "too many tokens"),
    (Syntax, 400, "GRAPHQL_PARSE_FAILED", ""),
    (Operations, 400, "QUERY_TOO_LARGE", "too many operations"),
    (Directives, 400, "TOO_MANY_DIRECTIVES", ""),
    (Selections, 400, "QUERY_TOO_LARGE", "selects too many fields"),
    (Depth, 400, "QUERY_TOO_DEEP", "fields of the operation"),
    (Aliases, 400, "TOO_MANY_ALIASES", ""),
    (RootFields, 400, "TOO_MANY_ROOT_FIELDS", "too many fields at its root"),
    (Copies, 400, "QUERY_TOO_LARGE", "too often in one place"),
    (Position, 400, "GRAPHQL_VALIDATION_FAILED", ""),
    (OperationName, 400, "OPERATION_RESOLUTION_FAILURE", ""),
    (Variables, 400, "BAD_USER_INPUT", "$input must be given"),
    (CredentialsAlone, 400, "TOO_MANY_ROOT_FIELDS", "only field"),
    (CostOfOne, 400, "QUERY_TOO_COMPLEX", ""),
    (CredentialsBudget, 429, "RATE_LIMITED", "\"credentials\""),
    (CostBudget, 429, "RATE_LIMITED", "\"cost\""),
    (Schema, 400, "GRAPHQL_VALIDATION_FAILED", ""),
];

/// The order for a GET, where it is another, or where another check could hide.
const GET: [Step; 13] = [
    (Uri, 414, "URI_TOO_LONG", ""),
    (Host, 421, "MISDIRECTED_REQUEST", ""),
    (Https, 308, "", ""),
    (Accept, 406, "NOT_ACCEPTABLE", ""),
    (GetAsksFirst, 405, "METHOD_NOT_ALLOWED", "Apollo-Require-Preflight"),
    (Origin, 403, "CSRF_REJECTED", "this origin"),
    (Json, 400, "BAD_REQUEST", "not valid"),
    (RequestBudget, 429, "RATE_LIMITED", "\"requests\""),
    (CallersTurns, 429, "RATE_LIMITED", "\"concurrency\""),
    (Syntax, 400, "GRAPHQL_PARSE_FAILED", ""),
    (OperationName, 400, "OPERATION_RESOLUTION_FAILURE", ""),
    (Variables, 400, "BAD_USER_INPUT", "$input must be given"),
    // The mutation is one of credentials in company, too.
    (GetOfAMutation, 405, "METHOD_NOT_ALLOWED", "Only queries"),
];

/// The checks that a request breaks.
#[derive(Debug, Clone, Copy)]
struct Broken<'a>(&'a [Step]);

impl Broken<'_> {
    fn has(self, check: Check) -> bool {
        self.0.iter().any(|(broken, ..)| *broken == check)
    }

    /// `text`, if `check` is broken.
    fn text(self, check: Check, text: impl Into<String>) -> String {
        if self.has(check) { text.into() } else { String::new() }
    }
}

#[tokio::test]
async fn a_post_is_answered_by_the_first_check_that_it_breaks() {
    for at in 0..POST.len() {
        let broken = Broken(&POST[at..]);
        assert_first(broken, post(broken)).await;
    }
    assert_passes(post(Broken(&[]))).await;
}

#[tokio::test]
async fn a_get_is_answered_by_the_first_check_that_it_breaks() {
    for at in 0..GET.len() {
        let broken = Broken(&GET[at..]);
        assert_first(broken, get(broken)).await;
    }
    assert_passes(get(Broken(&[]))).await;
}

/// Asserts that the first of the broken checks answers, in under 2 KiB, with both budgets, and without a statement; and
/// that it costs no point, and a request only from where the caller is known on.
async fn assert_first(broken: Broken<'_>, request: Request) {
    let (check, status, code, message) = broken.0[0];
    let app = server(broken).await;
    let _turns = take_turns(&app, broken).await;
    spend(&app, broken);
    let left = || {
        let budgets = &app.app.budgets;
        [budgets.anonymous.peek(&address()).remaining, budgets.cost.anonymous.peek(&address()).remaining]
    };
    let [requests, points] = left();
    let (answer, statements) = app.statements(app.anonymous().send(request)).await;
    assert_eq!(answer.status, status, "{check:?}: {}", answer.text);
    if !code.is_empty() {
        assert_eq!(answer.code(), code, "{check:?}");
        assert!(answer.json().get("data").is_none());
    }
    assert!(answer.text.contains(message) && answer.text.len() < 2_048, "{check:?}: {}", answer.text);
    assert!(answer.header("ratelimit").starts_with("\"requests\";r="), "{check:?}");
    assert!(answer.header("ratelimit").contains(", \"cost\";r="), "{check:?}");
    assert!(answer.header("x-request-id").starts_with("req_"));
    assert_eq!(statements, 0, "{check:?}");
    let charged = check as u32 > RequestBudget as u32;
    // What does not fit the schema costs a point, as the library has validated it.
    assert_eq!(left(), [requests - u32::from(charged), points - u32::from(check == Schema)], "{check:?}");
}

async fn assert_passes(request: Request) {
    let app = server(Broken(&[])).await;
    app.user("ana").await;
    app.anonymous().send(request).await.data();
}

/// A server whose settings and state break what a request alone can't.
async fn server(broken: Broken<'_>) -> TestApp {
    let change = |config: &mut Config| {
        config.https.redirect = broken.has(Https);
        config.timeouts.body_seconds = if broken.has(BodyTime) { 0 } else { 10 };
        config.rate_limit.anonymous = "9/minute".parse().unwrap();
        config.rate_limit.login = "9/minute".parse().unwrap();
        config.cost.anonymous_limit = if broken.has(CostOfOne) { 50 } else { 300 }.try_into().unwrap();
        (config.concurrency.caller, config.concurrency.server, config.concurrency.queue) = (1, 2, 0);
    };
    TestApp::with(change).await
}

fn address() -> AddressKey {
    ClientAddress([203, 0, 113, 7].into()).into()
}

/// Runs the operations that leave no place for another one.
async fn take_turns(app: &TestApp, broken: Broken<'_>) -> Vec<Turn> {
    let key = |host: u8| CallerKey::Address(ClientAddress([203, 0, 113, host].into()).into());
    let own = broken.has(CallersTurns).then(|| key(7));
    let others = [1, 2].map(|host| broken.has(EverybodysTurns).then(|| key(host)));
    let mut turns = Vec::new();
    for caller in [own].into_iter().chain(others).flatten() {
        turns.extend(app.app.concurrency.enter(caller).await);
    }
    turns
}

/// Spends the budgets that are to be empty.
fn spend(app: &TestApp, broken: Broken<'_>) {
    let budgets = &app.app.budgets;
    for _ in 0..9 {
        if broken.has(RequestBudget) {
            budgets.anonymous.charge(&address()).unwrap();
        }
        if broken.has(CredentialsBudget) {
            budgets.login.charge(&LoginKey::Address(address())).unwrap();
        }
    }
    if broken.has(CostBudget) {
        let all = budgets.cost.anonymous.peek(&address()).remaining;
        budgets.cost.anonymous.charge_many(&address(), all).unwrap();
    }
}

fn post(broken: Broken<'_>) -> Request {
    let method = if broken.has(Check::Method) { Method::PUT } else { Method::POST };
    let path = format!("/graphql?{}", broken.text(Uri, "a".repeat(3_000)));
    let content_type = if broken.has(ContentType) { "text/plain" } else { "application/json" };
    let mut fields = vec![("content-type", content_type)];
    for (check, name, value) in [
        (ContentEncoding, "content-encoding", "gzip"),
        (OneLength, "content-length", "9"),
        (OneLength, "transfer-encoding", "chunked"),
        (Token, "authorization", "Bearer junk"),
    ] {
        fields.extend(broken.has(check).then_some((name, value)));
    }
    let text = body(broken) + &broken.text(BodyBytes, " ".repeat(200_000));
    let body = if broken.has(BodyTime) {
        let sent = stream::once(async move { Ok::<_, std::io::Error>(Bytes::from(text)) });
        Body::from_stream(sent.chain(stream::pending()))
    } else {
        Body::from(text)
    };
    head(broken, &fields).method(method).uri(path).body(body).unwrap()
}

fn get(broken: Broken<'_>) -> Request {
    let kind = if broken.has(GetOfAMutation) { "mutation" } else { "query" };
    let company = broken.text(GetOfAMutation, "login(input: $input) { accessToken } logout { sessionId }");
    let variables = if broken.has(Variables) { json!({}) } else { variables() };
    let document = format!("{kind} Login($input: LoginInput!) {{ {company} __typename }}{}", broken.text(Syntax, "}"));
    let mut query = Serializer::new(String::from("/graphql?"));
    query.append_pair("query", &document.replace("($input: LoginInput!) {  ", "{ "));
    query.append_pair("operationName", operation_name(broken));
    query.append_pair("variables", &format!("{variables}{}", broken.text(Json, "}")));
    let path = query.finish().replacen("/graphql?&", "/graphql?", 1) + &broken.text(Uri, "a".repeat(3_000));
    let asks_first = (!broken.has(GetAsksFirst)).then_some(("apollo-require-preflight", "1"));
    let fields: Vec<_> = asks_first.into_iter().collect();
    head(broken, &fields).uri(path).body(Body::empty()).unwrap()
}

/// The header fields that every request has, and `fields`.
fn head(broken: Broken<'_>, fields: &[(&str, &str)]) -> request::Builder {
    let host = if broken.has(Check::Host) { "evil.example" } else { "localhost" };
    let accept = if broken.has(Check::Accept) { "text/xml" } else { "application/graphql-response+json" };
    let request = Request::builder().header(HOST, host).header(ACCEPT, accept);
    let large = broken.text(HeaderBytes, "a".repeat(20_000));
    let mut all = vec![("x-large", large.as_str())];
    all.extend(broken.has(Origin).then_some(("origin", "https://evil.example")));
    all.extend(broken.has(HeaderFields).then_some(("x-many", "1")).into_iter().cycle().take(70));
    all.iter().chain(fields).fold(request, |request, (name, value)| request.header(*name, *value))
}

fn body(broken: Broken<'_>) -> String {
    let mut body = json!({ "query": document(broken), "operationName": operation_name(broken) });
    if !broken.has(Variables) {
        body["variables"] = variables();
    }
    if broken.has(Hash) {
        body["extensions"] = json!({ "persistedQuery": { "version": 1, "sha256Hash": "0".repeat(64) } });
    }
    if broken.has(Members) {
        body["documentId"] = json!(1);
    }
    let twice = broken.text(Json, "\"query\":\"\",");
    body.to_string().replacen('{', &format!("{{{twice}"), 1)
}

fn variables() -> Value {
    json!({ "input": { "username": "ana", "password": PASSWORD } })
}

fn operation_name(broken: Broken<'_>) -> &'static str {
    if broken.has(Check::OperationName) { "Nobody" } else { "Login" }
}

/// A login, and beside it an operation that does not run but is checked.
fn document(broken: Broken<'_>) -> String {
    let company = broken.text(CredentialsAlone, "logout { sessionId }");
    let nothing = broken.text(Schema, "nothing");
    let login =
        format!("mutation Login($input: LoginInput!) {{ login(input: $input) {{ accessToken {nothing} }} {company} }}");
    let beside = [
        broken.text(Selections, "...Many ".repeat(30)),
        broken.text(Depth, format!("{}a{}", "a{".repeat(15), "}".repeat(15))),
        broken.text(Aliases, "a:b ".repeat(16)),
        broken.text(RootFields, "a ".repeat(11)),
        broken.text(Copies, format!("b {{ {} }}", "c { d } ".repeat(11))),
        broken.text(Position, "task(id: $number) { id }"),
    ];
    let beside = format!("query Beside($number: Int) {{ __typename {} }}", beside.concat());
    // What is spread, so that the scan sees few tokens of it.
    let many = broken.text(Selections, format!("fragment Many on Query {{ {} }}", "e ".repeat(20)));
    let directives = broken.text(Directives, format!("fragment Directed on Query {{ {} }}", "a @a ".repeat(21)));
    let more = [
        broken.text(CredentialsAlone, beside),
        many,
        directives,
        broken.text(Operations, "query A{a} query B{a} query C{a} query D{a} query E{a} query F{a}"),
        broken.text(Syntax, "}"),
        broken.text(Tokens, "!".repeat(1_000)),
        broken.text(DocumentBytes, " ".repeat(20_000)),
    ];
    login + &more.concat()
}
