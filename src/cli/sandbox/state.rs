//! What a sandbox keeps in its directory, so that it goes on after whatever ended it: where its clock is, and its people.
//!
//! The registry, the token service and the agent keep what is theirs as they do in life.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, ensure};
use callboard_federation::encoding::{RecordId, from_json, to_json};
use serde::{Deserialize, Serialize};

use super::{people::Person, specimens};

/// How far its clock is ahead, in milliseconds.
const CLOCK: &str = "clock";
/// The records of its people. It is written last: who has it was set up whole.
const PEOPLE: &str = "people.json";
/// What the first start begins with.
const BEGUN: &str = "genesis.json";

/// A sandbox's directory.
pub(super) struct State {
    dir: PathBuf,
}

/// What was decided about a person.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Decided {
    name: String,
    records: Vec<RecordId>,
}

/// A sandbox that was left in a directory.
pub(super) struct Kept(Vec<Decided>);

impl State {
    /// Makes the directory if it isn't there.
    pub(super) fn begin(dir: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(dir).with_context(|| dir.display().to_string())?;
        Ok(Self { dir: dir.canonicalize()? })
    }

    /// The sandbox that was left in it, if one was.
    pub(super) fn kept(&self) -> anyhow::Result<Option<Kept>> {
        match fs::read(self.at(PEOPLE)) {
            Ok(text) => Ok(Some(Kept(from_json(&text).context("people.json")?))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let here = self.dir.display();
                let is_half = self.at(BEGUN).exists() || self.at("seats").exists();
                ensure!(!is_half, "{here} holds a sandbox that ended while it was set up: remove it, and start again");
                ensure!(fs::read_dir(&self.dir)?.next().is_none(), "{here} holds something else than a sandbox");
                Ok(None)
            }
            Err(error) => Err(error).with_context(|| self.at(PEOPLE).display().to_string()),
        }
    }

    /// Notes what was decided about whom: it is set up.
    pub(super) fn keep(&self, people: &[Person]) -> anyhow::Result<()> {
        let decided = |person: &Person| Decided { name: person.name.to_owned(), records: person.records.clone() };
        self.write(PEOPLE, &to_json(&people.iter().map(decided).collect::<Vec<_>>()))
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

    /// A part of the directory.
    pub(super) fn at(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// The platform's configuration.
    pub(super) fn member(&self) -> PathBuf {
        self.dir.join("alpha/member.toml")
    }

    /// Writes a file, whole or not at all.
    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
        let half = self.at(&format!("{name}.half"));
        fs::write(&half, bytes).with_context(|| half.display().to_string())?;
        Ok(fs::rename(&half, self.at(name))?)
    }
}

impl Kept {
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
