//! Sessions: the devices on which a user is logged in. A session that has ended has no row.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{QueryOrder, QuerySelect, Select};

use super::{Deleted, Result, Source, Transaction, user};
use crate::bus::Topic;
use crate::ids::{SessionId, UserId};

mod entity {
    use sea_orm::entity::prelude::*;

    /// A session as the database keeps it. Instants are microseconds since 1970.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "sessions")]
    pub struct Model {
        /// The UUID of the id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Whose it is.
        pub user_id: Uuid,
        /// SHA-256 of the refresh token that is good now.
        pub refresh_hash: Vec<u8>,
        /// SHA-256 of the one before it.
        pub previous_refresh_hash: Option<Vec<u8>>,
        /// When the token was last replaced.
        pub rotated_at: i64,
        /// When the user logged in.
        pub created_at: i64,
        /// When it was last used, written now and then.
        pub last_used_at: i64,
        /// When it ends unless it is refreshed.
        pub expires_at: i64,
        /// What the client called itself.
        pub user_agent: Option<String>,
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

/// Sessions of `viewer` that have not expired at `now`, which nobody else may see.
#[expect(clippy::disallowed_methods, reason = "the scoped finder itself")]
fn visible_to(viewer: UserId, now: i64) -> Select<Entity> {
    Entity::find().filter(Column::UserId.eq(viewer.uuid())).filter(Column::ExpiresAt.gt(now))
}

/// The session of this id and its user, while it has not expired at `now` and the user is not shut out. In one statement,
/// because every request with a token asks this.
#[expect(clippy::disallowed_methods, reason = "who asks is not known yet: this is how it becomes known")]
pub async fn find_live(source: &impl Source, id: SessionId, now: i64) -> Result<Option<(Model, user::Model)>> {
    let live = Entity::find()
        .filter(Column::Id.eq(id.uuid()))
        .filter(Column::ExpiresAt.gt(now))
        .find_also_related(user::Entity)
        .filter(user::Column::DisabledAt.is_null());
    let found = live.one(&source.executor()).await?;
    Ok(found.and_then(|(session, user)| user.map(|user| (session, user))))
}

/// The session of this id, kept from changing until the transaction ends.
#[expect(clippy::disallowed_methods, reason = "whoever holds the refresh token owns the session")]
pub async fn lock(transaction: &Transaction, id: SessionId) -> Result<Option<Model>> {
    Ok(Entity::find().filter(Column::Id.eq(id.uuid())).lock_exclusive().one(&transaction.executor()).await?)
}

/// The viewer's session of this id.
pub async fn find(source: &impl Source, viewer: UserId, id: SessionId, now: i64) -> Result<Option<Model>> {
    Ok(visible_to(viewer, now).filter(Column::Id.eq(id.uuid())).one(&source.executor()).await?)
}

/// The viewer's sessions, newest first.
pub async fn list(source: &impl Source, viewer: UserId, now: i64) -> Result<Vec<Model>> {
    Ok(visible_to(viewer, now).order_by_desc(Column::Id).all(&source.executor()).await?)
}

/// Writes a new session.
pub async fn insert(transaction: &Transaction, session: Model) -> Result<()> {
    let session = ActiveModel::from(session).reset_all();
    Entity::insert(session).exec_without_returning(&transaction.executor()).await?;
    Ok(())
}

/// Writes every column of a session that was read with [`lock`].
pub async fn update(transaction: &Transaction, session: Model) -> Result<()> {
    let session = ActiveModel::from(session).reset_all();
    Entity::update(session).exec(&transaction.executor()).await?;
    Ok(())
}

/// Ends the viewer's session of this id, and says whether there was one.
pub async fn delete(transaction: &Transaction, viewer: UserId, id: SessionId) -> Result<Deleted> {
    transaction.note(Topic::Account(viewer));
    delete_where(transaction, Column::UserId.eq(viewer.uuid()).and(Column::Id.eq(id.uuid()))).await
}

/// Ends a session that was read with [`lock`].
pub async fn delete_one(transaction: &Transaction, session: &Model) -> Result<Deleted> {
    transaction.note(Topic::Account(UserId::from_uuid(session.user_id)));
    delete_where(transaction, Column::Id.eq(session.id)).await
}

/// Ends all of the viewer's sessions but `kept`; all of them when it is `None`.
pub async fn delete_others(transaction: &Transaction, viewer: UserId, kept: Option<SessionId>) -> Result<Deleted> {
    transaction.note(Topic::Account(viewer));
    let others = kept.map(|kept| Column::Id.ne(kept.uuid()));
    let mine = Column::UserId.eq(viewer.uuid());
    delete_where(transaction, others.map_or(mine.clone(), |others| mine.and(others))).await
}

/// Ends all of the viewer's sessions but the `kept` that were used last.
pub async fn delete_least_recently_used(transaction: &Transaction, viewer: UserId, kept: u64) -> Result<Deleted> {
    transaction.note(Topic::Account(viewer));
    let newest = Query::select()
        .column(Column::Id)
        .from(Entity)
        .and_where(Column::UserId.eq(viewer.uuid()))
        .order_by(Column::LastUsedAt, sea_orm::Order::Desc)
        .order_by(Column::Id, sea_orm::Order::Desc)
        .limit(kept)
        .to_owned();
    delete_where(transaction, Column::UserId.eq(viewer.uuid()).and(Column::Id.not_in_subquery(newest))).await
}

/// Removes every session that has expired at `now`, which was good for nothing any more.
pub async fn delete_expired(transaction: &Transaction, now: i64) -> Result<Deleted> {
    delete_where(transaction, Column::ExpiresAt.lte(now)).await
}

/// Notes when a session was last used. Never moves the time back.
#[expect(clippy::disallowed_methods, reason = "the session of a caller whose token was verified")]
pub async fn touch(transaction: &Transaction, id: SessionId, last_used_at: i64) -> Result<()> {
    let update = Entity::update_many()
        .col_expr(Column::LastUsedAt, Expr::value(last_used_at))
        .filter(Column::Id.eq(id.uuid()))
        .filter(Column::LastUsedAt.lt(last_used_at));
    update.exec(&transaction.executor()).await?;
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "every caller above gives the scope")]
async fn delete_where(transaction: &Transaction, condition: Expr) -> Result<Deleted> {
    let deleted = Entity::delete_many().filter(condition).exec(&transaction.executor()).await?;
    Ok(Deleted(deleted.rows_affected))
}
