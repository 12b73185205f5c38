//! What an instrument says to be told in letters and publications: whose letter it is, how to object, whom to call,
//! whether names are masked. Pure; how it reads is the desk's.

use callboard_federation::policy::{Policy, Words};
use serde::Deserialize;

use super::decide::part;

#[derive(Deserialize)]
struct Texts {
    zh: String,
    en: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Objection {
    working_days: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Return {
    months_before_end: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PublicationRule {
    masks_names: bool,
}

/// The association whose committee decides.
pub fn association(policy: &Policy) -> Option<Words> {
    part(policy, "association").map(|Texts { zh, en }| Words { zh, en })
}

/// Within how many working days of receipt a decision can be objected to, in writing to the secretariat.
pub fn objection_days(policy: &Policy) -> Option<u32> {
    part(policy, "objection").map(|Objection { working_days }| working_days)
}

/// How many months before a measure's term ends one may apply to return.
pub fn return_months(policy: &Policy) -> Option<u32> {
    part(policy, "return").map(|Return { months_before_end }| months_before_end)
}

/// Where the association is called and written to, as its help page and its letters tell.
pub fn contact(policy: &Policy) -> Option<Words> {
    part(policy, "contact").map(|Texts { zh, en }| Words { zh, en })
}

/// Whether names are masked in public; a policy that doesn't say so masks them.
pub fn masks_names(policy: &Policy) -> bool {
    part(policy, "publication").is_none_or(|PublicationRule { masks_names }| masks_names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policies::{ALL, read};

    #[test]
    fn what_letters_tell_is_read_of_the_instrument() {
        let policy = ALL[3].document().unwrap().value;
        assert_eq!(association(&policy).unwrap().zh, "中国演出行业协会");
        assert_eq!((objection_days(&policy), masks_names(&policy)), (Some(10), true));
        assert_eq!(return_months(&policy), Some(3));
        assert_eq!(contact(&policy), None, "whom to call, the association says");
        let told =
            "[decide.contact]\nzh = \"010-00000000\"\nen = \"+86 10 0000 0000\"\nmark = \"U\"\nsource = \"a test\"\n";
        let told = read(&format!("{}{told}", ALL[3].text)).unwrap().value;
        assert_eq!(contact(&told).unwrap().zh, "010-00000000");
        let other = ALL[3].text.replace("masksNames = true", "masksNames = false");
        assert!(!masks_names(&read(&other).unwrap().value));
        let silent = read(&ALL[3].text.replace("[decide.publication]", "[decide.other]")).unwrap().value;
        assert!(masks_names(&silent));
    }
}
