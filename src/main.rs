//! Starts taskward.
fn main() {}
