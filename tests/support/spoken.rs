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

/// The lines that are in another language than was asked for.
pub(crate) fn otherwise<'a>(lang: &str, said: &'a str, data: &[&str]) -> Vec<&'a str> {
    let told = said.lines().filter(|line| data.iter().all(|data| !line.contains(data)));
    told.filter(|line| if lang == "en" { has_chinese(line) } else { is_english(line) }).collect()
}

/// Fails if a line is in another language than was asked for; what people named themselves is data.
#[track_caller]
pub(crate) fn is_spoken(lang: &str, what: &str, said: &str, data: &[&str]) {
    let wrong = otherwise(lang, said, data);
    assert!(wrong.is_empty(), "{what} under {lang}: {wrong:#?}\n{said}");
}
