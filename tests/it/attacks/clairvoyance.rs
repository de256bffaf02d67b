//! Attack 42.
