//! The words of a sheet: lists, kinds and scopes in both languages, and numbers that were mangled.

use callboard_federation::{identity::IdentityKind, statement::Scope};

/// The parts of a cell that holds several, between `;`, `；`, `、` or line ends.
pub(super) fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split([';', '；', '、', '\n']).map(str::trim).filter(|part| !part.is_empty())
}

/// Whether digits of the width of Chinese characters stand in it.
pub(super) fn has_full_width_digits(text: &str) -> bool {
    text.chars().any(|c| ('０'..='９').contains(&c))
}

/// Whether a number was written as a spreadsheet shows a long one, `4.40308E+17`.
pub(super) fn is_scientific(text: &str) -> bool {
    let text = text.trim();
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else { return false };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    digits(whole) && digits(fraction) && digits(exponent.trim_start_matches(['+', '-']))
}

/// The identity kind of a word.
pub(super) fn read_kind(word: &str) -> Option<IdentityKind> {
    match word {
        "身份证" | "居民身份证" => Some(IdentityKind::CnId),
        "港澳台通行证" | "港澳居民来往内地通行证" | "台湾居民来往大陆通行证" => {
            Some(IdentityKind::HmtTravelPermit)
        }
        "护照" => Some(IdentityKind::Passport),
        "统一社会信用代码" => Some(IdentityKind::CnUscc),
        "平台账号" => Some(IdentityKind::PlatformAccount),
        _ => IdentityKind::from_word(word),
    }
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
