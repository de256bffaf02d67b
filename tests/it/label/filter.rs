//! Lists of the tasks that bear labels.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{MISSING, create_label, create_task, insert_labels, with_user};
use crate::support::Client;

async fn titles(client: &Client, filter: Value) -> BTreeSet<String> {
    let query = "query($filter: TaskFilter) { tasks(first: 100, filter: $filter) { totalCount nodes { title } } }";
    let tasks = client.gql_with(query, json!({ "filter": filter })).await.data()["tasks"].clone();
    let titles: BTreeSet<_> =
        tasks["nodes"].as_array().unwrap().iter().map(|node| node["title"].as_str().unwrap().to_owned()).collect();
    assert_eq!(tasks["totalCount"], titles.len());
    titles
}

#[tokio::test]
async fn label_ids_pass_the_tasks_that_bear_all_of_them_and_not_is_the_complement() {
    let (app, ana) = with_user().await;
    let ben = app.user("ben").await;
    let (work, play) = (create_label(&ana, "Work").await, create_label(&ana, "Play").await);
    let unused = create_label(&ana, "Unused").await;
    let foreign = create_label(&ben, "Work").await;
    create_task(&ben, "Foreign", &[&foreign]).await;
    create_task(&ana, "None", &[]).await;
    create_task(&ana, "One", &[&work]).await;
    create_task(&ana, "Other", &[&play]).await;
    create_task(&ana, "Both", &[&work, &play]).await;
    let all = BTreeSet::from(["None", "One", "Other", "Both"].map(str::to_owned));
    let cases: [(Value, &[&str]); 11] = [
        (json!([work]), &["One", "Both"]),
        (json!([play]), &["Other", "Both"]),
        (json!([play, work]), &["Both"]),
        (json!([work, work]), &["One", "Both"]),
        (json!([unused]), &[]),
        (json!([work, unused]), &[]),
        (json!([]), &[]),
        (json!([foreign]), &[]),
        (json!([work, foreign]), &[]),
        (json!([work, MISSING]), &[]),
        (json!([work, "no id"]), &[]),
    ];
    for (label_ids, expected) in cases {
        let expected: BTreeSet<_> = expected.iter().map(|title| (*title).to_owned()).collect();
        assert_eq!(titles(&ana, json!({ "labelIds": label_ids })).await, expected, "{label_ids}");
        let rest = all.difference(&expected).cloned().collect::<BTreeSet<_>>();
        assert_eq!(titles(&ana, json!({ "not": { "labelIds": label_ids } })).await, rest, "not {label_ids}");
    }
    assert_eq!(titles(&ana, json!({ "labelIds": null })).await, all);
    let either = json!({ "or": [{ "labelIds": [work] }, { "labelIds": [play] }] });
    assert_eq!(titles(&ana, either).await, BTreeSet::from(["One", "Other", "Both"].map(str::to_owned)));
}

#[tokio::test]
async fn a_filter_may_name_20_labels_and_with_more_nothing_bears_them_all() {
    let (app, ana) = with_user().await;
    insert_labels(&app, &ana, 21).await;
    let nodes = ana.gql("{ labels(first: 100) { nodes { id } } }").await.data()["labels"]["nodes"].clone();
    let ids: Vec<Value> = nodes.as_array().unwrap().iter().map(|node| node["id"].clone()).collect();
    create_task(&ana, "Full", &ids[..20].iter().collect::<Vec<_>>()).await;
    let full = BTreeSet::from([String::from("Full")]);
    assert_eq!(titles(&ana, json!({ "labelIds": ids[..20] })).await, full);
    assert!(titles(&ana, json!({ "labelIds": ids })).await.is_empty());
    assert_eq!(titles(&ana, json!({ "not": { "labelIds": ids } })).await, full);
    let many = vec![json!({ "labelIds": ids[..20] }); 25];
    assert_eq!(titles(&ana, json!({ "and": many })).await, full);
}
