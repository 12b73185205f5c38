//! A list of people, asked about in parts, with progress: what `check` and `enrol` do with a file.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use callboard_api::agent::question::Question;
use callboard_client::table::Encoding;
use callboard_federation::zh_en;
use indicatif::{ProgressBar, ProgressStyle};

use super::sheet::{Format, Sheet};

/// People of one request: enough that asking costs little beside answering, few enough that progress is seen.
const AT_ONCE: usize = 2_000;

/// Which list.
#[derive(clap::Args)]
pub(super) struct ListArgs {
    /// The list: CSV or XLSX with columns ref, kind, identity (and person, names, confirmed, dateOfBirth, …), or NDJSON as
    /// POST /check takes it; `-` is standard input
    #[arg(value_name = "FILE")]
    pub(super) file: Option<PathBuf>,
    /// How the list is written, where its name doesn't say it
    #[arg(long, requires = "file")]
    pub(super) format: Option<Format>,
    /// How its text is encoded, where the guess is wrong
    #[arg(long, requires = "file")]
    encoding: Option<Encoding>,
    /// A row with a comment: it was read, and what it says was settled
    #[arg(long, value_name = "ROW", requires = "file")]
    comment_read: Vec<u32>,
}

pub(super) struct List {
    pub(super) sheet: Sheet<Box<dyn Read>>,
    pub(super) bar: ProgressBar,
}

impl ListArgs {
    pub(super) fn open(&self, path: &Path) -> anyhow::Result<List> {
        let is_input = path.as_os_str() == "-";
        let (from, length): (Box<dyn Read>, _) = if is_input {
            (Box::new(io::stdin()), None)
        } else {
            let file = File::open(path).with_context(|| path.display().to_string())?;
            let length = file.metadata()?.len();
            (Box::new(file), Some(length))
        };
        let bar = length.map_or_else(ProgressBar::no_length, ProgressBar::new);
        let shown = zh_en!(
            ("{{bar:30}} {{percent:>3}}% {{msg}}，尚需{{eta}}"),
            ("{{bar:30}} {{percent:>3}}% {{msg}}, {{eta}} left")
        );
        // The templates are constants; one that can't be read leaves the plain bar.
        if let Ok(style) = ProgressStyle::with_template(if is_input { "{spinner} {msg}" } else { &shown }) {
            bar.set_style(style);
        }
        let from: Box<dyn Read> = Box::new(bar.wrap_read(from));
        let format = self.format.or_else(|| Format::of_path(path));
        let sheet = Sheet::open(from, format, self.encoding, &self.comment_read)?;
        for words in sheet.ignored() {
            eprintln!("{}", words.spoken());
        }
        Ok(List { sheet, bar })
    }
}

impl List {
    /// The next people, none at the end.
    pub(super) fn part(&mut self) -> anyhow::Result<Vec<Question>> {
        let mut part = Vec::new();
        while part.len() < AT_ONCE
            && let Some(question) = self.sheet.next()?
        {
            part.push(question);
        }
        Ok(part)
    }

    pub(super) fn show(&self, said: String) {
        self.bar.set_message(said);
        self.bar.tick();
    }
}
