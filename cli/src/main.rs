//! The program of committees, auditors and everyone; each verb is a file.

use std::process::ExitCode;

// A replay frees on one core what it allocated on another, which this allocator does not make them wait for.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    callboard::run()
}
