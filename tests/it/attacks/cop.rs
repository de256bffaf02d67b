//! The checks of graphql-cop.
