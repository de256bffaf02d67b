//! What holds of every refusal: it is short, and repeats nothing of what was sent.

use taskward::guard::Violation;

/// What seeds and dictionaries put wherever a client may write something of its own; no sentence of ours holds it.
pub const CANARY: &str = "secret123";

/// Panics when a sentence is long, or repeats something that a client wrote.
pub fn holds(message: &str) {
    assert!(message.chars().count() <= 300, "{} characters: {message}", message.chars().count());
    assert!(!message.contains(CANARY), "it repeats what was sent: {message}");
}

/// The same for a refusal of the guard, which may repeat the short name of a variable.
pub fn holds_of_violation(violation: &Violation) {
    let message = violation.message.as_ref();
    let named = message.strip_prefix("Variable $").and_then(|rest| rest.split_once(' '));
    holds(named.map_or(message, |(_, problem)| problem));
    assert!(message.chars().count() <= 300);
    assert!(violation.locations.len() <= 2, "{violation:?}");
    if let Some(limit) = violation.limit {
        assert!(limit.used > limit.max, "{violation:?}");
    }
}
