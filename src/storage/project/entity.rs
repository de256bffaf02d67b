//! The rows of projects and of their members.

/// A project as the database keeps it. Instants are microseconds since 1970.
pub(super) mod project {
    use sea_orm::entity::prelude::*;

    /// A project as the database keeps it.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "projects")]
    pub struct Model {
        /// The UUID of the id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// The name as people read it.
        pub name: String,
        /// The name as it is ordered.
        pub name_key: String,
        /// The description.
        pub description: String,
        /// When it was archived, while it is.
        pub archived_at: Option<i64>,
        /// When it was made.
        pub created_at: i64,
        /// When it last changed.
        pub updated_at: i64,
        /// When it was deleted. Such a project is in no list; it is kept as long as the change log of its tasks.
        pub deleted_at: Option<i64>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A member of a project.
pub(super) mod member {
    use sea_orm::entity::prelude::*;

    /// A member of a project as the database keeps it.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "project_members")]
    pub struct Model {
        /// The project.
        #[sea_orm(primary_key, auto_increment = false)]
        pub project_id: Uuid,
        /// The member.
        #[sea_orm(primary_key, auto_increment = false)]
        pub user_id: Uuid,
        /// What they may do, as [`super::super::Role`] numbers it.
        pub role: i16,
        /// When they joined, in microseconds since 1970.
        pub joined_at: i64,
        /// The last entry of the change log before they joined.
        pub joined_after: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(belongs_to = "super::project::Entity", from = "Column::ProjectId", to = "super::project::Column::Id")]
        Project,
    }

    impl Related<super::project::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Project.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}
