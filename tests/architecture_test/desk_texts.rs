//! What a desk says is read on a page as well as in a terminal: it names no verb, no argument and no file of `docs/`, and
//! tells a time by the clock of Beijing.
//!
//! Read off the texts of `desk/src` and `desk/page/src`: every literal, and of an error's attribute each value of type
//! `Time`. Which argument of a verb mends an error is `cli/src/hint`'s.

use super::{code, every_source_keeps, source::Source, tells_apart};

/// The programs of a seat; what stands behind them is an argument or a verb.
const PROGRAMS: [&str; 2] = ["callboard ", "callboard-desk "];

/// Where arguments are read: those texts are a command line's.
const COMMAND_LINE: [&str; 1] = ["desk/page/src/cli.rs"];

fn texts_are_for_a_page(source: &Source) -> Vec<String> {
    let is_of_desk = source.path.starts_with("desk/src/") || source.path.starts_with("desk/page/src/");
    if !is_of_desk || source.is_test() || COMMAND_LINE.contains(&source.path.as_str()) {
        return Vec::new();
    }
    let text = source.without_tests();
    let literals = literals(text).filter_map(|(at, literal)| Some((at, wrong(literal)?)));
    let times = bare_times(text).into_iter().map(|(at, name)| (at, format!("{{{name}}} is told as ISO writes it")));
    literals
        .chain(times)
        .map(|(at, why)| format!("{}:{}: {why}: a page shows it, too", source.path, code::line(text, at)))
        .collect()
}

/// The literals of a text, with where each begins.
fn literals(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut rest = 0;
    std::iter::from_fn(move || {
        loop {
            let at = rest + text[rest..].find('"')?;
            // A quotation mark in a comment, or as a character, begins nothing.
            if text[..at].ends_with('\'') && text[at..].starts_with("\"'") {
                rest = at + 1;
                continue;
            }
            let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
            if text[line..at].contains("//") && !text[line..at].contains('"') {
                rest = text[at..].find('\n').map_or(text.len(), |end| at + end);
                continue;
            }
            let mut end = at + 1;
            while !text[end..].starts_with('"') {
                let c = text[end..].chars().next()?;
                end += c.len_utf8();
                if c == '\\' {
                    end += text[end..].chars().next()?.len_utf8();
                }
            }
            rest = end + 1;
            return Some((at, &text[at + 1..end]));
        }
    })
}

/// What of a literal no page says.
fn wrong(literal: &str) -> Option<String> {
    let is_argument = |at: usize| {
        let before = literal[..at].chars().next_back();
        let after = literal[at + 2..].chars().next();
        before.is_none_or(|c| !c.is_ascii_graphic() || "(`".contains(c))
            && after.is_some_and(|c| c.is_ascii_lowercase())
    };
    let verb = |name: &&&str| {
        let mut behind = literal.match_indices(**name).map(|(at, name)| &literal[at + name.len()..]);
        behind.any(|behind| behind.starts_with(|c: char| c.is_ascii_lowercase() || c == '-'))
    };
    if let Some(name) = PROGRAMS.iter().find(verb) {
        // What keys and hashes are separated by is read by nobody.
        return (!literal.ends_with("v1\\n")).then(|| format!("names a verb of {name}"));
    }
    if literal.match_indices("--").any(|(at, _)| is_argument(at)) {
        return Some("names an argument".to_owned());
    }
    if literal.contains("docs/") {
        return Some("names a file of docs/".to_owned());
    }
    (literal.contains("UTC") && literal != "UTC").then(|| "tells a time by another clock".to_owned())
}

/// The values of type `Time` that an error's text shows as they are, with where it stands.
fn bare_times(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, attribute) in text.match_indices("#[error(") {
        let rest = &text[at + attribute.len()..];
        let Some((told, variant)) = rest.split_once(")]\n") else { continue };
        let variant = variant.split("#[error(").next().unwrap_or_default();
        for field in variant.split([',', '{', '}', '\n']) {
            let Some((name, "Time")) = field.trim().split_once(": ") else { continue };
            if told.contains(&format!("{{{name}}}")) {
                found.push((at, name.to_owned()));
            }
        }
    }
    found
}

#[test]
fn what_a_desk_says_names_no_verb_and_tells_no_time_of_another_clock() {
    tells_apart(
        texts_are_for_a_page,
        &[
            ("desk/src/a.rs", "zh_en!(\"请用 callboard draft --again 重新起草\", \"again\")"),
            ("desk/src/a.rs", "zh_en!(\"重新起草\", \"draft it again (`callboard draft`)\")"),
            ("desk/src/a.rs", "zh_en!(\"请用 --from 指明\", \"name it\")"),
            ("desk/src/a.rs", "zh_en!(\"格式\", \"(docs/formats.md §6)\")"),
            ("desk/page/src/a.rs", "zh_en!(\"时间\", \"until 12:00 UTC\")"),
            ("desk/src/error.rs", "#[error(\"{}\", zh_en!(\"于 {at} 到期\", \"ended {at}\"))]\n    Over { at: Time },"),
        ],
        &[
            ("desk/src/a.rs", "// `callboard draft --again`\nzh_en!(\"重新起草\", \"draft it again\")"),
            ("desk/src/a.rs", "/// \"callboard draft --again\"\nconst A: &str = \"UTC\";"),
            ("desk/src/a.rs", "const CONTEXT: &str = \"callboard key card v1\\n\";"),
            ("desk/page/src/cli.rs", "const E: &str = \"callboard-desk --home x\";"),
            ("cli/src/a.rs", "zh_en!(\"请用 --from\", \"--from\")"),
            (
                "desk/src/error.rs",
                "#[error(\"{}\", zh_en!(\"于{}到期\", \"ended {}\", time_text(*at)))]\n    Over { at: Time },",
            ),
        ],
    );
    every_source_keeps(texts_are_for_a_page);
}
