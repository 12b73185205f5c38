//! What people read stands in both languages: an error's text is a [`zh_en!`], so that none is told in English alone.
//!
//! What services answer to programs is English; whoever shows it to a person finds its Chinese by its word, in
//! `callboard_federation::problems`.

use super::{every_source_keeps, source::Source, tells_apart};

/// Errors that are answers to programs, or are logged alone.
const ANSWERS: &[&str] = &[
    "src/api/",
    "src/delivery/",
    "src/ledger/anchors.rs",
    "src/ledger/cases/error.rs",
    "src/ledger/witnesses.rs",
    "tokens/src/problem.rs",
    "federation/agent/src/api/",
    // What it says of a holder is answered in both at once.
    "federation/agent/src/book/holder.rs",
    "service/",
    "federation/src/request/",
    "xtask/",
    "tests/",
];

fn texts_stand_in_both(source: &Source) -> Vec<String> {
    if ANSWERS.iter().any(|room| source.path.starts_with(room)) || source.path.contains("/tests/") {
        return Vec::new();
    }
    let text = source.without_tests();
    let told = text.match_indices("#[error(").filter_map(|(at, before)| {
        let literal = text[at + before.len()..].trim_start().strip_prefix('"')?;
        let (literal, _) = literal.split_once('"')?;
        let has_words = outside_braces(literal).any(|c| c.is_ascii_alphabetic());
        let line = text[..at].lines().count();
        has_words.then(|| format!("{}:{line}: «{literal}» stands in one language: zh_en!", source.path))
    });
    told.collect()
}

/// The characters of a format that aren't the name of a value.
fn outside_braces(format: &str) -> impl Iterator<Item = char> {
    let mut depth = 0;
    format.chars().filter(move |c| {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => return depth == 0,
        }
        false
    })
}

#[test]
fn no_error_that_people_read_stands_in_one_language() {
    tells_apart(
        texts_stand_in_both,
        &[
            ("src/desk/a.rs", "#[error(\"the store failed: {0}\")]"),
            ("src/desk/a.rs", "#[error(\n    \"{path} is none\"\n)]"),
        ],
        &[
            ("src/desk/a.rs", "#[error(\"{}\", zh_en!(\"没有\", \"none\"))]"),
            ("src/desk/a.rs", "#[error(\"{path}: {source}\")]"),
            ("src/api/a.rs", "#[error(\"the store failed\")]"),
        ],
    );
    every_source_keeps(texts_stand_in_both);
}
