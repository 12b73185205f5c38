//! Other associations: whose dockets a panel takes up as evidence. A policy names their registries by genesis hash; the
//! proof is the desk's to verify, and what follows from it our own panel's to decide.

use callboard_federation::{encoding::Hash, policy::Policy};
use serde::Deserialize;

use super::decide::part;

#[derive(Deserialize)]
struct Raw {
    genesis: Vec<Hash>,
}

/// The registries whose dockets are taken up; none where the policy says nothing of it.
pub fn taken_up(policy: &Policy) -> Vec<Hash> {
    part(policy, "associations").map(|Raw { genesis }| genesis).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policies::{ALL, read};

    #[test]
    fn nobodys_dockets_are_taken_up_but_those_of_registries_that_the_policy_names() {
        assert!(taken_up(&ALL[3].document().unwrap().value).is_empty());
        let other = Hash::of(b"another registry");
        let part = format!("\n[decide.associations]\ngenesis = [\"{other}\"]\nmark = \"U\"\n");
        let policy = read(&[ALL[3].text, &part].concat()).unwrap().value;
        assert_eq!(taken_up(&policy), [other]);
    }
}
