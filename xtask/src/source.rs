//! Rust sources as text: which there are, and how long each is without its tests.
//!
//! Used by `cargo xtask sizes` and, by its path, by `tests/architecture_test.rs`: both must mean the same by a line.

use std::path::{Path, PathBuf};
use std::{fs, io};

/// What holds no source of ours: what was built, and what is not meant to be read.
const PASSED_OVER: [&str; 3] = ["target", "node_modules", ".git"];

/// A file's path below the root, with `/` between its parts, and its text.
pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl Source {
    /// Whether all of the file is tests, benches or fuzz targets.
    pub(crate) fn is_test(&self) -> bool {
        self.path.split('/').any(|part| ["tests", "tests.rs", "benches", "fuzz"].contains(&part))
    }

    /// The text before the `#[cfg(test)] mod tests {` that ends the file.
    pub(crate) fn without_tests(&self) -> &str {
        self.text.split_once("#[cfg(test)]\nmod tests {").map_or(self.text.as_str(), |(before, _)| before)
    }

    /// Lines, the tests at the end not counted.
    pub(crate) fn lines(&self) -> usize {
        self.without_tests().trim_end().lines().count()
    }
}

/// All Rust files below `root`, in the order of their paths.
pub(crate) fn read(root: &Path) -> io::Result<Vec<Source>> {
    let mut sources = Vec::new();
    let mut dirs = vec![root.to_owned()];
    while let Some(dir) = dirs.pop() {
        for entry in fs::read_dir(dir)? {
            let path = entry?.path();
            if path.is_dir() {
                if !PASSED_OVER.iter().any(|name| path.ends_with(name)) {
                    dirs.push(path);
                }
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                sources.push(Source { path: below(root, &path), text: fs::read_to_string(&path)? });
            }
        }
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(sources)
}

fn below(root: &Path, path: &Path) -> String {
    let path: PathBuf = path.strip_prefix(root).unwrap_or(path).to_owned();
    path.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/")
}
