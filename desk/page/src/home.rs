//! The home of a seat: the directory with its key and the registry's pin, where drafts' proofs are kept too.

use std::path::{Component, Path, PathBuf};

use anyhow::Context as _;
use callboard_client::{
    pin::{Pin, PinFile},
    public_file::PublicSeat,
    visible::Visible,
};
use callboard_federation::language::Phrase;

pub(crate) const PIN: &str = "genesis.json";
/// What a key file's name ends with, and its public file's.
const KEY: &str = ".key";
const PUBLIC: &str = ".pub.json";

/// The directory for whom a launcher starts, who is in none.
const USUAL: &str = "Callboard";

pub(crate) struct Home(PathBuf);

impl Home {
    pub(crate) fn at(directory: &Path) -> Self {
        Self(directory.to_owned())
    }

    /// Where one starts it, if that is a home; else in the user's own directory, where it is made.
    pub(crate) fn usual() -> anyhow::Result<Self> {
        let here = Self(PathBuf::from("."));
        if !here.keys().is_empty() || here.has_pin() {
            return Ok(here);
        }
        let own =
            std::env::home_dir().context(Phrase::new("找不到您的个人目录", "you have no directory of your own"))?;
        let home = own.join(USUAL);
        std::fs::create_dir_all(&home).with_context(|| home.display().to_string())?;
        Ok(Self(home))
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.0
    }

    /// As people call the directory.
    pub(crate) fn shown(&self) -> String {
        let whole = std::path::absolute(&self.0).unwrap_or_else(|_| self.0.clone());
        let name = whole.components().next_back().unwrap_or(Component::CurDir);
        Visible(&name.as_os_str().to_string_lossy()).to_string()
    }

    /// The names of the key files, in order.
    pub(crate) fn keys(&self) -> Vec<String> {
        let names = std::fs::read_dir(&self.0).into_iter().flatten().flatten().filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let is_key = Path::new(&name).extension().is_some_and(|extension| extension == "key");
            (is_key && entry.path().is_file()).then_some(name)
        });
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }

    pub(crate) fn has_pin(&self) -> bool {
        self.0.join(PIN).is_file()
    }

    pub(crate) fn pin(&self) -> anyhow::Result<Pin> {
        Ok(PinFile { pin: self.0.join(PIN) }.read()?)
    }

    /// The seat whose key has this name, by the public file beside it.
    pub(crate) fn seat(&self, stem: &str) -> Option<PublicSeat> {
        let is_here = self.keys().iter().any(|file| file.strip_suffix(KEY) == Some(stem));
        let path = self.0.join(format!("{stem}{PUBLIC}"));
        // One that is missing or damaged is as good as none: the key tells the same.
        if is_here { PublicSeat::read(&path).ok() } else { None }
    }

    /// The path of what has this name in it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}
