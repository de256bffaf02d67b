//! What fields and lists cost, said in the schema itself: the directives of the
//! [GraphQL cost directives specification](https://ibm.github.io/graphql-specs/cost-spec.html). The guard reads them from
//! the SDL, so that what clients read is what is counted.

use async_graphql::TypeDirective;

/// Points that a field costs besides the objects that it answers with, or that each object of a type costs instead of 1.
/// A whole number as text. Without it, a field costs nothing by itself.
#[TypeDirective(location = "FieldDefinition", location = "Object")]
pub(super) fn cost(#[graphql(desc = "The points, a whole number of at least 0.")] weight: String) {}

/// How many objects a list is taken to hold before it is read: as many as the largest slicing argument says, a number by
/// itself and a list by its length, and as many as assumed when none is given. The size is that of the field, or of the
/// sized fields inside it. A list without it is taken for a page of the largest size.
#[TypeDirective(location = "FieldDefinition", name = "listSize")]
pub(super) fn list_size(
    #[graphql(desc = "The size when no slicing argument is given.")] assumed_size: Option<u32>,
    #[graphql(desc = "Paths of arguments that say the size, such as `first` or `input.ids`.")]
    slicing_arguments: Option<Vec<String>>,
    #[graphql(desc = "The lists inside the field that have this size.")] sized_fields: Option<Vec<String>>,
    #[graphql(desc = "Whether exactly one slicing argument has to be given.", default_with = "Some(true)")]
    require_one_slicing_argument: Option<bool>,
) {
}

/// The weight of a mutation.
pub(super) const CHANGE: u32 = 10;

/// The weight of a mutation that hashes a password, which takes a core for tens of milliseconds.
pub(super) const PASSWORD: u32 = 50;

/// The weight of counting the rows of a list.
pub(super) const COUNT: u32 = 5;

/// Names, as a directive takes them.
pub(super) fn names<const N: usize>(names: [&str; N]) -> Vec<String> {
    names.map(str::to_owned).to_vec()
}
