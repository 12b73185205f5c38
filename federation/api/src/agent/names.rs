//! Names: whether the details of a record bear one of those by which the platform knows the person.
//!
//! Told names are compared and dropped: they are not kept, not logged, and never leave the agent. That they differ changes no
//! decision, since names change; it is said beside it, since a valid number that was mistyped is another person's.

use callboard_federation::zh_en;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The most names of a person.
pub const MAX_NAMES: usize = 16;
/// The most bytes of a name.
const MAX_BYTES: usize = 256;

/// The names by which a platform knows a person. There is no `Debug`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(try_from = "Vec<String>")]
pub struct Names(Vec<String>);

/// Texts that are no names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", zh_en!("姓名为1至{MAX_NAMES}个，每个1至{MAX_BYTES}字节，不含控制字符",
    "names are 1 to {MAX_NAMES} texts of 1 to {MAX_BYTES} bytes without control characters"))]
pub struct NamesError;

impl TryFrom<Vec<String>> for Names {
    type Error = NamesError;

    fn try_from(names: Vec<String>) -> Result<Self, NamesError> {
        let is_name = |name: &String| {
            (1..=MAX_BYTES).contains(&name.len()) && !name.chars().any(char::is_control) && !is_blank(name)
        };
        if names.len() <= MAX_NAMES && names.iter().all(is_name) { Ok(Self(names)) } else { Err(NamesError) }
    }
}

impl Names {
    /// Whether none was told.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether details bear none of them; `None` if there is nothing to compare.
    ///
    /// Compared are letters and characters alone, in either order of a name's parts. A name in Chinese characters and
    /// the same in Latin letters can't be compared: they differ.
    pub fn differ_from(&self, borne: &[String]) -> Option<bool> {
        let borne: Vec<NameForm> = borne.iter().filter(|name| !is_blank(name)).map(|name| NameForm::of(name)).collect();
        if self.is_empty() || borne.is_empty() {
            return None;
        }
        Some(!self.iter().map(NameForm::of).any(|told| borne.iter().any(|borne| told.is_same(borne))))
    }
}

/// A name without what people write differently.
struct NameForm {
    whole: String,
    parts: Vec<String>,
}

impl NameForm {
    fn of(name: &str) -> Self {
        // Accents of Latin letters: documents print them and machine-readable lines don't.
        let is_accent = |c: &char| ('\u{300}'..='\u{36f}').contains(c);
        let folded: String = name.nfkd().filter(|c| !is_accent(c)).nfkc().flat_map(char::to_lowercase).collect();
        let parts = folded.split(parts_names).map(|part| part.chars().filter(|c| c.is_alphanumeric()).collect());
        let mut parts: Vec<String> = parts.filter(|part: &String| !part.is_empty()).collect();
        let whole = parts.concat();
        parts.sort_unstable();
        Self { whole, parts }
    }

    fn is_same(&self, other: &Self) -> bool {
        !self.whole.is_empty() && (self.whole == other.whole || self.parts == other.parts)
    }
}

/// White space, hyphens, the filler of machine-readable lines, and the dots within names of other languages.
fn parts_names(c: char) -> bool {
    const DOTS: [char; 9] = ['·', '•', '‧', '∙', '⋅', '・', '.', '。', '⸱'];
    c.is_whitespace() || matches!(c, '-' | '‐' | '‑' | '–' | '—' | '<' | ',' | '，') || DOTS.contains(&c)
}

fn is_blank(name: &str) -> bool {
    NameForm::of(name).whole.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn differ(told: &[&str], borne: &[&str]) -> Option<bool> {
        let all = |names: &[&str]| -> Vec<String> { names.iter().map(|name| (*name).to_owned()).collect() };
        Names::try_from(all(told)).unwrap().differ_from(&all(borne))
    }

    #[test]
    fn a_name_is_the_same_however_it_is_written_and_another_is_another() {
        for (told, borne) in [
            ("赵试一", "赵 试一"),
            ("阿卜杜拉·买买提", "阿卜杜拉・买买提"),
            ("阿卜杜拉•买买提", "阿卜杜拉买买提"),
            ("Ｌｉ　Ｓｉ", "LI SI"),
            ("Si Li", "LI<<SI"),
            ("José María O’Brien", "JOSE-MARIA OBRIEN"),
            ("Marie-Claire Dupont", "DUPONT, Marie Claire"),
        ] {
            assert_eq!(differ(&[told], &[borne]), Some(false), "{told} {borne}");
        }
        for (told, borne) in [("赵试一", "赵试二"), ("李四", "LI SI"), ("Li Si", "Li Sili"), ("がき", "かき")]
        {
            assert_eq!(differ(&[told], &[borne]), Some(true), "{told} {borne}");
        }
    }

    #[test]
    fn one_name_of_several_suffices_and_nothing_is_compared_with_nothing() {
        assert_eq!(differ(&["小试", "赵试一"], &["试试看", "赵试一"]), Some(false));
        assert_eq!(differ(&["小试"], &["试试看", "赵试一"]), Some(true));
        assert_eq!(differ(&[], &["赵试一"]), None);
        assert_eq!(differ(&["赵试一"], &[]), None);
        assert_eq!(differ(&["赵试一"], &["·"]), None);
    }

    #[test]
    fn what_is_no_name_is_not_taken() {
        for names in [vec![""], vec![" "], vec!["·"], vec!["a\nb"], vec!["a"; 17], vec![&"a".repeat(257)]] {
            assert!(Names::try_from(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).is_err());
        }
    }
}
