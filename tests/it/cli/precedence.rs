//! Defaults, then the file, then the environment, then flags; and the profile that nobody named.

use taskward::config::{IntrospectionScope, Profile};

use super::{KEY, Setup};

#[test]
fn each_source_overrides_those_before_it() {
    let tokens = |setup: &Setup| setup.config().limits.tokens;
    let setup = Setup::new();
    assert_eq!(tokens(&setup), 1_000);
    let setup = setup.file("[limits]\ntokens = 2000\nerrors = 7\n");
    assert_eq!(tokens(&setup), 2_000);
    let setup = setup.env("TASKWARD_LIMITS__TOKENS", "3000");
    assert_eq!(tokens(&setup), 3_000);
    let setup = setup.flag("limits.tokens", "4000");
    assert_eq!(tokens(&setup), 4_000);
    assert_eq!(setup.config().limits.errors, 7, "what only the file says stays");
}

#[test]
fn the_address_decides_about_the_profile_unless_it_is_named() {
    assert_eq!(Setup::new().config().server.profile, Profile::Development);
    assert_eq!(Setup::new().flag("server.listen", "[::1]:1").config().server.profile, Profile::Development);
    let open = safe().flag("server.listen", "0.0.0.0:8000").config();
    assert_eq!(open.server.profile, Profile::Production);
    let named = safe().file("[server]\nprofile = \"production\"\n").config();
    assert_eq!(named.server.profile, Profile::Production);
    assert!(named.server.listen.ip().is_loopback());
}

#[test]
fn defaults_are_those_of_the_profile_wherever_it_is_named() {
    let development = Setup::new().config();
    assert!(development.graphql.playground);
    assert_eq!(development.graphql.introspection, IntrospectionScope::Public);
    assert_eq!(development.cors.allowed_origins, ["http://localhost:3000", "http://localhost:5173"]);
    for setup in [
        safe().file("[server]\nprofile = \"production\"\n"),
        safe().env("TASKWARD_SERVER__PROFILE", "production"),
        safe().flag("server.profile", "production"),
        safe().flag("server.listen", "192.0.2.1:80"),
    ] {
        let production = setup.config();
        assert!(!production.graphql.playground);
        assert_eq!(production.graphql.introspection, IntrospectionScope::Off);
        assert!(production.cors.allowed_origins.is_empty());
    }
}

#[test]
fn a_default_of_the_profile_can_be_set_apart() {
    let config = safe().flag("server.profile", "production").flag("graphql.introspection", "authenticated").config();
    assert_eq!(config.graphql.introspection, IntrospectionScope::Authenticated);
}

/// What production asks for, so that nothing else stands in the way.
fn safe() -> Setup {
    Setup::new()
        .env("TASKWARD_AUTH__SIGNING_KEY", KEY)
        .env("TASKWARD_SERVER__ALLOWED_HOSTS", "tasks.example.com")
        .env("TASKWARD_SERVER__TRUSTED_PROXIES", "10.0.0.0/8")
}
