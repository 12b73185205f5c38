//! Other languages' clients: a Python environment and Node.js modules under the target directory, made once.
//!
//! Which packages is said in `tests/conformance/`: `requirements.txt`, `requirements-ignore-python.txt` (packages that
//! name a newer Python than they need) and `package.json`. The scripts themselves are run by the tests of
//! `tests/conformance.rs`, which find what is made here by two variables of the environment.

use crate::{install, root, run, target, works};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The Python whose packages the scripts use.
pub(crate) const PYTHON: &str = "CALLBOARD_CONFORMANCE_PYTHON";
/// The directory `node_modules` that the scripts use.
pub(crate) const NODE_MODULES: &str = "CALLBOARD_CONFORMANCE_NODE_MODULES";

/// Makes what `tests/conformance/` asks for; gives the variables that name it, none if it asks for nothing.
pub(crate) fn prepare() -> Result<Vec<(&'static str, PathBuf)>> {
    let (wanted, made) = (root().join("tests/conformance"), target().join("conformance"));
    let mut variables = Vec::new();
    if let Some(python) = python(&wanted, &made.join("venv"))? {
        variables.push((PYTHON, python));
    }
    if let Some(modules) = node(&wanted, &made.join("node"))? {
        variables.push((NODE_MODULES, modules));
    }
    Ok(variables)
}

fn python(wanted: &Path, venv: &Path) -> Result<Option<PathBuf>> {
    let lists: [(&str, &[&str]); 2] =
        [("requirements.txt", &[]), ("requirements-ignore-python.txt", &["--ignore-requires-python"])];
    let lists: Vec<_> = lists.iter().filter(|(list, _)| wanted.join(list).exists()).collect();
    if lists.is_empty() {
        return Ok(None);
    }
    let python = venv.join("bin/python");
    let stamp = Stamp::of(wanted, &lists.iter().map(|(list, _)| *list).collect::<Vec<_>>(), venv)?;
    if !stamp.is_fresh() {
        if !works(Command::new("python3").args(["-c", "import ensurepip, venv"])) {
            install("python3-venv", "Python 3 with venv")?;
        }
        eprintln!("xtask: making the Python environment of tests/conformance");
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(venv))?;
        for (list, flags) in lists {
            let mut pip = Command::new(&python);
            pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
            run(pip.args(*flags).arg("-r").arg(wanted.join(list)))?;
        }
        stamp.set()?;
    }
    Ok(Some(python))
}

fn node(wanted: &Path, dir: &Path) -> Result<Option<PathBuf>> {
    const LOCK: &str = "package-lock.json";
    if !wanted.join("package.json").exists() {
        return Ok(None);
    }
    let locked = wanted.join(LOCK).exists();
    let files: &[&str] = if locked { &["package.json", LOCK] } else { &["package.json"] };
    let stamp = Stamp::of(wanted, files, dir)?;
    if !stamp.is_fresh() {
        if !works(Command::new("npm").arg("--version")) {
            install("npm", "Node.js with npm")?;
        }
        eprintln!("xtask: installing the Node.js modules of tests/conformance");
        fs::create_dir_all(dir)?;
        for file in files {
            fs::copy(wanted.join(file), dir.join(file))?;
        }
        let verb = if locked { "ci" } else { "install" };
        run(Command::new("npm").current_dir(dir).args([verb, "--no-audit", "--no-fund", "--loglevel=error"]))?;
        stamp.set()?;
    }
    Ok(Some(dir.join("node_modules")))
}

/// What a directory was made from: the text of the files that ask for it, kept in it once it is whole.
struct Stamp {
    text: String,
    path: PathBuf,
}

impl Stamp {
    fn of(wanted: &Path, files: &[&str], made: &Path) -> Result<Self> {
        let mut text = String::new();
        for file in files {
            let path = wanted.join(file);
            text += file;
            text += "\n";
            text += &fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        }
        Ok(Self { text, path: made.join("made-from") })
    }

    fn is_fresh(&self) -> bool {
        fs::read_to_string(&self.path).is_ok_and(|text| text == self.text)
    }

    fn set(&self) -> Result<()> {
        fs::write(&self.path, &self.text).with_context(|| format!("cannot write {}", self.path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::Stamp;
    use std::fs;

    #[test]
    fn a_stamp_is_fresh_until_a_file_changes() -> anyhow::Result<()> {
        let dir = std::env::temp_dir().join(format!("callboard-stamp-{}", std::process::id()));
        fs::create_dir_all(&dir)?;
        fs::write(dir.join("requirements.txt"), "six==1.16.0\n")?;
        let stamp = Stamp::of(&dir, &["requirements.txt"], &dir)?;
        assert!(!stamp.is_fresh());
        stamp.set()?;
        assert!(stamp.is_fresh());
        fs::write(dir.join("requirements.txt"), "six==1.17.0\n")?;
        assert!(!Stamp::of(&dir, &["requirements.txt"], &dir)?.is_fresh());
        fs::remove_dir_all(&dir)?;
        Ok(())
    }
}
