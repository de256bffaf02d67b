//! Users: people who have an account.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{Condition, QueryOrder, QuerySelect, Select};

use super::{Result, Source, Transaction, project};
use crate::bus::Topic;
use crate::ids::UserId;

mod entity {
    use sea_orm::entity::prelude::*;

    /// A user as the database keeps it.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "users")]
    pub struct Model {
        /// The UUID of the id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// The unique name.
        pub username: String,
        /// The hash of the password, in the PHC string format.
        pub password_hash: String,
        /// Microseconds since 1970.
        pub created_at: i64,
        /// Since when the user can't log in, in microseconds since 1970.
        pub disabled_at: Option<i64>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub use entity::Model;
pub(super) use entity::{Column, Entity};

/// Users whom `viewer` may see: themselves, and those they share a project with.
#[expect(clippy::disallowed_methods, reason = "the scoped finder itself")]
fn visible_to(viewer: UserId) -> Select<Entity> {
    let fellows = Column::Id.in_subquery(project::fellows_of(viewer));
    Entity::find().filter(Condition::any().add(Column::Id.eq(viewer.uuid())).add(fellows))
}

/// All users. For those whose ids or names the caller has rightly, for logging in, and for the operator.
#[expect(clippy::disallowed_methods, reason = "who logs in is not known yet, and the operator sees everybody")]
fn all() -> Select<Entity> {
    Entity::find()
}

/// Those of `ids` whom `viewer` may see.
pub async fn find_visible(source: &impl Source, viewer: UserId, ids: &[UserId]) -> Result<Vec<Model>> {
    let ids = ids.iter().map(|id| id.uuid());
    Ok(visible_to(viewer).filter(Column::Id.is_in(ids)).all(&source.executor()).await?)
}

/// Those of `ids`, whom something names that the caller may see: the creator of a task, the author of a comment.
pub async fn find_named(source: &impl Source, ids: &[UserId]) -> Result<Vec<Model>> {
    Ok(all().filter(Column::Id.is_in(ids.iter().map(|id| id.uuid()))).all(&source.executor()).await?)
}

/// The user of this name, for logging in and for the operator.
pub async fn find_by_username(source: &impl Source, username: &str) -> Result<Option<Model>> {
    Ok(all().filter(Column::Username.eq(username)).one(&source.executor()).await?)
}

/// The user of this id, kept from changing until the transaction ends.
pub async fn lock(transaction: &Transaction, id: UserId) -> Result<Option<Model>> {
    Ok(all().filter(Column::Id.eq(id.uuid())).lock_exclusive().one(&transaction.executor()).await?)
}

/// Everybody by name, for the operator.
pub async fn list(source: &impl Source) -> Result<Vec<Model>> {
    Ok(all().order_by_asc(Column::Username).all(&source.executor()).await?)
}

/// Writes a new user; [`Error::Taken`](super::Error::Taken) when the name is taken.
pub async fn insert(transaction: &Transaction, user: Model) -> Result<()> {
    let user = entity::ActiveModel::from(user).reset_all();
    Entity::insert(user).exec_without_returning(&transaction.executor()).await?;
    Ok(())
}

/// Replaces the password of a user.
pub async fn set_password_hash(transaction: &Transaction, id: UserId, password_hash: &str) -> Result<()> {
    set(transaction, id, Column::PasswordHash, Expr::value(password_hash)).await
}

/// Shuts a user out from `disabled_at` on, in microseconds since 1970, or lets them in again.
pub async fn set_disabled_at(transaction: &Transaction, id: UserId, disabled_at: Option<i64>) -> Result<()> {
    set(transaction, id, Column::DisabledAt, Expr::value(disabled_at)).await
}

#[expect(clippy::disallowed_methods, reason = "one user, by the id that the caller was given by this room")]
async fn set(transaction: &Transaction, id: UserId, column: Column, value: Expr) -> Result<()> {
    transaction.note(Topic::Account(id));
    let update = Entity::update_many().col_expr(column, value).filter(Column::Id.eq(id.uuid()));
    update.exec(&transaction.executor()).await?;
    Ok(())
}
