//! The program of the token service; each verb is in `cli`.

use std::process::ExitCode;

// What answers a batch frees on one core what another allocated, which this allocator does not make it wait for.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    callboard_tokens::cli::run()
}
