//! Who may name whom: rooms only downwards, each library only in its home, the environment only in `config/`.

use crate::hold;
use crate::source::{Names, Source, Token, rust_files};

/// At the bottom: they know nothing of ours, and nearly everyone may name them.
const BOTTOM: [&str; 5] = ["config", "ids", "code", "clock", "random"];

/// The rooms that each room may name besides itself. `main`, `cli` and `lib`, which declares the rooms, may name all.
const ROOMS: &[(&str, &[&str])] = &[
    ("http", &["app", "edge", "guard", "graphql", "domain", "bus", "config", "ids", "code", "clock", "random"]),
    (
        "app",
        &["edge", "guard", "graphql", "domain", "auth", "storage", "bus", "config", "ids", "code", "clock", "random"],
    ),
    ("edge", &BOTTOM),
    ("guard", &["config", "code"]),
    ("graphql", &["domain", "config", "ids", "code", "clock"]),
    ("domain", &["auth", "storage", "bus", "config", "ids", "code", "clock", "random"]),
    ("storage", &["bus", "config", "ids", "clock"]),
    ("auth", &["config", "ids", "clock", "random"]),
    ("telemetry", &["config"]),
    ("bus", &["ids"]),
    ("config", &[]),
    ("ids", &["random"]),
    ("code", &[]),
    ("clock", &[]),
    ("random", &[]),
    ("cli", ALL),
    ("main", ALL),
    ("lib", ALL),
];
const ALL: &[&str] = &["*"];

/// Where below `src/` each library is at home; a home is the beginning of a path.
const HOMES: &[(&str, &[&str])] = &[
    ("argon2", &["auth/"]),
    ("async_graphql", &["graphql/", "guard/", "http/graphql"]),
    ("async_graphql_value", &["guard/parse/"]),
    ("axum", &["http/", "edge/"]),
    ("clap", &["cli/", "main.rs"]),
    ("config", &["config/"]),
    ("governor", &["edge/"]),
    ("hyper", &["http/"]),
    ("hyper_util", &["http/"]),
    ("indicatif", &["cli/"]),
    ("jsonwebtoken", &["auth/"]),
    ("migrations", &["storage/", "cli/"]),
    ("mimalloc", &["main.rs"]),
    ("moka", &["guard/"]),
    ("rand", &["random.rs"]),
    ("rpassword", &["cli/", "main.rs"]),
    ("rust_embed", &["http/"]),
    ("rustls", &["http/"]),
    ("sea_orm", &["storage/"]),
    ("sea_orm_migration", &[]),
    ("tokio_rustls", &["http/"]),
    ("tower", &["edge/", "http/"]), // in http/ to hand a request to the router, a tower service
    ("tower_http", &["edge/"]),
    ("tracing_appender", &["telemetry"]),
    ("tracing_subscriber", &["telemetry"]),
    ("type_safe_id", &["ids.rs"]),
];

/// Ways into the environment that do not spell `env::`.
const ENVIRONMENT_READERS: [&str; 4] = ["from_env", "from_default_env", "try_from_env", "try_from_default_env"];

#[test]
fn rooms_import_only_downwards() {
    hold(
        "imports go down: http → edge, guard, graphql → domain → auth, storage; config, ids, code, clock and random \
         lie at the bottom; nobody names http but main and cli",
        &offences("src", wrong_rooms),
    );
}

#[test]
fn every_library_stays_at_home() {
    hold("a library has one home, so that it can be replaced there", &offences("src", strayed_libraries));
}

#[test]
fn only_config_reads_the_environment() {
    hold("only src/config/ reads the environment", &offences("src", environment_readers));
}

#[test]
fn resolvers_reach_the_context_through_its_accessors() {
    hold("`ctx.data` is called only in src/graphql/context.rs, behind typed accessors", &offences("src", raw_context));
}

#[test]
fn migrations_stand_alone() {
    hold(
        "a migration never names the server: what it does must not change when the server does",
        &offences("migrations", names_of_the_server),
    );
}

fn offences(folder: &str, rule: fn(&Source) -> Vec<String>) -> Vec<String> {
    rust_files(folder).iter().flat_map(rule).collect()
}

fn wrong_rooms(source: &Source) -> Vec<String> {
    let place = source.place();
    let room = place.split('/').next().unwrap_or(place).trim_end_matches(".rs");
    let Some((_, allowed)) = ROOMS.iter().find(|(name, _)| *name == room) else {
        return vec![format!("{}: `{room}` is not in the table of rooms", source.path)];
    };
    let module = source.module();
    let offence = |names: &Names<'_>| {
        let named = room_named(names, &module)?;
        let is_room = ROOMS.iter().any(|(name, _)| *name == named);
        let fine = is_room && (named == room || *allowed == ALL || allowed.contains(&named));
        let text = || format!("{}:{}: `{room}` names `{named}`; it may name {allowed:?}", source.path, names.line);
        (!fine).then(text)
    };
    source.names().iter().filter_map(offence).collect()
}

/// The room that the path begins with, seen from `module`: `crate::room`, or as many `super` as lead to the root.
fn room_named<'a>(names: &Names<'a>, module: &[&'a str]) -> Option<&'a str> {
    let segments = &names.segments;
    let first = *segments.first()?;
    if ["crate", "taskward"].contains(&first) {
        return segments.get(1).copied();
    }
    let supers = segments.iter().filter(|segment| **segment == "super").count();
    let depth = module.len() + names.inline_modules;
    match depth.checked_sub(supers) {
        Some(0) if supers > 0 => segments.get(supers).copied(),
        _ => None,
    }
}

fn strayed_libraries(source: &Source) -> Vec<String> {
    let names = source.names();
    // `config::Limits` is ours and not the library's in a file that says `use crate::config` or `mod config`.
    let is_ours = |library: &str| {
        let declared = names.windows(2).any(|two| two[0].segments == ["mod"] && two[1].segments == [library]);
        let imported =
            |names: &Names<'_>| matches!(names.segments[..], [.., _, name] | [.., _, name, "self"] if name == library);
        declared || names.iter().any(imported)
    };
    let offence = |names: &Names<'_>| {
        let path = &names.segments;
        let (library, homes) = HOMES.iter().find(|(library, _)| path.first() == Some(library))?;
        let fine = path.len() == 1 || is_ours(library) || homes.iter().any(|home| source.place().starts_with(home));
        let text = || format!("{}:{}: names `{library}`, which is at home in {homes:?}", source.path, names.line);
        (!fine).then(text)
    };
    names.iter().filter_map(offence).collect()
}

fn environment_readers(source: &Source) -> Vec<String> {
    let names = source.names();
    let reads = |names: &&Names<'_>| {
        let path = &names.segments;
        path.len() > 1 && path.iter().any(|segment| *segment == "env" || ENVIRONMENT_READERS.contains(segment))
    };
    let at_home = source.place().starts_with("config/");
    let offence = |names: &Names<'_>| format!("{}:{}: {}", source.path, names.line, names.segments.join("::"));
    names.iter().filter(reads).filter(|_| !at_home).map(offence).collect()
}

fn raw_context(source: &Source) -> Vec<String> {
    let is_raw = |window: &&[Token<'_>]| {
        let [receiver, dot, method] = [0, 1, 2].map(|at| window[at].text);
        ["ctx", "context"].contains(&receiver) && dot == "." && ["data", "data_opt", "data_unchecked"].contains(&method)
    };
    let (at_home, end) = (source.place() == "graphql/context.rs", source.lines_outside_tests());
    let counts = |window: &&[Token<'_>]| !at_home && window[0].line <= end;
    let offence = |window: &[Token<'_>]| format!("{}:{}: calls `ctx.data`", source.path, window[0].line);
    source.tokens().windows(3).filter(is_raw).filter(counts).map(offence).collect()
}

fn names_of_the_server(source: &Source) -> Vec<String> {
    let offence = |names: &Names<'_>| {
        let named = matches!(names.segments[..], ["taskward", _, ..]);
        named.then(|| format!("{}:{}: {}", source.path, names.line, names.segments.join("::")))
    };
    source.names().iter().filter_map(offence).collect()
}

#[test]
fn each_table_names_what_exists() {
    let manifests = [include_str!("../../Cargo.toml"), include_str!("../../migrations/Cargo.toml")].concat();
    for (library, _) in HOMES {
        let dependency = format!("\n{} = ", library.replace('_', "-"));
        assert!(manifests.contains(&dependency), "{library} is in the table of homes and not in a manifest");
    }
    for (room, allowed) in ROOMS {
        let known = |name: &&&str| **name == "*" || ROOMS.iter().any(|(room, _)| room == *name);
        assert_eq!(allowed.iter().find(|name| !known(name)), None, "{room} may name a room that is not in the table");
    }
}

type Rule = fn(&Source) -> Vec<String>;

/// A rule, the place of a file, and two texts: one that the rule passes there and one that it refuses.
const SAMPLES: &[(Rule, &str, &str, &str)] = &[
    (wrong_rooms, "src/guard/cost.rs", "use crate::config::Limits;", "use crate::{code::Code, domain::task};"),
    (wrong_rooms, "src/domain/task.rs", "use super::user::User;", "use super::super::graphql::task;"),
    (wrong_rooms, "src/domain/task.rs", "mod tests { use super::super::*; }", "use super::super::*;"),
    (wrong_rooms, "src/edge/mod.rs", "/// See [`crate::http`].", "fn f(_: crate::http::State) {}"),
    (wrong_rooms, "src/clock.rs", "mod tests { use super::*; }", "mod tests { use super::super::ids::TaskId; }"),
    (wrong_rooms, "src/http/mod.rs", "use crate::app::App;", "use crate::storage::Store;"),
    (wrong_rooms, "src/cli/serve.rs", "use crate::http;", "use super::helpers::x; use crate::App;"),
    (wrong_rooms, "src/ids.rs", "use crate::random::Random;", "use crate::clock::Clock;"),
    (strayed_libraries, "src/edge/cors.rs", "use tower_http::cors::CorsLayer;", "use sea_orm::DbErr;"),
    (strayed_libraries, "src/http/graphql_ws.rs", "use tower::ServiceExt;", "use ::tower_http::cors::Any;"),
    (strayed_libraries, "src/auth/token.rs", "// axum::Router", "#[derive(clap::Parser)] struct S;"),
    (strayed_libraries, "src/app.rs", "use crate::config; type L = config::Log;", "use config::Environment;"),
    (strayed_libraries, "src/cli/mod.rs", "mod config; fn f() { config::run() }", "fn f() { config::run() }"),
    (
        strayed_libraries,
        "src/http/graphql_ws.rs",
        "use async_graphql::Data;",
        "use {async_graphql::Data, governor::Quota};",
    ),
    (environment_readers, "src/http/mod.rs", "let env = env!(\"HOME\");", "use std::{env, fs};"),
    (environment_readers, "src/telemetry.rs", "EnvFilter::new(x);", "EnvFilter::from_default_env();"),
    (raw_context, "src/graphql/task.rs", "ctx.database(); self.data()", "ctx\n.data_unchecked::<App>()"),
    (names_of_the_server, "migrations/src/a.rs", "// taskward::ids\nlet taskward = 1;", "use taskward::ids::TaskId;"),
    (wrong_rooms, "src/domain/mod.rs", "use crate::storage;", "#[path = \"x\"] mod y; use crate::*;"),
];

#[test]
fn each_rule_passes_one_sample_and_refuses_another() {
    for (rule, path, good, bad) in SAMPLES {
        assert_eq!(rule(&Source::sample(path, good)), Vec::<String>::new(), "{path}: {good}");
        assert_ne!(rule(&Source::sample(path, bad)), Vec::<String>::new(), "{path}: {bad}");
    }
    let at_home = [
        (environment_readers as Rule, "src/config/mod.rs", "std::env::vars()"),
        (raw_context, "src/graphql/context.rs", "ctx.data::<App>()"),
        (raw_context, "src/guard/tests/toy.rs", "ctx.data::<App>()"),
        (strayed_libraries, "src/config/load.rs", "use config::Environment;"),
    ];
    for (rule, path, text) in at_home {
        assert_eq!(rule(&Source::sample(path, text)), Vec::<String>::new(), "{path}: {text}");
    }
    assert_ne!(wrong_rooms(&Source::sample("src/attic/mod.rs", "")), Vec::<String>::new(), "an unknown room");
}
