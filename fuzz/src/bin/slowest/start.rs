//! Where the search starts: what it found before, the attacks, and documents that use up one limit or several.

use std::path::Path;

use taskward_fuzz::seeds::seeds;

/// Texts, each with its variables behind a NUL.
pub fn inputs() -> Vec<Vec<u8>> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut inputs = found(&here.join("slowest"));
    let root = here.parent().unwrap_or(here);
    inputs.extend(seeds(root).into_iter().filter(|(target, _)| *target == "document").flat_map(|(_, seeds)| seeds));
    inputs.extend(large().into_iter().map(String::into_bytes));
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
