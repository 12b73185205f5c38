//! Another version of a policy whose measures are called otherwise: title and words for people, and nothing else.

use callboard_federation::{
    document::Document,
    encoding::Time,
    policy::{Policy, Words},
    statement::{Kind, MeasureKind},
};
use callboard_rules::policies;

use crate::{Error, setup::document};

/// What the next version says in words.
pub struct NextWords {
    pub title: Words,
    /// For each measure that the policy has.
    pub measures: Vec<(MeasureKind, Words)>,
    /// The version's name.
    pub version: String,
    pub effective_from: Time,
}

impl NextWords {
    /// The policy in these words, and nothing else changed but version and beginning.
    ///
    /// # Errors
    /// A measure that it hasn't, or a text that shows something else than it holds.
    pub fn policy(self, before: &Policy) -> Result<Document<Policy>, Error> {
        let Self { title, measures, version, effective_from } = self;
        let mut next = Policy { title, version, effective_from, ..before.clone() };
        next.words.extend(measures);
        policies::check(&next).map_err(|source| Error::below("policy", source))?;
        document(Kind::Policy, &next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_words_change_nothing_else() {
        let before = policies::ALL[3].document().unwrap().value;
        let words = |zh: &str| Words { zh: zh.to_owned(), en: "words".to_owned() };
        let next = |measure, zh: &str| {
            let (title, measures) = (before.title.clone(), vec![(measure, words(zh))]);
            let (version, effective_from) = ("2027".to_owned(), before.effective_from.plus_days(1));
            NextWords { title, measures, version, effective_from }.policy(&before)
        };
        let policy = next(MeasureKind::Suspension, "暂停").unwrap().value;
        assert_eq!(policy.words[&MeasureKind::Suspension], words("暂停"));
        let (version, effective_from) = (before.version.clone(), before.effective_from);
        let mut same = Policy { version, effective_from, ..policy };
        same.words.clone_from(&before.words);
        assert_eq!(same, before);
        assert_eq!(next(MeasureKind::Suspension, "暂\u{200b}停").err().unwrap().code(), "policy");
        let Some(none) = MeasureKind::ALL.into_iter().find(|kind| !before.measures.contains_key(kind)) else { return };
        assert_eq!(next(none, "没有").err().unwrap().code(), "policy", "a measure that it hasn't");
    }
}
