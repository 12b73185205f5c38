//! Why what was typed is no identity, and what to compare where it is one: data, with one table of words for every
//! program.
//!
//! Nothing here repeats what was typed; a character is told by its code point and its place.

use std::fmt;

use serde::{Serialize, Serializer, ser::SerializeStruct as _};

use super::{
    IdentityKind,
    reader::table::{fill, table},
};
use crate::policy::Words;

/// Why a text is no identity of its kind, or may be another's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentityError {
    /// Nothing is left after normalising.
    Empty,
    /// More than 128 bytes.
    TooLong,
    /// No kind of this word.
    KindUnknown,
    /// A cell that holds a number.
    NumberCell,
    /// A cell that holds a date.
    DateCell,
    /// A cell, or a JSON value, that holds something else than text.
    NotText,
    /// `4.40308E+17`.
    Scientific,
    /// `440308199901101512.0`.
    Decimal,
    /// `440,308,199,901,101,512`.
    Separators,
    /// A character without width, a control, a mark of direction.
    Unseen(Character),
    /// A quotation mark around it, or an apostrophe before it.
    Apostrophe(Character),
    /// A character that looks like one of a document.
    LookAlike(Character, char),
    /// Another character that no identity has.
    OtherCharacter(Character),
    /// Characters that no identity has.
    Characters,
    /// Words stand beside it.
    Label,
    /// More than one identity.
    Several,
    /// `*` or `#` in place of digits.
    Masked,
    /// An identity of another kind.
    OtherKind(IdentityKind),
    /// A passport without its issuer.
    NoIssuer,
    /// An account or a code without its member.
    NoMember,
    /// Too few characters.
    Missing {
        /// How many are missing.
        count: usize,
        /// Of how many.
        of: usize,
    },
    /// Too many characters.
    Extra {
        /// How many too many.
        count: usize,
        /// Of how many.
        of: usize,
    },
    /// 7 digits of a permit of 8.
    LostZero,
    /// A number that begins with 0.
    Padded,
    /// 15 digits that can only be the beginning of 18.
    Cut,
    /// 15 digits that a minor's 18 begin with.
    CutOfMinor,
    /// It ends in `000`, and its check digit is wrong.
    LastDigitsLost,
    /// The date in it is none.
    Date,
    /// The check digit is wrong.
    Checksum,
    /// A code of enterprises that is a person's number.
    PersonsNumber,
    /// Not of the shape of its kind.
    Shape(IdentityKind),
    /// A birth after the day.
    BirthAhead,
    /// A kind that this type of subject doesn't have.
    KindOfAnotherType,
    /// A person's identity and an enterprise's code.
    TwoSubjects,
    /// Two dates of birth.
    BirthsDiffer,
    /// Two sexes.
    SexesDiffer,
    /// None, or more than a subject has.
    Count,
    /// A real document, in a sandbox.
    Somebodys,
    /// 15 digits, as a number cut by a spreadsheet has; `confirmed` excuses it.
    Fifteen,
    /// It ends in `000`, as a number rounded by a spreadsheet does; `confirmed` excuses it.
    Rounded,
    /// The check character of a credit code is wrong; `confirmed` excuses it.
    CreditCode,
    /// A credit code of the shape of a person's number; `confirmed` excuses it.
    CreditCodeLikePerson,
    /// A permit of 8 digits that are a date; `confirmed` excuses it.
    LikeADate,
    /// Born over 110 years before the day; `confirmed` excuses it.
    BornLongAgo,
}

/// A character, and its place in what was typed, from 1, without white space before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Character {
    /// Which.
    pub found: char,
    /// Where.
    pub at: usize,
}

/// What is to be compared of an identity that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Note {
    /// A mistake can't be seen.
    NoCheckDigit,
    /// A renewal changes it.
    NumberChanges,
    /// A Taiwan permit, or another that lost its letter.
    EightDigits,
    /// As a number that a program rounded ends.
    EndsInZeros,
}

impl IdentityError {
    /// The word by which programs tell it; it never changes its meaning.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong => "too-long",
            Self::KindUnknown => "kind-unknown",
            Self::NumberCell => "number-cell",
            Self::DateCell => "date-cell",
            Self::NotText => "not-text",
            Self::Scientific => "scientific",
            Self::Decimal => "decimal",
            Self::Separators => "separators",
            Self::Unseen(_) => "unseen-character",
            Self::Apostrophe(_) => "apostrophe",
            Self::LookAlike(..) => "look-alike",
            Self::OtherCharacter(_) => "other-character",
            Self::Characters => "characters",
            Self::Label => "label",
            Self::Several => "several",
            Self::Masked => "masked",
            Self::OtherKind(_) => "other-kind",
            Self::NoIssuer => "no-issuer",
            Self::NoMember => "no-member",
            Self::Missing { .. } => "missing-characters",
            Self::Extra { .. } => "extra-characters",
            Self::LostZero => "lost-zero",
            Self::Padded => "padded",
            Self::Cut => "cut",
            Self::CutOfMinor => "cut-of-a-minor",
            Self::LastDigitsLost => "last-digits-lost",
            Self::Date => "no-such-date",
            Self::Checksum => "check-digit",
            Self::PersonsNumber => "persons-number",
            Self::Shape(_) => "shape",
            Self::BirthAhead => "birth-ahead",
            Self::KindOfAnotherType => "kind-of-another-type",
            Self::TwoSubjects => "two-subjects",
            Self::BirthsDiffer => "births-differ",
            Self::SexesDiffer => "sexes-differ",
            Self::Count => "count",
            Self::Somebodys => "somebodys",
            Self::Fifteen => "fifteen-digits",
            Self::Rounded => "rounded",
            Self::CreditCode => "credit-code",
            Self::CreditCodeLikePerson => "credit-code-like-a-person",
            Self::LikeADate => "like-a-date",
            Self::BornLongAgo => "born-long-ago",
        }
    }

    /// Whether a person who compared the document may say that it is so all the same.
    pub const fn is_excused_by_confirmed(self) -> bool {
        matches!(
            self,
            Self::Fifteen
                | Self::Rounded
                | Self::CreditCode
                | Self::CreditCodeLikePerson
                | Self::LikeADate
                | Self::BornLongAgo
        )
    }

    /// What is wrong and what to do, in both languages.
    pub fn words(self) -> Words {
        let words = table().faults.get(self.code());
        let with = |name: &'static str, said: String| (name, Words { zh: said.clone(), en: said });
        let of = |character: Character| {
            let Character { found, at } = character;
            vec![with("at", at.to_string()), with("character", format!("U+{:04X}", u32::from(found)))]
        };
        let details = match self {
            Self::Unseen(character) | Self::Apostrophe(character) | Self::OtherCharacter(character) => of(character),
            Self::LookAlike(character, like) => [of(character), vec![with("like", like.to_string())]].concat(),
            Self::Missing { count, of } | Self::Extra { count, of } => {
                vec![with("count", count.to_string()), with("of", of.to_string())]
            }
            Self::OtherKind(kind) => vec![("kind", kind.words())],
            Self::Shape(kind) => vec![("kind", kind.words()), ("shape", table().shape(kind))],
            _ => Vec::new(),
        };
        fill(words, &details)
    }
}

impl Note {
    /// The word by which programs tell it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoCheckDigit => "no-check-digit",
            Self::NumberChanges => "number-changes",
            Self::EightDigits => "eight-digits",
            Self::EndsInZeros => "ends-in-00",
        }
    }

    /// What to compare, in both languages.
    pub fn words(self) -> Words {
        fill(table().notes.get(self.code()), &[])
    }
}

/// In both languages, for whoever has no choice between them.
impl fmt::Display for IdentityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Words { zh, en } = self.words();
        write!(f, "{zh} / {en}")
    }
}

impl std::error::Error for IdentityError {}

/// `{code, zh, en, confirmed}`; `confirmed` says whether it excuses this.
impl Serialize for IdentityError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Words { zh, en } = self.words();
        let mut told = serializer.serialize_struct("IdentityInvalid", 4)?;
        told.serialize_field("code", self.code())?;
        told.serialize_field("zh", &zh)?;
        told.serialize_field("en", &en)?;
        told.serialize_field("confirmed", &self.is_excused_by_confirmed())?;
        told.end()
    }
}

/// `{code, zh, en}`.
impl Serialize for Note {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Words { zh, en } = self.words();
        let mut told = serializer.serialize_struct("Note", 3)?;
        told.serialize_field("code", self.code())?;
        told.serialize_field("zh", &zh)?;
        told.serialize_field("en", &en)?;
        told.end()
    }
}
