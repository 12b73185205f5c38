//! Files of ours that are JSON: read strictly, and written where nothing stands yet.

use std::{
    io,
    path::{Path, PathBuf},
};

use callboard_federation::{
    encoding::{JsonError, from_json, to_json},
    language::Phrase,
    zh_en,
};
use serde::{Serialize, de::DeserializeOwned};

use super::create_new;

/// Why a file can't be read, written or taken.
#[derive(Debug, thiserror::Error)]
pub enum JsonFileError {
    /// It can't be read or written.
    #[error("{path}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// It holds something else.
    #[error("{}", zh_en!("{path} 不是{asked}", "{path} is no {asked}", path = path.display()))]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What was asked for.
        asked: Phrase,
        /// Why not.
        #[source]
        source: JsonError,
    },
    /// A version that this program doesn't know.
    #[error("{}", zh_en!("{path}：只认版本1", "{path}: only version 1 is known", path = path.display()))]
    Version {
        /// The file.
        path: PathBuf,
    },
    /// A public file, of another type.
    #[error("{}", zh_en!("{path} 不是{asked}的公开文件",
        "{path} is not the public file of a {asked}", path = path.display()))]
    OfAnother {
        /// The file.
        path: PathBuf,
        /// The type that was asked for.
        asked: Phrase,
    },
}

/// A text that somebody pasted or chose isn't what was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", zh_en!("所给的不是{_0}：请选择正确的文件，或者粘贴其全部内容",
    "this is no {_0}: choose the right file, or paste all of it"))]
pub struct PastedError(Phrase);

/// Reads a text that was pasted in place of a file. What of its JSON is wrong isn't told: whoever pastes writes none.
pub(crate) fn parse<T: DeserializeOwned>(
    text: &str,
    asked: Phrase,
    version: impl Fn(&T) -> u64,
) -> Result<T, PastedError> {
    let text = text.trim_start_matches('\u{feff}').trim();
    from_json(text.as_bytes()).ok().filter(|value| version(value) == 1).ok_or(PastedError(asked))
}

/// Reads what `path` holds; `version` tells the version of its format, of which 1 is known.
pub(crate) fn read<T: DeserializeOwned>(
    path: &Path,
    asked: Phrase,
    version: impl Fn(&T) -> u64,
) -> Result<T, JsonFileError> {
    let path = || path.to_owned();
    let bytes = std::fs::read(path()).map_err(|source| JsonFileError::Io { path: path(), source })?;
    let value = from_json(&bytes).map_err(|source| JsonFileError::Malformed { path: path(), asked, source })?;
    if version(&value) == 1 { Ok(value) } else { Err(JsonFileError::Version { path: path() }) }
}

/// Writes a public file, where nothing stands yet.
pub(crate) fn write(path: &Path, value: &impl Serialize) -> Result<(), JsonFileError> {
    let mut text = to_json(value);
    text.push(b'\n');
    create_new::write(path, create_new::PUBLIC, &text)
        .map_err(|source| JsonFileError::Io { path: path.to_owned(), source })
}
