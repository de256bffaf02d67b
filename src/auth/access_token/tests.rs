//! What must hold of access tokens: what is issued is read back, and nothing else is read.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};

use super::InvalidAccessToken::{
    BadSignature, Expired, Malformed, NotYetValid, UnknownKey, WrongAlgorithm, WrongAudience, WrongIssuer,
};
use super::*;
use crate::random::Random;

const LIFETIME: TimeDelta = TimeDelta::seconds(900);

/// Tokens, and all that a forger could want to know.
struct Fixture {
    tokens: AccessTokens,
    clock: Clock,
    key: [u8; 32],
    user: UserId,
    session: SessionId,
}

impl Fixture {
    fn new() -> Self {
        let keys = keys("k");
        let clock = Clock::fixed(DateTime::from_timestamp_secs(1_800_000_000).unwrap());
        let random = Random::seeded(1);
        Self {
            tokens: AccessTokens::new(&keys, LIFETIME, clock.clone()).unwrap(),
            key: *keys.access_token.expose(),
            user: UserId::generate(clock.now(), &random),
            session: SessionId::generate(clock.now(), &random),
            clock,
        }
    }

    fn issue(&self) -> String {
        self.tokens.issue(self.user, self.session).unwrap().token.expose_secret().to_owned()
    }

    fn header(&self) -> Value {
        json!({ "typ": "JWT", "alg": "HS256", "kid": self.tokens.key_id })
    }

    fn payload(&self) -> Value {
        let now = self.clock.now().timestamp();
        json!({
            "iss": "taskward", "aud": "taskward", "iat": now, "nbf": now, "exp": now + 900,
            "sub": self.user.to_string(), "sid": self.session.to_string(),
        })
    }

    /// A token with the right signature, whatever it holds.
    fn sign(&self, header: &impl ToString, payload: &impl ToString) -> String {
        let message = [header.to_string(), payload.to_string()].map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
        let mut hmac = Hmac::<Sha256>::new_from_slice(&self.key).unwrap();
        hmac.update(message.as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(hmac.finalize().into_bytes()))
    }

    fn verify(&self, token: &str) -> Result<Claims, InvalidAccessToken> {
        self.tokens.verify(token)
    }

    fn verify_payload(&self, payload: &impl ToString) -> Result<Claims, InvalidAccessToken> {
        self.verify(&self.sign(&self.header(), payload))
    }
}

fn keys(text: &str) -> Keys {
    Keys::new(&text.repeat(32).into()).unwrap()
}

fn with(mut object: Value, name: &str, value: Value) -> Value {
    object[name] = value;
    object
}

fn without(mut object: Value, name: &str) -> Value {
    object.as_object_mut().unwrap().remove(name).unwrap();
    object
}

#[test]
fn an_issued_token_says_who_calls_and_until_when() {
    let fixture = Fixture::new();
    fixture.clock.advance(TimeDelta::milliseconds(700));
    let issued = fixture.tokens.issue(fixture.user, fixture.session).unwrap();
    assert_eq!(issued.expires_at.timestamp(), 1_800_000_900, "to the second");
    let claims = fixture.verify(issued.token.expose_secret()).unwrap();
    let expected = Claims { user: fixture.user, session: fixture.session, expires_at: issued.expires_at };
    assert_eq!(claims, expected);
    assert!(issued.token.expose_secret().len() < 500);
    assert!(!format!("{issued:?}").contains(issued.token.expose_secret()), "a token never prints");
}

#[test]
fn a_token_signed_by_hand_is_read_like_an_issued_one() {
    // Without this, each forged token below could be refused for a mistake of the forger.
    let fixture = Fixture::new();
    assert_eq!(fixture.verify_payload(&fixture.payload()), fixture.verify(&fixture.issue()));
    assert!(fixture.verify_payload(&fixture.payload()).is_ok());
}

#[test]
fn a_token_is_good_until_the_leeway_after_its_end() {
    let fixture = Fixture::new();
    let token = fixture.issue();
    let last = LIFETIME + LEEWAY - TimeDelta::microseconds(1);
    for (step, expected) in [
        (last, None),
        (TimeDelta::microseconds(1), Some(Expired)),
        (TimeDelta::seconds(1), Some(Expired)),
        (TimeDelta::days(400), Some(Expired)),
    ] {
        fixture.clock.advance(step);
        assert_eq!(fixture.verify(&token).err(), expected, "{}", fixture.clock.now());
    }
}

#[test]
fn a_token_is_good_from_the_leeway_before_its_start() {
    let fixture = Fixture::new();
    let now = fixture.clock.now().timestamp();
    for (ahead, expected) in [(5, None), (6, Some(NotYetValid)), (600, Some(NotYetValid))] {
        let payload = with(fixture.payload(), "nbf", json!(now + ahead));
        assert_eq!(fixture.verify_payload(&payload).err(), expected, "{ahead} s ahead");
    }
}

#[test]
fn instants_beyond_all_dates_are_refused() {
    let fixture = Fixture::new();
    for (claim, value, expected) in [
        ("exp", json!(i64::MAX), Malformed),
        ("exp", json!(u64::MAX), Malformed),
        ("exp", json!(i64::MIN), Malformed),
        ("exp", json!(-1), Malformed),
        ("exp", json!(0), Expired),
        ("exp", json!(1e300), Malformed),
        ("exp", json!("9999999999"), Malformed),
        ("nbf", json!(i64::MAX), Malformed),
        ("nbf", json!(8_000_000_000_000_i64), NotYetValid),
    ] {
        let payload = with(fixture.payload(), claim, value.clone());
        assert_eq!(fixture.verify_payload(&payload), Err(expected), "{claim}: {value}");
    }
}

#[test]
fn no_other_algorithm_is_taken() {
    let fixture = Fixture::new();
    for algorithm in ["none", "None", "NONE", "", "hs256", "HS384", "HS512", "RS256", "ES256", "PS256", "EdDSA", "../x"]
    {
        let header = with(fixture.header(), "alg", json!(algorithm));
        let token = fixture.sign(&header, &fixture.payload());
        let (message, _) = token.rsplit_once('.').unwrap();
        for forged in [&token, &format!("{message}.")] {
            assert_eq!(fixture.verify(forged), Err(WrongAlgorithm), "{algorithm}");
        }
    }
    for header in [without(fixture.header(), "alg"), with(fixture.header(), "alg", json!(null)), json!([]), json!("x")]
    {
        assert_eq!(fixture.verify(&fixture.sign(&header, &fixture.payload())), Err(Malformed), "{header}");
    }
}

#[test]
fn a_key_that_the_token_brings_along_is_not_used() {
    let fixture = Fixture::new();
    let forger = Fixture { key: [7; 32], ..Fixture::new() };
    let jwk = json!({ "kty": "oct", "alg": "HS256", "k": URL_SAFE_NO_PAD.encode([7; 32]) });
    for (name, value) in [("jwk", jwk), ("jku", json!("https://example.org/keys")), ("x5u", json!("file:///dev/zero"))]
    {
        let token = forger.sign(&with(fixture.header(), name, value), &fixture.payload());
        assert_eq!(fixture.verify(&token), Err(BadSignature), "{name}");
    }
}

#[test]
fn the_key_id_must_be_ours() {
    let fixture = Fixture::new();
    for kid in ["../../../../dev/null", "/dev/null", "", "' OR 1=1 --", "a\0b", &"k".repeat(500)] {
        let header = with(fixture.header(), "kid", json!(kid));
        assert_eq!(fixture.verify(&fixture.sign(&header, &fixture.payload())), Err(UnknownKey), "{kid}");
    }
    let header = without(fixture.header(), "kid");
    assert_eq!(fixture.verify(&fixture.sign(&header, &fixture.payload())), Err(UnknownKey));
    let header = with(fixture.header(), "kid", json!(["a"]));
    assert_eq!(fixture.verify(&fixture.sign(&header, &fixture.payload())), Err(Malformed));
}

#[test]
fn the_token_of_a_server_with_another_key_is_refused() {
    let fixture = Fixture::new();
    let other = AccessTokens::new(&keys("x"), LIFETIME, fixture.clock.clone()).unwrap();
    let token = other.issue(fixture.user, fixture.session).unwrap().token;
    assert_eq!(fixture.verify(token.expose_secret()), Err(UnknownKey));

    let forger = Fixture { key: [7; 32], ..Fixture::new() };
    assert_eq!(fixture.verify(&forger.sign(&fixture.header(), &fixture.payload())), Err(BadSignature));
}

#[test]
fn the_issuer_and_the_audience_must_be_ours() {
    let fixture = Fixture::new();
    for (claim, value, expected) in [
        ("iss", json!("other"), WrongIssuer),
        ("iss", json!("taskward "), WrongIssuer),
        ("iss", json!(""), WrongIssuer),
        ("iss", json!(["taskward"]), Malformed),
        ("aud", json!("other"), WrongAudience),
        ("aud", json!("Taskward"), WrongAudience),
        ("aud", json!(["other", "taskward"]), Malformed),
    ] {
        let payload = with(fixture.payload(), claim, value.clone());
        assert_eq!(fixture.verify_payload(&payload), Err(expected), "{claim}: {value}");
    }
}

#[test]
fn every_claim_is_required_once_and_of_its_type() {
    let fixture = Fixture::new();
    for claim in ["iss", "aud", "sub", "sid", "iat", "nbf", "exp"] {
        let missing = without(fixture.payload(), claim);
        assert_eq!(fixture.verify_payload(&missing), Err(Malformed), "{claim}");
        for value in [json!(null), json!(true), json!({}), json!([])] {
            let payload = with(fixture.payload(), claim, value.clone());
            assert_eq!(fixture.verify_payload(&payload), Err(Malformed), "{claim}: {value}");
        }
    }
    for (claim, value) in [("sub", fixture.session.to_string()), ("sid", fixture.user.to_string())] {
        let payload = with(fixture.payload(), claim, json!(value));
        assert_eq!(fixture.verify_payload(&payload), Err(Malformed), "{claim}: {value}");
    }
    let twice = fixture.payload().to_string().replace("\"exp\":", "\"exp\":1,\"exp\":");
    assert_eq!(fixture.verify_payload(&twice), Err(Malformed), "{twice}");
}

#[test]
fn a_token_with_any_character_changed_is_refused() {
    let fixture = Fixture::new();
    let token = fixture.issue();
    for index in 0..token.len() {
        let other = if token.as_bytes()[index] == b'A' { "B" } else { "A" };
        let mut changed = token.clone();
        changed.replace_range(index..=index, other);
        assert!(fixture.verify(&changed).is_err(), "character {index}");
    }

    let parts: Vec<_> = token.split('.').collect();
    let payload = with(fixture.payload(), "exp", json!(i64::from(i32::MAX)));
    let tampered = [parts[0], &URL_SAFE_NO_PAD.encode(payload.to_string()), parts[2]].join(".");
    assert_eq!(fixture.verify(&tampered), Err(BadSignature));
}

#[test]
fn a_text_that_is_no_token_is_malformed() {
    let fixture = Fixture::new();
    let token = fixture.issue();
    let (header, rest) = token.split_once('.').unwrap();
    let cases = [
        String::new(),
        "..".to_owned(),
        "é.é.é".to_owned(),
        header.to_owned(),
        format!(".{rest}"),
        format!("{header}="),
        format!("{header}=.{rest}"),
        format!("{header}.{header}"),
        format!("{token}="),
        format!("{token}.{rest}"),
        format!(" {token}"),
        format!("Bearer {token}"),
    ];
    for case in cases {
        assert_eq!(fixture.verify(&case), Err(Malformed), "{case}");
    }
}

#[test]
fn the_length_is_bounded() {
    let fixture = Fixture::new();
    let token = |pad: usize| fixture.sign(&fixture.header(), &with(fixture.payload(), "pad", json!("x".repeat(pad))));
    let verified: Vec<_> = (1_250..1_300).map(token).map(|token| (token.len(), fixture.verify(&token).err())).collect();
    // The three parts and their dots are never 2,049 bytes long: no base64 without padding leaves one character over.
    for expected in [(2_048, None), (2_050, Some(Malformed))] {
        assert!(verified.contains(&expected), "{expected:?}: {verified:?}");
    }
    assert_eq!(fixture.verify(&token(100_000)), Err(Malformed));
    assert_eq!(fixture.verify(&"a".repeat(100_000)), Err(Malformed));
}

#[test]
fn what_would_fail_at_the_first_token_fails_at_the_start() {
    let start = |lifetime| AccessTokens::new(&keys("k"), lifetime, Fixture::new().clock).map(|_| ()).unwrap_err();
    assert!(matches!(start(TimeDelta::MAX), AccessTokenError::LivesTooLong));
    // A token that is dead when it is signed stands for all that can make the trial fail.
    assert!(matches!(start(TimeDelta::seconds(-5)), AccessTokenError::SelfTest(Expired)));
}
