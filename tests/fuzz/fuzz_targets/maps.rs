#![no_main]
//! Source maps are decoded for the worker alone, behind a feature that `entry.rs`, which the
//! core's own tests share, does not have.

use sentiero_core::source_map::{Asked, Decoded, Place, check};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    for with_sources in [false, true] {
        if let Ok(kept) = check(data, with_sources) {
            assert!(Decoded::read(&kept).is_ok(), "what is kept can be read");
        }
    }
    let _ = Decoded::read(data);
    if let Ok(text) = core::str::from_utf8(data) {
        let _ = (Asked::parse(text), Place::new("1", text));
    }
});
