//! What is asked about one person.

use callboard_federation::identity::IdentityKind;
use jiff::{SignedDuration, civil::Date};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::{Names, Person, Reference};

/// A person that a platform asks about. It holds identities: there is no `Debug`.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({"ref": "host-1", "identities": [{"kind": "cn-id", "value": "100000199001050013"}]}))]
pub struct Question {
    /// What the platform calls the account, 1 to 256 bytes: what changes later is told by it.
    #[serde(rename = "ref")]
    pub reference: Reference,
    /// Who of those at the account, where there are several, 1 to 256 bytes: a room with several hosts is one `ref` with a
    /// `person` each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Reference>,
    /// 1 to 16 identities, all of this one person.
    #[schema(min_items = 1, max_items = 16)]
    pub identities: Vec<IdentityInput>,
    /// The person's date of birth, where no identity tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub date_of_birth: Option<Date>,
    /// The names by which the platform knows the person, at most 16 of 1 to 256 bytes: compared with the details that a hit
    /// opens, and derived with birth to a `passport-holder` of each passport. They leave this machine nowhere, and are neither
    /// kept nor logged.
    #[serde(default, skip_serializing_if = "Names::is_empty")]
    #[schema(value_type = Vec<Reference>, max_items = 16)]
    pub names: Names,
    /// What the platform asks for; without it `onboard`.
    #[serde(default)]
    pub purpose: Purpose,
    /// The platform's own reference to the consent with which it asks, 1 to 256 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent_ref: Option<Reference>,
    /// Whether a guardian of a person of 16 or 17 has agreed. Before a contract it counts with `guardianRef` alone.
    #[serde(default)]
    pub guardian_consent: bool,
    /// The platform's own reference to the guardian's consent, 1 to 256 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guardian_ref: Option<Reference>,
    /// The platform holds no document of the person: soft identities alone are `blocked: no-document` then.
    #[serde(default)]
    pub no_document: bool,
    /// How old a view may be for this one, `90s` or `5m`: stricter than `member.toml` says, never laxer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, pattern = r"^[0-9]+ ?(ms|s|m|h|d)", example = "90s")]
    pub max_staleness: Option<SignedDuration>,
}

impl Question {
    /// Whom it is about.
    pub fn whom(&self) -> Person {
        Person { reference: self.reference.clone(), person: self.person.clone() }
    }

    /// Whether a guardian agreed as the purpose asks: to a contract in writing, which the platform's reference names.
    pub const fn guardian_consents(&self) -> bool {
        let is_contract = matches!(self.purpose, Purpose::Contract);
        self.guardian_consent && (!is_contract || self.guardian_ref.is_some())
    }
}

/// What a check is for; its line in the log of checks says it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// Before somebody is given an account to stream from.
    #[default]
    Onboard,
    /// Before a contract.
    Contract,
    /// Somebody who streams already.
    Watch,
}

impl Purpose {
    /// The purpose of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "onboard" => Some(Self::Onboard),
            "contract" => Some(Self::Contract),
            "watch" => Some(Self::Watch),
            _ => None,
        }
    }
}

/// An identity as it was typed.
#[derive(Clone, Serialize, Deserialize, ToSchema, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
#[schema(as = Asked)]
pub struct IdentityInput {
    /// What it is: `cn-id`, `hmt-travel-permit`, `passport`, `cn-uscc`, `platform-account`, `net-identity-code` or
    /// `passport-holder`.
    #[zeroize(skip)]
    pub kind: IdentityKind,
    /// As it was typed; a passport as `CHN:E12345678`, an account as `MEMBER:ACCOUNT`.
    pub value: String,
    /// A person compared it with the document: takes what may be cut, rounded or of an early code (docs/formats.md §2).
    #[serde(default)]
    pub confirmed: bool,
}
