//! Loading the tasks that many fields of one operation ask for.

use std::collections::HashMap;

use async_graphql::dataloader::{DataLoader, Loader};

use crate::domain::Op;
use crate::domain::paging::{Page, PageArguments};
use crate::domain::task::{self, Task, TaskList, Within};
use crate::graphql::error::{ApiError, Result};
use crate::graphql::loaders::batched;
use crate::ids::TaskId;

/// The loaders of tasks.
pub(in crate::graphql) struct TaskLoaders(DataLoader<TaskLoader>);

impl TaskLoaders {
    pub(in crate::graphql) fn new(op: &Op) -> Self {
        Self(batched(TaskLoader(op.clone())))
    }

    /// The task of this id, or `None` when there is none that the caller may see.
    pub(in crate::graphql) async fn task(&self, id: TaskId) -> Result<Option<Task>> {
        self.0.load_one(TaskById(id)).await
    }

    /// The page of `list` in a place.
    pub(super) async fn page(&self, place: Within, list: &TaskList, arguments: PageArguments) -> Result<Page<Task>> {
        let page = self.0.load_one(PageWithin(place, list.clone(), arguments)).await?;
        page.unwrap_or_else(|| Ok(Page { edges: Vec::new(), has_next_page: false, has_previous_page: false }))
    }

    /// How many tasks `list` holds in a place.
    pub(super) async fn count(&self, place: Within, list: &TaskList) -> Result<u64> {
        Ok(self.0.load_one(CountWithin(place, list.clone())).await?.unwrap_or_default())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct TaskById(TaskId);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct PageWithin(Within, TaskList, PageArguments);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct CountWithin(Within, TaskList);

struct TaskLoader(Op);

type Loaded<K, V> = std::result::Result<HashMap<K, V>, ApiError>;

impl Loader<TaskById> for TaskLoader {
    type Value = Task;
    type Error = ApiError;

    async fn load(&self, keys: &[TaskById]) -> Loaded<TaskById, Task> {
        let ids = keys.iter().map(|TaskById(id)| *id).collect::<Vec<_>>();
        let tasks = task::get_many(&self.0, &ids).await?;
        Ok(tasks.into_iter().map(|task| (TaskById(task.id), task)).collect())
    }
}

impl Loader<PageWithin> for TaskLoader {
    /// Arguments that are refused fail the fields that have them and no others.
    type Value = Result<Page<Task>>;
    type Error = ApiError;

    async fn load(&self, keys: &[PageWithin]) -> Loaded<PageWithin, Self::Value> {
        let mut places = HashMap::<_, Vec<_>>::new();
        for PageWithin(place, list, arguments) in keys {
            places.entry((list, arguments)).or_default().push(*place);
        }
        let mut loaded = HashMap::with_capacity(keys.len());
        for ((list, arguments), places) in places {
            let key = |place: Within| PageWithin(place, list.clone(), arguments.clone());
            match task::pages_within(&self.0, &places, list, arguments).await.map_err(ApiError::from) {
                Ok(pages) => loaded.extend(pages.into_iter().map(|(place, page)| (key(place), Ok(page)))),
                Err(error) => loaded.extend(places.into_iter().map(|place| (key(place), Err(error.clone())))),
            }
        }
        Ok(loaded)
    }
}

impl Loader<CountWithin> for TaskLoader {
    type Value = u64;
    type Error = ApiError;

    async fn load(&self, keys: &[CountWithin]) -> Loaded<CountWithin, u64> {
        let mut places = HashMap::<_, Vec<_>>::new();
        for CountWithin(place, list) in keys {
            places.entry(list).or_default().push(*place);
        }
        let mut loaded = HashMap::with_capacity(keys.len());
        for (list, places) in places {
            let counts = task::counts_within(&self.0, &places, list).await?;
            loaded.extend(counts.into_iter().map(|(place, count)| (CountWithin(place, list.clone()), count)));
        }
        Ok(loaded)
    }
}
