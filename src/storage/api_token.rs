//! API tokens: what programs call with in a user's name. A token that was revoked has no row.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{Condition, QueryOrder, Select};

use super::{Deleted, Result, Source, Transaction, user};
use crate::bus::Topic;
use crate::ids::{ApiTokenId, UserId};

mod entity {
    use sea_orm::entity::prelude::*;

    /// An API token as the database keeps it. Instants are microseconds since 1970.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "api_tokens")]
    pub struct Model {
        /// The UUID of the id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Whose it is.
        pub user_id: Uuid,
        /// What its owner calls it.
        pub name: String,
        /// What it may be used for, a bit each.
        pub scopes: i16,
        /// SHA-256 of the secret.
        pub secret_hash: Vec<u8>,
        /// The last four characters of the secret.
        pub last_four: String,
        /// When it was made.
        pub created_at: i64,
        /// When it was last used, written now and then.
        pub last_used_at: Option<i64>,
        /// When it stops being good.
        pub expires_at: Option<i64>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(belongs_to = "super::user::Entity", from = "Column::UserId", to = "super::user::Column::Id")]
        User,
    }

    impl Related<super::user::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::User.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub use entity::Model;
use entity::{ActiveModel, Column, Entity};

/// Tokens of `viewer`, which nobody else may see; those that have expired too, until they are removed.
#[expect(clippy::disallowed_methods, reason = "the scoped finder itself")]
fn visible_to(viewer: UserId) -> Select<Entity> {
    Entity::find().filter(Column::UserId.eq(viewer.uuid()))
}

/// The token of this secret and its user, whether or not they are good now. In one statement, because every request with
/// such a token asks this.
#[expect(clippy::disallowed_methods, reason = "who asks is not known yet: this is how it becomes known")]
pub async fn find_by_secret(source: &impl Source, secret_hash: &[u8]) -> Result<Option<(Model, user::Model)>> {
    let token = Entity::find().filter(Column::SecretHash.eq(secret_hash)).find_also_related(user::Entity);
    let found = token.one(&source.executor()).await?;
    Ok(found.and_then(|(token, user)| user.map(|user| (token, user))))
}

/// The viewer's token of this id and the viewer, whether or not they are good now.
pub async fn find(source: &impl Source, viewer: UserId, id: ApiTokenId) -> Result<Option<(Model, user::Model)>> {
    let token = visible_to(viewer).filter(Column::Id.eq(id.uuid())).find_also_related(user::Entity);
    let found = token.one(&source.executor()).await?;
    Ok(found.and_then(|(token, user)| user.map(|user| (token, user))))
}

/// The viewer's tokens, newest first.
pub async fn list(source: &impl Source, viewer: UserId) -> Result<Vec<Model>> {
    Ok(visible_to(viewer).order_by_desc(Column::Id).all(&source.executor()).await?)
}

/// How many tokens the viewer has.
pub async fn count(source: &impl Source, viewer: UserId) -> Result<u64> {
    Ok(visible_to(viewer).count(&source.executor()).await?)
}

/// Writes a new token.
pub async fn insert(transaction: &Transaction, token: Model) -> Result<()> {
    let token = ActiveModel::from(token).reset_all();
    Entity::insert(token).exec_without_returning(&transaction.executor()).await?;
    Ok(())
}

/// Removes the viewer's token of this id.
pub async fn delete(transaction: &Transaction, viewer: UserId, id: ApiTokenId) -> Result<Deleted> {
    transaction.note(Topic::Account(viewer));
    delete_where(transaction, Column::UserId.eq(viewer.uuid()).and(Column::Id.eq(id.uuid()))).await
}

/// Removes the token of this id, whosever it is, for the operator.
#[expect(clippy::disallowed_methods, reason = "the operator names a token of anybody's")]
pub async fn delete_any(transaction: &Transaction, id: ApiTokenId) -> Result<Deleted> {
    let token = Entity::find().filter(Column::Id.eq(id.uuid())).one(&transaction.executor()).await?;
    match token {
        Some(token) => delete(transaction, UserId::from_uuid(token.user_id), id).await,
        None => Ok(Deleted(0)),
    }
}

/// Removes all of the viewer's tokens.
pub async fn delete_all(transaction: &Transaction, viewer: UserId) -> Result<Deleted> {
    transaction.note(Topic::Account(viewer));
    delete_where(transaction, Column::UserId.eq(viewer.uuid())).await
}

/// Removes every token that has expired at `instant`.
pub async fn delete_expired(transaction: &Transaction, instant: i64) -> Result<Deleted> {
    delete_where(transaction, Column::ExpiresAt.lte(instant)).await
}

/// Notes when a token was last used. Never moves the time back.
#[expect(clippy::disallowed_methods, reason = "the token of a caller who proved to have its secret")]
pub async fn touch(transaction: &Transaction, id: ApiTokenId, last_used_at: i64) -> Result<()> {
    let earlier = Condition::any().add(Column::LastUsedAt.is_null()).add(Column::LastUsedAt.lt(last_used_at));
    let update = Entity::update_many()
        .col_expr(Column::LastUsedAt, Expr::value(last_used_at))
        .filter(Column::Id.eq(id.uuid()))
        .filter(earlier);
    update.exec(&transaction.executor()).await?;
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "every caller above gives the scope")]
async fn delete_where(transaction: &Transaction, condition: Expr) -> Result<Deleted> {
    let deleted = Entity::delete_many().filter(condition).exec(&transaction.executor()).await?;
    Ok(Deleted(deleted.rows_affected))
}
