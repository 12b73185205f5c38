//! `docs/clauses.md`: each file that it names is there, each test is one of the file that it names, and each clause has a
//! test or says that it isn't kept yet.

use crate::{nothing_is_wrong, root};

/// The table in each language, and how it says that something isn't there yet.
const TABLES: [(&str, &str); 2] = [("docs/clauses.md", "**Not yet**"), ("docs/clauses.zh-CN.md", "**尚未**")];

#[test]
fn each_clause_names_where_it_is_kept_and_a_test_that_is_there() {
    let read = |path: &str| std::fs::read_to_string(root().join(path)).ok();
    let mut faults = Vec::new();
    for (path, not_yet) in TABLES {
        let text = read(path).unwrap_or_else(|| panic!("{path} isn't there"));
        assert!(names(&text).count() > 60, "{path}: its names are found");
        faults.extend(wrong(&text, not_yet, read).into_iter().map(|fault| format!("{path}: {fault}")));
    }
    let [english, chinese] = TABLES.map(|(path, _)| read(path).unwrap_or_default());
    let differs = names(&english).zip(names(&chinese)).find(|(one, other)| one != other);
    faults.extend(differs.map(|(one, other)| format!("`{one}` stands beside `{other}`")));
    if names(&english).count() != names(&chinese).count() {
        faults.push("one language names more than the other".to_owned());
    }
    nothing_is_wrong(&faults);
}

#[test]
fn a_clause_without_its_test_is_seen() {
    let read = |path: &str| match path {
        "a/b.rs" => Some("#[test]\nfn it_holds() {}\n\nfn helper() {}\n".to_owned()),
        _ => None,
    };
    let row = |kept: &str, test: &str| {
        wrong(&format!("| a | b |\n|---|---|\n| it | {kept} | {test} |\n"), "**Not yet**", read)
    };
    assert_eq!(row("`a/b.rs`", "`a/b.rs::it_holds`"), [""; 0]);
    assert_eq!(row("`a/b.rs`. **Not yet**: more", ""), [""; 0]);
    for (kept, test) in [
        ("`a/b.rs`", ""),
        ("`a/c.rs`", "`a/b.rs::it_holds`"),
        ("`a/b.rs`", "`a/c.rs::it_holds`"),
        ("`a/b.rs`", "`a/b.rs::helper`"),
        ("`a/b.rs`", "`a/b.rs::it_hold`"),
    ] {
        assert!(!row(kept, test).is_empty(), "{kept} {test}");
    }
}

/// What is wrong with a table, `read` giving the text of a file.
fn wrong(text: &str, not_yet: &str, read: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let mut faults = Vec::new();
    for name in names(text) {
        let (is_there, fault) = if let Some((path, claim)) = name.split_once("::") {
            (read(path).is_some_and(|source| is_test(&source, claim)), format!("{path} has no test {claim}"))
        } else {
            (read(name).is_some() || root().join(name).is_dir(), format!("{name} isn't there"))
        };
        faults.extend((!is_there).then_some(fault));
    }
    // A table begins with its headers, and a line of dashes.
    let lines: Vec<&str> = text.lines().collect();
    let is_header = |at: usize| lines.get(at + 1).is_some_and(|next| next.starts_with("|---"));
    let rows = lines
        .iter()
        .enumerate()
        .filter(|(at, line)| line.starts_with('|') && !line.starts_with("|---") && !is_header(*at));
    let untested = rows.map(|(_, row)| row).filter(|row| !row.contains("::") && !row.contains(not_yet));
    faults.extend(untested.map(|row| format!("neither a test nor {not_yet}: {row}")));
    faults
}

/// What stands between backticks and is a path, perhaps with a test behind it.
fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2).filter(|name| name.contains('/'))
}

fn is_test(source: &str, name: &str) -> bool {
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let begins = format!("fn {name}(");
    let at = lines.iter().position(|line| line.strip_prefix("async ").unwrap_or(line).starts_with(&begins));
    at.and_then(|at| at.checked_sub(1))
        .is_some_and(|before| lines[before].starts_with("#[") && lines[before].contains("test"))
}
