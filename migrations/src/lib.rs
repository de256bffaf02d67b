//! The schema of the database, one file per change.
