//! What verbs of cases are told: a case, items, members, files by their hash, times.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use callboard_desk::{cases::sealed::Said, sheet};
use callboard_federation::{
    encoding::{CaseId, Hash, Time},
    members::MemberId,
    zh_en,
};
use callboard_rules::case::number::ItemNumber;
use jiff::tz::TimeZone;

use crate::seat::SeatArgs;

/// A case, and the seat that acts.
#[derive(clap::Args)]
pub(super) struct One {
    /// The case's id, as `callboard case list` shows it
    pub(super) case: CaseId,
    #[command(flatten)]
    pub(super) seat: SeatArgs,
}

/// Items of a case.
#[derive(clap::Args)]
pub(super) struct ItemArgs {
    /// The items: 3, 17,40 or 1-88
    #[arg(long = "items", value_name = "ITEMS", required = true, value_delimiter = ',', value_parser = range)]
    items: Vec<Range>,
}

/// Consecutive items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Range(ItemNumber, ItemNumber);

/// Reads `3` or `1-88`.
pub(super) fn range(text: &str) -> Result<Range, String> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    match (first.trim().parse(), last.trim().parse()) {
        (Ok(first), Ok(last)) if first <= last && last - first < 1_000 => Ok(Range(first, last)),
        _ => Err(zh_en!("应写成 3 或 1-88", "write 3, or 1-88")),
    }
}

/// All items of ranges.
pub(super) fn numbers(ranges: &[Range]) -> Vec<ItemNumber> {
    ranges.iter().flat_map(|Range(first, last)| *first..=*last).collect()
}

impl ItemArgs {
    pub(super) fn numbers(&self) -> Vec<ItemNumber> {
        numbers(&self.items)
    }
}

/// What is said with an act, sealed to the seats of the case.
#[derive(clap::Args)]
pub(super) struct TextArgs {
    /// A file with what is said: reasons, words of a subject; it is sealed to the seats of the case
    #[arg(long, value_name = "FILE")]
    text_file: Option<PathBuf>,
}

impl TextArgs {
    pub(super) fn read(&self) -> anyhow::Result<Said> {
        let Some(path) = &self.text_file else { return Ok(Said::default()) };
        Ok(Said::text(crate::read_text(path)?.trim().to_owned()))
    }
}

/// Who hosts the subjects, and who reported them: their seats don't decide.
#[derive(clap::Args)]
pub(crate) struct HostArgs {
    /// Members that host the subjects or have a contract with them; without it: unknown
    #[arg(long, value_name = "MEMBER", value_delimiter = ',', value_parser = member)]
    pub(crate) hosts: Vec<MemberId>,
    /// Members whose report led to it
    #[arg(long, value_name = "MEMBER", value_delimiter = ',', value_parser = member)]
    pub(crate) reporters: Vec<MemberId>,
}

pub(super) fn member(text: &str) -> Result<MemberId, String> {
    MemberId::try_from(text.to_owned()).map_err(|error| error.to_string())
}

/// A time as people write it, by the clock of Beijing, or as JSON has it.
pub(super) fn time(text: &str) -> Result<Time, String> {
    let zone = TimeZone::get("Asia/Shanghai").map_err(|error| error.to_string())?;
    text.parse().ok().or_else(|| sheet::read_start(text, &zone)).ok_or_else(|| {
        zh_en!("应写成 2026-07-01，或 \"2026-07-01 12:00\"", "write 2026-07-01, or \"2026-07-01 12:00\"")
    })
}

/// SHA-256 of a file, which stays where it is.
pub(super) fn hash_of(path: &Path) -> anyhow::Result<Hash> {
    Ok(Hash::of(&crate::read(path)?))
}

/// The one thing that may be meant where none was named.
pub(super) fn only<T>(mut candidates: Vec<T>, what: impl FnOnce(usize) -> String) -> anyhow::Result<T> {
    let count = candidates.len();
    let one = if count == 1 { candidates.pop() } else { None };
    one.with_context(|| what(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_numbers_and_runs_of_them() {
        let of = |text: &str| text.split(',').map(range).collect::<Result<Vec<_>, _>>().map(|ranges| numbers(&ranges));
        assert_eq!(of("3"), Ok(vec![3]));
        assert_eq!(of("17,40-42"), Ok(vec![17, 40, 41, 42]));
        for wrong in ["", "a", "5-3", "1-4000000000", "-1"] {
            assert!(of(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_time_is_read_by_the_clock_of_beijing() {
        assert_eq!(time("2026-07-01 12:00").unwrap().to_string(), "2026-07-01T04:00:00.000Z");
        assert_eq!(time("2026-07-01T04:00:00.000Z").unwrap().to_string(), "2026-07-01T04:00:00.000Z");
        assert!(time("soon").is_err());
    }
}
