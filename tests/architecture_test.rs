//! The rules of the architecture, read off the sources as text: what the compiler can't refuse, this does.
//!
//! Each rule is a claim about the whole house, and beside each rule a table of bad samples proves that it can fail.
//! Tests stand in for other rooms, so arrows and words don't bind them. What a room may use is told in
//! `docs/ARCHITECTURE.md`; the style that the rest serves, in `CONTRIBUTING.md`.

#[path = "architecture_test/arrows.rs"]
mod arrows;
#[path = "architecture_test/chinese.rs"]
mod chinese;
#[path = "architecture_test/circles.rs"]
mod circles;
#[path = "architecture_test/clauses.rs"]
mod clauses;
#[path = "architecture_test/code.rs"]
mod code;
#[path = "architecture_test/desk_texts.rs"]
mod desk_texts;
#[path = "architecture_test/glossary.rs"]
mod glossary;
#[path = "architecture_test/languages.rs"]
mod languages;
#[path = "architecture_test/linked.rs"]
mod linked;
#[path = "architecture_test/papers.rs"]
mod papers;
#[path = "architecture_test/shape.rs"]
mod shape;
#[path = "../xtask/src/source.rs"]
mod source;
#[path = "architecture_test/translations.rs"]
mod translations;
#[path = "architecture_test/words.rs"]
mod words;

use source::Source;
use std::path::Path;

/// A rule applied to one file: what it finds wrong, each a sentence with its place.
type Rule = fn(&Source) -> Vec<String>;

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// Applies `rule` to every Rust file, and fails with all that is wrong, not only the first.
#[track_caller]
fn every_source_keeps(rule: Rule) {
    let sources = source::read(root()).unwrap_or_else(|error| panic!("the sources can't be read: {error}"));
    assert!(sources.iter().any(|source| source.path == "src/main.rs"), "the walk found no house");
    nothing_is_wrong(&sources.iter().flat_map(rule).collect::<Vec<_>>());
}

#[track_caller]
fn nothing_is_wrong(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

/// Proves that `rule` can fail: each bad sample (path, text) has a fault, each good one none.
#[track_caller]
fn tells_apart(rule: Rule, bad: &[(&str, &str)], good: &[(&str, &str)]) {
    let faults = |&(path, text): &(&str, &str)| rule(&Source { path: path.to_owned(), text: text.to_owned() });
    for sample in bad {
        assert!(!faults(sample).is_empty(), "taken, but wrong: {sample:?}");
    }
    for sample in good {
        assert_eq!(faults(sample), [""; 0], "refused, but right: {sample:?}");
    }
}
