//! `cargo xtask openapi`: writes the committed description of the API from the program that answers it.

use crate::{cargo, output, root};
use anyhow::{Context, Result};
use std::fs;

/// Replaces `openapi/callboard.json` once the program has printed the whole of it.
pub(crate) fn run() -> Result<()> {
    let document = output(cargo().args(["run", "--quiet", "--package", "callboard", "--", "openapi"]))?;
    let path = root().join("openapi/callboard.json");
    fs::create_dir_all(root().join("openapi"))?;
    fs::write(&path, document + "\n").with_context(|| format!("cannot write {}", path.display()))?;
    eprintln!("xtask: wrote openapi/callboard.json");
    Ok(())
}
