//! Which tasks a list holds: every member of a filter, alone and combined, and what `not` leaves.

use std::collections::BTreeSet;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use taskward::storage::project::Role;

use super::{LIST, changed, create, list, texts, titles, with_user};
use crate::support::project::project;
use crate::support::{Client, TestApp, start};

/// An instant some seconds after every test begins, as the server writes it.
fn instant(seconds: i64) -> String {
    let instant: DateTime<Utc> = start() + TimeDelta::seconds(seconds);
    instant.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// Four tasks, made one second after the other; `Open` and `Done` are due 100 and 200 seconds after the start, and `Done`
/// was completed after 4 seconds.
async fn four_tasks() -> (TestApp, Client) {
    let (app, ana) = with_user().await;
    for (title, priority, due_at) in
        [("Open", "LOW", Some(100)), ("Done", "HIGH", Some(200)), ("Someday", "NONE", None), ("Urgent", "URGENT", None)]
    {
        let input = json!({ "title": title, "priority": priority, "dueAt": due_at.map(instant) });
        let task = create(&ana, input).await;
        if title == "Done" {
            let at = app.clock.now();
            app.clock.advance(TimeDelta::seconds(4) - (at - start()));
            changed(&ana, "updateTask", json!({ "id": task["id"], "completed": true })).await;
        }
        app.clock.advance(TimeDelta::seconds(1));
    }
    (app, ana)
}

/// The initials of the tasks that pass, in the order in which they were made.
async fn passing(client: &Client, filter: &Value) -> String {
    let order = json!([{ "field": "CREATED_AT", "direction": "ASC" }]);
    let titles = titles(client, json!({ "filter": filter, "orderBy": order, "first": 100 })).await;
    titles.iter().map(|title| &title[..1]).collect()
}

#[tokio::test]
async fn each_member_passes_what_it_says() {
    let (_app, ana) = four_tasks().await;
    let cases = [
        (json!({}), "ODSU"),
        (json!({ "completed": true }), "D"),
        (json!({ "completed": false }), "OSU"),
        (json!({ "priority": ["HIGH"] }), "D"),
        (json!({ "priority": ["NONE", "URGENT", "NONE"] }), "SU"),
        (json!({ "priority": [] }), ""),
        (json!({ "search": "someday" }), "S"),
        (json!({ "createdById": "user_01jd3qvh7eefhazk9a8w2tn4tz" }), ""),
        (json!({ "and": [{ "completed": false }, { "priority": ["LOW", "HIGH"] }] }), "O"),
        (json!({ "and": [] }), ""),
        (json!({ "and": [{}] }), "ODSU"),
        (json!({ "or": [{ "completed": true }, { "priority": ["LOW"] }] }), "OD"),
        (json!({ "or": [] }), ""),
        (json!({ "or": [{}] }), "ODSU"),
        (json!({ "not": { "completed": true } }), "OSU"),
        (json!({ "not": {} }), ""),
        (json!({ "not": { "or": [] } }), "ODSU"),
        (json!({ "not": { "and": [] } }), "ODSU"),
        (json!({ "not": { "not": { "priority": ["LOW"] } } }), "O"),
        // Members beside each other must all pass.
        (json!({ "completed": false, "priority": ["LOW", "HIGH"], "search": "open" }), "O"),
        (json!({ "or": [{ "completed": true }], "not": { "completed": true } }), ""),
        (
            json!({ "or": [{ "completed": true }, {}], "and": [{ "priority": ["URGENT"] }], "not": { "search": "x" } }),
            "U",
        ),
    ];
    for (filter, expected) in cases {
        assert_eq!(passing(&ana, &filter).await, expected, "{filter}");
    }
}

#[tokio::test]
async fn a_stretch_of_time_is_open_at_both_ends() {
    let (_app, ana) = four_tasks().await;
    let cases = [
        ("dueAt", json!({}), "ODSU"),
        ("dueAt", json!({ "before": instant(200) }), "O"),
        ("dueAt", json!({ "before": instant(201) }), "OD"),
        ("dueAt", json!({ "after": instant(100) }), "D"),
        ("dueAt", json!({ "after": instant(99), "before": instant(101) }), "O"),
        ("dueAt", json!({ "after": instant(101), "before": instant(99) }), ""),
        ("dueAt", json!({ "after": "1970-01-01T00:00:00+14:00", "before": "9999-12-31T23:59:59Z" }), "OD"),
        ("dueAt", json!({ "isNull": true }), "SU"),
        ("dueAt", json!({ "isNull": false }), "OD"),
        ("dueAt", json!({ "isNull": true, "after": instant(0) }), ""),
        ("dueAt", json!({ "isNull": false, "after": instant(100) }), "D"),
        ("createdAt", json!({ "before": instant(1) }), "O"),
        ("createdAt", json!({ "after": instant(1) }), "SU"),
        ("createdAt", json!({ "isNull": true }), ""),
        ("createdAt", json!({ "isNull": false }), "ODSU"),
        ("updatedAt", json!({ "after": instant(3) }), "DSU"),
        ("updatedAt", json!({ "after": instant(3), "before": instant(5) }), "D"),
        ("updatedAt", json!({ "isNull": true }), ""),
    ];
    for (member, range, expected) in cases {
        let filter = json!({ member: range });
        assert_eq!(passing(&ana, &filter).await, expected, "{filter}");
        let rest = "ODSU".chars().filter(|initial| !expected.contains(*initial)).collect::<String>();
        assert_eq!(passing(&ana, &json!({ "not": filter })).await, rest, "not {filter}");
    }
}

/// What is there but not the viewer's, what is not there, and what is no id, are all the same.
#[tokio::test]
async fn ids_of_nothing_match_nothing_and_their_opposite_everything() {
    let (app, ana) = four_tasks().await;
    let ben = app.user("ben").await;
    let theirs = project(&app, &[(&ben, Role::Owner)]).await;
    let task = create(&ben, json!({ "title": "Of Ben", "projectId": theirs, "assigneeId": ben.user_id() })).await;
    create(&ben, json!({ "title": "Part", "parentId": task["id"] })).await;
    let nothing = ["no id", "", "task_01jd3qvh7eefhazk9a8w2tn4tz", "project_01jd3qvh7eefhazk9a8w2tn4tz"];
    let ids = nothing.into_iter().chain([theirs.as_str().unwrap(), task["id"].as_str().unwrap(), ben.user_id()]);
    for id in ids {
        for member in ["projectId", "assigneeId", "createdById", "parentId"] {
            let filter = json!({ member: id });
            assert_eq!(passing(&ana, &filter).await, "", "{filter}");
            assert_eq!(passing(&ana, &json!({ "not": filter })).await, "ODSU", "not {filter}");
            assert_eq!(passing(&ana, &json!({ "or": [filter, { "completed": true }] })).await, "D", "or {filter}");
        }
    }
}

#[tokio::test]
async fn null_is_the_same_as_leaving_out() {
    let (_app, ana) = four_tasks().await;
    let nulls = json!({
        "and": null, "or": null, "not": null, "completed": null, "priority": null, "search": null, "dueAt": null,
        "createdAt": null, "updatedAt": null, "createdById": null, "assigneeId": null, "projectId": null,
        "parentId": null, "deleted": null,
    });
    assert_eq!(passing(&ana, &Value::Null).await, "ODSU");
    assert_eq!(passing(&ana, &nulls).await, "ODSU");
    assert_eq!(passing(&ana, &json!({ "dueAt": { "before": null, "after": null, "isNull": null } })).await, "ODSU");
    assert_eq!(passing(&ana, &json!({ "not": nulls })).await, "");
}

#[tokio::test]
async fn every_invalid_member_is_told_with_its_place() {
    let (_app, ana) = with_user().await;
    let filter = json!({
        "search": "x".repeat(201),
        "or": [{ "search": "x".repeat(201) }, { "not": { "deleted": true } }],
    });
    let refused =
        ana.gql_with(LIST, json!({ "filter": filter })).await.invalid_fields().into_iter().collect::<BTreeSet<_>>();
    let expected =
        ["filter.search: TOO_LARGE", "filter.or.0.search: TOO_LARGE", "filter.or.1.not.deleted: CONFLICTING"];
    assert_eq!(refused, expected.map(str::to_owned).into());
}

#[tokio::test]
async fn a_filter_holds_at_most_a_hundred_and_a_large_one_overflows_no_stack() {
    let (_app, ana) = four_tasks().await;
    let inline = async |filter: &str| ana.gql(&format!("{{ tasks(filter: {filter}) {{ totalCount }} }}")).await;
    let wide = |count: usize| format!("{{ or: [{}] }}", "{} ".repeat(count));
    assert_eq!(inline(&wide(99)).await.data()["tasks"]["totalCount"], 4);
    assert_eq!(inline(&wide(100)).await.invalid_fields(), ["filter: TOO_LARGE"]);
    assert_eq!(inline(&wide(480)).await.invalid_fields(), ["filter: TOO_LARGE"]);

    let priorities = format!("{{ priority: [{}] }}", "LOW HIGH ".repeat(480));
    assert_eq!(inline(&priorities).await.data()["tasks"]["totalCount"], 2);

    let members =
        "completed: false priority: [LOW] search: \"open\" dueAt: { isNull: false } createdAt: {} updatedAt: {}";
    let deep = format!("{}{}", format!("{{ {members} not: ").repeat(26), "{} ".to_owned() + &"}".repeat(26));
    assert_eq!(inline(&deep).await.data()["tasks"]["totalCount"], 1, "{deep}");
}

#[tokio::test]
async fn a_filter_that_a_document_repeats_counts_every_time() {
    let (_app, ana) = four_tasks().await;
    let variables = json!({ "filter": { "or": vec![json!({ "completed": true }); 10] } });
    for (count, refused) in [(9, None), (10, Some("BAD_USER_INPUT")), (450, Some("QUERY_TOO_LARGE"))] {
        let filter = "$filter ".repeat(count);
        let query = format!("query($filter: TaskFilter!) {{ tasks(filter: {{ or: [{filter}] }}) {{ totalCount }} }}");
        let answer = ana.gql_with(&query, variables.clone()).await;
        match refused {
            None => assert_eq!(answer.data()["tasks"]["totalCount"], 1),
            Some(code) => assert_eq!(answer.code(), code, "{count} times: {}", answer.text),
        }
    }
}

/// The members that take an id, each with what it is compared with.
const MEMBERS: [(&str, &str); 4] =
    [("projectId", "project"), ("assigneeId", "assignee"), ("createdById", "creator"), ("parentId", "parent")];

/// Random filters with these ids, four levels deep.
fn filters(ids: Vec<String>) -> impl Strategy<Value = Value> {
    let priorities = prop::collection::vec(select(vec!["NONE", "LOW", "MEDIUM", "HIGH", "URGENT"]), 0..3);
    let leaf = prop_oneof![
        Just(json!({})),
        any::<Option<bool>>().prop_map(|is| json!({ "completed": is })),
        priorities.prop_map(|priorities| json!({ "priority": priorities })),
        select(vec!["alpha", "beta", "beta alpha", "gamma", "", "!"]).prop_map(|search| json!({ "search": search })),
        (select(vec!["dueAt", "createdAt", "updatedAt"]), ranges())
            .prop_map(|(member, range)| json!({ member: range })),
        (select(MEMBERS.map(|(member, _)| member).to_vec()), prop::option::of(select(ids)))
            .prop_map(|(member, id)| json!({ member: id })),
    ];
    leaf.prop_recursive(4, 24, 3, |filter| {
        let some = prop::collection::vec(filter.clone(), 0..3);
        prop_oneof![
            some.clone().prop_map(|filters| json!({ "and": filters })),
            some.prop_map(|filters| json!({ "or": filters })),
            filter.clone().prop_map(|filter| json!({ "not": filter })),
            (filter.clone(), filter).prop_map(|(mut one, other)| {
                one.as_object_mut().unwrap().extend(other.as_object().unwrap().clone());
                one
            }),
        ]
    })
}

fn ranges() -> impl Strategy<Value = Value> {
    let end = || prop::option::of((0..20_i64).prop_map(instant));
    (end(), end(), any::<Option<bool>>())
        .prop_map(|(after, before, is_null)| json!({ "after": after, "before": before, "isNull": is_null }))
}

/// Whether the task passes, by the words of the contract.
fn passes(filter: &Value, task: &Value) -> bool {
    let members = filter.as_object().unwrap().iter().filter(|(_, value)| !value.is_null());
    members.into_iter().all(|(member, value)| match member.as_str() {
        "and" => !value.as_array().unwrap().is_empty() && value.as_array().unwrap().iter().all(|it| passes(it, task)),
        "or" => value.as_array().unwrap().iter().any(|it| passes(it, task)),
        "not" => !passes(value, task),
        "completed" => task["completed"] == *value,
        "priority" => value.as_array().unwrap().contains(&task["priority"]),
        "search" => {
            let words = task["title"].as_str().unwrap().split(' ').collect::<Vec<_>>();
            value.as_str().unwrap().split_whitespace().all(|word| words.contains(&word))
        }
        _ => match MEMBERS.iter().find(|(name, _)| member == name) {
            Some((_, what)) => task[what] == *value,
            None => is_within(&task[member], value),
        },
    })
}

fn is_within(instant: &Value, range: &Value) -> bool {
    let (instant, text) = (instant.as_str(), |end: &str| range[end].as_str().map(str::to_owned));
    text("after").is_none_or(|after| instant.is_some_and(|instant| *instant > *after))
        && text("before").is_none_or(|before| instant.is_some_and(|instant| *instant < *before))
        && range["isNull"].as_bool().is_none_or(|is_null| instant.is_none() == is_null)
}

/// Twenty-five tasks of two people in two projects or none, of which many are alike. The last member of `people` makes none.
async fn random_tasks(
    app: &TestApp,
    people: &[Client; 3],
    projects: &[Value; 2],
    runner: &mut TestRunner,
) -> Vec<Value> {
    let texts = select(vec!["alpha", "beta", "alpha beta"]);
    let priorities = select(vec!["NONE", "LOW", "MEDIUM", "HIGH", "URGENT"]);
    let due = (prop::option::of(0..20_i64), any::<bool>(), 0..2_i64);
    let task = (texts, priorities, due, 0..4_usize, 0..3_usize, prop::option::of(0..25_usize));
    let mut tasks = Vec::<Value>::new();
    for _ in 0..25 {
        let (title, priority, (due_at, completed, seconds), place, assignee, parent) =
            task.new_tree(runner).unwrap().current();
        let parent = parent.and_then(|number| tasks.get(number)).filter(|task| task["parent"].is_null());
        let project =
            parent.map_or_else(|| projects.get(place).cloned().unwrap_or_default(), |it| it["project"].clone());
        // Private tasks are the viewer's.
        let creator = &people[if project.is_null() { 0 } else { place % 2 }];
        let assignee = if project.is_null() { None } else { people.get(assignee).map(Client::user_id) };
        let parent = parent.map(|task| task["id"].clone());
        let input = json!({
            "title": title, "priority": priority, "dueAt": due_at.map(instant), "projectId": project, "parentId": parent,
            "assigneeId": assignee,
        });
        let task = create(creator, input).await;
        app.clock.advance(TimeDelta::seconds(seconds));
        let mut task = changed(creator, "updateTask", json!({ "id": task["id"], "completed": completed })).await;
        let places = json!({
            "project": project, "parent": parent, "assignee": assignee, "creator": creator.user_id(),
        });
        task.as_object_mut().unwrap().extend(places.as_object().unwrap().clone());
        tasks.push(task);
    }
    tasks
}

#[tokio::test]
async fn not_is_the_exact_complement_of_any_filter() {
    let app = TestApp::new().await;
    let people = [app.user("ana").await, app.user("ben").await, app.user("eve").await];
    let members = people.each_ref().map(|client| (client, Role::Editor));
    let projects = [project(&app, &members).await, project(&app, &members).await];
    let mut runner = TestRunner::deterministic();
    let tasks = random_tasks(&app, &people, &projects, &mut runner).await;
    let ids = async |filter: &Value| {
        let page = list(&people[0], json!({ "filter": filter, "first": 100 })).await;
        texts(&page, "id").into_iter().collect::<BTreeSet<_>>()
    };
    let named = tasks.iter().take(10).map(|task| task["id"].clone()).chain(projects.clone());
    let named = named.map(|id| id.as_str().unwrap().to_owned());
    let named = named.chain(people.iter().map(|client| client.user_id().to_owned())).collect::<Vec<_>>();
    for _ in 0..400 {
        let filter = filters(named.clone()).new_tree(&mut runner).unwrap().current();
        let expected = |is: bool| {
            let tasks = tasks.iter().filter(|task| passes(&filter, task) == is);
            tasks.map(|task| task["id"].as_str().unwrap().to_owned()).collect::<BTreeSet<_>>()
        };
        assert_eq!(ids(&filter).await, expected(true), "{filter}");
        assert_eq!(ids(&json!({ "not": filter })).await, expected(false), "not {filter}");
    }
}
