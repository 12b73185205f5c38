//! What a terminal shows besides words: colour where there is one, progress of long work, a question and its answer.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use indicatif::{ProgressBar, ProgressStyle};

/// Red, for what isn't done.
pub(super) fn red(text: &str) -> String {
    paint(text, "31;1")
}

/// Green, for what is.
pub(super) fn green(text: &str) -> String {
    paint(text, "32")
}

/// Yellow, for what waits.
pub(super) fn yellow(text: &str) -> String {
    paint(text, "33")
}

fn paint(text: &str, code: &str) -> String {
    let plain = !io::stdout().is_terminal() || std::env::var_os("NO_COLOR").is_some();
    if plain { text.to_owned() } else { format!("\u{1b}[{code}m{text}\u{1b}[0m") }
}

/// A bar on standard error that counts what `what` says; nothing where there is no terminal.
pub(super) fn progress(what: &'static str) -> ProgressBar {
    let bar = ProgressBar::no_length().with_message(what);
    // The template is a constant; one that can't be read leaves the plain bar.
    if let Ok(style) = ProgressStyle::with_template("{spinner} {pos} {msg}") {
        bar.set_style(style);
    }
    bar
}

/// Asks a question that only `y` answers with yes.
pub(super) fn agrees(question: &str) -> anyhow::Result<bool> {
    anyhow::ensure!(io::stdin().is_terminal(), "nobody can be asked here: read the letters, then say --yes");
    print!("{question} [y/N] ");
    io::stdout().flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes" | "是"))
}
