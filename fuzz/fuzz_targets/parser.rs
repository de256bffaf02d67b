//! Our parser beside the library's.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| taskward_fuzz::parser::run(data));
