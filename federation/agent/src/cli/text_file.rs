//! A text that a verb is given as a file, or on standard input.

use std::{io::Read as _, path::Path};

use anyhow::Context as _;
use callboard_federation::language::Phrase;

/// A file's text; of `-` what stands on standard input.
pub(super) fn read(path: &Path) -> anyhow::Result<String> {
    let mut text = String::new();
    if path.as_os_str() == "-" {
        std::io::stdin().read_to_string(&mut text).context(Phrase::new("标准输入", "standard input"))?;
        return Ok(text);
    }
    std::fs::read_to_string(path).with_context(|| path.display().to_string())
}
