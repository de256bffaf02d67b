//! The trash is emptied by age.

use chrono::TimeDelta;
use serde_json::json;

use super::{changed, create, list, read, with_user};

#[tokio::test]
async fn a_task_is_removed_for_good_after_30_days_in_the_trash_and_not_before() {
    let (app, ana) = with_user().await;
    let milk = create(&ana, json!({ "title": "Milk" })).await["id"].clone();
    let bread = create(&ana, json!({ "title": "Bread" })).await["id"].clone();
    changed(&ana, "deleteTask", json!({ "id": milk })).await;
    app.clock.advance(TimeDelta::days(30));
    app.app.tidy().await.unwrap();
    let ana = app.log_in("ana").await;
    assert_eq!(read(&ana, &milk).await["title"], "Milk", "30 days are not more than 30 days");
    app.clock.advance(TimeDelta::microseconds(1));
    app.app.tidy().await.unwrap();
    assert_eq!(read(&ana, &milk).await, json!(null));
    assert_eq!(read(&ana, &bread).await["title"], "Bread", "what is not in the trash stays");
    assert_eq!(list(&ana, json!({ "filter": { "deleted": true } })).await["edges"], json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn more_tasks_than_one_transaction_removes_are_removed_by_several_servers_at_once() {
    let (app, ana) = with_user().await;
    let titles = (0..510).map(|number| format!("Task {number}")).collect::<Vec<_>>();
    for title in &titles {
        let id = create(&ana, json!({ "title": title })).await["id"].clone();
        changed(&ana, "deleteTask", json!({ "id": id })).await;
    }
    app.clock.advance(TimeDelta::days(31));
    let servers = (0..4).map(|_| app.app.tidy());
    for tidied in futures::future::join_all(servers).await {
        tidied.unwrap();
    }
    let ana = app.log_in("ana").await;
    assert_eq!(list(&ana, json!({ "filter": { "deleted": true } })).await["edges"], json!([]));
}
