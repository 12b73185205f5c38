//! Where a copy lies in a seat's home.

use std::{path::Path, sync::Arc};

use super::{LogCopy, files::KEPT_ELSEWHERE};
use crate::Error;

/// The directory of a copy.
pub const DIRECTORY: &str = "log";
/// That of a second one.
const SECOND: &str = "log-2";

impl LogCopy {
    /// The copy in a seat's home; where a desk that is open keeps it, a second one beside it.
    ///
    /// # Errors
    /// Both are kept by others, or can't be written.
    pub fn in_home(home: &Path) -> Result<Self, Error> {
        let of = |name: &str| Self::open(&home.join(name), Arc::default());
        of(DIRECTORY).or_else(|error| if error.code() == KEPT_ELSEWHERE { of(SECOND) } else { Err(error) })
    }
}
