//! The registry's program; each verb is a file in `cli`.

use std::process::ExitCode;

// A replay frees on one core what it allocated on another, which this allocator does not make them wait for.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    callboard_registry::cli::run()
}
