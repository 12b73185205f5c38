//! `callboard-desk`: its arguments, and how the browser is opened.

use std::{
    path::PathBuf,
    process::{Command, ExitCode, Stdio},
    sync::Arc,
};

use callboard_client::{
    clock::MachineClock,
    create_new,
    language::{self, Language, LanguageArg},
    output,
    runtime::{self, block_on, forbid_core_dumps, told_to_stop},
    sandbox_clock::ClockArg,
};
use callboard_federation::zh_en;

use crate::Desk;

const EXAMPLES: &str = "\
Examples:
  callboard-desk                                the home is this directory, with NAME.key and genesis.json
  callboard-desk --home panel-1 --lang zh-CN    another home, in Chinese

Opens the browser with an address that works once. The pages are for this computer alone; Ctrl-C ends them. Without an
act for 15 minutes the desk locks itself.";

/// A committee's seat, in the browser of its own computer
#[derive(clap::Parser)]
#[command(name = "callboard-desk", version, after_long_help = EXAMPLES)]
struct Program {
    #[command(flatten)]
    _language: LanguageArg,
    #[command(flatten)]
    settings: Settings,
    /// Open no browser: print the first address, which works once
    #[arg(long)]
    no_browser: bool,
}

/// Where the seat's files are, and where its pages
#[derive(Debug, Clone, clap::Args)]
pub struct Settings {
    /// The directory with the seat's NAME.key and the registry's genesis.json; proofs are kept in it
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub home: PathBuf,
    /// The port on loopback; without it a free one
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub port: u16,
    #[command(flatten)]
    pub clock: ClockArg,
}

/// Runs the program.
pub fn run() -> ExitCode {
    let Program { settings, no_browser, .. } = language::parse::<Program>(&[]);
    create_new::private_by_default();
    runtime::end("callboard-desk", serve(settings, no_browser))
}

fn serve(settings: Settings, no_browser: bool) -> anyhow::Result<ExitCode> {
    forbid_core_dumps()?;
    block_on(async {
        let desk = Desk::open(settings, Language::spoken(), Arc::new(MachineClock)).await?;
        let url = desk.first_url();
        // The address is a right: it is shown where there is no other way to open it.
        if no_browser || !open(&url) {
            output::line([output::plain(zh_en!("请在浏览器中打开（只能用一次）：", "Open once, in a browser:"))]);
            output::line([output::plain(&url)]);
        }
        output::line([output::plain(zh_en!("按 Ctrl-C 结束", "Ctrl-C ends it"))]);
        desk.serve(told_to_stop()).await?;
        Ok(ExitCode::SUCCESS)
    })
}

/// Opens an address in the user's browser; whether something took it.
fn open(url: &str) -> bool {
    let (program, first): (&str, &[&str]) = match std::env::consts::OS {
        "windows" => ("rundll32", &["url.dll,FileProtocolHandler"]),
        "macos" => ("open", &[]),
        _ => ("xdg-open", &[]),
    };
    let mut command = Command::new(program);
    command.args(first).arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().is_ok()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_arguments_hold_together() {
        super::Program::command().debug_assert();
    }
}
