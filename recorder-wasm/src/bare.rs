//! What a program without `std` must bring itself.
//!
//! A panic stops the instance with a trap and no text: the texts and their
//! formatting would be a fifth of the download. Nothing here panics on input;
//! should anything, the glue drops the instance and recording stops.
#![cfg(all(target_arch = "wasm32", not(feature = "std")))]

use talc::wasm::{WasmDynamicTalc, new_wasm_dynamic_allocator};

#[global_allocator]
static ALLOCATOR: WasmDynamicTalc = new_wasm_dynamic_allocator();

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
