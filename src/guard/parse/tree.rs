//! The grammar of documents (GraphQL, September 2025, appendix C), by recursive descent.
//!
//! One function for each rule; every token is looked at once or twice. It recurses for each bracket, which the scan has
//! bounded.

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{
    BaseType, Directive, ExecutableDocument, Field, FragmentDefinition, FragmentSpread, InlineFragment,
    OperationDefinition, OperationType, Selection, SelectionSet, Type, TypeCondition, VariableDefinition,
};
use async_graphql::{Name, Positioned};
use async_graphql_value::{ConstValue, Value};

use super::definitions::Definitions;
use super::lexer::{Lexer, Token};
use super::{repeated_field, string};
use crate::guard::Violation;

type Parsed<T> = Result<T, Violation>;

type Arguments = Vec<(Positioned<Name>, Positioned<Value>)>;

/// The tree of `text`, whose tokens the scan has bounded.
pub(super) fn document(text: &str) -> Parsed<ExecutableDocument> {
    let mut lexer = Lexer::new(text);
    let next = lexer.token();
    let mut parser = Parser { lexer, next };
    let mut definitions = Definitions::default();
    while !parser.next.text.is_empty() {
        parser.definition(&mut definitions)?;
    }
    definitions.into_document(parser.next.pos)
}

struct Parser<'a> {
    lexer: Lexer<'a>,
    /// The token that is not consumed yet.
    next: Token<'a>,
}

impl Parser<'_> {
    fn definition(&mut self, definitions: &mut Definitions) -> Parsed<()> {
        if self.next.text == "{" {
            return self.query_shorthand(definitions);
        }
        self.description()?;
        let pos = self.next.pos;
        let ty = match self.next.text {
            "fragment" => {
                let (name, fragment) = self.fragment_definition()?;
                return definitions.fragment(name, Positioned::new(fragment, pos));
            }
            "query" => OperationType::Query,
            "mutation" => OperationType::Mutation,
            "subscription" => OperationType::Subscription,
            _ => return Err(self.unexpected()),
        };
        self.bump();
        let name = if self.next.is_name() { Some(self.name()?) } else { None };
        let variable_definitions = self.variable_definitions()?;
        let directives = self.directives()?;
        let selection_set = self.selection_set()?;
        let operation = OperationDefinition { ty, variable_definitions, directives, selection_set };
        definitions.operation(name.map(|name| name.node), Positioned::new(operation, pos))
    }

    /// A selection set alone, which can't be described.
    fn query_shorthand(&mut self, definitions: &mut Definitions) -> Parsed<()> {
        let pos = self.next.pos;
        let (variable_definitions, directives) = (Vec::new(), Vec::new());
        let (ty, selection_set) = (OperationType::Query, self.selection_set()?);
        let operation = OperationDefinition { ty, variable_definitions, directives, selection_set };
        definitions.operation(None, Positioned::new(operation, pos))
    }

    /// A description if there is one, which must not change what the server does (section 2.2).
    fn description(&mut self) -> Parsed<()> {
        if self.next.is_string() {
            self.value()?;
        }
        Ok(())
    }

    fn fragment_definition(&mut self) -> Parsed<(Name, FragmentDefinition)> {
        self.bump();
        if self.next.text == "on" {
            return Err(self.unexpected());
        }
        let name = self.name()?.node;
        if self.next.text != "on" {
            return Err(self.unexpected());
        }
        let type_condition = self.type_condition()?;
        let directives = self.directives()?;
        let selection_set = self.selection_set()?;
        Ok((name, FragmentDefinition { type_condition, directives, selection_set }))
    }

    fn variable_definitions(&mut self) -> Parsed<Vec<Positioned<VariableDefinition>>> {
        self.optional_list("(", ")", Self::variable_definition)
    }

    fn variable_definition(&mut self) -> Parsed<Positioned<VariableDefinition>> {
        self.description()?;
        let pos = self.next.pos;
        self.expect("$")?;
        let name = self.name()?;
        self.expect(":")?;
        let ty_pos = self.next.pos;
        let var_type = Positioned::new(self.ty()?, ty_pos);
        let default_value = if self.skip("=") { Some(self.constant()?) } else { None };
        let directives = self.constant_directives()?;
        Ok(Positioned::new(VariableDefinition { name, var_type, directives, default_value }, pos))
    }

    fn ty(&mut self) -> Parsed<Type> {
        let base = if self.skip("[") {
            let item = self.ty()?;
            self.expect("]")?;
            BaseType::List(Box::new(item))
        } else {
            BaseType::Named(self.name()?.node)
        };
        Ok(Type { base, nullable: !self.skip("!") })
    }

    fn selection_set(&mut self) -> Parsed<Positioned<SelectionSet>> {
        let pos = self.next.pos;
        let items = self.list("{", "}", Self::selection)?;
        Ok(Positioned::new(SelectionSet { items }, pos))
    }

    fn selection(&mut self) -> Parsed<Positioned<Selection>> {
        let pos = self.next.pos;
        let selection = if !self.skip("...") {
            Selection::Field(Positioned::new(self.field()?, pos))
        } else if self.next.is_name() && self.next.text != "on" {
            let fragment_name = self.name()?;
            let directives = self.directives()?;
            Selection::FragmentSpread(Positioned::new(FragmentSpread { fragment_name, directives }, pos))
        } else {
            let type_condition = if self.next.text == "on" { Some(self.type_condition()?) } else { None };
            let directives = self.directives()?;
            let selection_set = self.selection_set()?;
            let fragment = InlineFragment { type_condition, directives, selection_set };
            Selection::InlineFragment(Positioned::new(fragment, pos))
        };
        Ok(Positioned::new(selection, pos))
    }

    fn field(&mut self) -> Parsed<Field> {
        let first = self.name()?;
        let (alias, name) = if self.skip(":") { (Some(first), self.name()?) } else { (None, first) };
        let arguments = self.arguments()?;
        let directives = self.directives()?;
        let selection_set = if self.next.text == "{" { self.selection_set()? } else { Positioned::default() };
        Ok(Field { alias, name, arguments, directives, selection_set })
    }

    /// The condition whose `on` is the next token.
    fn type_condition(&mut self) -> Parsed<Positioned<TypeCondition>> {
        let pos = self.next.pos;
        self.bump();
        Ok(Positioned::new(TypeCondition { on: self.name()? }, pos))
    }

    fn directives(&mut self) -> Parsed<Vec<Positioned<Directive>>> {
        let mut directives = Vec::new();
        loop {
            let pos = self.next.pos;
            if !self.skip("@") {
                return Ok(directives);
            }
            let name = self.name()?;
            directives.push(Positioned::new(Directive { name, arguments: self.arguments()? }, pos));
        }
    }

    /// Directives without variables in their arguments.
    fn constant_directives(&mut self) -> Parsed<Vec<Positioned<Directive>>> {
        let directives = self.directives()?;
        let mut arguments = directives.iter().flat_map(|directive| &directive.node.arguments);
        match arguments.find(|(_, value)| value.node.clone().into_const().is_none()) {
            Some((_, value)) => Err(Violation::syntax_error(value.pos)),
            None => Ok(directives),
        }
    }

    fn arguments(&mut self) -> Parsed<Arguments> {
        self.optional_list("(", ")", |parser| {
            let name = parser.name()?;
            parser.expect(":")?;
            let pos = parser.next.pos;
            Ok((name, Positioned::new(parser.value()?, pos)))
        })
    }

    /// A value without variables.
    fn constant(&mut self) -> Parsed<Positioned<ConstValue>> {
        let pos = self.next.pos;
        let value = self.value()?.into_const().ok_or_else(|| Violation::syntax_error(pos))?;
        Ok(Positioned::new(value, pos))
    }

    fn value(&mut self) -> Parsed<Value> {
        let token = self.next;
        if self.skip("[") {
            return self.items();
        }
        if self.skip("{") {
            return self.object();
        }
        if self.skip("$") {
            return Ok(Value::Variable(self.name()?.node));
        }
        let value = match token.text {
            "null" => Value::Null,
            "true" => Value::Boolean(true),
            "false" => Value::Boolean(false),
            text if token.is_name() => Value::Enum(Name::new(text)),
            text if token.is_string() => Value::String(string::value(text).ok_or_else(|| self.unexpected())?),
            text if token.is_number() => Value::Number(text.parse().map_err(|_| self.unexpected())?),
            _ => return Err(self.unexpected()),
        };
        self.bump();
        // No letter, digit or point may follow a number at once (section 2.10.1).
        let is_next = self.next.start == token.start.saturating_add(token.text.len());
        if token.is_number() && is_next && self.next.continues_number() {
            return Err(Violation::syntax_error(token.pos));
        }
        Ok(value)
    }

    /// The items of a list up to its closing bracket.
    fn items(&mut self) -> Parsed<Value> {
        let mut items = Vec::new();
        while !self.skip("]") {
            items.push(self.value()?);
        }
        Ok(Value::List(items))
    }

    /// The fields of an object up to its closing bracket, each once: the tree has no room for two of one name.
    fn object(&mut self) -> Parsed<Value> {
        let mut fields = IndexMap::new();
        while !self.skip("}") {
            let Positioned { node: name, pos } = self.name()?;
            self.expect(":")?;
            if fields.insert(name, self.value()?).is_some() {
                return Err(repeated_field(pos));
            }
        }
        Ok(Value::Object(fields))
    }

    fn name(&mut self) -> Parsed<Positioned<Name>> {
        if !self.next.is_name() {
            return Err(self.unexpected());
        }
        let name = Positioned::new(Name::new(self.next.text), self.next.pos);
        self.bump();
        Ok(name)
    }

    /// What `open` and `close` have between them, at least one; nothing where `open` is not next.
    fn optional_list<T>(&mut self, open: &str, close: &str, item: impl Fn(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        if self.next.text == open { self.list(open, close, item) } else { Ok(Vec::new()) }
    }

    fn list<T>(&mut self, open: &str, close: &str, item: impl Fn(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        self.expect(open)?;
        let mut items = vec![item(self)?];
        while !self.skip(close) {
            items.push(item(self)?);
        }
        Ok(items)
    }

    fn expect(&mut self, punctuator: &str) -> Parsed<()> {
        if self.skip(punctuator) { Ok(()) } else { Err(self.unexpected()) }
    }

    /// Consumes `punctuator` if it is next, and says whether it was.
    fn skip(&mut self, punctuator: &str) -> bool {
        let is_next = self.next.text == punctuator;
        if is_next {
            self.bump();
        }
        is_next
    }

    fn bump(&mut self) {
        self.next = self.lexer.token();
    }

    fn unexpected(&self) -> Violation {
        Violation::syntax_error(self.next.pos)
    }
}
