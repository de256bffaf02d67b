//! A document with its variables: everything between the text of a request and its execution.
#![no_main]

libfuzzer_sys::fuzz_target!(
    init: taskward_fuzz::seeds::write(
        "document",
        concat!(env!("CARGO_MANIFEST_DIR"), "/..").as_ref(),
        std::env::var_os("TASKWARD_FUZZ_SEEDS")
    ),
    |data: &[u8]| taskward_fuzz::document::run(data)
);
