//! The production profile does not start unsafe, and says every reason at once.

use super::{KEY, Setup};

/// Safe settings of production, by environment variable.
const SAFE: [(&str, &str); 4] = [
    ("TASKWARD_SERVER__PROFILE", "production"),
    ("TASKWARD_AUTH__SIGNING_KEY", KEY),
    ("TASKWARD_SERVER__ALLOWED_HOSTS", "tasks.example.com,localhost"),
    ("TASKWARD_SERVER__TRUSTED_PROXIES", "127.0.0.1/32"),
];

fn safe_but_for(missing: &str) -> Setup {
    SAFE.iter().filter(|(name, _)| *name != missing).fold(Setup::new(), |setup, (name, value)| setup.env(name, value))
}

#[test]
fn safe_settings_start() {
    safe_but_for("").config();
    safe_but_for("").flag("server.listen", "0.0.0.0:8000").config();
}

#[test]
fn each_danger_is_refused() {
    for (setup, refused) in [
        (safe_but_for("TASKWARD_AUTH__SIGNING_KEY"), "auth.signing_key"),
        (safe_but_for("TASKWARD_SERVER__ALLOWED_HOSTS"), "server.allowed_hosts"),
        (safe_but_for("").flag("server.allowed_hosts", ""), "server.allowed_hosts"),
        (safe_but_for("").flag("server.allowed_hosts", "[::1],127.0.0.1"), "server.allowed_hosts"),
        (safe_but_for("TASKWARD_SERVER__TRUSTED_PROXIES"), "https.certificate_file"),
        (safe_but_for("").flag("cors.allowed_origins", "*"), "cors.allowed_origins"),
        (safe_but_for("").flag("server.trusted_proxies", "0.0.0.0/0"), "server.trusted_proxies"),
        (safe_but_for("").flag("server.trusted_proxies", "10.0.0.0/8,::/0"), "server.trusted_proxies"),
    ] {
        assert_eq!(setup.refused(), [refused]);
    }
}

#[test]
fn all_dangers_are_told_at_once() {
    let setup = Setup::new().flag("server.profile", "production").flag("cors.allowed_origins", "*");
    let all = ["auth.signing_key", "cors.allowed_origins", "https.certificate_file", "server.allowed_hosts"];
    assert_eq!(setup.refused(), all);
    let setup = Setup::new().flag("server.listen", "0.0.0.0:80").flag("cors.allowed_origins", "*");
    assert_eq!(setup.refused(), all, "the profile that goes without saying is as strict");
}

#[test]
fn tls_of_our_own_is_as_good_as_a_proxy() {
    let setup = safe_but_for("TASKWARD_SERVER__TRUSTED_PROXIES");
    setup.flag("https.certificate_file", "certificate.pem").flag("https.key_file", "key.pem").config();
}

#[test]
fn development_stays_on_this_machine() {
    let development = |listen: &str| Setup::new().flag("server.profile", "development").flag("server.listen", listen);
    development("127.0.0.1:8000").config();
    development("[::1]:8000").config();
    for listen in ["0.0.0.0:8000", "[::]:8000", "192.0.2.1:8000"] {
        assert_eq!(development(listen).refused(), ["server.profile"]);
    }
}

#[test]
fn the_binary_refuses_to_start_and_the_check_says_the_same() {
    let setup = Setup::new().env("TASKWARD_SERVER__PROFILE", "production").env("TASKWARD_LOG__FILE", "");
    let [serve, check] = [&["serve"][..], &["config", "check"]].map(|arguments| setup.run(arguments));
    assert_eq!(serve.status.code(), Some(2));
    assert_eq!(check.status.code(), Some(2));
    assert_eq!(serve.stderr, check.stderr);
    let text = super::stderr(&check);
    for setting in ["auth.signing_key", "server.allowed_hosts", "https.certificate_file"] {
        assert!(text.contains(&format!("\n  {setting}: production needs")), "{text}");
    }
}
