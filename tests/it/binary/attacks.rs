//! The corpus of attacks against the binary: the process that took them all answers the next request.

use serde_json::Value;

use super::Site;
use crate::attacks::corpus::attacks;

#[test]
fn the_process_that_took_every_attack_goes_on() {
    let server = Site::new().set("cost.anonymous_refill", "1000000").start();
    for attack in attacks() {
        let reply = server.connect().gql(&attack.text, &attack.variables).unwrap();
        if attack.expected != "accepted" {
            // As application/json, which is what a client gets that does not ask, syntax errors come in a 200.
            assert!(matches!(reply.status, 200 | 400 | 413), "{}: {} {}", attack.name, reply.status, reply.body);
            assert!(
                reply.body.starts_with("{\"errors\":[") && reply.body.len() < 2_048,
                "{}: {}",
                attack.name,
                reply.body
            );
            assert!(!reply.body.contains("\"data\""), "{}: {}", attack.name, reply.body);
        }
    }
    let mut ana = server.register("ana");
    assert_eq!(ana.gql("{ viewer { username } }", &Value::Null).unwrap().data()["viewer"]["username"], "ana");
    server.stop();
}
