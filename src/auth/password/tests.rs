//! What must hold of password hashes, and of the queue in front of them.

use std::sync::mpsc;

use futures::future::{join_all, poll_immediate};

use super::*;

fn hasher(cost: Cost) -> PasswordHasher {
    PasswordHasher::new(cost, Random::seeded(1)).unwrap()
}

fn password(text: &str) -> SecretString {
    text.into()
}

#[tokio::test]
async fn only_the_same_password_is_verified() {
    let hasher = hasher(Cost::Cheap);
    for right in ["correct horse battery staple", "пароль 密码 🔑", "", " ", "with\0zero", &"long".repeat(10_000)]
    {
        let stored = hasher.hash(&password(right)).await.unwrap();
        assert_eq!(hasher.verify(&password(right), Some(&stored)).await, Ok(Verified::Yes), "{right:.20}");
        for wrong in [format!("{right} "), format!("{right}\0"), format!("x{right}"), "other".to_owned()] {
            assert_eq!(hasher.verify(&password(&wrong), Some(&stored)).await, Ok(Verified::No), "{wrong:.20}");
        }
    }
}

#[tokio::test]
async fn the_same_password_has_a_different_hash_each_time() {
    let hasher = hasher(Cost::Cheap);
    let made = join_all((0..3).map(|_| async { hasher.hash(&password("same")).await.unwrap().to_string() })).await;
    let different: std::collections::HashSet<_> = made.into_iter().collect();
    assert_eq!(different.len(), 3);
}

#[tokio::test]
async fn the_parameters_are_those_of_owasp() {
    let hash = hasher(Cost::Owasp).hash(&password("password")).await.unwrap().to_string();
    assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    let lengths: Vec<_> = hash.split('$').skip(4).map(str::len).collect();
    assert_eq!(lengths, [22, 43], "16 bytes of salt and 32 of hash, in base64 without padding");
}

#[tokio::test]
async fn an_unknown_user_costs_a_hash_of_the_same_parameters_and_is_never_verified() {
    let hasher = hasher(Cost::Owasp);
    assert!(!hasher.needs_rehash(&hasher.dummy));
    assert_eq!(hasher.verify(&password("anything"), None).await, Ok(Verified::No));

    let known = hasher.hash(&password("known")).await.unwrap();
    let hasher = PasswordHasher { dummy: Arc::new(known), ..hasher };
    assert_eq!(hasher.verify(&password("known"), None).await, Ok(Verified::No), "not even by the dummy's password");
}

#[tokio::test]
async fn a_hash_of_other_parameters_is_verified_and_asks_for_a_new_one() {
    let (owasp, cheap) = (hasher(Cost::Owasp), hasher(Cost::Cheap));
    let stored = cheap.hash(&password("password")).await.unwrap();
    assert_eq!(owasp.verify(&password("password"), Some(&stored)).await, Ok(Verified::Yes));
    assert!(owasp.needs_rehash(&stored));
    assert!(!cheap.needs_rehash(&stored));

    let text = stored.to_string();
    for other in
        ["argon2i$v=19$m=8,t=1,p=1", "argon2id$v=16$m=8,t=1,p=1", "argon2id$m=8,t=1,p=1", "argon2id$v=19$m=8,t=2,p=1"]
    {
        let changed: PasswordHash = text.replace("argon2id$v=19$m=8,t=1,p=1", other).parse().unwrap();
        assert!(cheap.needs_rehash(&changed), "{other}");
    }
}

#[tokio::test]
async fn a_hash_is_read_back_as_it_was_stored_and_nothing_else_is_read() {
    let stored = hasher(Cost::Cheap).hash(&password("password")).await.unwrap();
    let text = stored.to_string();
    assert_eq!(text.parse(), Ok(stored.clone()));

    let without_hash = text.rsplit_once('$').unwrap().0.to_owned();
    let without_salt = without_hash.rsplit_once('$').unwrap().0.to_owned();
    let cases = [
        String::new(),
        "password".to_owned(),
        "$".to_owned(),
        "$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy".to_owned(),
        text.replace("argon2id", "scrypt"),
        text.replace("v=19", "v=20"),
        text.replace("m=8", "m=7"),
        text.replace("p=1", "p=0"),
        without_hash,
        without_salt,
    ];
    for case in cases {
        assert_eq!(case.parse::<PasswordHash>(), Err(InvalidPasswordHash), "{case}");
    }
    assert!(!format!("{stored:?}").contains("argon2"), "a hash never prints by accident");
}

#[tokio::test]
async fn the_queue_takes_as_many_as_it_has_places_and_refuses_the_next() {
    let hasher = PasswordHasher::with_limits(Cost::Cheap, Random::seeded(1), 2, 3).unwrap();
    let password = password("password");
    // With both cores taken by the test, nothing that is let in can finish.
    let cores = Arc::clone(&hasher.cores).acquire_many_owned(2).await.unwrap();
    let mut admitted: Vec<_> = (0..5).map(|_| Box::pin(hasher.hash(&password))).collect();
    for call in &mut admitted {
        assert_eq!(poll_immediate(call).await, None);
    }
    let clone = hasher.clone();
    assert_eq!(poll_immediate(Box::pin(hasher.hash(&password))).await, Some(Err(PasswordError::Busy)));
    let refused = poll_immediate(Box::pin(clone.verify(&password, None))).await;
    assert_eq!(refused, Some(Err(PasswordError::Busy)), "clones share the queue");

    drop(admitted.pop());
    let mut late = Box::pin(hasher.hash(&password));
    assert_eq!(poll_immediate(&mut late).await, None, "a caller who gives up leaves a place to the next");
    admitted.push(late);

    drop(cores);
    assert!(join_all(admitted).await.iter().all(Result::is_ok));
    assert_eq!(hasher.places.available_permits(), 5);
}

#[tokio::test]
async fn a_hash_whose_caller_gave_up_holds_its_core_until_it_is_done() {
    let hasher = PasswordHasher::with_limits(Cost::Cheap, Random::seeded(1), 1, 0).unwrap();
    let (start, begun) = mpsc::channel();
    let (let_go, wait) = mpsc::channel::<()>();
    let work = hasher.run(move |_| {
        start.send(()).unwrap();
        wait.recv().map_err(|_| PasswordError::Stopped)
    });
    assert_eq!(poll_immediate(Box::pin(work)).await, None, "the caller is gone now");
    begun.recv().unwrap();
    assert_eq!(hasher.cores.available_permits(), 0);
    let password = password("password");
    assert_eq!(poll_immediate(Box::pin(hasher.hash(&password))).await, Some(Err(PasswordError::Busy)));

    let_go.send(()).unwrap();
    drop(hasher.cores.acquire().await.unwrap());
}

#[test]
fn a_machine_hashes_one_password_for_each_core() {
    let hasher = hasher(Cost::Cheap);
    let cores = available_parallelism().unwrap().get();
    assert_eq!(hasher.cores.available_permits(), cores);
    assert_eq!(hasher.places.available_permits(), cores + MAX_WAITING);
}
