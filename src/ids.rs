//! Typed ids: a TypeID (a prefix that names the type, and a UUIDv7 in base 32) for everything that has an id.
//!
//! Clients treat them as opaque. The prefix keeps the id of one thing from being taken for another's, and the UUIDv7
//! makes ids of the same millisecond neighbours in an index. See <https://github.com/jetify-com/typeid>.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use type_safe_id::{StaticType, TypeSafeId};
use uuid::{Builder, Uuid};

use crate::random::Random;

/// The text is not an id of the expected type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id of the expected type")]
pub struct InvalidId;

macro_rules! typed_ids {
    ($($(#[$doc:meta])* $name:ident, $tag:ident, $prefix:literal;)+) => {$(
        #[derive(Default)]
        struct $tag;
        impl StaticType for $tag {
            const TYPE: &'static str = $prefix;
        }

        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// The prefix of these ids in text, without the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// A fresh id of this moment.
            #[must_use]
            pub fn generate(now: DateTime<Utc>, random: &Random) -> Self {
                Self(uuid_v7(now, random))
            }

            /// The id that `uuid` stands for, as storage keeps it.
            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// What storage keeps of the id.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", TypeSafeId::<$tag>::from_uuid(self.0))
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            /// The id that `text` spells; refused unless the prefix is [`Self::PREFIX`] and the rest is 26 characters of
            /// Crockford's base 32 in lower case.
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let id = text.parse::<TypeSafeId<$tag>>().map_err(|_| InvalidId)?;
                Ok(Self(id.uuid()))
            }
        }
    )+};
}

typed_ids! {
    /// The id of a user: `user_…`.
    UserId, UserTag, "user";
    /// The id of a session: `session_…`.
    SessionId, SessionTag, "session";
    /// The id of a task: `task_…`.
    TaskId, TaskTag, "task";
    /// The id of a project: `project_…`.
    ProjectId, ProjectTag, "project";
    /// The id of a label: `label_…`.
    LabelId, LabelTag, "label";
    /// The id of a comment: `comment_…`.
    CommentId, CommentTag, "comment";
    /// The id of an API token: `token_…`. It tells which one is meant and opens nothing.
    ApiTokenId, ApiTokenTag, "token";
    /// The id of a request, told in `X-Request-Id` and in the log: `req_…`.
    RequestId, RequestTag, "req";
}

/// The id of anything that [Node](https://relay.dev/graphql/objectidentification.htm) can stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NodeId {
    /// A user.
    User(UserId),
    /// A session.
    Session(SessionId),
    /// A task.
    Task(TaskId),
    /// A project.
    Project(ProjectId),
    /// A label.
    Label(LabelId),
    /// A comment.
    Comment(CommentId),
    /// An API token.
    ApiToken(ApiTokenId),
}

impl FromStr for NodeId {
    type Err = InvalidId;

    /// The id that `text` spells; refused unless its prefix is one of a node's.
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let (prefix, _) = text.split_once('_').ok_or(InvalidId)?;
        match prefix {
            UserId::PREFIX => text.parse().map(Self::User),
            SessionId::PREFIX => text.parse().map(Self::Session),
            TaskId::PREFIX => text.parse().map(Self::Task),
            ProjectId::PREFIX => text.parse().map(Self::Project),
            LabelId::PREFIX => text.parse().map(Self::Label),
            CommentId::PREFIX => text.parse().map(Self::Comment),
            ApiTokenId::PREFIX => text.parse().map(Self::ApiToken),
            _ => Err(InvalidId),
        }
    }
}

fn uuid_v7(now: DateTime<Utc>, random: &Random) -> Uuid {
    let millis = now.timestamp_millis().try_into().unwrap_or(0);
    Builder::from_unix_timestamp_millis(millis, &random.bytes::<10>()).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_back_as_it_was_written() {
        let id = TaskId::generate(DateTime::UNIX_EPOCH, &Random::seeded(1));
        assert!(id.to_string().starts_with("task_"), "{id}");
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(id.to_string().parse(), Ok(NodeId::Task(id)));
    }

    #[test]
    fn an_id_of_another_type_or_no_id_is_refused() {
        let user = UserId::generate(DateTime::UNIX_EPOCH, &Random::seeded(1)).to_string();
        let upper = user.to_uppercase();
        let long = format!("task_{}", "0".repeat(100_000));
        for text in
            [user.as_str(), &upper, &long, "", "task_", "task", "task_zzzzzzzzzzzzzzzzzzzzzzzzzz", "_", "task_é"]
        {
            assert_eq!(text.parse::<TaskId>(), Err(InvalidId), "{text:.40}");
        }
        assert_eq!("req_00000000000000000000000000".parse::<NodeId>(), Err(InvalidId));
    }
}
