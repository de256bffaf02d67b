//! The rows of labels, and of the tasks that bear them.

/// A label.
pub(super) mod label {
    use sea_orm::entity::prelude::*;

    /// A label as the database keeps it.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "labels")]
    pub struct Model {
        /// The UUID of the id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Whose it is.
        pub user_id: Uuid,
        /// The name as people read it.
        pub name: String,
        /// The name as it is compared and ordered: no two of a user's are the same.
        pub name_key: String,
        /// The color, as `#rrggbb`.
        pub color: String,
        /// When it was made, in microseconds since 1970.
        pub created_at: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A label on a task.
pub(super) mod task_label {
    use sea_orm::entity::prelude::*;

    /// A label on a task as the database keeps it. It goes when either of them goes.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "task_labels")]
    pub(crate) struct Model {
        /// The task.
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) task_id: Uuid,
        /// The label.
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) label_id: Uuid,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {
        #[sea_orm(belongs_to = "super::label::Entity", from = "Column::LabelId", to = "super::label::Column::Id")]
        Label,
    }

    impl Related<super::label::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Label.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}
