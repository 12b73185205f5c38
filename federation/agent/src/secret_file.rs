//! Secrets of the agent's directory, one a file of mode 0600: what calls to the hook are signed with (`hook.secret`), and
//! what its own API asks for (`api.token`). What stands in each, and who checks it, is with whoever uses it.

use std::{
    fs, io,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use callboard_client::create_new;
use callboard_federation::zh_en;
use zeroize::Zeroizing;

use crate::file_error::FileError;

pub(crate) fn name(path: &Path) -> String {
    zh_en!("{path} 中的密钥", "the secret in {path}", path = path.display())
}

pub(crate) fn malformed(path: &Path, why: &'static str) -> FileError {
    FileError::Io { what: name(path), source: io::Error::new(io::ErrorKind::InvalidData, why) }
}

/// Reads a secret that its owner alone may read.
pub(crate) fn read(path: &Path) -> Result<Zeroizing<String>, FileError> {
    let io = |source| FileError::Io { what: name(path), source };
    if fs::metadata(path).map_err(io)?.permissions().mode() & 0o077 != 0 {
        return Err(FileError::OpenToOthers(zh_en!(
            "他人可以读取 {path} 中的密钥：请移走该文件，会员端会另行生成",
            "others may read the secret in {path}: take the file away, so that another is made",
            path = path.display()
        )));
    }
    Ok(Zeroizing::new(fs::read_to_string(path).map_err(io)?))
}

/// Writes a secret where none stands yet. One that another process wrote meanwhile stays.
pub(crate) fn make(path: &Path, text: &str) -> Result<(), FileError> {
    match create_new::write(path, create_new::PRIVATE, format!("{text}\n").as_bytes()) {
        Err(source) if source.kind() != io::ErrorKind::AlreadyExists => Err(FileError::Io { what: name(path), source }),
        _ => Ok(()),
    }
}

/// Puts a secret in the place of the one before, at once for whoever reads it next.
pub(crate) fn replace(path: &Path, text: &str) -> Result<(), FileError> {
    create_new::replace(path, create_new::PRIVATE, format!("{text}\n").as_bytes()).map_err(FileError::io(name(path)))
}

/// Which file stands there: another has another inode, or was written at another time.
type Version = (u64, i64, i64);

/// A file that is read again only once another stands in its place, so that a rotation needs no restart.
pub(crate) struct CachedFile<T> {
    path: PathBuf,
    value: RwLock<Option<(Version, Arc<T>)>>,
}

impl<T> CachedFile<T> {
    /// The file of this path, whether it is there yet or not.
    pub(crate) const fn new(path: PathBuf) -> Self {
        Self { path, value: RwLock::new(None) }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn get(&self, read: impl FnOnce(&Path) -> Result<T, FileError>) -> Result<Arc<T>, FileError> {
        let file = fs::metadata(&self.path);
        let file = file.map_err(FileError::io(name(&self.path)))?;
        let version = (file.ino(), file.mtime(), file.mtime_nsec());
        if let Some((cached, value)) = &*self.value.read().unwrap_or_else(PoisonError::into_inner)
            && *cached == version
        {
            return Ok(value.clone());
        }
        let value = Arc::new(read(&self.path)?);
        *self.value.write().unwrap_or_else(PoisonError::into_inner) = Some((version, value.clone()));
        Ok(value)
    }
}
