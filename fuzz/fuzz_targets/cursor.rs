//! Cursors: texts that clients hand back, and what a server would read in one that it had signed.
#![no_main]

libfuzzer_sys::fuzz_target!(
    init: taskward_fuzz::seeds::write(
        "cursor",
        concat!(env!("CARGO_MANIFEST_DIR"), "/..").as_ref(),
        std::env::var_os("TASKWARD_FUZZ_SEEDS")
    ),
    |data: &[u8]| taskward_fuzz::cursor::run(data)
);
