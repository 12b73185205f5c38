//! The glossary: each word is told in both languages, and each name that it says a word has is in the code, the API or
//! the store.

use std::collections::BTreeSet;

use crate::{code, nothing_is_wrong, root, source};

const GLOSSARY: &str = "docs/glossary.md";
/// The word, its Chinese, the names, a sentence in each language.
const CELLS: usize = 5;
/// After which words a name is declared: in Rust, and in SQL.
const DECLARING: [&str; 8] = ["struct", "enum", "type", "trait", "mod", "fn", "pub", "TABLE"];
const DESCRIPTIONS: [&str; 3] = ["openapi/callboard.json", "openapi/tokens.json", "openapi/agent.json"];

/// What a name may be one of.
struct Names {
    declared: BTreeSet<String>,
    /// The code of each file.
    files: Vec<String>,
    descriptions: String,
}

#[test]
fn each_name_in_the_glossary_is_in_the_code_the_api_or_the_store() {
    let names = Names::of_the_house();
    nothing_is_wrong(&wrong(&read(GLOSSARY), &names));
}

#[test]
fn a_name_of_nothing_and_a_row_that_lacks_a_language_are_seen() {
    let names =
        Names::of(vec!["pub enum Role { Panel }".to_owned(), "CREATE TABLE docket (".to_owned()], "\"/check\": {");
    for (row, faults) in [
        ("| panel | 评议委员 | `Role::Panel`, `docket`, `/check` | Decides. | 评议。 |", 0),
        ("| word | 中文 | stands in | what it is | 含义 |\n|---|---|---|---|---|", 0),
        ("| panel | 评议委员 | `Role::Chair` | Decides. | 评议。 |", 1),
        ("| panel | 评议委员 | `Panels`, `/checks` | Decides. | 评议。 |", 2),
        ("| panel | 评议委员 | Role | Decides. | 评议。 |", 1),
        ("| panel | panel | `Role` | Decides. | decides |", 2),
        ("| panel | 评议委员 | `Role` | Decides. |", 1),
    ] {
        assert_eq!(wrong(row, &names).len(), faults, "{row}: {:?}", wrong(row, &names));
    }
}

impl Names {
    fn of_the_house() -> Self {
        let sources = source::read(root()).unwrap_or_else(|error| panic!("the sources can't be read: {error}"));
        let mut files: Vec<String> = sources.iter().filter(|source| !source.is_test()).map(code::of).collect();
        for path in ["migrations/0001_log.sql", "migrations/0002_delivery.sql", "migrations/0003_drafts.sql"] {
            files.push(read(path));
        }
        let mut names = Self::of(files, &DESCRIPTIONS.map(read).concat());
        // A package is named by its directory.
        let directories = sources.iter().flat_map(|source| source.path.split('/').rev().skip(1));
        names.declared.extend(directories.map(str::to_owned));
        names
    }

    fn of(files: Vec<String>, descriptions: &str) -> Self {
        let mut declared = BTreeSet::new();
        for file in &files {
            let words: Vec<&str> = words(file).collect();
            let pairs = words.windows(2).filter(|pair| DECLARING.contains(&pair[0]));
            declared.extend(pairs.map(|pair| pair[1].to_owned()));
        }
        Self { declared, files, descriptions: descriptions.to_owned() }
    }

    fn have(&self, name: &str) -> bool {
        if name.starts_with('/') {
            return self.descriptions.contains(&format!("\"{name}\": {{"));
        }
        let Some((of, variant)) = name.split_once("::") else { return self.declared.contains(name) };
        let declares = |file: &&String| words(file).zip(words(file).skip(1)).any(|pair| pair == ("enum", of));
        self.files.iter().filter(declares).any(|file| words(file).any(|word| word == variant))
    }
}

fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c| !code::is_word(c)).filter(|word| !word.is_empty())
}

/// What is wrong with the rows of a glossary.
fn wrong(glossary: &str, names: &Names) -> Vec<String> {
    let mut faults = Vec::new();
    for row in glossary.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| word |")) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        if cells.len() != CELLS || cells.iter().any(|cell| cell.is_empty()) {
            faults.push(format!("{GLOSSARY}: {row}: a row has {CELLS} cells"));
            continue;
        }
        for chinese in [cells[1], cells[4]] {
            if !chinese.contains(|c: char| ('\u{4e00}'..='\u{9fff}').contains(&c)) {
                faults.push(format!("{GLOSSARY}: {}: {chinese} is no Chinese", cells[0]));
            }
        }
        let mut places = cells[2].split('`').skip(1).step_by(2).peekable();
        if places.peek().is_none() {
            faults.push(format!("{GLOSSARY}: {} names nothing", cells[0]));
        }
        let unknown = places.filter(|name| !names.have(name));
        faults.extend(unknown.map(|name| format!("{GLOSSARY}: {}: {name} is declared nowhere", cells[0])));
    }
    faults
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}
