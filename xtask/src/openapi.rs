//! `cargo xtask openapi`: writes the committed descriptions of the APIs from the program that answers them.

use crate::{cargo, output, root};
use anyhow::{Context, Result};
use std::fs;

/// Replaces `openapi/*.json`, each once the program has printed the whole of it.
pub(crate) fn run() -> Result<()> {
    fs::create_dir_all(root().join("openapi"))?;
    let documents: [(&str, &str, &[&str]); 3] = [
        ("openapi/callboard.json", "callboard", &[]),
        ("openapi/tokens.json", "callboard", &["--tokens"]),
        ("openapi/agent.json", "callboard-agent", &[]),
    ];
    for (name, package, of) in documents {
        let document = output(cargo().args(["run", "--quiet", "--package", package, "--", "openapi"]).args(of))?;
        let path = root().join(name);
        fs::write(&path, document + "\n").with_context(|| format!("cannot write {}", path.display()))?;
        eprintln!("xtask: wrote {name}");
    }
    Ok(())
}
