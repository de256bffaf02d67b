//! What the demonstration user does when: a task is made, grows urgent, is completed, or ends in the trash.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};

use super::chance::Chance;
use super::words::{self, Subject};
use crate::domain::task::Priority;

/// How many tasks there will be.
const TASKS: usize = 260;

/// How long ago a task can have gone to the trash: for less than `tasks.trash_days`.
const TRASH: TimeDelta = TimeDelta::days(25);

/// What a task is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Idea {
    pub(super) title: String,
    pub(super) description: String,
    pub(super) priority: Priority,
    pub(super) due_at: Option<DateTime<Utc>>,
    /// The number of its subject.
    pub(super) area: usize,
    /// Whether it is never thrown away.
    pub(super) lasts: bool,
}

/// Something that happens to a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) at: DateTime<Utc>,
    /// The number of the task it happens to, below the number of events.
    pub(super) task: usize,
    pub(super) what: What,
}

/// What happens to a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    Made(Idea),
    Hastened(Priority),
    Completed,
    Trashed,
}

/// Everything that happens from `start` to `now`, in its order.
pub(super) fn events(chance: &Chance, start: DateTime<Utc>, now: DateTime<Utc>) -> Vec<Event> {
    let mut titles = titles(chance);
    titles.truncate(TASKS);
    let mut events = Vec::new();
    for (task, (area, subject, title)) in titles.into_iter().enumerate() {
        let made_at = waking_hour(chance, start, now);
        events.extend(life(chance, (area, subject), title, made_at, now).into_iter().map(|(at, what)| Event {
            at,
            task,
            what,
        }));
    }
    // Stable: what happens to one task in the same minute keeps its order.
    events.sort_by_key(|event| event.at);
    events
}

/// Between seven in the morning and eleven at night of any day.
fn waking_hour(chance: &Chance, start: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    let days = usize::try_from((now - start).num_days()).unwrap_or(0);
    let day = start + TimeDelta::days(chance.below(days.saturating_add(1)).try_into().unwrap_or(0));
    (midnight(day) + TimeDelta::minutes(chance.between(7 * 60, 23 * 60).into())).clamp(start, now)
}

/// Every title once, in an order of chance.
fn titles(chance: &Chance) -> Vec<(usize, &'static Subject, String)> {
    let mut titles = Vec::new();
    for (area, subject) in words::SUBJECTS.iter().enumerate() {
        for verb in subject.verbs {
            for object in subject.objects {
                let words = [verb, object, &chance.pick(subject.contexts)];
                let title = words.map(|word| *word).join(" ");
                titles.push((area, subject, title.trim().to_owned()));
            }
        }
    }
    chance.shuffle(&mut titles);
    titles
}

/// One task from its making until now. Every third is completed, some grow urgent first, and a few are thrown away.
fn life(
    chance: &Chance,
    (area, subject): (usize, &Subject),
    title: String,
    made_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Vec<(DateTime<Utc>, What)> {
    let later = |at: DateTime<Utc>| at + (now - at) * i32::from(chance.between(5, 95)) / 100;
    let description = if chance.in_a_hundred(30) { chance.pick(subject.descriptions) } else { "" }.to_owned();
    let completed_at = chance.in_a_hundred(34).then(|| later(made_at));
    let due_at = chance.in_a_hundred(60).then(|| due(chance, made_at, completed_at, now));
    let priority = priority(chance);
    let hastened = chance.in_a_hundred(8).then(|| (later(made_at), What::Hastened(Priority::Urgent)));
    // What has been in the trash for long is removed for good, and the demonstration is to show it.
    let trashed_at = chance.in_a_hundred(6).then(|| later(completed_at.unwrap_or(made_at)).max(now - TRASH));
    let idea = Idea { title, description, priority, due_at, area, lasts: trashed_at.is_none() };
    let mut life = vec![(made_at, What::Made(idea))];
    life.extend(hastened.filter(|(at, _)| completed_at.or(trashed_at).is_none_or(|end| *at < end)));
    life.extend(completed_at.map(|at| (at, What::Completed)));
    life.extend(trashed_at.map(|at| (at, What::Trashed)));
    life
}

/// Near the day it was completed, or else somewhere between last week and the month after next.
fn due(
    chance: &Chance,
    made_at: DateTime<Utc>,
    completed_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> DateTime<Utc> {
    let day = match completed_at {
        Some(at) => at - TimeDelta::days(1) + TimeDelta::days(chance.between(0, 4).into()),
        None => now - TimeDelta::days(7) + TimeDelta::days(chance.between(0, 50).into()),
    };
    let due = midnight(day) + TimeDelta::hours(chance.between(8, 20).into());
    // Nobody makes a task that was due before they thought of it.
    if due > made_at { due } else { due + TimeDelta::days(7) }
}

fn priority(chance: &Chance) -> Priority {
    match chance.below(100) {
        0..45 => Priority::None,
        45..60 => Priority::Low,
        60..82 => Priority::Medium,
        82..95 => Priority::High,
        _ => Priority::Urgent,
    }
}

fn midnight(day: DateTime<Utc>) -> DateTime<Utc> {
    day.date_naive().and_time(NaiveTime::MIN).and_utc()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::config::TitleRule;
    use crate::domain::task::{Description, Title};
    use crate::random::Random;

    #[test]
    fn a_life_is_varied_and_in_order() {
        let now: DateTime<Utc> = "2026-11-23T09:30:00Z".parse().unwrap();
        let start = now - TimeDelta::days(60);
        let events = events(&Chance::new(Random::seeded(1)), start, now);
        assert!(events.is_sorted_by_key(|event| event.at));
        assert!(events.iter().all(|event| (start..=now).contains(&event.at) && event.task < events.len()));
        let count = |wanted: fn(&What) -> bool| events.iter().filter(|event| wanted(&event.what)).count();
        let made: Vec<&Idea> =
            events.iter().filter_map(|event| if let What::Made(it) = &event.what { Some(it) } else { None }).collect();
        assert_eq!(made.len(), TASKS);
        assert_eq!(made.iter().map(|idea| &idea.title).collect::<HashSet<_>>().len(), TASKS, "no title twice");
        assert!((TASKS / 4..TASKS / 2).contains(&count(|what| *what == What::Completed)), "about a third");
        assert!((5..40).contains(&count(|what| *what == What::Trashed)));
        assert!((5..40).contains(&count(|what| matches!(what, What::Hastened(_)))));
        let due: Vec<_> = made.iter().filter_map(|idea| idea.due_at).collect();
        assert!(due.iter().any(|at| *at < now) && due.iter().filter(|at| **at > now).count() > 30);
        assert!(made.iter().filter(|idea| !idea.description.is_empty()).count() > 40);
    }

    #[test]
    fn nothing_happens_to_a_task_before_it_is_made_or_after_it_is_gone() {
        let now: DateTime<Utc> = "2026-11-23T09:30:00Z".parse().unwrap();
        let events = events(&Chance::new(Random::seeded(2)), now - TimeDelta::days(60), now);
        let (mut made, mut trashed) = (HashSet::new(), HashSet::new());
        for Event { task, what, .. } in &events {
            assert!(!trashed.contains(task));
            match what {
                What::Made(idea) => {
                    assert!(made.insert(*task) && idea.due_at.is_none_or(|due| due > now - TimeDelta::days(60)));
                }
                What::Trashed => assert!(made.contains(task) && trashed.insert(*task)),
                What::Hastened(_) | What::Completed => assert!(made.contains(task)),
            }
        }
    }

    #[test]
    fn every_word_obeys_the_rules_of_tasks() {
        let titles = titles(&Chance::new(Random::seeded(1)));
        assert!(titles.len() > TASKS, "{}", titles.len());
        for (_, _, title) in titles {
            assert_eq!(Title::parse(&title, TitleRule::Alphanumeric).unwrap().as_str(), title);
        }
        for description in words::SUBJECTS.iter().flat_map(|subject| subject.descriptions) {
            assert_eq!(Description::parse(description).unwrap().as_str(), *description);
        }
    }
}
