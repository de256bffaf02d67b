//! The protections of HTTP, each in a file of its own.

#[cfg(test)]
#[path = "it/edge/mod.rs"]
mod edge;
