//! The lexical scan, and what the parser makes of a text that passed it.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| taskward_fuzz::scan::run(data));
