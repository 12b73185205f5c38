//! The program of a committee's seat, which opens its pages in a browser.

use std::process::ExitCode;

fn main() -> ExitCode {
    callboard_desk_page::cli::run()
}
