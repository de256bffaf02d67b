//! Labels: what a user sorts tasks by. They are a user's own, on shared tasks too.

use std::collections::HashMap;

use super::paging::{Page, PageArguments};
use super::{Error, InvalidValue, Op, Result, Rule, text};
use crate::ids::{LabelId, TaskId};
use crate::storage::instant::to_micros;
use crate::storage::{self, Transaction};

/// The most labels of a user.
pub const MAX_LABELS: u64 = 200;

/// What cursors of the list are bound to.
const SCOPE: &str = "labels";

pub(super) const NOT_FOUND: Error = Error::NotFound("There is no such label.");
const NAME_TAKEN: Error = Error::Conflict("You have a label of this name already.");

/// A label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Its id.
    pub id: LabelId,
    /// What it is called.
    pub name: Name,
    /// How it is shown.
    pub color: Color,
}

/// What a label is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(String);

impl Name {
    /// The most characters of a name.
    pub const MAX_CHARACTERS: usize = 50;

    /// The name in `text`, composed (NFC), trimmed, and with single spaces.
    ///
    /// # Errors
    /// When no character of it shows, when it has more than 50 then, and for a control character or an override of direction.
    pub fn parse(text: &str) -> std::result::Result<Self, InvalidValue> {
        text::name(text, Self::MAX_CHARACTERS).map(Self)
    }

    /// The name as people read it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What names are compared and ordered by. It is not cut, so that different names stay different: of no character does
    /// it hold more than 33 bytes, which an index and a cursor can carry fifty times.
    pub(super) fn key(&self) -> String {
        text::folded(&self.0)
    }
}

/// How a label is shown: red, green and blue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Color(String);

impl Color {
    /// The color that `text` spells as `#rrggbb`, in lower case.
    ///
    /// # Errors
    /// When it is anything but `#` and six hexadecimal digits.
    pub fn parse(text: &str) -> std::result::Result<Self, InvalidValue> {
        let is_digits = |digits: &str| digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        if text.strip_prefix('#').is_some_and(is_digits) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(InvalidValue::new(Rule::InvalidFormat, "must be # and six hexadecimal digits, such as #1e90ff"))
        }
    }

    /// The color as `#rrggbb`, in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What is to change of a label; what is `None` stays as it is.
#[derive(Debug, Clone, Default)]
pub struct LabelUpdate {
    /// What it is called.
    pub name: Option<Name>,
    /// How it is shown.
    pub color: Option<Color>,
}

/// Makes a label of the caller's.
///
/// # Errors
/// [`Error::Conflict`] when they have 200 labels, or one whose name differs in case alone.
pub async fn create(op: &Op, name: &Name, color: &Color) -> Result<Label> {
    let viewer = op.viewer()?;
    let now = op.now();
    let row = storage::label::Model {
        id: LabelId::generate(now, &op.services().random).uuid(),
        user_id: viewer.uuid(),
        name: name.as_str().to_owned(),
        name_key: name.key(),
        color: color.as_str().to_owned(),
        created_at: to_micros(now),
    };
    let transaction = op.store().begin().await?;
    storage::label::lock(&transaction, viewer).await?;
    if storage::label::count(&transaction, viewer).await? >= MAX_LABELS {
        return Err(Error::Conflict("You have 200 labels, which is the most: delete one first."));
    }
    unless_taken(storage::label::insert(&transaction, row.clone()).await)?;
    transaction.commit().await?;
    Ok(Label::from(row))
}

/// Changes a label. The tasks that bear it don't change with it, and the change log says nothing of it.
///
/// # Errors
/// [`Error::NotFound`] when the caller has none of this id, and [`Error::Conflict`] when they have another whose name
/// differs in case alone.
pub async fn update(op: &Op, id: LabelId, update: &LabelUpdate) -> Result<Label> {
    let transaction = op.store().begin().await?;
    let before = lock(&transaction, op, id).await?;
    let mut after = before.clone();
    if let Some(name) = &update.name {
        name.as_str().clone_into(&mut after.name);
        after.name_key = name.key();
    }
    if let Some(color) = &update.color {
        color.as_str().clone_into(&mut after.color);
    }
    if after != before {
        unless_taken(storage::label::update(&transaction, after.clone()).await)?;
        transaction.commit().await?;
    }
    Ok(Label::from(after))
}

/// Removes a label for good, from all tasks too. The caller's own change log has an entry for each of those.
///
/// # Errors
/// [`Error::NotFound`] when the caller has none of this id.
pub async fn delete(op: &Op, id: LabelId) -> Result<()> {
    let transaction = op.store().begin().await?;
    lock(&transaction, op, id).await?;
    storage::label::delete(&transaction, op.viewer()?, id, to_micros(op.now())).await?;
    Ok(transaction.commit().await?)
}

/// A page of the caller's labels, by name without regard to case.
///
/// # Errors
/// [`Error::Unauthenticated`] for a caller we don't know, and [`Error::Invalid`] for paging arguments out of range.
pub async fn page(op: &Op, arguments: &PageArguments) -> Result<Page<Label>> {
    let viewer = op.viewer()?;
    let window = arguments.window(op, SCOPE)?;
    let slice = storage::label::page(op.store(), viewer, &window).await?;
    Ok(Page::new((op, SCOPE), &window, slice, storage::label::Model::position, Label::from))
}

/// How many labels the caller has.
///
/// # Errors
/// [`Error::Unauthenticated`] for a caller we don't know.
pub async fn count(op: &Op) -> Result<u64> {
    Ok(storage::label::count(op.store(), op.viewer()?).await?)
}

/// Those of `ids` that the caller has, in no order.
///
/// # Errors
/// [`Error::Unauthenticated`] for a caller we don't know.
pub async fn get_many(op: &Op, ids: &[LabelId]) -> Result<Vec<Label>> {
    let labels = storage::label::find_many(op.store(), op.viewer()?, ids).await?;
    Ok(labels.into_iter().map(Label::from).collect())
}

/// The caller's labels on those of `tasks` that bear any, by name.
///
/// # Errors
/// [`Error::Unauthenticated`] for a caller we don't know.
pub async fn of_tasks(op: &Op, tasks: &[TaskId]) -> Result<HashMap<TaskId, Vec<Label>>> {
    let mut labels = HashMap::<_, Vec<_>>::with_capacity(tasks.len());
    for (task, label) in storage::label::of_tasks(op.store(), op.viewer()?, tasks).await? {
        labels.entry(task).or_default().push(Label::from(label));
    }
    Ok(labels)
}

/// Refuses ids of labels that the caller does not have. Those they have stay until the transaction ends, when their labels
/// are locked.
pub(super) async fn require(transaction: &Transaction, op: &Op, ids: &[LabelId]) -> Result<()> {
    let found = storage::label::find_many(transaction, op.viewer()?, ids).await?;
    if found.len() < ids.len() { Err(NOT_FOUND) } else { Ok(()) }
}

/// The caller's label of this id, kept from changing until the transaction ends.
async fn lock(transaction: &Transaction, op: &Op, id: LabelId) -> Result<storage::label::Model> {
    let viewer = op.viewer()?;
    storage::label::lock(transaction, viewer).await?;
    storage::label::find_many(transaction, viewer, &[id]).await?.pop().ok_or(NOT_FOUND)
}

fn unless_taken(written: storage::Result<()>) -> Result<()> {
    match written {
        Err(storage::Error::Taken(_)) => Err(NAME_TAKEN),
        written => Ok(written?),
    }
}

impl From<storage::label::Model> for Label {
    fn from(row: storage::label::Model) -> Self {
        Self { id: LabelId::from_uuid(row.id), name: Name(row.name), color: Color(row.color) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_1_to_50_characters_that_show() {
        assert_eq!(Name::parse("  Buy \t now\n").unwrap().as_str(), "Buy now");
        for name in ["x", &"é".repeat(50), "to-do!", "🏠 home"] {
            assert_eq!(Name::parse(name).unwrap().as_str(), name);
        }
        for (name, rule) in [
            ("", Rule::TooSmall),
            (" \t", Rule::TooSmall),
            (&"é".repeat(51), Rule::TooLarge),
            ("a\0b", Rule::InvalidCharacter),
            ("a\u{202E}b", Rule::InvalidCharacter),
        ] {
            assert_eq!(Name::parse(name).unwrap_err().rule, rule, "{name:?}");
        }
    }

    #[test]
    fn the_key_of_a_name_ignores_case_and_fits_an_index_of_postgresql() {
        let key = |name: &str| Name::parse(name).unwrap().key();
        assert_eq!(key("STRASSE"), key("straße"));
        assert_ne!(key("work"), key("works"));
        // The character with the longest key. PostgreSQL takes 2,704 bytes in an index.
        assert_eq!(key(&"\u{FDFA}".repeat(50)).len(), 1_650);
    }

    #[test]
    fn a_color_is_six_hexadecimal_digits_in_lower_case() {
        assert_eq!(Color::parse("#1E90ff").unwrap().as_str(), "#1e90ff");
        for color in
            ["", "#", "1e90ff", "#1e90f", "#1e90fff", "#1e90fg", "#fff", "red", "#１２３４５６", " #1e90ff", "#é0é0"]
        {
            assert_eq!(Color::parse(color).unwrap_err().rule, Rule::InvalidFormat, "{color:?}");
        }
    }
}
