//! A real browser for the tests that look at pages: Debian's Chromium and its driver, with fonts for what it shows, and
//! poppler's `pdftotext`, which reads what it prints.

use crate::{install, works};
use anyhow::Result;
use std::path::PathBuf;
use std::process::Command;

/// The program that tests drive it with.
pub(crate) const DRIVER: &str = "CALLBOARD_TEST_CHROMEDRIVER";

/// Finds the driver, installed if it isn't there; gives the variable that names it.
pub(crate) fn prepare() -> Result<(&'static str, PathBuf)> {
    if !works(Command::new("chromedriver").arg("--version")) || !works(Command::new("chromium").arg("--version")) {
        install("chromium", "Chromium")?;
        install("chromium-driver", "Chromium's driver")?;
        install("fonts-noto-cjk", "fonts with Chinese")?;
    }
    if !works(Command::new("pdftotext").arg("-v")) {
        install("poppler-utils", "pdftotext")?;
    }
    Ok((DRIVER, "chromedriver".into()))
}
