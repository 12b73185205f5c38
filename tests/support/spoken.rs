//! What a program said, held against the language that it was asked to speak.

pub(crate) fn has_chinese(line: &str) -> bool {
    line.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
}

/// Whether a line is told in English: two words of it are, and it is neither JSON nor a command to type.
fn is_english(line: &str) -> bool {
    let is_word = |word: &&str| {
        word.len() > 1
            && word.trim_matches([':', ',', '.', ';', '(', ')']).bytes().all(|byte| byte.is_ascii_alphabetic())
    };
    let begins = line.trim_start();
    let is_data =
        ["callboard ", "callboard-agent ", "{", "}", "[", "]", "\""].iter().any(|data| begins.starts_with(data));
    !is_data && !has_chinese(line) && line.split_whitespace().filter(is_word).count() > 1
}

/// Fails if a line is in another language than was asked for; what people named themselves is data.
#[track_caller]
pub(crate) fn is_spoken(lang: &str, what: &str, said: &str, data: &[&str]) {
    for line in said.lines().filter(|line| data.iter().all(|data| !line.contains(data))) {
        let is_wrong = if lang == "en" { has_chinese(line) } else { is_english(line) };
        assert!(!is_wrong, "{what} under {lang}: {line}\n{said}");
    }
}
