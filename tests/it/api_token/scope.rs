//! What a token may do: every mutation of the schema, with arguments made from its types, so that a new one is tried too.

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{BaseType, FieldDefinition, Type, TypeKind, TypeSystemDefinition};
use serde_json::{Value, json};

use super::program;
use crate::support::{Answer, TestApp};

/// What asks for a login, whatever the token may do.
const CREDENTIALS: [&str; 5] = ["createApiToken", "revokeApiToken", "revokeSession", "logout", "changePassword"];

/// The kinds of the schema's types by their names.
struct Types(Vec<(String, TypeKind)>);

impl Types {
    fn read() -> Self {
        let schema = parse_schema(taskward::graphql::sdl()).unwrap();
        let kind = |definition| match definition {
            TypeSystemDefinition::Type(it) => Some((it.node.name.node.to_string(), it.node.kind)),
            _ => None,
        };
        Self(schema.definitions.into_iter().filter_map(kind).collect())
    }

    fn kind(&self, name: &str) -> Option<&TypeKind> {
        self.0.iter().find(|(it, _)| it == name).map(|(_, kind)| kind)
    }

    /// Every mutation, as the name and a document that calls it.
    fn mutations(&self) -> Vec<(String, String)> {
        let Some(TypeKind::Object(root)) = self.kind("Mutation") else { panic!("there are no mutations") };
        let mutation = |field: &FieldDefinition| {
            let name = field.name.node.to_string();
            (name.clone(), format!("mutation {{ {name}{} {{ __typename }} }}", self.arguments(field)))
        };
        root.fields.iter().map(|field| mutation(&field.node)).collect()
    }

    fn arguments(&self, field: &FieldDefinition) -> String {
        let argument = |name: &str, ty: &Type| format!("{name}: {}", self.value(&ty.base));
        let arguments: Vec<_> =
            field.arguments.iter().map(|it| argument(&it.node.name.node, &it.node.ty.node)).collect();
        if arguments.is_empty() { String::new() } else { format!("({})", arguments.join(", ")) }
    }

    /// A value of the type, with nothing in it that may be left out.
    fn value(&self, ty: &BaseType) -> String {
        let name = match ty {
            BaseType::List(inner) => return format!("[{}]", self.value(&inner.base)),
            BaseType::Named(name) => name.as_str(),
        };
        match (name, self.kind(name)) {
            ("DateTime", _) => r#""2030-01-01T00:00:00Z""#.to_owned(),
            ("Int", _) => "1".to_owned(),
            ("Boolean", _) => "true".to_owned(),
            (_, Some(TypeKind::Enum(it))) => it.values[0].node.value.node.to_string(),
            (_, Some(TypeKind::InputObject(it))) => {
                let required = it.fields.iter().filter(|field| !field.node.ty.node.nullable);
                let members =
                    required.map(|it| format!("{}: {}", it.node.name.node, self.value(&it.node.ty.node.base)));
                format!("{{ {} }}", members.collect::<Vec<_>>().join(", "))
            }
            _ => r#""a text""#.to_owned(),
        }
    }
}

fn message(answer: &Answer) -> Value {
    answer.json()["errors"][0]["message"].clone()
}

#[tokio::test]
async fn a_token_that_may_only_read_is_refused_every_mutation_before_anything_runs() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let (_, reader) = program(&app, &ana, &["READ"]).await;
    let mutations = Types::read().mutations();
    assert!(mutations.len() >= 13, "{mutations:?}");
    for (name, document) in mutations {
        let (answer, statements) = app.statements(reader.gql(&document)).await;
        assert_eq!((answer.status, answer.code().as_str()), (200, "FORBIDDEN"), "{document}: {}", answer.text);
        assert_eq!(message(&answer), "This API token may only read.", "{document}");
        let json = answer.json();
        assert_eq!((&json["data"], &json["errors"][0]["path"]), (&Value::Null, &json!([name])), "{document}");
        assert_eq!(statements, 1, "who calls, and nothing else: {document}");
        let answer = app.anonymous().gql(&document).await;
        assert_ne!(answer.json()["errors"][0]["extensions"]["code"], "FORBIDDEN", "it was the token: {document}");
    }
}

#[tokio::test]
async fn no_token_manages_credentials_and_one_that_may_write_does_all_else() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    for scopes in [&["WRITE"][..], &["READ", "WRITE"]] {
        let (_, writer) = program(&app, &ana, scopes).await;
        for (name, document) in Types::read().mutations() {
            let (answer, statements) = app.statements(writer.gql(&document)).await;
            assert_eq!(answer.status, 200, "{document}: {}", answer.text);
            if CREDENTIALS.contains(&name.as_str()) {
                assert_eq!(answer.code(), "FORBIDDEN", "{document}: {}", answer.text);
                assert_eq!(message(&answer), "An API token can't do this: log in.", "{document}");
                assert_eq!(statements, 1, "who calls, and nothing else: {document}");
            } else if answer.json().get("errors").is_some() {
                assert_ne!(answer.code(), "FORBIDDEN", "{document}: {}", answer.text);
            }
        }
        let create = r#"mutation { createTask(input: { title: "Made by a program" }) { task { createdBy { id } } } }"#;
        assert_eq!(writer.gql(create).await.data()["createTask"]["task"]["createdBy"]["id"], ana.user_id());
        let tasks = writer.gql("{ tasks { totalCount } }").await;
        assert!(tasks.data()["tasks"]["totalCount"].as_u64() > Some(0), "to write includes to read");
    }
}

#[tokio::test]
async fn no_way_of_writing_a_mutation_gets_past_the_scope() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let (_, reader) = program(&app, &ana, &["READ"]).await;
    let create = r#"createTask(input: { title: "A task" }) { task { id } }"#;
    for document in [
        format!("mutation {{ a: {create} }}"),
        format!("mutation {{ ... @include(if: true) {{ {create} }} }}"),
        format!("mutation {{ ... {{ {create} }} }}"),
        format!("mutation {{ ... on Mutation {{ {create} }} }}"),
        format!("mutation {{ ...F }} fragment F on Mutation {{ {create} }}"),
        format!("mutation {{ __typename a: {create} }}"),
    ] {
        assert_eq!(reader.gql(&document).await.code(), "FORBIDDEN", "{document}");
        assert_eq!(reader.accepting("application/json").gql(&document).await.code(), "FORBIDDEN", "{document}");
    }
    let answer = reader.gql(&format!("mutation {{ a: {create} b: {create} }}")).await;
    assert_eq!(answer.json()["errors"].as_array().unwrap().len(), 2, "{}", answer.text);
    assert_eq!(reader.gql("{ tasks { totalCount } }").await.data()["tasks"]["totalCount"], 0);
}
