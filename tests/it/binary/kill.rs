//! A server that is killed while it writes: whatever it said is true when it comes back.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::mpsc::{self, Sender};
use std::thread;

use serde_json::{Value, json};
use taskward::clock::Clock;
use taskward::ids::TaskId;
use taskward::random::Random;

use super::Site;
use super::socket::Connection;
use crate::support::Database;

/// How often the server is killed.
const KILLS: usize = 20;
/// Connections that write at once.
const WRITERS: usize = 6;

const CREATE: &str = "mutation($id: ID, $title: String!) {
    createTask(input: { id: $id, title: $title }) { task { id title } } }";

#[test]
fn every_task_that_was_acknowledged_is_there_and_none_twice() {
    let site = Site::new();
    let token = {
        let server = site.start();
        let token = server.register("ana").token().to_owned();
        server.stop();
        token
    };
    let mut writers: Vec<Writer> = (0..WRITERS).map(|number| Writer::new(number, &token)).collect();
    let mut acknowledged = BTreeMap::new();
    for kill in 0..KILLS {
        // Now after a few answers, now after many: the server is always in the middle of others.
        round(&site, &mut writers, 1 + kill * 7 % 40, &mut acknowledged);
    }
    let listed = list(&site, &token);
    for (id, title) in &acknowledged {
        assert_eq!(listed.get(id), Some(title), "acknowledged and lost");
    }
    let lost_answers = listed.len() - acknowledged.len();
    assert!(lost_answers <= KILLS * WRITERS, "{lost_answers} tasks came from nowhere");
    check_database(&site, listed.len());
}

/// Lets everybody write until `answers` of them have come, and kills the server then.
fn round(site: &Site, writers: &mut [Writer], answers: usize, acknowledged: &mut BTreeMap<String, String>) {
    let server = site.start();
    let address = server.address;
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        for writer in writers {
            let sender = sender.clone();
            scope.spawn(move || writer.write_until_cut_off(address, &sender));
        }
        drop(sender);
        acknowledged.extend(receiver.iter().take(answers));
        server.kill();
        // Answers that were on their way count too.
        acknowledged.extend(receiver.iter());
    });
}

/// Somebody who makes one task after another.
struct Writer {
    number: usize,
    token: String,
    random: Random,
    made: usize,
    /// A task with an id of the writer's own choice that was sent and not answered: it is sent again.
    unanswered: Option<(String, String)>,
}

impl Writer {
    fn new(number: usize, token: &str) -> Self {
        Self { number, token: token.to_owned(), random: Random::system().unwrap(), made: 0, unanswered: None }
    }

    fn write_until_cut_off(&mut self, address: SocketAddr, acknowledged: &Sender<(String, String)>) {
        let Ok(connection) = Connection::open(address) else { return };
        let mut connection = connection.with_token(&self.token);
        loop {
            let (id, title) = self.unanswered.take().map_or_else(|| self.next(), |(id, title)| (Some(id), title));
            let Ok(reply) = connection.gql(CREATE, &json!({ "id": id, "title": title })) else {
                self.unanswered = id.map(|id| (id, title));
                return;
            };
            let task = reply.data()["createTask"]["task"].clone();
            assert_eq!(task["title"], title);
            acknowledged.send((task["id"].as_str().unwrap().to_owned(), title)).unwrap();
        }
    }

    /// Every second task has an id of the writer's choice.
    fn next(&mut self) -> (Option<String>, String) {
        self.made += 1;
        let own = self.made.is_multiple_of(2);
        let id = own.then(|| TaskId::generate(Clock::system().now(), &self.random).to_string());
        (id, format!("Task {} of writer {}", self.made, self.number))
    }
}

/// Every task by its id; no title is there twice.
fn list(site: &Site, token: &str) -> BTreeMap<String, String> {
    const PAGE: &str = "query($after: String) {
        tasks(first: 100, after: $after) { nodes { id title } pageInfo { hasNextPage endCursor } } }";
    let server = site.start();
    let mut connection = server.connect().with_token(token);
    let (mut listed, mut titles, mut after) = (BTreeMap::new(), BTreeMap::new(), Value::Null);
    loop {
        let data = connection.gql(PAGE, &json!({ "after": after })).unwrap().data();
        for task in data["tasks"]["nodes"].as_array().unwrap() {
            let [id, title] = ["id", "title"].map(|name| task[name].as_str().unwrap().to_owned());
            assert_eq!(titles.insert(title.clone(), id.clone()), None, "{title} is there twice");
            listed.insert(id, title);
        }
        if data["tasks"]["pageInfo"]["hasNextPage"] == false {
            server.stop();
            return listed;
        }
        after = data["tasks"]["pageInfo"]["endCursor"].clone();
    }
}

/// A task and its entry in the change log came together or not at all, and the file is sound.
fn check_database(site: &Site, tasks: usize) {
    let count = |statement: &str| -> i64 { site.query(statement)[0].try_get_by_index(0).unwrap() };
    let tasks = i64::try_from(tasks).unwrap();
    assert_eq!(count("SELECT COUNT(*) FROM tasks"), tasks);
    assert_eq!(count("SELECT COUNT(*) FROM task_changes"), tasks);
    assert_eq!(count("SELECT COUNT(DISTINCT task_id) FROM task_changes"), tasks);
    assert_eq!(count("SELECT COUNT(*) FROM tasks JOIN task_changes ON task_changes.task_id = tasks.id"), tasks);
    if Database::is_postgres() {
        return;
    }
    let verdict: String = site.query("PRAGMA integrity_check")[0].try_get_by_index(0).unwrap();
    assert_eq!(verdict, "ok");
    assert!(site.query("PRAGMA foreign_key_check").is_empty());
    // Fails unless the full-text index holds exactly the words of the tasks.
    site.query("INSERT INTO task_words (task_words, rank) VALUES ('integrity-check', 1)");
}
