//! What a terminal shows besides what is printed: progress of long work, a question and its answer. Colours are
//! [`output`](crate::output)'s.

use std::io::{self, BufRead as _, IsTerminal as _};

use callboard_federation::{
    language::{Language, Phrase},
    zh_en,
};
use indicatif::{ProgressBar, ProgressStyle};

/// A bar on standard error that counts what `what` says; nothing where there is no terminal.
pub fn progress(what: Phrase) -> ProgressBar {
    let bar = ProgressBar::no_length().with_message(what.pick(Language::spoken()));
    // The template is a constant; one that can't be read leaves the plain bar.
    if let Ok(style) = ProgressStyle::with_template("{spinner} {pos} {msg}") {
        bar.set_style(style);
    }
    bar
}

/// Asks a question that only `y` answers with yes.
pub fn agrees(question: &str) -> anyhow::Result<bool> {
    anyhow::ensure!(
        io::stdin().is_terminal(),
        zh_en!("此处无法询问：请先阅读文书，再加 --yes", "nobody can be asked here: read the letters, then say --yes")
    );
    print!("{question} [y/N] ");
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes" | "是"))
}

/// Asks for a line, of whoever is there or of what was piped in.
pub fn answer(question: &str) -> anyhow::Result<String> {
    print!("{question}");
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(answer.trim().to_owned())
}
