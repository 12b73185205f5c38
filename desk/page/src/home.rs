//! The home of a seat: the directory with its key and the registry's pin, where drafts' proofs are kept too.

use std::path::{Path, PathBuf};

use callboard_client::pin::{Pin, PinFile};

const PIN: &str = "genesis.json";

pub(crate) struct Home(PathBuf);

impl Home {
    pub(crate) fn at(directory: &Path) -> Self {
        Self(directory.to_owned())
    }

    /// As people read where it is.
    pub(crate) fn shown(&self) -> String {
        std::path::absolute(&self.0).unwrap_or_else(|_| self.0.clone()).display().to_string()
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

    pub(crate) fn directory(&self) -> &Path {
        &self.0
    }

    /// The path of what has this name in it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}
