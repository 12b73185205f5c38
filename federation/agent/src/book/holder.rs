//! The holder of an account: what was told of whoever has it, so that another person under the same name is seen.
//!
//! No identity stands in it, but what tells people apart: dates of birth, the sex that a card's number tells, whether it is a
//! person or an enterprise, and keyed hashes of documents, of some of which one has a single one for life. What it can't
//! see: two passports of people born on one day, since passports change, and whoever gave soft identities alone.

use callboard_federation::{
    encoding::{Octets, RecordId},
    identity::{self, Identity, IdentityKind},
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::store::Lookup;

/// What is known of an account's holder, or what a question tells of one. It holds days of birth: there is no `Debug`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Holder {
    /// The dates of birth that were told: one, unless a number was corrected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub births: Vec<Date>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    sexes: Vec<Sex>,
    /// Person or enterprise; an account alone tells neither.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    documents: Vec<Document>,
    /// Whether the last question said that a guardian agreed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub guardian_consent: bool,
    /// Whether the last question said that the platform holds no document.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_document: bool,
    /// The next question that contradicts is of the same person, whose number was corrected.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    is_corrected: bool,
    /// Records whose details bore none of the names that were told last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names_differ: Vec<RecordId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    Person,
    Enterprise,
}

/// What a card's number tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Sex {
    Male,
    Female,
}

/// A document, without its number.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Document {
    of: Series,
    at: Octets<16>,
}

/// Numbers that one authority gives. A subject has one for life, but for those that change with the paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Series {
    Citizen,
    HongKongResident,
    MacauResident,
    TaiwanResident,
    PermanentResident,
    OldPermanentResident,
    HongKongPermit,
    MacauPermit,
    HongKongForeignPermit,
    MacauForeignPermit,
    TaiwanPermit,
    Passport,
    Enterprise,
}

/// How a question contradicts what is held of an account: it is about another person, or one number was wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HolderError {
    #[error(
        "该账号原为个人，本次为企业，或者相反 / the account was a person's and this is an enterprise, or the other way"
    )]
    Subject,
    #[error("出生日期与该账号已登记的不同 / the account's holder has another date of birth")]
    Birth,
    #[error("证件号码所示性别与该账号已登记的不同 / the number of the account's holder is of another sex")]
    Sex,
    #[error(
        "该账号已登记此类证件的另一号码，而此类号码每人终身一个 / the account's holder has another number of this kind, of which one has a \
         single one for life"
    )]
    Number,
}

impl Series {
    /// The series of a hard identity; a soft one has none.
    fn of(identity: &Identity) -> Option<Self> {
        let value = identity.value();
        let starts_with = |begin: &str| value.starts_with(begin);
        Some(match identity.kind() {
            IdentityKind::CnId if !value.as_bytes().first()?.is_ascii_digit() => Self::OldPermanentResident,
            IdentityKind::CnId if starts_with("81") => Self::HongKongResident,
            IdentityKind::CnId if starts_with("82") => Self::MacauResident,
            IdentityKind::CnId if starts_with("83") => Self::TaiwanResident,
            IdentityKind::CnId if starts_with("9") => Self::PermanentResident,
            IdentityKind::CnId => Self::Citizen,
            IdentityKind::HmtTravelPermit if starts_with("HA") => Self::HongKongForeignPermit,
            IdentityKind::HmtTravelPermit if starts_with("MA") => Self::MacauForeignPermit,
            IdentityKind::HmtTravelPermit if starts_with("H") => Self::HongKongPermit,
            IdentityKind::HmtTravelPermit if starts_with("M") => Self::MacauPermit,
            IdentityKind::HmtTravelPermit => Self::TaiwanPermit,
            IdentityKind::Passport => Self::Passport,
            IdentityKind::CnUscc => Self::Enterprise,
            _ => return None,
        })
    }

    /// Whether a new document of the same subject has another number.
    const fn changes(self) -> bool {
        matches!(self, Self::Passport | Self::OldPermanentResident)
    }
}

impl From<identity::Sex> for Sex {
    fn from(sex: identity::Sex) -> Self {
        match sex {
            identity::Sex::Male => Self::Male,
            identity::Sex::Female => Self::Female,
        }
    }
}

impl Holder {
    pub fn of_question<'a>(
        identities: impl IntoIterator<Item = (Lookup, &'a Identity)>,
        date_of_birth: Option<Date>,
        guardian_consent: bool,
        no_document: bool,
    ) -> Self {
        let mut told = Self { guardian_consent, no_document, ..Self::default() };
        add(&mut told.births, date_of_birth);
        // An enterprise has none.
        told.subject = date_of_birth.map(|_| Subject::Person);
        for (lookup, identity) in identities {
            add(&mut told.births, identity.date_of_birth());
            add(&mut told.sexes, identity.sex().map(Sex::from));
            if identity.kind() == IdentityKind::CnUscc {
                told.subject = Some(Subject::Enterprise);
            } else if identity.kind().is_personal() {
                told.subject = Some(Subject::Person);
            }
            if let Some(of) = Series::of(identity) {
                add(&mut told.documents, Some(Document { of, at: Octets(lookup) }));
            }
        }
        told
    }

    /// The holder once a question's words are added; what the last question said of a guardian and of documents stands.
    ///
    /// # Errors
    /// [`HolderError`], unless a correction was announced: then both stand, and no further correction is awaited. A
    /// person never becomes an enterprise.
    pub fn merge(&self, told: &Self) -> Result<Self, HolderError> {
        let mut with = self.clone();
        if let Some(contradiction) = self.contradiction(told) {
            if !self.is_corrected || contradiction == HolderError::Subject {
                return Err(contradiction);
            }
            with.is_corrected = false;
        }
        add(&mut with.births, told.births.iter().copied());
        add(&mut with.sexes, told.sexes.iter().copied());
        add(&mut with.documents, told.documents.iter().copied());
        with.subject = told.subject.or(self.subject);
        (with.guardian_consent, with.no_document) = (told.guardian_consent, told.no_document);
        Ok(with)
    }

    /// Whether a question tells nothing that isn't held: then it contradicts nothing either.
    pub fn covers(&self, told: &Self) -> bool {
        told.births.iter().all(|born| self.births.contains(born))
            && told.sexes.iter().all(|sex| self.sexes.contains(sex))
            && told.documents.iter().all(|document| self.documents.contains(document))
            && told.subject.is_none_or(|subject| self.subject == Some(subject))
            && (told.guardian_consent, told.no_document) == (self.guardian_consent, self.no_document)
    }

    /// The same holder, whose number is about to be corrected.
    #[must_use]
    pub fn corrected(&self) -> Self {
        Self { is_corrected: true, ..self.clone() }
    }

    /// Whether no document of it is known: what is soft alone decides nothing.
    pub const fn is_soft_alone(&self) -> bool {
        self.documents.is_empty()
    }

    /// Whether the number of each of its documents changes with the next, so that earlier ones have others.
    pub fn numbers_change(&self) -> bool {
        !self.documents.is_empty() && self.documents.iter().all(|document| document.of.changes())
    }

    /// The same holder, of whose records these details were compared with names: whether they bore none.
    #[must_use]
    pub fn compared(&self, compared: &[(RecordId, bool)]) -> Self {
        let mut after = self.clone();
        after.names_differ.retain(|of| !compared.iter().any(|(record, _)| record == of));
        after.names_differ.extend(compared.iter().filter(|(_, differs)| *differs).map(|(record, _)| record));
        after.names_differ.sort_unstable();
        after
    }

    fn contradiction(&self, told: &Self) -> Option<HolderError> {
        if self.subject.zip(told.subject).is_some_and(|(held, told)| held != told) {
            return Some(HolderError::Subject);
        }
        if are_apart(&self.births, &told.births) {
            return Some(HolderError::Birth);
        }
        if are_apart(&self.sexes, &told.sexes) {
            return Some(HolderError::Sex);
        }
        // Whoever names the held number beside the new one says that both are of one person.
        let of = |all: &[Document], series: Series| -> Vec<Document> {
            all.iter().filter(|document| document.of == series).copied().collect()
        };
        let mut lasting = told.documents.iter().map(|document| document.of).filter(|of| !of.changes());
        let is_other = |series| are_apart(&of(&self.documents, series), &of(&told.documents, series));
        lasting.any(is_other).then_some(HolderError::Number)
    }
}

/// Whether something is known on both sides, and nothing of it is the same.
fn are_apart<T: PartialEq>(held: &[T], told: &[T]) -> bool {
    !held.is_empty() && !told.is_empty() && !told.iter().any(|told| held.contains(told))
}

fn add<T: PartialEq>(all: &mut Vec<T>, more: impl IntoIterator<Item = T>) {
    for one in more {
        if !all.contains(&one) {
            all.push(one);
        }
    }
}
