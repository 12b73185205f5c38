//! Why a file of the agent's, or an address, can't be used.

use std::io;

/// What can't be used, in words.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("{what}")]
    Io {
        what: String,
        #[source]
        source: io::Error,
    },
    /// Others may read it, and so may know it.
    #[error("{0}")]
    OpenToOthers(String),
    #[error("{0}")]
    Taken(String),
    /// What stands in it isn't what was written, and nothing may be done without it.
    #[error("{0}")]
    Unreadable(String),
}

impl FileError {
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}
