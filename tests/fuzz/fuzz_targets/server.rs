#![no_main]

#[path = "../entry.rs"]
#[allow(dead_code, reason = "one entry a target")]
mod entry;

libfuzzer_sys::fuzz_target!(|data: &[u8]| entry::server(data));
