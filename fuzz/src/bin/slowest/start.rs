//! Where the search starts: what it found before, the attacks, and documents that use up one limit or several.

use std::path::Path;

use crate::targets::seeds::seeds;

/// Texts, each with its variables behind a NUL.
pub(crate) fn inputs() -> Vec<Vec<u8>> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    // The tests of the server compile this, too.
    let root = if here.ends_with("fuzz") { here.parent().unwrap_or(here) } else { here };
    let mut inputs = found(&root.join("fuzz/slowest"));
    inputs.extend(seeds(root).into_iter().filter(|(target, _)| *target == "document").flat_map(|(_, seeds)| seeds));
    inputs.extend(large().into_iter().chain(large_variables()).map(String::into_bytes));
    inputs.extend(introspections());
    inputs
}

/// What earlier searches have found.
fn found(folder: &Path) -> Vec<Vec<u8>> {
    let files = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path());
    let documents = files.filter(|path| path.extension().is_some_and(|extension| extension == "graphql"));
    let read = |path: &Path| {
        let variables = std::fs::read(path.with_extension("json")).unwrap_or_default();
        [std::fs::read(path).unwrap_or_default(), variables].join(&0)
    };
    documents.map(|path| read(&path)).collect()
}

/// `head`, as many `piece`s as there is room for, and `tail`.
fn fill(head: &str, piece: &str, tail: &str) -> String {
    let times = 16_384_usize.saturating_sub(head.len() + tail.len()) / piece.len();
    format!("{head}{}{tail}", piece.repeat(times))
}

fn each(count: usize, piece: impl Fn(usize) -> String) -> String {
    (0..count).map(piece).collect()
}

fn large() -> Vec<String> {
    let fragments = |count: usize, body: &str| each(count, |at| format!(" fragment F{at} on Task{{{body}}}"));
    let of_tasks = |body: &str| format!("{{tasks{{nodes{{{body}}}}}}}");
    let filters = each(190, |at| format!("{{completed:$v{}}}", at % 30));
    let values = (0..99).map(|_| r#"{"completed":true,"search":"a"}"#).collect::<Vec<_>>().join(",");
    vec![
        fill("{a", "#\n", "}"),
        fill("{", "a#\n#\n#\n#\n#\n#\n#\n", "}"),
        fill("{", "a#\n#\n#\n#\n#\n#\n#\n", "!"),
        fill("{a(b:[", "A#\n#\n#\n#\n#\n#\n#\n", "])}"),
        fill("{a(b:\"", "\\u0041", "\")}"),
        fill("{a(b:\"\"\"", " \n", "\"\"\")}"),
        format!("{{{}}}", "a ".repeat(995)),
        of_tasks(&"id ".repeat(490)),
        of_tasks(&each(490, |at| format!("titl{at} "))),
        of_tasks(&"...on Task{id title}".repeat(110)),
        of_tasks(&format!("createdBy{{{}}}", "id username ".repeat(22)).repeat(10)),
        format!("{}{}", of_tasks(&each(19, |at| format!("...F{at} "))), fragments(19, &"id title ".repeat(12))),
        format!("{}{}", of_tasks(&"...F0 ".repeat(240)), fragments(1, "id title")),
        format!("{{tasks{{{}}}}}", "edges{node{id ...{title}}}nodes{id}".repeat(9)),
        format!("{{a(b:[{}])}}", "{a:1}".repeat(190)),
        format!(
            "query({}){{tasks(filter:{{or:[{filters}]}}){{totalCount}}}}",
            each(30, |at| format!("$v{at}:Boolean "))
        ),
        format!("query($f:[TaskFilter!]){{tasks(filter:{{or:$f}}){{totalCount}}}}\0{{\"f\":[{values}]}}"),
        format!("{{tasks{{nodes{{{}id{}}}}}}}", "...{".repeat(27), "}".repeat(27)),
        each(5, |at| {
            format!("query Q{at}({}){{viewer{{{}}}}}", each(20, |at| format!("$v{at}:Int ")), "id ".repeat(60))
        }),
    ]
}

/// As many values in variables as JSON may hold, in the shapes that the schema has and in some that it has not.
fn large_variables() -> Vec<String> {
    let list = |count: usize, item: &str| format!("[{}]", vec![item; count].join(","));
    let query =
        |ty: &str, filter: &str| format!("query($v:{ty}){{tasks(filter:{filter},first:1){{totalCount}}}}\0{{\"v\":");
    let entry = r#"{"completed":true,"search":"a b","priority":["LOW","HIGH"],"dueAt":{"before":"2026-11-24T09:30:00Z","isNull":false},"createdById":"user_01jd3qvh7eefhazk9a8w2tn4tz"}"#;
    let priorities = list(19, r#"{"priority":["LOW"]}"#);
    let nested = format!("{}{}{}", r#"{"not":"#.repeat(13), "{}", "}".repeat(13));
    let members = each(1_990, |at| format!(",\"m{at}\":{at}"));
    let definitions = each(30, |at| format!("$v{at}:[TaskPriority!] "));
    let uses = each(30, |at| format!("{{priority:$v{at}}}"));
    let values = (0..30).map(|at| format!("\"v{at}\":{}", list(65, "\"LOW\""))).collect::<Vec<_>>().join(",");
    let ids = list(100, r#""task_01jd3qvh7eefhazk9a8w2tn4tz""#);
    vec![
        format!("{}{}}}", query("[TaskFilter!]", "{and:$v}"), list(100, entry)),
        format!(
            "{}{}}}",
            query("TaskFilter", "$v"),
            format!("{{\"or\":{}}}", list(95, &format!("{{\"and\":{priorities}}}")))
        ),
        format!("{}{}}}", query("[TaskFilter!]", "{and:$v,or:$v,not:{or:$v}}"), list(30, entry)),
        format!("{}{nested}}}", query("TaskFilter", "$v")),
        format!("{}{{\"completed\":true{members}}}}}", query("TaskFilter", "$v")),
        format!("{}null{members}}}", query("TaskFilter", "$v")),
        format!("{}{}}}", query("TaskFilter", "$v"), format!("{{\"search\":\"{}\"}}", "ß ".repeat(30_000))),
        format!("{}{}}}", query("TaskFilter", "$v"), list(100, &list(19, "1"))),
        format!("query({definitions}){{tasks(filter:{{or:[{uses}]}}){{totalCount}}}}\0{{{values}}}"),
        format!("query($v:[ID!]!){{nodes(ids:$v){{id ...on Task{{title}}}}}}\0{{\"v\":{ids}}}"),
        format!(
            "mutation($v:UpdateTasksInput!){{updateTasks(input:$v){{tasks{{id}}}}}}\0{{\"v\":{{\"ids\":{ids},\"completed\":true}}}}"
        ),
    ]
}

/// What tools ask of the schema, and as much of it as one may ask for.
fn introspections() -> Vec<Vec<u8>> {
    let of_type = format!("{}name{}", "kind name ofType{".repeat(6), "}".repeat(6));
    let value = "name description type{...T} defaultValue isDeprecated deprecationReason";
    let schema = format!(
        "description queryType{{name}} mutationType{{name}} subscriptionType{{name}} types{{...F}}
        directives{{name description isRepeatable locations args(includeDeprecated:true){{{value}}}}}"
    );
    let fragments = format!(
        "fragment F on __Type{{kind name description specifiedByURL fields(includeDeprecated:true){{name description
        args(includeDeprecated:true){{{value}}} type{{...T}} isDeprecated deprecationReason}} inputFields{{{value}}}
        interfaces{{...T}} enumValues(includeDeprecated:true){{name description isDeprecated}} possibleTypes{{...T}}}}
        fragment T on __Type{{{of_type}}}"
    );
    let types = each(9, |at| format!("t{at}:__type(name:\"Task\"){{...F}}"));
    vec![
        format!("query IntrospectionQuery{{__schema{{{schema}}}}}{fragments}").into_bytes(),
        format!("{{{types}}}{fragments}").into_bytes(),
        format!("{{__schema{{types{{fields{{{}}}}}}}}}", "name description ".repeat(240)).into_bytes(),
    ]
}
