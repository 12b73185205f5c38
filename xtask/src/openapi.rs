//! `cargo xtask openapi`: writes the committed descriptions of the APIs from the program that answers them.

use crate::{cargo, output, root};
use anyhow::{Context, Result};
use std::fs;

/// Replaces `openapi/*.json`, each once the program has printed the whole of it.
pub(crate) fn run() -> Result<()> {
    fs::create_dir_all(root().join("openapi"))?;
    for (name, of) in [("openapi/callboard.json", &[][..]), ("openapi/tokens.json", &["--tokens"])] {
        let document = output(cargo().args(["run", "--quiet", "--package", "callboard", "--", "openapi"]).args(of))?;
        let path = root().join(name);
        fs::write(&path, document + "\n").with_context(|| format!("cannot write {}", path.display()))?;
        eprintln!("xtask: wrote {name}");
    }
    Ok(())
}
