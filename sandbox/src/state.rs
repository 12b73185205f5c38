//! What a sandbox keeps in its directory, so that it goes on after whatever ended it: where its clock is, and its people.
//!
//! The registry, the token service and the agent keep what is theirs as they do in life.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, ensure};
use callboard_client::create_new;
use callboard_federation::encoding::{RecordId, from_json, to_json};
use serde::{Deserialize, Serialize};

use super::{people::Person, specimens};

/// How far its clock is ahead, in milliseconds.
const CLOCK: &str = "clock";
/// The records of its people. It is written last: who has it was set up whole.
const PEOPLE: &str = "people.json";
/// It is there while a sandbox is set up, locked by the process that does. The directory was empty before it.
const SETTING_UP: &str = "setting-up";

/// A sandbox's directory.
pub(super) struct State {
    dir: PathBuf,
    setting_up: Option<File>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PersonRecords {
    name: String,
    records: Vec<RecordId>,
}

/// A sandbox that was left in a directory.
pub(super) struct SavedPeople(Vec<PersonRecords>);

impl State {
    /// Makes the directory if it isn't there.
    pub(super) fn begin(dir: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(dir).with_context(|| dir.display().to_string())?;
        Ok(Self { dir: dir.canonicalize()?, setting_up: None })
    }

    /// The sandbox that was left in it, if one was. Without one the directory is this process's to set one up in: what
    /// another left that ended meanwhile is removed.
    pub(super) fn kept(&mut self) -> anyhow::Result<Option<SavedPeople>> {
        match fs::read(self.at(PEOPLE)) {
            Ok(text) => Ok(Some(SavedPeople(from_json(&text).context("people.json")?))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.begin_anew().with_context(|| self.dir.display().to_string())?;
                Ok(None)
            }
            Err(error) => Err(error).with_context(|| self.at(PEOPLE).display().to_string()),
        }
    }

    fn begin_anew(&mut self) -> anyhow::Result<()> {
        let marker = self.at(SETTING_UP);
        let is_empty = fs::read_dir(&self.dir)?.next().is_none();
        ensure!(is_empty || marker.exists(), "it holds something else than a sandbox");
        let held = File::options().create(true).append(true).open(&marker)?;
        ensure!(held.try_lock().is_ok(), "another sandbox is being set up in it");
        for entry in fs::read_dir(&self.dir)? {
            let (path, kind) = entry.and_then(|entry| Ok((entry.path(), entry.file_type()?)))?;
            if kind.is_dir() {
                fs::remove_dir_all(&path)?;
            } else if path != marker {
                fs::remove_file(&path)?;
            }
        }
        self.setting_up = Some(held);
        Ok(())
    }

    /// Notes what was decided about whom: it is set up.
    pub(super) fn keep(&mut self, people: &[Person]) -> anyhow::Result<()> {
        let decided = |person: &Person| PersonRecords { name: person.name.to_owned(), records: person.records.clone() };
        self.write(PEOPLE, &to_json(&people.iter().map(decided).collect::<Vec<_>>()))?;
        self.setting_up = None;
        Ok(fs::remove_file(self.at(SETTING_UP))?)
    }

    /// How far its clock is ahead, in milliseconds.
    pub(super) fn ahead(&self) -> anyhow::Result<u64> {
        match fs::read_to_string(self.at(CLOCK)) {
            Ok(text) => text.trim().parse().context("the file `clock`"),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
            Err(error) => Err(error.into()),
        }
    }

    /// Notes how far its clock is about to be ahead. A clock that went back would be behind its own log.
    pub(super) fn keep_ahead(&self, millis: u64) -> anyhow::Result<()> {
        self.write(CLOCK, millis.to_string().as_bytes())
    }

    pub(super) fn at(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// The platform's configuration.
    pub(super) fn member(&self) -> PathBuf {
        self.dir.join("alpha/member.toml")
    }

    /// Writes a file, whole or not at all.
    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
        let path = self.at(name);
        create_new::replace(&path, create_new::PRIVATE, bytes).with_context(|| path.display().to_string())
    }
}

impl SavedPeople {
    /// The people of this program, with what was decided about them then.
    pub(super) fn people(self) -> Vec<Person> {
        let mut people = specimens::all();
        for person in &mut people {
            let decided = self.0.iter().find(|decided| decided.name == person.name);
            person.records = decided.map(|decided| decided.records.clone()).unwrap_or_default();
        }
        people
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_ended_while_it_was_set_up_begins_anew_and_nothing_else_is_removed() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        let begin = || State::begin(directory.path()).unwrap();
        let mut first = begin();
        assert!(first.kept().unwrap().is_none());
        first.write("genesis.json", b"{}").unwrap();
        fs::create_dir(at("seats")).unwrap();
        fs::write(at("seats/panel-1.key"), "key").unwrap();
        let refused = begin().kept().err().unwrap();
        assert!(format!("{refused:#}").contains("being set up") && at("seats/panel-1.key").exists(), "{refused:#}");
        // As if it had been killed.
        drop(first);
        let mut second = begin();
        assert!(second.kept().unwrap().is_none());
        assert!(!at("seats").exists() && !at("genesis.json").exists());
        second.keep(&[]).unwrap();
        drop(second);
        assert!(!at(SETTING_UP).exists() && begin().kept().unwrap().is_some());

        fs::remove_file(at(PEOPLE)).unwrap();
        fs::write(at("notes.txt"), "mine").unwrap();
        let refused = begin().kept().err().unwrap();
        assert!(format!("{refused:#}").contains("something else") && at("notes.txt").exists(), "{refused:#}");
    }
}
