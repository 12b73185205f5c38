//! What of imports is kept in the home, sealed to the seat's own key: the one that is not sent yet, and the seat's habits.
//!
//! A file is put in the place of the one before, whole: whenever a machine stops, the last step that was finished is there.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use callboard_client::create_new;
use callboard_federation::zh_en;
use callboard_keys::SeatKey;
use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

use crate::Error;
use callboard_keys::age_file;

use super::{Import, habits::Habits};

/// The most bytes that are read of a file, opened: a table of 8 MiB and a bundle of 1,000 statements, as text.
const MAX_BYTES: u64 = 256 << 20;

/// Where a seat keeps what it imports.
pub struct ImportStore<'a> {
    key: &'a SeatKey,
    import: PathBuf,
    habits: PathBuf,
}

impl<'a> ImportStore<'a> {
    /// Beside a key file: `NAME.import` and `NAME.columns`.
    pub fn beside(key_file: &Path, key: &'a SeatKey) -> Self {
        Self { key, import: key_file.with_extension("import"), habits: key_file.with_extension("columns") }
    }

    /// Whether something beside a key file isn't sent yet.
    pub fn is_begun(key_file: &Path) -> bool {
        key_file.with_extension("import").is_file()
    }

    /// What isn't sent yet.
    ///
    /// # Errors
    /// If it can't be read.
    pub fn import(&self) -> Result<Option<Import>, Error> {
        self.read(&self.import)
    }

    /// What the seat did last time; nothing where that can't be read: it is asked anew.
    pub fn habits(&self) -> Habits {
        self.read(&self.habits).ok().flatten().unwrap_or_default()
    }

    pub fn keep(&self, import: &Import) -> Result<(), Error> {
        self.write(&self.import, import)
    }

    pub fn keep_habits(&self, habits: &Habits) -> Result<(), Error> {
        self.write(&self.habits, habits)
    }

    /// Forgets what was sent, or isn't to be.
    pub fn discard(&self) -> Result<(), Error> {
        match fs::remove_file(&self.import) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::other("import-undiscarded", || {
                zh_en!("导入的内容无法删除", "what was being imported can't be deleted")
            })
            .because(error)),
            _ => Ok(()),
        }
    }

    fn read<T: DeserializeOwned>(&self, path: &Path) -> Result<Option<T>, Error> {
        let sealed = match fs::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            sealed => sealed.map_err(|error| {
                Error::other("import-unread", || {
                    zh_en!("未完成的导入无法读取", "what was being imported can't be read")
                })
                .because(error)
            })?,
        };
        let damaged = || {
            Error::other("import-malformed", || {
                zh_en!("未完成的导入已损坏，只能放弃", "what was being imported is damaged: it can only be discarded")
            })
        };
        let json = age_file::open(sealed.as_slice(), self.key.identity(), MAX_BYTES).map_err(|_| damaged())?;
        serde_json::from_slice(&json).map(Some).map_err(|_| damaged())
    }

    fn write(&self, path: &Path, content: &impl Serialize) -> Result<(), Error> {
        let unsealed =
            || Error::other("import-unsealed", || zh_en!("无法加密保存", "it can't be encrypted to be kept"));
        let json = Zeroizing::new(serde_json::to_vec(content).map_err(|_| unsealed())?);
        let sealed = age_file::seal([self.key.recipient()], &json).ok_or_else(unsealed)?;
        create_new::replace(path, create_new::PRIVATE, &sealed).map_err(|error| {
            Error::other("import-unkept", || zh_en!("无法保存在本机", "it can't be kept on this computer"))
                .because(error)
        })
    }
}
