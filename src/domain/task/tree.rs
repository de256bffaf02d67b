//! Trees of tasks: a task, its subtasks, theirs, and so on. How deep and how large they may be.

use std::collections::{BTreeMap, HashMap};

use uuid::Uuid;

use super::NOT_FOUND;
use crate::domain::{InvalidValue, Op, Result, Rule};
use crate::ids::TaskId;
use crate::storage::task::Model;
use crate::storage::{self, Transaction};

/// The most levels of subtasks below a task that is no subtask itself.
pub const MAX_LEVELS: usize = 5;

/// The most subtasks on all levels below a task that is no subtask itself, those in the trash included.
pub const MAX_SUBTASKS: usize = 200;

/// The shape of the trees that some tasks are in.
#[derive(Debug, Default)]
pub(in crate::domain) struct Trees {
    parents: HashMap<Uuid, Uuid>,
    children: HashMap<Uuid, Vec<Uuid>>,
}

/// Tasks with everything below them, kept from changing until the transaction ends. Only those that the caller may see.
#[derive(Debug)]
pub(super) struct Family {
    pub(super) trees: Trees,
    rows: BTreeMap<Uuid, Model>,
}

impl Trees {
    /// The trees of `ids`. They stay as they are until the transaction ends.
    pub(super) async fn lock(transaction: &Transaction, ids: &[TaskId]) -> Result<Self> {
        storage::task::lock_trees(transaction).await?;
        Self::read(transaction, &ids.iter().map(|id| id.uuid()).collect::<Vec<_>>()).await
    }

    /// The trees of `ids`, as they are at the moment.
    pub(in crate::domain) async fn read(transaction: &Transaction, ids: &[Uuid]) -> Result<Self> {
        Ok(Self::of(storage::task::trees(transaction, ids).await?))
    }

    fn of(tasks: impl IntoIterator<Item = (Uuid, Option<Uuid>)>) -> Self {
        let mut trees = Self::default();
        for (task, parent) in tasks.into_iter().filter_map(|(task, parent)| Some((task, parent?))) {
            trees.add(task, parent);
        }
        trees
    }

    /// Makes `task`, which is in none of the trees, a part of `parent`.
    pub(in crate::domain) fn add(&mut self, task: Uuid, parent: Uuid) {
        self.parents.insert(task, parent);
        self.children.entry(parent).or_default().push(task);
    }

    /// Everything below `task`, level by level.
    pub(super) fn descendants(&self, task: Uuid) -> Vec<Uuid> {
        let mut descendants = Vec::new();
        let mut level = self.below(&[task]);
        while !level.is_empty() {
            descendants.extend(&level);
            level = self.below(&level);
        }
        descendants
    }

    /// Why `task`, or a new one, can't be a part of `parent`, if so.
    pub(in crate::domain) fn refusal(&self, task: Option<Uuid>, parent: Uuid) -> Option<InvalidValue> {
        let moved = task.map(|task| [&[task], self.descendants(task).as_slice()].concat()).unwrap_or_default();
        if moved.contains(&parent) {
            return Some(InvalidValue::new(Rule::Conflicting, "must not be the task itself or one below it"));
        }
        let levels =
            self.level(parent).saturating_add(1).saturating_add(task.map_or(0, |task| self.levels_below(task)));
        if levels > MAX_LEVELS {
            let message = format!("would make more than {MAX_LEVELS} levels of subtasks");
            return Some(InvalidValue::new(Rule::TooLarge, message));
        }
        let root = self.root(parent);
        let there = self.descendants(root).len();
        let more = if task.is_some_and(|task| self.root(task) == root) { 0 } else { moved.len().max(1) };
        (there.saturating_add(more) > MAX_SUBTASKS).then(|| {
            let message = format!("would make more than {MAX_SUBTASKS} subtasks, those in the trash included");
            InvalidValue::new(Rule::TooLarge, message)
        })
    }

    fn below(&self, level: &[Uuid]) -> Vec<Uuid> {
        level.iter().filter_map(|task| self.children.get(task)).flatten().copied().collect()
    }

    fn levels_below(&self, task: Uuid) -> usize {
        let below = |level: &Vec<Uuid>| Some(self.below(level)).filter(|level| !level.is_empty());
        std::iter::successors(below(&vec![task]), below).count()
    }

    /// How far `task` is from its root.
    fn level(&self, task: Uuid) -> usize {
        std::iter::successors(self.parents.get(&task), |parent| self.parents.get(parent)).count()
    }

    fn root(&self, task: Uuid) -> Uuid {
        std::iter::successors(Some(task), |task| self.parents.get(task).copied()).last().unwrap_or(task)
    }
}

impl Family {
    /// The tasks of `ids` alone, when nothing is going to happen to those below them.
    pub(super) async fn lock_alone(transaction: &Transaction, op: &Op, ids: &[TaskId]) -> Result<Self> {
        Self::with_rows(transaction, op, Trees::default(), ids.iter().copied()).await
    }

    /// The tasks of `ids`, everything below them, and `other`.
    pub(super) async fn lock(
        transaction: &Transaction,
        op: &Op,
        ids: &[TaskId],
        other: Option<TaskId>,
    ) -> Result<Self> {
        let given = ids.iter().copied().chain(other).collect::<Vec<_>>();
        let trees = Trees::lock(transaction, &given).await?;
        let below = ids.iter().flat_map(|id| trees.descendants(id.uuid())).map(TaskId::from_uuid).collect::<Vec<_>>();
        Self::with_rows(transaction, op, trees, given.into_iter().chain(below)).await
    }

    async fn with_rows(
        transaction: &Transaction,
        op: &Op,
        trees: Trees,
        ids: impl Iterator<Item = TaskId>,
    ) -> Result<Self> {
        let rows = storage::task::lock_many(transaction, op.viewer()?, &ids.collect::<Vec<_>>()).await?;
        Ok(Self { trees, rows: rows.into_iter().map(|row| (row.id, row)).collect() })
    }

    /// The task of this id.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::domain::Error::NotFound) when there is none that the caller may see.
    pub(super) fn task(&self, id: TaskId) -> Result<&Model> {
        self.rows.get(&id.uuid()).ok_or(NOT_FOUND)
    }

    /// Everything below the task of this id.
    pub(super) fn below(&self, id: Uuid) -> impl Iterator<Item = &Model> {
        self.trees.descendants(id).into_iter().filter_map(|id| self.rows.get(&id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    /// Every task below the one before it.
    fn chain(numbers: std::ops::Range<u128>) -> Vec<(Uuid, Option<Uuid>)> {
        let first = numbers.start;
        numbers.map(|number| (id(number), (number > first).then(|| id(number - 1)))).collect()
    }

    fn star(first: u128, children: u128) -> Vec<(Uuid, Option<Uuid>)> {
        let children = (1..=children).map(|number| (id(first + number), Some(id(first))));
        [(id(first), None)].into_iter().chain(children).collect()
    }

    fn rule(trees: &Trees, task: Option<u128>, parent: u128) -> Option<Rule> {
        trees.refusal(task.map(id), id(parent)).map(|invalid| invalid.rule)
    }

    #[test]
    fn what_is_below_a_task_is_not_its_parent() {
        let trees = Trees::of(chain(0..4));
        assert_eq!(trees.descendants(id(1)), [id(2), id(3)]);
        for parent in 1..4 {
            assert_eq!(rule(&trees, Some(1), parent), Some(Rule::Conflicting), "{parent}");
        }
        assert_eq!(rule(&trees, Some(1), 0), None);
        assert_eq!(rule(&trees, Some(3), 1), None);
    }

    #[test]
    fn there_are_five_levels_below_a_root() {
        let trees = Trees::of([chain(0..6), chain(10..13)].concat());
        assert_eq!(rule(&trees, None, 4), None);
        assert_eq!(rule(&trees, None, 5), Some(Rule::TooLarge));
        assert_eq!(rule(&trees, Some(10), 2), None, "two below the root, and three of its own");
        assert_eq!(rule(&trees, Some(10), 3), Some(Rule::TooLarge));
        assert_eq!(rule(&trees, Some(11), 3), None);
    }

    #[test]
    fn there_are_two_hundred_tasks_below_a_root() {
        let trees = Trees::of([star(0, 199), star(1_000, 200), star(2_000, 1)].concat());
        assert_eq!(rule(&trees, None, 0), None);
        assert_eq!(rule(&trees, None, 1_000), Some(Rule::TooLarge));
        assert_eq!(rule(&trees, Some(2_001), 0), None);
        assert_eq!(rule(&trees, Some(2_000), 0), Some(Rule::TooLarge), "it brings one along");
        assert_eq!(rule(&trees, Some(1_001), 1_002), None, "within a full tree");
        assert_eq!(rule(&trees, Some(1_001), 0), None, "out of a full tree");
    }
}
