//! Rust as code alone: comments, the insides of literals and tests blanked, every line where it was.
//!
//! A reader of tokens, no parser: enough to ask whether a word or a path is *said* by the program.

use crate::source::Source;

/// The code of `source` without its tests.
pub(crate) fn of(source: &Source) -> String {
    said(source.without_tests())
}

/// `text` with a blank for each character of a comment or a literal; line ends stay.
pub(crate) fn said(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let after_word = code.chars().next_back().is_some_and(is_word);
        let unsaid = comment(rest).or_else(|| string(rest, after_word)).or_else(|| character(rest)).unwrap_or(0);
        if unsaid == 0 {
            code.push(first);
            rest = &rest[first.len_utf8()..];
        } else {
            code.extend(rest[..unsaid].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
            rest = &rest[unsaid..];
        }
    }
    code
}

/// Where `phrase` stands in `code` as whole words: the byte offsets behind it.
pub(crate) fn places<'a>(code: &'a str, phrase: &'a str) -> impl Iterator<Item = usize> + 'a {
    code.match_indices(phrase).filter_map(move |(start, _)| {
        let end = start + phrase.len();
        let (before, first) = (code[..start].chars().next_back(), phrase.chars().next());
        let (last, after) = (phrase.chars().next_back(), code[end..].chars().next());
        let joined = |a: Option<char>, b: Option<char>| a.is_some_and(is_word) && b.is_some_and(is_word);
        (!joined(before, first) && !joined(last, after)).then_some(end)
    })
}

/// The line, from 1, in which the byte at `offset` stands.
pub(crate) fn line(code: &str, offset: usize) -> usize {
    code[..offset].matches('\n').count() + 1
}

pub(crate) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The length of the comment that `text` begins with; block comments nest.
fn comment(text: &str) -> Option<usize> {
    if text.starts_with("//") {
        return Some(text.find('\n').unwrap_or(text.len()));
    }
    if !text.starts_with("/*") {
        return None;
    }
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest.starts_with(b"*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return Some(at);
            }
        } else {
            at += 1;
        }
    }
    Some(text.len())
}

/// The length of the string that `text` begins with, raw or not; an `r` that ends a word begins none.
fn string(text: &str, after_word: bool) -> Option<usize> {
    if let Some(raw) = text.strip_prefix('r').filter(|_| !after_word) {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        let end = format!("\"{}", "#".repeat(hashes));
        let inside = raw[hashes..].strip_prefix('"')?;
        return Some(inside.find(&end).map_or(text.len(), |at| 1 + hashes + 1 + at + end.len()));
    }
    let inside = text.strip_prefix('"')?;
    let mut escaped = false;
    for (at, c) in inside.char_indices() {
        match c {
            '"' if !escaped => return Some(1 + at + 1),
            _ => escaped = c == '\\' && !escaped,
        }
    }
    Some(text.len())
}

/// The length of the character literal that `text` begins with; a lifetime is none.
fn character(text: &str) -> Option<usize> {
    let inside = text.strip_prefix('\'')?;
    if inside.starts_with('\\') {
        return inside.get(2..)?.find('\'').map(|at| 1 + 2 + at + 1);
    }
    let first = inside.chars().next()?;
    inside[first.len_utf8()..].starts_with('\'').then_some(1 + first.len_utf8() + 1)
}

#[test]
fn only_code_is_said() {
    for (text, word, is_said) in [
        ("use sqlx::Row;", "sqlx", true),
        ("// sqlx", "sqlx", false),
        ("/* /* sqlx */ sqlx */ x", "sqlx", false),
        ("/* /* x */ x */ sqlx", "sqlx", true),
        ("let a = \"\\\"sqlx\";", "sqlx", false),
        ("let a = r#\"\"sqlx\"#; b", "sqlx", false),
        ("let a = r\"x\"; sqlx", "sqlx", true),
        ("let a = b'\"'; sqlx::x('\"');", "sqlx", true),
        ("let a = '\\''; sqlx", "sqlx", true),
        ("fn a<'a>(a: &'a str) { sqlx }", "sqlx", true),
        ("sqlx_like", "sqlx", false),
        ("not_sqlx", "sqlx", false),
        ("LogKey::read()", "LogKey::", true),
        ("MyLogKey::read()", "LogKey::", false),
    ] {
        assert_eq!(places(&said(text), word).next().is_some(), is_said, "{text}");
    }
    assert_eq!(said("a /* b\nc */ d"), "a     \n     d");
    let tested = Source { path: String::new(), text: "a\n#[cfg(test)]\nmod tests {\n    use sqlx;\n}\n".to_owned() };
    assert_eq!(of(&tested), "a\n");
}
