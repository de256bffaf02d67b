//! Which tasks a list holds.

use std::str::FromStr;

use async_graphql::{ID, InputObject};

use super::TaskPriority;
use crate::domain::task::{Filter, InstantRange, MAX_FILTERS, Search, label_filter, priority_filter};
use crate::domain::{Fields, InvalidValue, PathSegment, Rule};
use crate::graphql::error::Result;
use crate::graphql::scalars::DateTime;

/// Which tasks a list holds: those that pass every member that is given. An explicit null is the same as leaving a member
/// out, and an empty list matches nothing. At most 100 filters make up one, nested ones and itself included.
#[derive(InputObject, Default)]
pub(in crate::graphql) struct TaskFilter {
    /// Passes what passes all of these.
    and: Option<Vec<TaskFilter>>,
    /// Passes what passes at least one of these.
    or: Option<Vec<TaskFilter>>,
    /// Passes exactly what does not pass this.
    not: Option<Box<TaskFilter>>,
    /// Only tasks that are done, when true; only those that are not, when false.
    completed: Option<bool>,
    /// Only tasks of one of these priorities.
    priority: Option<Vec<TaskPriority>>,
    /// Only tasks whose title and description together hold every word of this text of at most 200 characters, in any
    /// order, whatever the case. Blank text passes every task.
    search: Option<String>,
    /// Only tasks that are due then.
    due_at: Option<DateTimeFilter>,
    /// Only tasks that were made then.
    created_at: Option<DateTimeFilter>,
    /// Only tasks that last changed then.
    updated_at: Option<DateTimeFilter>,
    /// Only tasks of this project. Nothing when there is none that the viewer can see, as with the other ids.
    project_id: Option<ID>,
    /// Only tasks that this user is to do.
    assignee_id: Option<ID>,
    /// Only tasks that this user made.
    created_by_id: Option<ID>,
    /// Only tasks that bear all of these labels of the viewer's. Nothing when one of them is not the viewer's.
    label_ids: Option<Vec<ID>>,
    /// Only the direct subtasks of this task.
    parent_id: Option<ID>,
    /// Only the trash, when true; it is left out otherwise. Stands at the top of a filter, not inside `and`, `or` or `not`.
    deleted: Option<bool>,
}

/// A stretch of time. What is given must all hold.
#[derive(InputObject, Clone, Copy)]
struct DateTimeFilter {
    /// Earlier than this instant.
    before: Option<DateTime>,
    /// Later than this instant.
    after: Option<DateTime>,
    /// Whether there is no instant.
    is_null: Option<bool>,
}

impl TaskFilter {
    /// The filter, which leaves out the trash or everything else.
    pub(super) fn parse(self) -> Result<Filter> {
        let mut fields = Fields::at(vec![PathSegment::Name("filter")]);
        if self.size() > MAX_FILTERS {
            let message = format!("must hold at most {MAX_FILTERS} filters, nested ones and itself included");
            fields.refuse(&[], InvalidValue::new(Rule::TooLarge, message));
            return Err(fields.into_error().into());
        }
        let trash = if self.deleted == Some(true) { Filter::Deleted } else { not(Filter::Deleted) };
        let mut filter = self.conditions(&mut fields, &mut Vec::new());
        filter.push(trash);
        Ok(fields.finish(|| Some(Filter::All(filter)))?)
    }

    /// How many filters make it up, itself included.
    fn size(&self) -> usize {
        let listed = [&self.and, &self.or].into_iter().flatten().flatten();
        listed.chain(self.not.as_deref()).map(Self::size).fold(1, usize::saturating_add)
    }

    fn conditions(self, fields: &mut Fields, path: &mut Vec<PathSegment>) -> Vec<Filter> {
        let mut all = Vec::new();
        all.extend(self.and.map(|filters| {
            if filters.is_empty() { Filter::nothing() } else { Filter::All(nested("and", filters, fields, path)) }
        }));
        all.extend(self.or.map(|filters| Filter::Any(nested("or", filters, fields, path))));
        all.extend(self.not.map(|filter| not(below("not", *filter, fields, path))));
        all.extend(self.completed.map(|is| if is { Filter::Completed } else { not(Filter::Completed) }));
        all.extend(self.priority.map(|list| priority_filter(&list.into_iter().map(Into::into).collect::<Vec<_>>())));
        if let Some(search) = self.search.as_deref().map(Search::parse) {
            all.extend(at(fields, path, "search", search).map(Search::into_filter));
        }
        all.extend(self.project_id.map(|id| about(&id, Filter::Project)));
        all.extend(self.assignee_id.map(|id| about(&id, Filter::Assignee)));
        all.extend(self.created_by_id.map(|id| about(&id, Filter::CreatedBy)));
        all.extend(self.parent_id.map(|id| about(&id, Filter::Parent)));
        all.extend(self.label_ids.map(|ids| label_filter(&ids)));
        all.extend(self.due_at.map(|range| range.filter(Filter::Due, &Filter::NeverDue)));
        all.extend(self.created_at.map(|range| range.filter(Filter::Created, &Filter::nothing())));
        all.extend(self.updated_at.map(|range| range.filter(Filter::Updated, &Filter::nothing())));
        all
    }
}

impl DateTimeFilter {
    /// `never` passes what has no instant.
    fn filter(self, within: impl FnOnce(InstantRange) -> Filter, never: &Filter) -> Filter {
        let mut all = Vec::new();
        if self.before.is_some() || self.after.is_some() {
            let micros = |instant: DateTime| instant.0.timestamp_micros();
            all.push(within(InstantRange { after: self.after.map(micros), before: self.before.map(micros) }));
        }
        all.extend(self.is_null.map(|is| if is { never.clone() } else { not(never.clone()) }));
        Filter::All(all)
    }
}

/// The condition that names what has this id; text that is no such id is the id of nothing.
fn about<T: FromStr>(id: &ID, condition: impl FnOnce(T) -> Filter) -> Filter {
    id.parse().map_or_else(|_| Filter::nothing(), condition)
}

fn not(filter: Filter) -> Filter {
    Filter::Not(Box::new(filter))
}

fn nested(
    name: &'static str,
    filters: Vec<TaskFilter>,
    fields: &mut Fields,
    path: &mut Vec<PathSegment>,
) -> Vec<Filter> {
    path.push(PathSegment::Name(name));
    let filters = filters.into_iter().enumerate().map(|(place, filter)| {
        path.push(PathSegment::Index(place));
        let filter = inner(filter, fields, path);
        path.pop();
        filter
    });
    let filters = filters.collect();
    path.pop();
    filters
}

fn below(name: &'static str, filter: TaskFilter, fields: &mut Fields, path: &mut Vec<PathSegment>) -> Filter {
    path.push(PathSegment::Name(name));
    let filter = inner(filter, fields, path);
    path.pop();
    filter
}

fn inner(filter: TaskFilter, fields: &mut Fields, path: &mut Vec<PathSegment>) -> Filter {
    if filter.deleted.is_some() {
        let message = "stands at the top of a filter only";
        at::<()>(fields, path, "deleted", Err(InvalidValue::new(Rule::Conflicting, message)));
    }
    Filter::All(filter.conditions(fields, path))
}

/// The valid value of the member `name` at `path`, or `None` after its rule was noted.
fn at<T>(
    fields: &mut Fields,
    path: &[PathSegment],
    name: &'static str,
    value: std::result::Result<T, InvalidValue>,
) -> Option<T> {
    fields.take_at(&[path, &[PathSegment::Name(name)]].concat(), value)
}
