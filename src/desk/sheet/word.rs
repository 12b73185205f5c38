//! The words of a sheet: lists and scopes in both languages.

use callboard_federation::statement::Scope;

/// The parts of a cell that holds several, between `;`, `；`, `、` or line ends.
pub(super) fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split([';', '；', '、', '\n']).map(str::trim).filter(|part| !part.is_empty())
}

/// Whether digits of the width of Chinese characters stand in it.
pub(super) fn has_full_width_digits(text: &str) -> bool {
    text.chars().any(|c| ('０'..='９').contains(&c))
}

/// The scope of a word.
pub(super) fn read_scope(word: &str) -> Option<Scope> {
    match word {
        "直播" => Some(Scope::Live),
        "录播" => Some(Scope::Recorded),
        "推广" => Some(Scope::Promotion),
        "代言" => Some(Scope::Endorsement),
        "评奖" => Some(Scope::Award),
        _ => match word.strip_prefix("话题:").or_else(|| word.strip_prefix("话题：")) {
            Some("") => None,
            Some(name) => Some(Scope::Topic(name.to_owned())),
            None => word.parse().ok(),
        },
    }
}
