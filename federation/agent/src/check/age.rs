//! Whether a person is old enough to stream: nobody under 16, and at 16 or 17 with a guardian's consent.
//!
//! 网络表演 and 网络主播 rules of 2022 (`docs/policies.md`). Ages are counted in China's time.

use callboard_federation::{
    encoding::Time,
    identity::{Identity, IdentityKind},
};
use jiff::{Unit, civil::Date, tz};

use super::decision::Blocked;

/// Nobody streams before.
const STREAMS_FROM: i32 = 16;
/// A guardian agrees before.
const OF_AGE: i32 = 18;

/// Whether a person's age lets it stream, as far as the identities and what else was said tell.
///
/// # Errors
/// `identity-invalid` if they differ, `age-unknown`, `under-age`, `guardian-consent-missing`.
pub fn check(identities: &[Identity], said: Option<Date>, guardian_consent: bool, now: Time) -> Result<(), Blocked> {
    // An enterprise has no age.
    if identities.iter().any(|identity| identity.kind() == IdentityKind::CnUscc) {
        return Ok(());
    }
    let mut told = identities.iter().filter_map(Identity::date_of_birth).chain(said);
    let born = told.next().ok_or(Blocked::AgeUnknown)?;
    if told.any(|other| other != born) {
        return Err(Blocked::IdentityInvalid);
    }
    let today = tz::offset(8).to_datetime(now.timestamp()).date();
    let years = born.until((Unit::Year, today)).map_or(0, |age| i32::from(age.get_years()));
    match years {
        _ if years < STREAMS_FROM => Err(Blocked::UnderAge),
        _ if years < OF_AGE && !guardian_consent => Err(Blocked::GuardianConsentMissing),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn born(date: &str) -> Identity {
        let digits = format!("100000{date}001");
        let number = |check: char| Identity::normalise(IdentityKind::CnId, &format!("{digits}{check}"), false).ok();
        "0123456789X".chars().find_map(number).unwrap()
    }

    fn at(text: &str) -> Time {
        text.parse().unwrap()
    }

    #[test]
    fn nobody_streams_before_the_sixteenth_birthday_in_china() {
        let person = [born("20101125")];
        let check = |now: &str, consent| check(&person, None, consent, at(now));
        assert_eq!(check("2026-11-24T15:59:59.999Z", true), Err(Blocked::UnderAge));
        assert_eq!(check("2026-11-24T16:00:00.000Z", true), Ok(()));
        assert_eq!(check("2026-11-24T16:00:00.000Z", false), Err(Blocked::GuardianConsentMissing));
        assert_eq!(check("2028-11-24T15:59:59.999Z", false), Err(Blocked::GuardianConsentMissing));
        assert_eq!(check("2028-11-24T16:00:00.000Z", false), Ok(()));
    }

    #[test]
    fn an_age_that_nothing_tells_or_that_is_told_twice_otherwise_blocks() {
        let passport = Identity::normalise(IdentityKind::Passport, "UTO:E1234567", false).unwrap();
        let code = Identity::normalise(IdentityKind::CnUscc, "91350100M000100Y43", true).unwrap();
        let now = at("2026-11-25T00:00:00.000Z");
        let date = |text: &str| Some(text.parse().unwrap());
        assert_eq!(check(std::slice::from_ref(&passport), None, false, now), Err(Blocked::AgeUnknown));
        assert_eq!(check(std::slice::from_ref(&passport), date("1990-01-01"), false, now), Ok(()));
        assert_eq!(check(&[born("19900101"), passport], date("1990-01-02"), false, now), Err(Blocked::IdentityInvalid));
        assert_eq!(check(&[born("19900101"), born("19900102")], None, false, now), Err(Blocked::IdentityInvalid));
        assert_eq!(check(&[code], None, false, now), Ok(()), "an enterprise has no age");
    }
}
