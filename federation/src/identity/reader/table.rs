//! The table behind the reader, `table.json`: words in both languages, and characters that only look like others.
//! Programs in other languages read the same file.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;

use crate::{identity::IdentityKind, policy::Words};

/// What stands in `table.json`.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::identity) struct Table {
    /// First and last code points of characters that can't be seen.
    pub(super) unseen: Vec<(u32, u32)>,
    /// Quotation marks and apostrophes.
    pub(super) quotes: String,
    /// Characters that look like one of a document, and which.
    pub(super) look_alikes: BTreeMap<char, char>,
    kinds: BTreeMap<String, Words>,
    shapes: BTreeMap<String, Words>,
    /// Words of what is wrong, by code.
    pub(in crate::identity) faults: BTreeMap<String, Words>,
    /// Words of what is to be compared, by code.
    pub(in crate::identity) notes: BTreeMap<String, Words>,
}

impl Table {
    /// What people call a kind.
    pub(in crate::identity) fn kind(&self, kind: IdentityKind) -> Words {
        fill(self.kinds.get(kind.as_str()), &[])
    }

    /// What people call the document of a travel permit: two documents have one kind.
    pub(in crate::identity) fn permit(&self, has_digits_alone: bool) -> Words {
        let document = if has_digits_alone { "digits" } else { "letters" };
        fill(self.kinds.get(&format!("{}/{document}", IdentityKind::HmtTravelPermit)), &[])
    }

    /// How a kind is written.
    pub(in crate::identity) fn shape(&self, kind: IdentityKind) -> Words {
        fill(self.shapes.get(kind.as_str()), &[])
    }
}

/// The table; that it can be read, and lacks nothing, a test holds.
pub(in crate::identity) fn table() -> &'static Table {
    static TABLE: LazyLock<Table> =
        LazyLock::new(|| serde_json::from_str(include_str!("table.json")).unwrap_or_default());
    &TABLE
}

/// A text of the table with its `{name}`s filled in.
pub(in crate::identity) fn fill(words: Option<&Words>, details: &[(&str, Words)]) -> Words {
    let empty = || Words { zh: String::new(), en: String::new() };
    details.iter().fold(words.cloned().unwrap_or_else(empty), |words, (name, said)| {
        let name = format!("{{{name}}}");
        Words { zh: words.zh.replace(&name, &said.zh), en: words.en.replace(&name, &said.en) }
    })
}
