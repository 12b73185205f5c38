//! Shape: how long a file may be, what a module may be called, how a lint may be silenced.

use crate::source::Source;
use crate::{code, every_source_keeps, tells_apart};

/// Longer than a sitting: the header says why, in a line that begins so.
const LONG: (usize, &str) = (400, "//! Long because");
/// Longer than anyone reads.
const TOO_LONG: usize = 700;

/// Names that tell a pattern instead of what is inside; everything ends up behind one of them.
const NAMELESS: [&str; 15] = [
    "common", "core", "helper", "helpers", "manager", "managers", "misc", "model", "models", "service", "services",
    "type", "types", "util", "utils",
];

#[test]
fn no_file_is_longer_than_a_sitting_without_saying_why() {
    every_source_keeps(length);
}

#[test]
fn no_module_is_named_for_a_pattern() {
    every_source_keeps(names);
}

#[test]
fn no_lint_is_allowed_where_it_can_be_expected_with_a_reason() {
    every_source_keeps(allowances);
}

fn length(source: &Source) -> Vec<String> {
    let lines = source.lines();
    let says_why = source.text.lines().take_while(|line| line.starts_with("//!")).any(|line| line.starts_with(LONG.1));
    if source.is_test() || lines <= LONG.0 || lines <= TOO_LONG && says_why {
        return Vec::new();
    }
    let rule = if lines > TOO_LONG { "split it" } else { "split it, or say why in a line `//! Long because …`" };
    vec![format!("{}: {lines} lines without tests: {rule}", source.path)]
}

fn names(source: &Source) -> Vec<String> {
    let code = code::said(&source.text);
    let inline = code.match_indices("mod ").map(|(at, word)| &code[at + word.len()..]);
    let inline = inline.map(|rest| rest.split(|c| !code::is_word(c)).next().unwrap_or_default());
    // One package is what every service stands on, and says so.
    let path = source
        .path
        .strip_prefix("service/")
        .unwrap_or(&source.path)
        .split('/')
        .map(|part| part.strip_suffix(".rs").unwrap_or(part));
    let nameless = path.chain(inline).filter(|name| NAMELESS.contains(name));
    nameless.map(|name| format!("{}: `{name}` names a pattern, not what is inside", source.path)).collect()
}

fn allowances(source: &Source) -> Vec<String> {
    let code = code::said(&source.text);
    let attributes = code.match_indices("#[").chain(code.match_indices("#![")).filter_map(|(at, _)| {
        let attribute = code[at..].split(']').next()?;
        code::places(attribute, "allow(").next().map(|_| at)
    });
    attributes.map(|at| format!("{}:{}: use expect(…, reason = …)", source.path, code::line(&code, at))).collect()
}

#[test]
fn a_bad_shape_is_seen() {
    let lines = |header: &str, count: usize| header.to_owned() + &"a();\n".repeat(count);
    let (sitting, over) = (lines("", 400), lines("//! Ledger.\n", 400));
    let (why, endless) = (lines("//! Long because it is one table.\n", 500), lines("//! Long because.\n", 700));
    let late = lines("//! Ledger.\nuse a;\n//! Long because.\n", 400);
    let tested = lines(&(lines("", 300) + "#[cfg(test)]\nmod tests {\n"), 300);
    tells_apart(
        length,
        &[("src/a.rs", &over), ("src/a.rs", &endless), ("src/a.rs", &late), ("xtask/src/a.rs", &over)],
        &[
            ("src/a.rs", &sitting),
            ("src/a.rs", &why),
            ("src/a.rs", &tested),
            ("src/a/tests.rs", &endless),
            ("tests/promises/no_forging.rs", &endless),
        ],
    );
    tells_apart(
        names,
        &[
            ("src/utils.rs", ""),
            ("src/api/common/page.rs", ""),
            ("tests/support/helpers.rs", ""),
            ("src/lib.rs", "pub mod types;"),
            ("src/lib.rs", "mod core {\n}"),
        ],
        &[
            ("src/token_key.rs", "pub mod recusal; use std::core_like;"),
            ("src/lib.rs", "/// mod types\nfn a() { serve(services) }"),
        ],
    );
    tells_apart(
        allowances,
        &[
            ("src/a.rs", "#[allow(dead_code)]\nfn a() {}"),
            ("tests/a.rs", "#![allow(unused)]"),
            ("src/a.rs", "#[cfg_attr(not(test), allow(unused))]"),
        ],
        &[("src/a.rs", "#[expect(dead_code, reason = \"why\")]\nfn allow(a: u8) { self.allow(a) }")],
    );
}
