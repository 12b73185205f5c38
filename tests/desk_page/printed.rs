//! What a browser prints, read back by poppler's `pdftotext`.

use std::{fs, process::Command};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;

use crate::webdriver::Window;

/// Prints what a window shows on A4; the text of each page, without spaces: lines end where the paper does.
pub(crate) async fn pages(window: &Window) -> Vec<String> {
    let printed = window.ask("print", &json!({"page": {"width": 21.0, "height": 29.7}})).await;
    let directory = tempfile::tempdir().unwrap();
    let (pdf, text) = (directory.path().join("printed.pdf"), directory.path().join("printed.txt"));
    fs::write(&pdf, STANDARD.decode(printed.as_str().unwrap()).unwrap()).unwrap();
    let read = Command::new("pdftotext").arg(&pdf).arg(&text).status();
    assert!(read.is_ok_and(|read| read.success()), "pdftotext is missing: `cargo xtask test` prepares it");
    let text = fs::read_to_string(text).unwrap();
    text.trim_end_matches('\u{c}').split('\u{c}').map(without_spaces).collect()
}

/// As a page that was printed says it.
pub(crate) fn without_spaces(text: &str) -> String {
    text.split_whitespace().collect()
}
