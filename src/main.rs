//! Callboard's one program; each verb is a file in `cli`.

use std::process::ExitCode;

fn main() -> ExitCode {
    callboard::cli::run()
}
