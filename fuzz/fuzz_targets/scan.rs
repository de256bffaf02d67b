//! The lexical scan, and what the parser makes of a text that passed it.
#![no_main]

libfuzzer_sys::fuzz_target!(
    init: taskward_fuzz::seeds::write(
        "scan",
        concat!(env!("CARGO_MANIFEST_DIR"), "/..").as_ref(),
        std::env::var_os("TASKWARD_FUZZ_SEEDS")
    ),
    |data: &[u8]| taskward_fuzz::scan::run(data)
);
