//! Pages of tasks: nobody twice and nobody missed, whatever the order, the ties, and what happens between two pages.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{SecondsFormat, TimeDelta};
use rand::rngs::ChaCha12Rng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

use super::{LIST, changed, create, create_titled, list, texts, titles, with_user};
use crate::support::{Client, TestApp, start};

/// A field and whether it is ordered downwards.
type Key = (&'static str, bool);

const FIELDS: [&str; 5] = ["CREATED_AT", "UPDATED_AT", "DUE_AT", "PRIORITY", "TITLE"];
const PRIORITIES: [&str; 5] = ["NONE", "LOW", "MEDIUM", "HIGH", "URGENT"];

/// Every order of one, two and three different fields, each both ways: 570.
fn orders() -> Vec<Vec<Key>> {
    let longer = |orders: &[Vec<Key>]| {
        let mut longer = Vec::new();
        for order in orders {
            for field in FIELDS.iter().filter(|field| order.iter().all(|(taken, _)| taken != *field)) {
                longer.extend([false, true].map(|down| [order.as_slice(), &[(*field, down)]].concat()));
            }
        }
        longer
    };
    let one = longer(&[Vec::new()]);
    let two = longer(&one);
    let three = longer(&two);
    [one, two, three].concat()
}

/// The value of `orderBy`.
fn order_by(order: &[Key]) -> Value {
    let direction = |down: bool| if down { "DESC" } else { "ASC" };
    order.iter().map(|(field, down)| json!({ "field": field, "direction": direction(*down) })).collect()
}

/// How two tasks stand to each other in a list of this order, the id settling every tie.
fn compare(order: &[Key], left: &Value, right: &Value) -> Ordering {
    let text = |task: &Value, name: &str| task[name].as_str().map(str::to_lowercase);
    let rank = |task: &Value| PRIORITIES.iter().position(|name| task["priority"] == *name);
    let turned = |ordering: Ordering, down: bool| if down { ordering.reverse() } else { ordering };
    let by = |(field, down): &Key| match *field {
        "PRIORITY" => turned(rank(left).cmp(&rank(right)), *down),
        "TITLE" => turned(text(left, "title").cmp(&text(right, "title")), *down),
        "CREATED_AT" => turned(text(left, "createdAt").cmp(&text(right, "createdAt")), *down),
        "UPDATED_AT" => turned(text(left, "updatedAt").cmp(&text(right, "updatedAt")), *down),
        _ => match (text(left, "dueAt"), text(right, "dueAt")) {
            (Some(left), Some(right)) => turned(left.cmp(&right), *down),
            (left, right) => left.is_none().cmp(&right.is_none()),
        },
    };
    let id = turned(text(left, "id").cmp(&text(right, "id")), order.last().is_some_and(|(_, down)| *down));
    order.iter().map(by).fold(Ordering::Equal, Ordering::then).then(id)
}

/// The ids of the tasks in this order.
fn sorted(tasks: &[Value], order: &[Key]) -> Vec<String> {
    let mut tasks = tasks.to_vec();
    tasks.sort_by(|left, right| compare(order, left, right));
    tasks.iter().map(|task| task["id"].as_str().unwrap().to_owned()).collect()
}

/// A new task with few different values in each field, so that many are alike.
async fn random_task(app: &TestApp, client: &Client, random: &mut ChaCha12Rng) -> Value {
    let titles = ["alpha", "Alpha", "BETA", "beta gamma", "gamma"];
    let due_at = match random.random_range(0..5) {
        0..=1 => None,
        seconds => Some((start() + TimeDelta::seconds(seconds)).to_rfc3339_opts(SecondsFormat::Secs, true)),
    };
    let input = json!({
        "title": titles[random.random_range(0..titles.len())],
        "priority": PRIORITIES[random.random_range(0..3)],
        "dueAt": due_at,
    });
    app.clock.advance(TimeDelta::microseconds(random.random_range(0..2)));
    let task = create(client, input).await;
    let completed = random.random_bool(0.3);
    app.clock.advance(TimeDelta::microseconds(random.random_range(0..2)));
    changed(client, "updateTask", json!({ "id": task["id"], "completed": completed })).await
}

async fn random_tasks(app: &TestApp, client: &Client, random: &mut ChaCha12Rng, count: usize) -> Vec<Value> {
    let mut tasks = Vec::new();
    for _ in 0..count {
        tasks.push(random_task(app, client, random).await);
    }
    tasks
}

/// The ids on all pages, from the front by `first` and `after`.
async fn walk_forward(client: &Client, order: &Value, size: usize) -> Vec<String> {
    let (mut seen, mut after) = (Vec::new(), Value::Null);
    loop {
        let page = list(client, json!({ "first": size, "after": after, "orderBy": order })).await;
        let (ids, info) = (texts(&page, "id"), &page["pageInfo"]);
        assert_eq!(info["hasPreviousPage"], !after.is_null());
        seen.extend(ids.iter().cloned());
        if info["hasNextPage"] == false {
            return seen;
        }
        assert_eq!(ids.len(), size, "every page but the last is full");
        after = info["endCursor"].clone();
    }
}

/// The ids on all pages, from the end by `last` and `before`, in the order of the list.
async fn walk_backward(client: &Client, order: &Value, size: usize) -> Vec<String> {
    let (mut seen, mut before) = (Vec::new(), Value::Null);
    loop {
        let page = list(client, json!({ "last": size, "before": before, "orderBy": order })).await;
        let (ids, info) = (texts(&page, "id"), &page["pageInfo"]);
        assert_eq!(info["hasNextPage"], !before.is_null());
        seen = [ids.as_slice(), &seen].concat();
        if info["hasPreviousPage"] == false {
            return seen;
        }
        assert_eq!(ids.len(), size, "every page but the first of the list is full");
        before = info["startCursor"].clone();
    }
}

/// Walks some random tasks of a new user in each of `orders`, both ways.
async fn walk_orders(app: &TestApp, number: u64, orders: &[Vec<Key>]) {
    let (client, mut random) = (app.user(&format!("walker_{number}")).await, ChaCha12Rng::seed_from_u64(number));
    let count = random.random_range(8..=16);
    let tasks = random_tasks(app, &client, &mut random, count).await;
    for order in orders {
        let expected = sorted(&tasks, order);
        let sizes = [random.random_range(1..=6), random.random_range(1..=6)];
        let forward = walk_forward(&client, &order_by(order), sizes[0]).await;
        assert_eq!(forward, expected, "{order:?} forward by {}", sizes[0]);
        let backward = walk_backward(&client, &order_by(order), sizes[1]).await;
        assert_eq!(backward, expected, "{order:?} backward by {}", sizes[1]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_order_is_walked_both_ways_without_a_gap_or_a_repeat() {
    let (app, orders) = (Arc::new(TestApp::new().await), orders());
    assert_eq!(orders.len(), 570);
    let walkers = orders.chunks(38).zip(1..).map(|(orders, number)| {
        let (app, orders) = (Arc::clone(&app), orders.to_vec());
        tokio::spawn(async move { walk_orders(&app, number, &orders).await })
    });
    for walker in walkers.collect::<Vec<_>>() {
        walker.await.unwrap();
    }
}

#[tokio::test]
async fn a_page_between_two_cursors_holds_what_lies_between_them() {
    let (app, ana) = with_user().await;
    let mut random = ChaCha12Rng::seed_from_u64(8);
    let tasks = random_tasks(&app, &ana, &mut random, 15).await;
    let orders = orders();
    for _ in 0..200 {
        let order = &orders[random.random_range(0..orders.len())];
        let whole = list(&ana, json!({ "first": 100, "orderBy": order_by(order) })).await;
        let ids = sorted(&tasks, order);
        assert_eq!(texts(&whole, "id"), ids);
        let [after, before] = [(); 2].map(|()| random.random_range(0..ids.len()));
        let (count, from_end) = (random.random_range(1..=16), random.random_bool(0.5));
        let between = ids.get(after + 1..before).unwrap_or_default();
        let cut = count.min(between.len());
        let expected = if from_end { &between[between.len() - cut..] } else { &between[..cut] };
        let arguments = json!({
            (if from_end { "last" } else { "first" }): count, "orderBy": order_by(order),
            "after": whole["edges"][after]["cursor"], "before": whole["edges"][before]["cursor"],
        });
        let page = list(&ana, arguments.clone()).await;
        assert_eq!(texts(&page, "id"), expected, "{arguments}");
        let more = between.len() > count;
        let info = &page["pageInfo"];
        let expected_info = if from_end { [true, more] } else { [more, true] };
        assert_eq!([&info["hasNextPage"], &info["hasPreviousPage"]], expected_info, "{arguments}");
    }
}

/// Makes and trashes tasks, those that stand on the page among them.
async fn disturb(app: &TestApp, client: &Client, random: &mut ChaCha12Rng, page: &Value) -> Vec<String> {
    random_task(app, client, random).await;
    let mut gone = Vec::new();
    for edge in [page["edges"].as_array().unwrap().last(), page["edges"].as_array().unwrap().first()] {
        if let Some(edge) = edge.filter(|_| random.random_bool(0.5)) {
            changed(client, "deleteTask", json!({ "id": edge["node"]["id"] })).await;
            gone.push(edge["node"]["id"].as_str().unwrap().to_owned());
        }
    }
    gone
}

#[tokio::test]
async fn what_comes_and_goes_between_pages_neither_repeats_nor_hides_the_others() {
    let (app, mut random) = (TestApp::new().await, ChaCha12Rng::seed_from_u64(9));
    for (number, order) in orders().into_iter().step_by(29).enumerate() {
        let client = app.user(&format!("walker_{number}")).await;
        let tasks = random_tasks(&app, &client, &mut random, 16).await;
        let (size, count, cursor, end, more) = match number % 2 {
            0 => (random.random_range(1..=4), "first", "after", "endCursor", "hasNextPage"),
            _ => (random.random_range(1..=4), "last", "before", "startCursor", "hasPreviousPage"),
        };
        let (mut seen, mut gone, mut from) = (Vec::new(), BTreeSet::new(), Value::Null);
        loop {
            let page = list(&client, json!({ count: size, cursor: from, "orderBy": order_by(&order) })).await;
            seen.extend(texts(&page, "id"));
            if page["pageInfo"][more] == false {
                break;
            }
            gone.extend(disturb(&app, &client, &mut random, &page).await);
            from = page["pageInfo"][end].clone();
        }
        let once = seen.iter().cloned().collect::<BTreeSet<_>>();
        assert_eq!(once.len(), seen.len(), "{order:?} by {count}: nobody twice");
        for task in &tasks {
            let id = task["id"].as_str().unwrap();
            assert!(once.contains(id) || gone.contains(id), "{order:?} by {count}: {id} is missing");
        }
    }
}

#[tokio::test]
async fn a_page_has_1_to_100_entries_counted_from_one_end() {
    let (_app, ana) = with_user().await;
    for (arguments, refused) in [
        (json!({ "first": 1 }), vec![]),
        (json!({ "first": 100 }), vec![]),
        (json!({ "last": 100 }), vec![]),
        (json!({ "first": null, "last": null, "after": null, "before": null }), vec![]),
        (json!({ "first": 101 }), vec!["first: TOO_LARGE"]),
        (json!({ "last": 101 }), vec!["last: TOO_LARGE"]),
        (json!({ "first": i32::MAX }), vec!["first: TOO_LARGE"]),
        (json!({ "first": 0 }), vec!["first: TOO_SMALL"]),
        (json!({ "last": 0 }), vec!["last: TOO_SMALL"]),
        (json!({ "first": -1 }), vec!["first: TOO_SMALL"]),
        (json!({ "last": i32::MIN }), vec!["last: TOO_SMALL"]),
        (json!({ "first": 1, "last": 1 }), vec!["last: CONFLICTING"]),
        (
            json!({ "first": 0, "last": 101, "after": "", "before": "x" }),
            vec![
                "first: TOO_SMALL",
                "last: TOO_LARGE",
                "last: CONFLICTING",
                "after: INVALID_FORMAT",
                "before: INVALID_FORMAT",
            ],
        ),
    ] {
        let answer = ana.gql_with(LIST, arguments.clone()).await;
        if refused.is_empty() {
            answer.data();
        } else {
            assert_eq!(answer.invalid_fields(), refused, "{arguments}");
        }
    }
}

#[tokio::test]
async fn the_setting_of_the_page_size_holds() {
    let app = TestApp::with(|config| config.limits.page_size = 7).await;
    let ana = app.user("ana").await;
    create_titled(&ana, &["Task 1", "Task 2", "Task 3", "Task 4", "Task 5", "Task 6", "Task 7", "Task 8"]).await;
    assert_eq!(titles(&ana, json!({ "first": 7 })).await.len(), 7);
    assert_eq!(titles(&ana, json!({})).await.len(), 7, "the default is no larger than the most");
    assert_eq!(ana.gql_with(LIST, json!({ "first": 8 })).await.invalid_fields(), ["first: TOO_LARGE"]);
}
