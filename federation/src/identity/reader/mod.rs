//! Reading identities as people type them: the one function that desk, agent, lists, sandbox and command lines share.
//!
//! A value that lost or gained characters is often another valid value, of a stranger. Whatever looks so is told: what
//! no document says is refused, what a document may say is asked to be [`TypedIdentity::confirmed`] by a person who
//! compared it. What is typed is never repeated. Stricter than [`Identity::normalise`] and never laxer; the same
//! identity has the same value. Implements `docs/formats.md` §2. Several identities of one subject are [`subject`]'s.

mod character;
mod diagnosis;
mod number;
mod subject;
pub(super) mod table;

use jiff::{civil::Date, tz};
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

pub use character::first_unseen;
pub use subject::{Expectations, Finding, MAX_IDENTITIES, OneSubject};

use super::{Candidate, Identity, IdentityError, IdentityKind, Note, chinese_id, compact, digits::is_digits};
use crate::encoding::Time;

/// Years after which a birth is asked to be confirmed.
const LONG_LIFE: i16 = 110;
/// Dates before are no living person's: what only looks like one isn't doubted for it.
const FIRST_LIVING_YEAR: i16 = 1900;
/// Nobody of this age or more is a minor.
const OF_AGE: i16 = 18;

/// An identity as somebody typed it.
#[derive(Clone, Copy)]
pub struct TypedIdentity<'a> {
    /// Of which kind.
    pub kind: IdentityKind,
    /// What was typed.
    pub value: &'a str,
    /// Whether a person compared it with the document, and says that it is so.
    pub confirmed: bool,
}

/// An identity that was read.
#[derive(Clone)]
pub struct Reading {
    /// The identity.
    pub identity: Identity,
    /// What `confirmed` excused.
    pub excused: Vec<IdentityError>,
    /// What is to be compared all the same.
    pub notes: Vec<Note>,
}

/// The day in China, by which births are read.
pub fn day_in_china(now: Time) -> Date {
    tz::offset(8).to_datetime(now.timestamp()).date()
}

/// Reads an identity on a day.
///
/// # Errors
/// What is wrong; of what `confirmed` would excuse, all at once, so that it is said of all.
pub fn read(typed: TypedIdentity<'_>, today: Date) -> Result<Reading, Vec<IdentityError>> {
    let TypedIdentity { kind, value, confirmed } = typed;
    let text = value.trim();
    let refused = |fault| Err(vec![fault]);
    if text.is_empty() {
        return refused(IdentityError::Empty);
    }
    if diagnosis::are_several(kind, text) {
        return refused(IdentityError::Several);
    }
    if let Some(fault) = character::first_strange(kind, text) {
        return refused(fault);
    }
    let mut folded = Zeroizing::new(String::with_capacity(text.len()));
    folded.extend(text.nfkc());
    if let Some(fault) = number::was_a_number(kind, &folded) {
        return refused(fault);
    }
    // Of an account, `cn-id` would be the member.
    if folded.split_once(':').is_some_and(|(before, _)| IdentityKind::from_word(before.trim()).is_some()) {
        return refused(IdentityError::Label);
    }
    let compact = compact(kind, text);
    let Candidate { value, doubt } =
        Identity::read(kind, text).map_err(|error| vec![diagnosis::explain(kind, text, &compact, error, today)])?;
    let identity = Identity { kind, value };

    let mut doubts: Vec<IdentityError> = doubt.into_iter().collect();
    if let Some(born) = identity.date_of_birth() {
        if born > today {
            return refused(IdentityError::BirthAhead);
        }
        if is_over(born, LONG_LIFE, today) {
            doubts.push(IdentityError::BornLongAgo);
        }
    }
    if doubts.contains(&IdentityError::Fifteen) && cut_birth(&compact, today).is_some_and(|born| is_minor(born, today))
    {
        return refused(IdentityError::CutOfMinor);
    }
    doubts.extend(of_a_number(&identity, today));
    if !doubts.is_empty() && !confirmed {
        return Err(doubts);
    }
    Ok(Reading { notes: notes(&identity), identity, excused: doubts })
}

/// Reads `KIND:VALUE`, as it stands on a line of its own.
///
/// # Errors
/// As of [`read`], and a kind that there isn't.
pub fn read_line(line: &str, confirmed: bool, today: Date) -> Result<Reading, Vec<IdentityError>> {
    let (kind, value) = split_line(line).ok_or_else(|| vec![IdentityError::KindUnknown])?;
    read(TypedIdentity { kind, value, confirmed }, today)
}

/// The kind and the rest of `KIND:VALUE`.
pub fn split_line(line: &str) -> Option<(IdentityKind, &str)> {
    let line = line.trim();
    let line = line.strip_prefix('\u{feff}').unwrap_or(line);
    let (kind, value) = line.split_once([':', '：'])?;
    Some((IdentityKind::of_typed(kind)?, value))
}

impl Reading {
    /// The identity as it must be typed to be read again: 15 digits that were confirmed stay 15, so that whoever reads
    /// next has the same doubt.
    pub fn typed(&self) -> Zeroizing<String> {
        let value = self.identity.value();
        let is_upgraded = self.excused.contains(&IdentityError::Fifteen);
        Zeroizing::new(match (value.get(..6), value.get(8..17)) {
            (Some(region), Some(rest)) if is_upgraded => format!("{region}{rest}"),
            _ => value.to_owned(),
        })
    }

    /// Whether a person said that it is so.
    pub fn was_confirmed(&self) -> bool {
        !self.excused.is_empty()
    }
}

/// What `confirmed` is asked for beyond normalising: numbers among kinds that aren't checked as numbers are.
fn of_a_number(identity: &Identity, today: Date) -> Vec<IdentityError> {
    let value = identity.value();
    let is_day =
        |digits: &str| chinese_id::date(digits).is_some_and(|day| day.year() >= FIRST_LIVING_YEAR && day <= today);
    let ends_in_zeros = |digits: &str| is_digits(digits) && digits.ends_with("000");
    let account = || value.split_once(':').map_or("", |(_, account)| account);
    let doubts = match identity.kind() {
        IdentityKind::CnUscc => {
            let is_like_a_persons = is_digits(&value[..17]) && !value.starts_with('0') && is_day(&value[6..14]);
            vec![
                (ends_in_zeros(value), IdentityError::Rounded),
                (is_like_a_persons, IdentityError::CreditCodeLikePerson),
            ]
        }
        IdentityKind::HmtTravelPermit => vec![(is_day(value), IdentityError::LikeADate)],
        IdentityKind::PlatformAccount | IdentityKind::NetIdentityCode => {
            vec![(account().len() >= 18 && ends_in_zeros(account()), IdentityError::Rounded)]
        }
        _ => Vec::new(),
    };
    doubts.into_iter().filter(|(holds, _)| *holds).map(|(_, doubt)| doubt).collect()
}

fn notes(identity: &Identity) -> Vec<Note> {
    let value = identity.value();
    let is_old_card = identity.kind() == IdentityKind::CnId && value.len() == 15;
    let is_permit = identity.kind() == IdentityKind::HmtTravelPermit;
    let changes = is_old_card || identity.kind() == IdentityKind::Passport;
    let ends_in_zeros =
        identity.kind() == IdentityKind::CnId && !is_old_card && value.ends_with("00") && !value.ends_with("000");
    let all = [
        (changes || is_permit, Note::NoCheckDigit),
        (changes, Note::NumberChanges),
        (is_permit && is_digits(value), Note::EightDigits),
        (ends_in_zeros, Note::EndsInZeros),
    ];
    all.into_iter().filter(|(holds, _)| *holds).map(|(_, note)| note).collect()
}

/// The birth that 15 digits tell if they are the beginning of 18.
fn cut_birth(compact: &str, today: Date) -> Option<Date> {
    let is_number = compact.len() == 15 && is_digits(compact);
    let born = chinese_id::date(compact.get(6..14).filter(|_| is_number)?)?;
    (born.year() >= FIRST_LIVING_YEAR && born <= today).then_some(born)
}

fn same_member(one: &str, other: &str) -> bool {
    let member = |account: &str| account.trim().split([':', '：']).next().map(str::to_owned);
    member(one) == member(other)
}

/// Whether the birth is more than so many years before the day.
fn is_over(born: Date, years: i16, today: Date) -> bool {
    (born.year() + years, born.month(), born.day()) < (today.year(), today.month(), today.day())
}

/// Whether somebody born then isn't of age yet.
fn is_minor(born: Date, today: Date) -> bool {
    (born.year() + OF_AGE, born.month(), born.day()) > (today.year(), today.month(), today.day())
}

#[cfg(test)]
mod tests;
