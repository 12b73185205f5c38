//! Documents in two languages: what a reader types is the same in both, in the same order, and each leads to the other.

use crate::{nothing_is_wrong, root};

/// English, Chinese beside it.
const PAIRS: [(&str, &str); 5] = [
    ("README.md", "README.zh-CN.md"),
    ("docs/operating.md", "docs/operating.zh-CN.md"),
    ("docs/desk.md", "docs/desk.zh-CN.md"),
    ("docs/cases.md", "docs/cases.zh-CN.md"),
    ("docs/clauses.md", "docs/clauses.zh-CN.md"),
];

#[test]
fn a_document_in_two_languages_has_the_same_commands_in_both() {
    let mut faults = Vec::new();
    for (english, chinese) in PAIRS {
        let [one, other] = [english, chinese]
            .map(|path| std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}")));
        let ours = different(&one, &other).into_iter().map(|fault| format!("{english}, {chinese}: {fault}"));
        faults.extend(ours);
        for (path, text, link) in [(english, &one, chinese), (chinese, &other, english)] {
            let name = link.rsplit('/').next().unwrap_or(link);
            if !text.lines().take(5).any(|line| line.contains(&format!("]({name})"))) {
                faults.push(format!("{path}: its first lines don't link {name}"));
            }
        }
    }
    nothing_is_wrong(&faults);
}

#[test]
fn a_command_that_only_one_language_has_is_seen() {
    let one = "# A\n\n```sh\ncallboard serve\n```\n\nthen\n\n```\ncargo run\n```\n";
    assert_eq!(different(one, &one.replace("then", "然后")), None);
    for other in [
        one.replace("cargo run", "cargo test"),
        one.replace("```sh", "```"),
        one.replace("\n```\ncargo run\n```\n", ""),
        format!("{one}\n```\ncallboard migrate\n```\n"),
    ] {
        assert!(different(one, &other).is_some(), "{other}");
    }
}

/// What differs first of the commands of two texts.
fn different(one: &str, other: &str) -> Option<String> {
    let (one, other) = (blocks(one), blocks(other));
    let at = (0..one.len().max(other.len())).find(|at| one.get(*at) != other.get(*at))?;
    let shown = |block: Option<&String>| block.map_or("nothing", String::as_str).to_owned();
    Some(format!("block {at}:\n{}\nis beside\n{}", shown(one.get(at)), shown(other.get(at))))
}

/// The fenced blocks of a text, each with what follows its fence, in order.
fn blocks(text: &str) -> Vec<String> {
    let (mut blocks, mut fenced): (Vec<String>, bool) = (Vec::new(), false);
    for line in text.lines().map(str::trim_end) {
        if line.trim_start().starts_with("```") {
            if !fenced {
                blocks.push(line.to_owned());
            }
            fenced = !fenced;
        } else if let Some(block) = blocks.last_mut().filter(|_| fenced) {
            block.push('\n');
            block.push_str(line);
        }
    }
    blocks
}
