//! What is asked about one person.

use callboard_federation::identity::{Identity, IdentityInvalid, IdentityKind};
use jiff::{SignedDuration, civil::Date};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::book::Reference;

/// The most people of one request.
pub const MAX_QUESTIONS: usize = 10_000;
/// The most identities of one person: a tag of each must fit one subject.
const MAX_IDENTITIES: usize = 16;

/// A person that a platform asks about. It holds identities: there is no `Debug`.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({"ref": "host-1", "identities": [{"kind": "cn-id", "value": "100000199001050013"}]}))]
pub struct Question {
    /// What the platform calls the account, 1 to 256 bytes: what changes later is told by it.
    #[serde(rename = "ref")]
    #[schema(value_type = String)]
    pub reference: Reference,
    /// 1 to 16 identities, all of this one person.
    #[schema(min_items = 1, max_items = 16)]
    pub identities: Vec<Asked>,
    /// The person's date of birth, where no identity tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub date_of_birth: Option<Date>,
    /// Whether a guardian of a person of 16 or 17 has agreed.
    #[serde(default)]
    pub guardian_consent: bool,
    /// How old a view may be for this one, `90s` or `5m`: stricter than `member.toml` says, never laxer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub max_staleness: Option<SignedDuration>,
}

/// An identity as it was typed.
#[derive(Clone, Serialize, Deserialize, ToSchema, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// What it is: `cn-id`, `hmt-travel-permit`, `passport`, `cn-uscc` or `platform-account`.
    #[zeroize(skip)]
    #[schema(value_type = String)]
    pub kind: IdentityKind,
    /// As it was typed; a passport as `CHN:E12345678`, an account as `MEMBER:ACCOUNT`.
    pub value: String,
    /// Takes a social credit code whose check character is wrong: somebody has looked at the certificate.
    #[serde(default)]
    pub confirmed: bool,
}

/// Why there is nothing to look up; it says which identity, and never its value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// An identity isn't one.
    #[error("identities[{at}]: {why}")]
    Identity {
        /// Which.
        at: usize,
        /// What is wrong with it.
        why: IdentityInvalid,
    },
    /// None was given, or more than a person has.
    #[error("a person has 1 to 16 identities")]
    Count,
    /// A real person has no place in a sandbox.
    #[error("identities[{at}]: this is a sandbox, whose documents are made up: numbers of region 10, passports of UTO")]
    Somebodys {
        /// Which.
        at: usize,
    },
}

impl Question {
    /// The identities, normalised.
    pub fn identities(&self, is_sandbox: bool) -> Result<Vec<Identity>, Invalid> {
        if !(1..=MAX_IDENTITIES).contains(&self.identities.len()) {
            return Err(Invalid::Count);
        }
        let read = |(at, asked): (usize, &Asked)| {
            let identity = Identity::normalise(asked.kind, &asked.value, asked.confirmed);
            let identity = identity.map_err(|why| Invalid::Identity { at, why })?;
            let is_somebodys = is_sandbox && identity.kind().is_hard() && !identity.is_made_up();
            if is_somebodys { Err(Invalid::Somebodys { at }) } else { Ok(identity) }
        };
        self.identities.iter().enumerate().map(read).collect()
    }
}
