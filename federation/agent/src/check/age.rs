//! Whether a person is old enough to stream: nobody under 16, and at 16 or 17 with a guardian's consent.
//!
//! 网络表演 and 网络主播 rules of 2022 (`docs/policies.md`). Ages are counted in China's time.

use callboard_api::agent::answer::BlockReason;
use callboard_federation::{
    encoding::Time,
    identity::{Identity, IdentityKind, reader::day_in_china},
};
use jiff::{Span, Unit, civil::Date, tz};

use crate::book::holder::{Holder, Subject};

const STREAMS_FROM: i32 = 16;
/// A guardian agrees before.
const OF_AGE: i32 = 18;

/// Whether a person's age lets it stream: every identity that tells a birth is asked, and the date that was said.
///
/// # Errors
/// `identity-invalid` if they differ or are of two subjects, `age-unknown`, `under-age`, `guardian-consent-missing`.
pub fn check(
    identities: &[Identity],
    said: Option<Date>,
    guardian_consent: bool,
    now: Time,
) -> Result<(), BlockReason> {
    let is_person = said.is_some() || identities.iter().any(|identity| identity.kind().is_personal());
    // An enterprise has no age; a person beside its code keeps theirs.
    if identities.iter().any(|identity| identity.kind() == IdentityKind::CnUscc) {
        return if is_person { Err(BlockReason::IdentityInvalid) } else { Ok(()) };
    }
    let mut told = identities.iter().filter_map(Identity::date_of_birth).chain(said);
    let born = told.next().ok_or(BlockReason::AgeUnknown)?;
    if told.any(|other| other != born) {
        return Err(BlockReason::IdentityInvalid);
    }
    match years(born, day_in_china(now)) {
        years if years < STREAMS_FROM => Err(BlockReason::UnderAge),
        years if years < OF_AGE && !guardian_consent => Err(BlockReason::GuardianConsentMissing),
        _ => Ok(()),
    }
}

/// Whether everyone whom the holder of an account was told to be is old enough.
///
/// # Errors
/// As [`check`].
pub fn of_holder(holder: &Holder, now: Time) -> Result<(), BlockReason> {
    if holder.subject == Some(Subject::Enterprise) {
        return Ok(());
    }
    if holder.births.is_empty() {
        return Err(BlockReason::AgeUnknown);
    }
    holder.births.iter().try_for_each(|born| check(&[], Some(*born), holder.guardian_consent, now))
}

/// The instants at which [`check`] decides otherwise of someone: the birthdays, from their first moment in China.
pub fn turns(born: Date) -> impl Iterator<Item = Time> {
    [STREAMS_FROM, OF_AGE].into_iter().filter_map(move |age| {
        let mut day = born.checked_add(Span::new().years(age)).ok()?;
        // Who was born on a leap day turns on the first of March.
        while years(born, day) < age {
            day = day.tomorrow().ok()?;
        }
        let begins = tz::offset(8).to_timestamp(day.at(0, 0, 0, 0)).ok()?;
        Some(Time::from_millis(begins.as_millisecond()))
    })
}

fn years(born: Date, today: Date) -> i32 {
    born.until((Unit::Year, today)).map_or(0, |age| i32::from(age.get_years()))
}

#[cfg(test)]
mod tests {
    use callboard_api::agent::{
        Names,
        question::{IdentityInput, Purpose, Question},
    };
    use jiff::ToSpan as _;
    use proptest::prelude::*;

    use super::*;
    use crate::check::question::read;

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
        assert_eq!(check("2026-11-24T15:59:59.999Z", true), Err(BlockReason::UnderAge));
        assert_eq!(check("2026-11-24T16:00:00.000Z", true), Ok(()));
        assert_eq!(check("2026-11-24T16:00:00.000Z", false), Err(BlockReason::GuardianConsentMissing));
        assert_eq!(check("2028-11-24T15:59:59.999Z", false), Err(BlockReason::GuardianConsentMissing));
        assert_eq!(check("2028-11-24T16:00:00.000Z", false), Ok(()));
    }

    #[test]
    fn a_decision_turns_at_the_birthdays_and_at_no_other_millisecond() {
        for date in ["2010-11-25", "2008-02-29", "2010-02-28", "2009-12-31", "2010-01-01"] {
            let born: Date = date.parse().unwrap();
            let told = |at: Time| check(&[], Some(born), false, at);
            let [of_16, of_18] = turns(born).collect::<Vec<_>>().try_into().unwrap();
            for (turn, before, after) in [
                (of_16, Err(BlockReason::UnderAge), Err(BlockReason::GuardianConsentMissing)),
                (of_18, Err(BlockReason::GuardianConsentMissing), Ok(())),
            ] {
                assert_eq!((told(turn.plus_millis(-1)), told(turn)), (before, after), "{date}");
            }
        }
    }

    #[test]
    fn an_age_that_nothing_tells_or_that_is_told_twice_otherwise_blocks() {
        let passport = Identity::normalise(IdentityKind::Passport, "UTO:E1234567", false).unwrap();
        let code = Identity::normalise(IdentityKind::CnUscc, "91350100M000100Y43", true).unwrap();
        let now = at("2026-11-25T00:00:00.000Z");
        let date = |text: &str| Some(text.parse().unwrap());
        assert_eq!(check(std::slice::from_ref(&passport), None, false, now), Err(BlockReason::AgeUnknown));
        assert_eq!(check(std::slice::from_ref(&passport), date("1990-01-01"), false, now), Ok(()));
        assert_eq!(
            check(&[born("19900101"), passport], date("1990-01-02"), false, now),
            Err(BlockReason::IdentityInvalid)
        );
        assert_eq!(check(&[born("19900101"), born("19900102")], None, false, now), Err(BlockReason::IdentityInvalid));
        assert_eq!(check(std::slice::from_ref(&code), None, false, now), Ok(()), "an enterprise has no age");
        let beside = check(&[born("20200601"), code.clone()], None, false, now);
        assert_eq!(beside, Err(BlockReason::IdentityInvalid), "and lends a child none");
        assert_eq!(check(&[code], date("2020-06-01"), false, now), Err(BlockReason::IdentityInvalid));
    }

    /// What is typed of a child of region 10, and what else somebody might put beside it.
    fn of_a_child(birth: Date, sequence: u16) -> Vec<IdentityInput> {
        let day = birth.strftime("%Y%m%d").to_string();
        let digits = format!("100000{day}{sequence:03}");
        let fits = |check: &char| Identity::normalise(IdentityKind::CnId, &format!("{digits}{check}"), true).is_ok();
        let number = format!("{digits}{}", "0123456789X".chars().find(fits).unwrap());
        let all = [
            (IdentityKind::CnId, number.clone()),
            (IdentityKind::CnId, number[..15].to_owned()),
            (IdentityKind::CnId, format!("{}000", &number[..15])),
            (IdentityKind::CnUscc, number.clone()),
            (IdentityKind::PassportHolder, format!("UTO:LI SI:{day}")),
            // What tells nothing of a child, or something else.
            (IdentityKind::CnUscc, "91350200MA2YJ1XR9G".to_owned()),
            (IdentityKind::Passport, "UTO:E1234567".to_owned()),
            (IdentityKind::HmtTravelPermit, "HA1234567".to_owned()),
            (IdentityKind::PlatformAccount, "alpha:child".to_owned()),
            (IdentityKind::NetIdentityCode, "alpha:code".to_owned()),
            (IdentityKind::CnId, "100000199001050013".to_owned()),
            (IdentityKind::PassportHolder, "UTO:LI SI:19900105".to_owned()),
        ];
        all.into_iter().map(|(kind, value)| IdentityInput { kind, value, confirmed: false }).collect()
    }

    /// How many of those tell the child's birth, or would.
    const TELLING: usize = 5;

    proptest! {
        #[test]
        fn whatever_is_asked_about_a_child_is_blocked(
            days in 0_i32..(16 * 365),
            sequence in 1_u16..996,
            chosen in prop::sample::subsequence((0..12).collect::<Vec<usize>>(), 0..=12),
            order: u64,
            confirmed: bool,
            said in prop::option::of(prop::sample::select(vec!["true", "1990-01-05", "1926-01-05"])),
            guardian_consent: bool,
        ) {
            let now = at("2026-11-25T08:00:00.000Z");
            let birth = day_in_china(now).checked_sub(days.days()).unwrap();
            let all = of_a_child(birth, sequence);
            let is_true = said == Some("true");
            prop_assume!(is_true || chosen.iter().any(|of| *of < TELLING));
            let mut identities: Vec<IdentityInput> = chosen.iter().map(|of| all[*of].clone()).collect();
            for asked in &mut identities {
                asked.confirmed = confirmed;
            }
            let turns = usize::try_from(order % 12).unwrap() % identities.len().max(1);
            identities.rotate_left(turns);
            let question = Question {
                reference: "host".to_owned().try_into().unwrap(),
                person: None,
                names: Names::default(),
                purpose: Purpose::default(),
                consent_ref: None,
                guardian_ref: None,
                no_document: false,
                identities,
                date_of_birth: said.map(|said| if is_true { birth } else { said.parse().unwrap() }),
                guardian_consent,
                max_staleness: None,
            };
            let admitted = read(&question, false, now).is_ok_and(|subject| {
                let identities: Vec<Identity> = subject.identities().cloned().collect();
                check(&identities, question.date_of_birth, guardian_consent, now).is_ok()
            });
            prop_assert!(!admitted);
        }
    }
}
