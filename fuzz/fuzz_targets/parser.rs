//! Our parser beside the library's.
#![no_main]

libfuzzer_sys::fuzz_target!(
    init: taskward_fuzz::seeds::write(
        "parser",
        concat!(env!("CARGO_MANIFEST_DIR"), "/..").as_ref(),
        std::env::var_os("TASKWARD_FUZZ_SEEDS")
    ),
    |data: &[u8]| taskward_fuzz::parser::run(data)
);
