//! The corpus of attacks against the whole server: it refuses each, runs nothing, and goes on.

#[path = "../attacks/corpus.rs"]
pub(crate) mod corpus;

use serde_json::json;
use taskward::config::Profile;

use self::corpus::attacks;
use crate::support::TestApp;

#[tokio::test]
async fn every_attack_is_refused_and_runs_no_statement() {
    let app = TestApp::with(|config| config.server.profile = Profile::Production).await;
    for attack in attacks() {
        let body = json!({
            "query": attack.text, "variables": attack.variables, "operationName": attack.operation,
        });
        let (answer, statements) = app.statements(app.anonymous().post(&body)).await;
        if attack.expected == "accepted" {
            assert!(answer.status < 500, "{}: {}", attack.name, answer.text);
            continue;
        }
        assert_eq!(statements, 0, "{}", attack.name);
        assert!(answer.text.len() < 2_048, "{}: {}", attack.name, answer.text);
        assert!(matches!(answer.status, 400 | 413), "{}: {} {}", attack.name, answer.status, answer.text);
        for told in ["secret", "Did you mean"] {
            assert!(!answer.text.contains(told), "{} tells {told}: {}", attack.name, answer.text);
        }
        // What passes the guard fits the guard's toy schema and not ours.
        for error in answer.json()["errors"].as_array().unwrap() {
            let code = error["extensions"]["code"].as_str().unwrap();
            let expected = [attack.expected.as_str(), "GRAPHQL_VALIDATION_FAILED", "PAYLOAD_TOO_LARGE"];
            assert!(expected.contains(&code), "{}: {}", attack.name, answer.text);
        }
        assert!(answer.json().get("data").is_none(), "{}: {}", attack.name, answer.text);
    }
    app.user("ana").await.gql("{ viewer { username } }").await.data();
}
