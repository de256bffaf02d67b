//! The JSON of a body, and the request in it or in the query component of a GET.
#![no_main]

libfuzzer_sys::fuzz_target!(
    init: taskward_fuzz::seeds::write(
        "json",
        concat!(env!("CARGO_MANIFEST_DIR"), "/..").as_ref(),
        std::env::var_os("TASKWARD_FUZZ_SEEDS")
    ),
    |data: &[u8]| taskward_fuzz::json::run(data)
);
