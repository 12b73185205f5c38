//! What a seat says of its files every time: what stands under its headers, and which policy. Nothing of it is about people.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Import;
use crate::sheet::Column;

/// The longest header that is remembered, in characters: what is longer is no header.
const LONGEST: usize = 40;
/// So many digits are a number of somebody's, no header.
const DIGITS: usize = 6;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "camelCase")]
pub struct Habits {
    /// Headers as they were written, in what they don't differ; `None`: it isn't read.
    columns: BTreeMap<String, Option<Column>>,
    /// The policy of the last import.
    policy: String,
}

impl Habits {
    /// Says of a file that was just given what was said of the last ones.
    pub fn say(&self, import: &mut Import) {
        for (title, column) in &self.columns {
            import.arrangement.say(title, *column);
        }
        import.heading.policy.clone_from(&self.policy);
    }

    /// Remembers what was said of this one.
    pub fn learn(&mut self, import: &Import) {
        let is_header = |title: &str| {
            title.chars().count() <= LONGEST && title.chars().filter(char::is_ascii_digit).count() < DIGITS
        };
        let said = import.arrangement.said().iter().filter(|(title, _)| is_header(title));
        // What was said before stands among it, unless it was taken back.
        self.columns = said.map(|(title, column)| (title.clone(), *column)).collect();
        self.policy.clone_from(&import.heading.policy);
    }
}
