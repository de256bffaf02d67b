//! Who may do what: a row for each way to use a root field, a column for each caller.

use std::fmt;

/// What a caller is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Data with something in it.
    Data,
    /// Data that is null, zero, or a list or object of nothing else.
    Empty,
    /// An error of this code.
    Code(&'static str),
    /// No answer at all: the whole request is refused for its token, with status 401.
    ShutOut,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Data => "data",
            Self::Empty => "nothing",
            Self::Code(code) => code,
            Self::ShutOut => "401",
        })
    }
}

const A: Outcome = Outcome::Code("UNAUTHENTICATED");
const C: Outcome = Outcome::Code("CONFLICT");
const D: Outcome = Outcome::Data;
const E: Outcome = Outcome::Empty;
const F: Outcome = Outcome::Code("FORBIDDEN");
const N: Outcome = Outcome::Code("NOT_FOUND");
const X: Outcome = Outcome::ShutOut;

/// How often the same selection does something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeats {
    /// Again for each caller.
    Always,
    /// Once: the next caller needs a stage on which it has not happened.
    Never,
}

/// A root field as it is selected, and what each caller is answered.
pub(super) struct Row {
    pub(super) selection: &'static str,
    pub(super) outcomes: [Outcome; 7],
    pub(super) repeats: Repeats,
}

impl Row {
    /// The name of the root field.
    pub(super) fn field(&self) -> &'static str {
        self.selection.split(['(', ' ']).next().unwrap()
    }
}

/// The outcomes are those of nobody, a stranger, a viewer, an editor and the owner of the project, a token of the owner's that
/// may only read, and a member of the project who was disabled.
const fn row(selection: &'static str, outcomes: [Outcome; 7]) -> Row {
    Row { selection, outcomes, repeats: Repeats::Always }
}

/// The same for what happens only once.
const fn once(selection: &'static str, outcomes: [Outcome; 7]) -> Row {
    Row { selection, outcomes, repeats: Repeats::Never }
}

pub(super) const QUERIES: &[Row] = &[
    row("viewer { id }", [E, D, D, D, D, D, X]),
    row("viewer { sessions { id } }", [E, D, D, D, D, D, X]),
    row("viewer { apiTokens { id } }", [E, E, E, E, D, D, X]),
    row("rateLimit { cost { remaining } }", [D, D, D, D, D, D, X]),
    row(r#"node(id: "USER") { id }"#, [A, E, D, D, D, D, X]),
    row(r#"node(id: "STRANGER") { id }"#, [A, D, E, E, E, E, X]),
    row(r#"node(id: "SESSION") { id }"#, [A, E, E, E, D, D, X]),
    row(r#"node(id: "TOKEN") { id }"#, [A, E, E, E, D, D, X]),
    row(r#"node(id: "PROJECT") { id }"#, [A, E, D, D, D, D, X]),
    row(r#"node(id: "PRIVATE_PROJECT") { id }"#, [A, E, E, E, D, D, X]),
    row(r#"node(id: "TASK") { id }"#, [A, E, D, D, D, D, X]),
    row(r#"node(id: "PRIVATE") { id }"#, [A, E, E, E, D, D, X]),
    row(r#"node(id: "LABEL") { id }"#, [A, E, E, E, D, D, X]),
    row(r#"node(id: "COMMENT") { id }"#, [A, E, D, D, D, D, X]),
    row(r#"node(id: "PRIVATE_COMMENT") { id }"#, [A, E, E, E, D, D, X]),
    row(r#"nodes(ids: ["TASK", "PROJECT", "COMMENT", "USER"]) { id }"#, [A, E, D, D, D, D, X]),
    row(r#"nodes(ids: ["PRIVATE", "PRIVATE_PROJECT", "LABEL", "SESSION", "TOKEN"]) { id }"#, [A, E, E, E, D, D, X]),
    row(r#"project(id: "PROJECT") { id }"#, [A, E, D, D, D, D, X]),
    row(r#"project(id: "PROJECT") { members { totalCount nodes { user { id } } } }"#, [A, E, D, D, D, D, X]),
    row(r#"project(id: "PROJECT") { tasks { totalCount nodes { id } } }"#, [A, E, D, D, D, D, X]),
    row(r#"project(id: "ARCHIVED") { id }"#, [A, E, D, D, D, D, X]),
    row(r#"project(id: "PRIVATE_PROJECT") { id }"#, [A, E, E, E, D, D, X]),
    row("projects { nodes { id } }", [A, E, D, D, D, D, X]),
    row("projects { totalCount }", [A, E, D, D, D, D, X]),
    row(r#"task(id: "TASK") { id }"#, [A, E, D, D, D, D, X]),
    row(r#"task(id: "TASK") { labels { id } }"#, [A, E, E, E, D, D, X]),
    row(r#"task(id: "TASK") { comments { totalCount nodes { id } } }"#, [A, E, D, D, D, D, X]),
    row(r#"task(id: "TASK") { createdBy { sessions { id } apiTokens { id } } }"#, [A, E, E, E, D, D, X]),
    row(r#"task(id: "SUBTASK") { parent { id } project { id } }"#, [A, E, D, D, D, D, X]),
    row(r#"task(id: "TRASHED") { id }"#, [A, E, D, D, D, D, X]),
    row(r#"task(id: "ARCHIVED_TASK") { id }"#, [A, E, D, D, D, D, X]),
    row(r#"task(id: "PRIVATE") { id }"#, [A, E, E, E, D, D, X]),
    row(r#"task(id: "PRIVATE_TRASHED") { id }"#, [A, E, E, E, D, D, X]),
    row("tasks { nodes { id } }", [A, E, D, D, D, D, X]),
    row("tasks { totalCount }", [A, E, D, D, D, D, X]),
    row("tasks(filter: { deleted: true }) { nodes { id } }", [A, E, D, D, D, D, X]),
    row(r#"tasks(filter: { search: "own" }) { totalCount nodes { id } }"#, [A, E, E, E, D, D, X]),
    row("labels { nodes { id } }", [A, E, E, E, D, D, X]),
    row("labels { totalCount }", [A, E, E, E, D, D, X]),
    row("taskChanges { nodes { taskId } }", [A, E, D, D, D, D, X]),
    row("taskChanges { latestCursor }", [A, D, D, D, D, D, X]),
];

/// What comes first from the beginning of the log on; nothing, when that is what the caller did meanwhile.
pub(super) const SUBSCRIPTIONS: &[Row] = &[
    row(r#"taskChanged(after: "BEGINNING") { taskId }"#, [A, E, D, D, D, D, X]),
    row(r#"taskChanged(after: "BEGINNING", projectId: "PROJECT") { taskId }"#, [A, N, D, D, D, D, X]),
    row(r#"taskChanged(after: "BEGINNING", projectId: "ARCHIVED") { taskId }"#, [A, N, D, D, D, D, X]),
    row(r#"taskChanged(after: "BEGINNING", projectId: "PRIVATE_PROJECT") { taskId }"#, [A, N, N, N, D, D, X]),
];

pub(super) const CREDENTIALS: &[Row] = &[
    once(r#"register(input: { username: "somebody", password: "PASSWORD" }) { expiresAt }"#, [D, D, D, D, D, F, X]),
    row(r#"login(input: { username: "owner", password: "PASSWORD" }) { expiresAt }"#, [D, D, D, D, D, F, X]),
    row(r#"login(input: { username: "owner", password: "wrong" }) { expiresAt }"#, [A, A, A, A, A, F, X]),
    row(r#"login(input: { username: "disabled", password: "PASSWORD" }) { expiresAt }"#, [A, A, A, A, A, F, X]),
    // Whoever holds it may use it.
    row(r#"refreshSession(input: { refreshToken: "REFRESH" }) { expiresAt }"#, [D, D, D, D, D, F, X]),
    row(r#"refreshSession(input: { refreshToken: "DISABLED_REFRESH" }) { expiresAt }"#, [A, A, A, A, A, F, X]),
    row("logout { sessionId }", [A, D, D, D, D, F, X]),
    row(r#"revokeSession(input: { id: "SESSION" }) { sessionId }"#, [A, N, N, N, D, F, X]),
    row(
        r#"changePassword(input: { currentPassword: "PASSWORD", newPassword: "a better password" }) { user { id } }"#,
        [A, D, D, D, D, F, X],
    ),
    row(r#"createApiToken(input: { name: "backup", scopes: [READ] }) { secret }"#, [A, D, D, D, D, F, X]),
    once(r#"revokeApiToken(input: { id: "TOKEN" }) { apiTokenId }"#, [A, N, N, N, D, F, X]),
];

pub(super) const PROJECTS: &[Row] = &[
    row(r#"createProject(input: { name: "Ours" }) { project { id } }"#, [A, D, D, D, D, F, X]),
    row(r#"updateProject(input: { id: "PROJECT", archived: true }) { project { id } }"#, [A, N, F, F, D, F, X]),
    row(r#"updateProject(input: { id: "ARCHIVED", archived: false }) { project { id } }"#, [A, N, F, F, D, F, X]),
    row(r#"updateProject(input: { id: "PRIVATE_PROJECT", name: "Mine" }) { project { id } }"#, [A, N, N, N, D, F, X]),
    row(r#"deleteProject(input: { id: "PROJECT" }) { projectId }"#, [A, N, F, F, D, F, X]),
    row(r#"deleteProject(input: { id: "PRIVATE_PROJECT" }) { projectId }"#, [A, N, N, N, D, F, X]),
    row(
        r#"setProjectMember(input: { projectId: "PROJECT", username: "stranger", role: OWNER }) { project { id } }"#,
        [A, N, F, F, D, F, X],
    ),
    row(
        r#"setProjectMember(input: { projectId: "PROJECT", username: "nobody", role: VIEWER }) { project { id } }"#,
        [A, N, F, F, N, F, X],
    ),
    row(
        r#"setProjectMember(input: { projectId: "PROJECT", username: "disabled", role: OWNER }) { project { id } }"#,
        [A, N, F, F, N, F, X],
    ),
    row(
        r#"setProjectMember(input: { projectId: "PROJECT", username: "viewer", role: OWNER }) { project { id } }"#,
        [A, N, F, F, D, F, X],
    ),
    // Everybody may leave but the last owner.
    once(
        r#"removeProjectMember(input: { projectId: "PROJECT", userId: "VIEWER_USER" }) { project { id } }"#,
        [A, N, D, F, D, F, X],
    ),
    once(
        r#"removeProjectMember(input: { projectId: "PROJECT", userId: "EDITOR_USER" }) { project { id } }"#,
        [A, N, F, D, D, F, X],
    ),
    once(
        r#"removeProjectMember(input: { projectId: "PROJECT", userId: "USER" }) { project { id } }"#,
        [A, N, F, F, C, F, X],
    ),
    once(
        r#"removeProjectMember(input: { projectId: "PROJECT", userId: "STRANGER" }) { project { id } }"#,
        [A, N, N, N, N, F, X],
    ),
];

pub(super) const TASKS: &[Row] = &[
    row(r#"createTask(input: { title: "A task" }) { task { id } }"#, [A, D, D, D, D, F, X]),
    row(r#"createTask(input: { id: "TASK", title: "A task" }) { task { id } }"#, [A, C, C, C, C, F, X]),
    row(r#"createTask(input: { title: "A task", projectId: "PROJECT" }) { task { id } }"#, [A, N, F, D, D, F, X]),
    row(r#"createTask(input: { title: "A task", projectId: "ARCHIVED" }) { task { id } }"#, [A, N, F, C, C, F, X]),
    row(
        r#"createTask(input: { title: "A task", projectId: "PRIVATE_PROJECT" }) { task { id } }"#,
        [A, N, N, N, D, F, X],
    ),
    row(r#"createTask(input: { title: "A task", parentId: "TASK" }) { task { id } }"#, [A, N, F, D, D, F, X]),
    row(r#"createTask(input: { title: "A task", parentId: "TRASHED" }) { task { id } }"#, [A, N, F, C, C, F, X]),
    row(r#"createTask(input: { title: "A task", parentId: "PRIVATE" }) { task { id } }"#, [A, N, N, N, D, F, X]),
    row(
        r#"createTask(input: { title: "A task", projectId: "PROJECT", assigneeId: "VIEWER_USER" }) { task { id } }"#,
        [A, N, F, D, D, F, X],
    ),
    row(
        r#"createTask(input: { title: "A task", projectId: "PROJECT", assigneeId: "STRANGER" }) { task { id } }"#,
        [A, N, F, N, N, F, X],
    ),
    row(r#"createTask(input: { title: "A task", labelIds: ["LABEL"] }) { task { id } }"#, [A, N, N, N, D, F, X]),
    row(r#"updateTask(input: { id: "TASK", completed: true }) { task { id } }"#, [A, N, F, D, D, F, X]),
    row(r#"updateTask(input: { id: "SUBTASK", completed: true }) { task { id } }"#, [A, N, F, D, D, F, X]),
    row(r#"updateTask(input: { id: "EDITORS", completed: true }) { task { id } }"#, [A, N, F, D, D, F, X]),
    row(r#"updateTask(input: { id: "PRIVATE", completed: true }) { task { id } }"#, [A, N, N, N, D, F, X]),
    row(r#"updateTask(input: { id: "TRASHED", completed: true }) { task { id } }"#, [A, N, F, C, C, F, X]),
    row(r#"updateTask(input: { id: "ARCHIVED_TASK", completed: true }) { task { id } }"#, [A, N, F, C, C, F, X]),
    row(r#"updateTask(input: { id: "TASK", ifVersion: 9, completed: true }) { task { id } }"#, [A, N, F, C, C, F, X]),
    // One's own labels are no change of the task.
    row(r#"updateTask(input: { id: "TASK", labelIds: [] }) { task { id } }"#, [A, N, D, D, D, F, X]),
    row(r#"updateTask(input: { id: "TASK", labelIds: ["LABEL"] }) { task { id } }"#, [A, N, N, N, D, F, X]),
    row(r#"updateTask(input: { id: "TASK", labelIds: [], completed: true }) { task { id } }"#, [A, N, F, D, D, F, X]),
    row(r#"updateTask(input: { id: "ARCHIVED_TASK", labelIds: [] }) { task { id } }"#, [A, N, C, C, C, F, X]),
    row(r#"updateTask(input: { id: "TASK", projectId: "PRIVATE_PROJECT" }) { task { id } }"#, [A, N, F, N, D, F, X]),
    // Only who made a task takes it out of all projects.
    row(r#"updateTask(input: { id: "TASK", projectId: null }) { task { id } }"#, [A, N, F, F, D, F, X]),
    once(r#"updateTask(input: { id: "EDITORS", projectId: null }) { task { id } }"#, [A, N, F, D, F, F, X]),
    row(r#"updateTask(input: { id: "EDITORS", parentId: "TASK" }) { task { id } }"#, [A, N, F, D, D, F, X]),
    row(r#"updateTask(input: { id: "SUBTASK", parentId: null }) { task { id } }"#, [A, N, F, D, D, F, X]),
    row(r#"updateTask(input: { id: "TASK", assigneeId: "VIEWER_USER" }) { task { id } }"#, [A, N, F, D, D, F, X]),
    row(r#"updateTask(input: { id: "TASK", assigneeId: "STRANGER" }) { task { id } }"#, [A, N, F, N, N, F, X]),
    once(r#"deleteTask(input: { id: "TASK" }) { task { id } }"#, [A, N, F, D, D, F, X]),
    once(r#"deleteTask(input: { id: "EDITORS" }) { task { id } }"#, [A, N, F, D, D, F, X]),
    once(r#"deleteTask(input: { id: "PRIVATE" }) { task { id } }"#, [A, N, N, N, D, F, X]),
    once(r#"deleteTask(input: { id: "ARCHIVED_TASK" }) { task { id } }"#, [A, N, F, C, C, F, X]),
    once(r#"deleteTask(input: { id: "TASK", ifVersion: 9 }) { task { id } }"#, [A, N, F, C, C, F, X]),
    once(r#"restoreTask(input: { id: "TRASHED" }) { task { id } }"#, [A, N, F, D, D, F, X]),
    once(r#"restoreTask(input: { id: "PRIVATE_TRASHED" }) { task { id } }"#, [A, N, N, N, D, F, X]),
    row(r#"updateTasks(input: { ids: ["TASK", "EDITORS"], completed: true }) { tasks { id } }"#, [A, N, F, D, D, F, X]),
    row(r#"updateTasks(input: { ids: ["TASK", "PRIVATE"], completed: true }) { tasks { id } }"#, [A, N, N, N, D, F, X]),
    row(r#"updateTasks(input: { ids: ["TASK", "TRASHED"], completed: true }) { tasks { id } }"#, [A, N, F, C, C, F, X]),
];

pub(super) const COMMENTS_AND_LABELS: &[Row] = &[
    row(r#"addComment(input: { taskId: "TASK", body: "A word" }) { comment { id } }"#, [A, N, D, D, D, F, X]),
    row(r#"addComment(input: { taskId: "PRIVATE", body: "A word" }) { comment { id } }"#, [A, N, N, N, D, F, X]),
    row(r#"addComment(input: { taskId: "TRASHED", body: "A word" }) { comment { id } }"#, [A, N, C, C, C, F, X]),
    row(r#"addComment(input: { taskId: "ARCHIVED_TASK", body: "A word" }) { comment { id } }"#, [A, N, C, C, C, F, X]),
    // Its author edits a comment; the owners of the project may delete it, too.
    row(r#"updateComment(input: { id: "COMMENT", body: "Another" }) { comment { id } }"#, [A, N, F, F, D, F, X]),
    row(
        r#"updateComment(input: { id: "EDITORS_COMMENT", body: "Another" }) { comment { id } }"#,
        [A, N, F, D, F, F, X],
    ),
    row(
        r#"updateComment(input: { id: "VIEWERS_COMMENT", body: "Another" }) { comment { id } }"#,
        [A, N, D, F, F, F, X],
    ),
    row(
        r#"updateComment(input: { id: "PRIVATE_COMMENT", body: "Another" }) { comment { id } }"#,
        [A, N, N, N, D, F, X],
    ),
    once(r#"deleteComment(input: { id: "COMMENT" }) { commentId }"#, [A, N, F, F, D, F, X]),
    once(r#"deleteComment(input: { id: "EDITORS_COMMENT" }) { commentId }"#, [A, N, F, D, D, F, X]),
    once(r#"deleteComment(input: { id: "VIEWERS_COMMENT" }) { commentId }"#, [A, N, D, F, D, F, X]),
    once(r#"deleteComment(input: { id: "PRIVATE_COMMENT" }) { commentId }"#, [A, N, N, N, D, F, X]),
    row(r##"createLabel(input: { name: "Mine", color: "#000000" }) { label { id } }"##, [A, D, D, D, D, F, X]),
    row(r#"updateLabel(input: { id: "LABEL", name: "Other" }) { label { id } }"#, [A, N, N, N, D, F, X]),
    row(r#"deleteLabel(input: { id: "LABEL" }) { labelId }"#, [A, N, N, N, D, F, X]),
];
